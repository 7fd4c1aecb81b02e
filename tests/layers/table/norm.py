"""Normalisation, scales and what is dropped."""

from __future__ import annotations

from collections.abc import Sequence

import torch.nn.functional as F  # noqa: N812
from hypothesis import strategies as st
from torch import Tensor, nn

from archdsl.layers import Shape, Word
from tests.layers.table.core import (
    AXES,
    EPS,
    VECTOR_INITS,
    Entry,
    Refused,
    Values,
    along,
    anything,
    case,
    features,
    maps,
    on,
    row,
    shape,
    space,
)

PROBABILITIES = st.sampled_from([0, 0.1, 0.5, 1, 1.0])


def group_norm(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    if xs[0].tokens:
        raise Refused("tokens")
    return F.group_norm(samples[0][None], v["groups"], eps=v.get("eps", 1e-5))[0]


def instance_norm(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    rank = space(xs[0])
    y: Tensor = getattr(nn, f"InstanceNorm{rank}d")(samples[0].shape[0], eps=v.get("eps", 1e-5))(
        samples[0][None]
    )[0]
    return y


def batch_norm(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    rank = len(xs[0].dims) - 1
    if xs[0].tokens or rank > 3:
        raise Refused("rank")
    y: Tensor = getattr(nn, f"BatchNorm{max(rank, 1)}d")(samples[0].shape[0]).eval()(samples[0][None])[0]
    return y


def layer_norm(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    x = samples[0].movedim(features(xs[0]), -1)
    return F.layer_norm(x, x.shape[-1:], eps=v.get("eps", 1e-5)).movedim(-1, features(xs[0]))


def response_norm(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    space(xs[0])
    return nn.LocalResponseNorm(**v)(samples[0][None])[0]


ENTRIES: dict[str, Entry] = {
    "bn": Entry(
        case(
            anything() | maps(4, 4),
            eps=EPS,
            momentum=st.just(0.5),
            affine=st.booleans(),
            track=st.booleans(),
            init=VECTOR_INITS,
            bias_init=VECTOR_INITS,
        ),
        batch_norm,
        equal=False,
        evaluated=2,
        refuses=(({"eps": 0}, (shape(3, 4, 4),)), ({"init": Word("kaiming_normal")}, (shape(3, 4, 4),))),
    ),
    "instancenorm": Entry(
        case(
            anything() | maps(4, 4),
            eps=EPS,
            affine=st.booleans(),
            track=st.booleans(),
            init=st.just(Word("ones")),
        ),
        instance_norm,
        equal=False,
    ),
    "gn": Entry(
        case(
            anything(),
            {"groups": st.integers(1, 4)},
            eps=EPS,
            affine=st.booleans(),
            init=st.just(Word("ones")),
        ),
        group_norm,
    ),
    "ln": Entry(
        case(anything(), eps=EPS, affine=st.booleans(), bias=st.booleans(), bias_init=st.just(Word("zeros"))),
        layer_norm,
    ),
    "lrn": Entry(
        case(anything(), {"size": st.integers(1, 5)}, alpha=st.just(0.1), beta=st.just(0.5), k=st.just(2)),
        response_norm,
    ),
    "normalize": Entry(
        case(anything(), axis=AXES, p=st.sampled_from([1, 2, 3.5]), eps=EPS), along(F.normalize)
    ),
    "affine": Entry(
        case(anything(), bias=st.booleans(), init=st.just(Word("ones")), bias_init=st.just(Word("zeros"))),
        on(lambda x, **v: x),
    ),
    "scale": Entry(
        case(anything(), {"factor": st.sampled_from([1, 2.5, -3])}, offset=st.sampled_from([0, 1.5, -1])),
        on(lambda x, factor, offset=0: x * factor + offset),
    ),
    "layerscale": Entry(
        case(anything(), init=st.sampled_from([0.1, 1, Word("zeros")])),
        on(lambda x, init=1e-6: x * (0 if isinstance(init, Word) else init)),
    ),
    "dropout": Entry(
        case(anything(), p=PROBABILITIES), on(lambda x, **v: x), refuses=(({"p": 1.5}, (shape(3),)),)
    ),
    "dropout_spatial": Entry(
        case(maps(1, 3), p=PROBABILITIES),
        on(lambda x, **v: x),
        refuses=(({}, (shape(3),)), ({}, (row(3, 4),)), ({}, (shape(3, 1, 1, 1, 1),))),
    ),
    "drop_path": Entry(
        case(anything(), {"p": PROBABILITIES}), on(lambda x, **v: x), refuses=(({}, (shape(3),)),)
    ),
}
