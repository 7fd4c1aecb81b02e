"""Normalisation, scales and what is dropped."""

from __future__ import annotations

from collections.abc import Sequence

import torch
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
    mapped,
    maps,
    on,
    row,
    seldom,
    shape,
    space,
    tokens,
)

PROBABILITIES = st.sampled_from([0, 0.1, 0.5, 1, 1.0])


def group_norm(v: Values, x: Shape) -> nn.Module:
    if x.tokens:
        raise Refused("tokens")
    return nn.GroupNorm(v["groups"], x.channels, v.get("eps", 1e-5), v.get("affine", True))


def instance_norm(v: Values, x: Shape) -> nn.Module:
    cls = getattr(nn, f"InstanceNorm{space(x)}d")
    affine, track = v.get("affine", False), v.get("track", False)
    made: nn.Module = cls(x.channels, v.get("eps", 1e-5), v.get("momentum", 0.1), affine, track)
    return made


def batch_norm(v: Values, x: Shape) -> nn.Module:
    rank = len(x.dims) - 1
    if x.tokens or rank > 3:
        raise Refused("rank")
    cls = getattr(nn, f"BatchNorm{max(rank, 1)}d")
    affine, track = v.get("affine", True), v.get("track", True)
    made: nn.Module = cls(x.channels, v.get("eps", 1e-5), v.get("momentum", 0.1), affine, track)
    return made


class OfFeatures(nn.Sequential):
    """A module for features in the last place, at work on those of `x`."""

    def __init__(self, module: nn.Module, x: Shape) -> None:
        super().__init__(module)
        self.dim = -1 if x.tokens else 1

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = super().forward(x.movedim(self.dim, -1)).movedim(-1, self.dim)
        return y


def layer_norm(v: Values, x: Shape) -> nn.Module:
    affine, bias = v.get("affine", True), v.get("bias", True)
    return OfFeatures(nn.LayerNorm(x.channels, v.get("eps", 1e-5), affine, bias), x)


class Factors(nn.Module):
    """A factor for each feature in the last place, and what is added to it."""

    def __init__(self, channels: int, bias: bool) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        y = x * self.weight
        return y if self.bias is None else y + self.bias


def affine(v: Values, x: Shape) -> nn.Module:
    return OfFeatures(Factors(x.channels, v.get("bias", True)), x)


def response_norm(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    space(xs[0])
    return nn.LocalResponseNorm(**v)(samples[0][None])[0]


ENTRIES: dict[str, Entry] = {
    "bn": Entry(
        case(
            seldom(maps(), tokens() | maps(4, 4)),
            eps=EPS,
            momentum=st.just(0.5),
            affine=st.booleans(),
            track=st.booleans(),
            init=VECTOR_INITS,
            bias_init=VECTOR_INITS,
        ),
        module=batch_norm,
        refuses=(({"eps": 0}, (shape(3, 4, 4),)), ({"init": Word("kaiming_normal")}, (shape(3, 4, 4),))),
    ),
    "instancenorm": Entry(
        case(
            seldom(maps(), tokens() | maps(4, 4)),
            eps=EPS,
            affine=st.booleans(),
            track=st.booleans(),
            init=st.just(Word("ones")),
        ),
        module=instance_norm,
    ),
    "gn": Entry(
        case(
            seldom(maps(), tokens()),
            {"groups": st.integers(1, 4)},
            eps=EPS,
            affine=st.booleans(),
            init=st.just(Word("ones")),
        ),
        module=group_norm,
    ),
    "ln": Entry(
        case(anything(), eps=EPS, affine=st.booleans(), bias=st.booleans(), bias_init=st.just(Word("zeros"))),
        module=layer_norm,
    ),
    "lrn": Entry(
        case(mapped(), {"size": st.integers(1, 5)}, alpha=st.just(0.1), beta=st.just(0.5), k=st.just(2)),
        response_norm,
    ),
    "normalize": Entry(
        case(anything(), axis=AXES, p=st.sampled_from([1, 2, 3.5]), eps=EPS), along(F.normalize)
    ),
    "affine": Entry(
        case(anything(), bias=st.booleans(), init=st.just(Word("ones")), bias_init=st.just(Word("zeros"))),
        module=affine,
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
        case(anything(), {"p": PROBABILITIES}, mode=st.sampled_from([Word("row"), Word("batch")])),
        on(lambda x, **v: x),
        refuses=(({}, (shape(3),)), ({"p": 0.5, "mode": "sample"}, (shape(3),))),
    ),
}
