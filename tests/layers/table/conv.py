"""Convolutions and the linear layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch.nn.functional as F  # noqa: N812
from hypothesis import strategies as st
from torch import Tensor, nn

from archdsl.layers import Shape, Word
from tests.layers.table.core import (
    CHANNELS,
    Case,
    Entry,
    Values,
    case,
    extents,
    flat,
    half,
    maps,
    shape,
    space,
    spread,
    tokens,
    word,
)

WORDS_OF_PAD = st.sampled_from([Word("half"), Word("valid"), Word("same"), "half"])


@st.composite
def convolutions(draw: st.DrawFn, name: str) -> Case:
    x = draw(st.one_of(maps(1, 3), maps(1, 3), maps(1, 3), maps(0, 4), tokens()))
    rank = len(x.dims) - 1
    need: dict[str, Any] = {"kernel": extents(rank, 1, 4)}
    if name != "depthwise":
        need["channels"] = CHANNELS
    pads = st.one_of(
        extents(rank, 0, 3), WORDS_OF_PAD, st.lists(st.integers(0, 3), min_size=2 * rank, max_size=2 * rank)
    )
    if name == "deconv":
        pads = st.one_of(extents(rank, 0, 3), st.sampled_from([Word("half"), Word("valid")]))
    optional = {
        "stride": extents(rank, 1, 3),
        "pad": pads.filter(lambda p: p != []),
        "dilation": extents(rank, 1, 3),
        "bias": st.booleans(),
        "init": st.sampled_from([Word("zeros"), Word("kaiming_normal"), Word("orthogonal")]),
        "bias_init": st.sampled_from([Word("zeros"), Word("ones")]),
    }
    if name == "depthwise":
        optional["multiplier"] = st.integers(1, 3)
    else:
        optional["groups"] = st.sampled_from([1, 1, 1, 2, 3, 4])
    if name == "deconv":
        optional["extra"] = extents(rank, 0, 2)
    return draw(st.fixed_dictionaries(need, optional=optional)), (x,)


def conv(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    x, rank = samples[0], space(xs[0])
    kernel, stride, dilation = (spread(v.get(k, 1), rank) for k in ("kernel", "stride", "dilation"))
    pad = word(v.get("pad", "half"))
    if pad == "half":
        pairs = half(kernel, dilation)
    elif pad == "valid":
        pairs = [(0, 0)] * rank
    elif pad == "same":
        spans = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
        counts = [-(-n // s) for n, s in zip(x.shape[1:], stride, strict=True)]
        lacking = [
            max((c - 1) * s + span - n, 0)
            for c, s, span, n in zip(counts, stride, spans, x.shape[1:], strict=True)
        ]
        pairs = [(n // 2, n - n // 2) for n in lacking]
    elif isinstance(pad, list) and len(pad) == 2 * rank:
        pairs = list(zip(pad[::2], pad[1::2], strict=True))
    else:
        pairs = [(p, p) for p in spread(pad, rank)]
    groups = v.get("groups", 1)
    channels = v.get("channels", 1)
    if "channels" not in v:
        groups, channels = x.shape[0], x.shape[0] * v.get("multiplier", 1)
    module = getattr(nn, f"Conv{rank}d")(x.shape[0], channels, kernel, stride, 0, dilation, groups)
    y: Tensor = module(F.pad(x, flat(pairs))[None])[0]
    return y


def deconv(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    x, rank = samples[0], space(xs[0])
    kernel, stride, dilation = (spread(v.get(k, 1), rank) for k in ("kernel", "stride", "dilation"))
    pad = word(v.get("pad", "half"))
    if pad == "half":
        pad = [before for before, _ in half(kernel, dilation)]
    if isinstance(pad, list) and len(pad) == 2 * rank and pad[::2] == pad[1::2]:
        pad = pad[::2]
    pads = [0] * rank if pad == "valid" else spread(pad, rank)
    module = getattr(nn, f"ConvTranspose{rank}d")(
        x.shape[0],
        v["channels"],
        kernel,
        stride,
        pads,
        spread(v.get("extra", 0), rank),
        v.get("groups", 1),
        True,
        dilation,
    )
    y: Tensor = module(x[None])[0]
    return y


ENTRIES: dict[str, Entry] = {
    "conv": Entry(convolutions("conv"), conv, equal=False),
    "depthwise": Entry(convolutions("depthwise"), conv, equal=False),
    "deconv": Entry(convolutions("deconv"), deconv, equal=False),
    "linear": Entry(
        case(
            maps(0, 0) | tokens(),
            {"features": CHANNELS},
            bias=st.booleans(),
            init=st.just(Word("xavier_normal")),
        ),
        refuses=(({"features": 10}, (shape(3, 4, 4),)), ({"features": 0}, (shape(3),))),
    ),
}
