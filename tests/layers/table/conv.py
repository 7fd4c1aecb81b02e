"""Convolutions and the linear layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
from torch import Tensor, nn

from archdsl.layers import Shape, Word
from tests.layers.table.core import (
    CHANNELS,
    Around,
    Case,
    Entry,
    Refused,
    Values,
    case,
    extents,
    given_pairs,
    mapped,
    maps,
    paddings,
    seldom,
    shape,
    space,
    spread,
    tensorflow_same,
    tokens,
    word,
)


@st.composite
def convolutions(draw: st.DrawFn, name: str) -> Case:
    x = draw(mapped())
    rank = len(x.dims) - 1
    need: dict[str, Any] = {"kernel": extents(rank, 1, 5), "pad": paddings(rank, 3)}
    groups = draw(st.sampled_from([n for n in (1, 1, 2, 3, 4) if x.channels % n == 0]))
    if name != "depthwise":
        need["channels"] = seldom(st.integers(1, 4).map(lambda n: n * groups), CHANNELS)
    optional = {
        "stride": extents(rank, 1, 3),
        "dilation": extents(rank, 1, 3),
        "bias": st.booleans(),
        "init": st.sampled_from([Word("zeros"), Word("kaiming_normal"), Word("orthogonal")]),
        "bias_init": st.sampled_from([Word("zeros"), Word("ones")]),
    }
    if name == "depthwise":
        optional["multiplier"] = st.integers(1, 3)
    else:
        optional["groups"] = seldom(st.just(groups), st.integers(1, 5))
    if name == "deconv":
        optional["extra"] = extents(rank, 0, 2)
    values = draw(st.fixed_dictionaries(need, optional=optional))
    if word(values["pad"]) == "half" and draw(st.booleans()):
        del values["pad"]
    if word(values.get("pad")) == "same" and draw(st.booleans()):
        values.pop("extra", None)
    return values, (x,)


def conv(v: Values, x: Shape) -> nn.Module:
    rank = space(x)
    kernel, stride, dilation = (spread(v.get(k, 1), rank) for k in ("kernel", "stride", "dilation"))

    def pads(sizes: Sequence[int]) -> Sequence[tuple[int, int]]:
        if word(v.get("pad")) == "same":
            return [tensorflow_same(*window) for window in zip(sizes, kernel, stride, dilation, strict=True)]
        return given_pairs(v.get("pad", "half"), kernel, dilation)

    groups, channels = v.get("groups", 1), v.get("channels", 1)
    if "channels" not in v:
        groups, channels = x.channels, x.channels * v.get("multiplier", 1)
    module = getattr(nn, f"Conv{rank}d")
    return nn.Sequential(
        Around(pads), module(x.channels, channels, kernel, stride, 0, dilation, groups, v.get("bias", True))
    )


class Narrowed(nn.Sequential):
    """Some positions of what leaves, from `starts` on."""

    def __init__(self, module: nn.Module, starts: Sequence[int], sizes: Sequence[int]) -> None:
        super().__init__(module)
        self.starts, self.sizes = starts, sizes

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = super().forward(x)
        for dim, (start, size) in enumerate(zip(self.starts, self.sizes, strict=True), 2):
            y = y.narrow(dim, start, size)
        return y


def deconv(v: Values, x: Shape) -> nn.Module:
    rank = space(x)
    kernel, stride, dilation = (spread(v.get(k, 1), rank) for k in ("kernel", "stride", "dilation"))
    extra = spread(v.get("extra", 0), rank)

    def module(padding: Sequence[int], extra: Sequence[int]) -> nn.Module:
        cls, groups, bias = getattr(nn, f"ConvTranspose{rank}d"), v.get("groups", 1), v.get("bias", True)
        made: nn.Module = cls(
            x.channels, v["channels"], kernel, stride, padding, extra, groups, bias, dilation
        )
        return made

    spans = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
    if word(v.get("pad")) == "same":  # the gradient of a convolution that was padded so
        if any(extra):
            raise Refused("extra")
        sizes = [n * s for n, s in zip(x.spatial, stride, strict=True)]
        windows = zip(sizes, kernel, stride, dilation, strict=True)
        starts = [tensorflow_same(*window)[0] for window in windows]
        lacking = [max(s - span, 0) for s, span in zip(stride, spans, strict=True)]
        return Narrowed(module([0] * rank, lacking), starts, sizes)
    pairs = given_pairs(v.get("pad", "half"), kernel, dilation)
    if all(before == after for before, after in pairs):
        return module([before for before, _ in pairs], extra)
    sizes = [
        (n - 1) * s + span + e - before - after
        for n, s, span, e, (before, after) in zip(x.spatial, stride, spans, extra, pairs, strict=True)
    ]
    if min(sizes) < 1:
        raise Refused("nothing left")
    return Narrowed(module([0] * rank, extra), [before for before, _ in pairs], sizes)


def linear(v: Values, x: Shape) -> nn.Module:
    if len(x.dims) > 1 and not x.tokens:
        raise Refused("map")
    return nn.Linear(x.channels, v["features"], v.get("bias", True))


ENTRIES: dict[str, Entry] = {
    "conv": Entry(convolutions("conv"), module=conv, reaches=("nn.Conv", "PaddedConv", "SameConv")),
    "depthwise": Entry(convolutions("depthwise"), module=conv, reaches=("nn.Conv", "PaddedConv", "SameConv")),
    "deconv": Entry(
        convolutions("deconv"), module=deconv, reaches=("nn.ConvTranspose", "CroppedConvTranspose")
    ),
    "linear": Entry(
        case(
            maps(0, 0) | tokens(),
            {"features": CHANNELS},
            bias=st.booleans(),
            init=st.just(Word("xavier_normal")),
        ),
        module=linear,
        refuses=(({"features": 10}, (shape(3, 4, 4),)), ({"features": 0}, (shape(3),))),
    ),
}
