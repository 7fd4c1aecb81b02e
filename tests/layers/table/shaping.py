"""Shape operations that keep every value, and upsampling."""

from __future__ import annotations

from collections.abc import Sequence

import torch.nn.functional as F  # noqa: N812
from hypothesis import strategies as st
from torch import Tensor

from archdsl.layers import Shape, Word
from tests.layers.table.core import (
    AXES,
    CHANNELS,
    Case,
    Entry,
    Refused,
    Values,
    anything,
    case,
    extents,
    features,
    mapped,
    maps,
    on,
    seldom,
    space,
    spread,
    tokens,
    word,
)


def flatten(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    return samples[0].flatten(v.get("start", 0), v.get("end", -1))


@st.composite
def reshapes(draw: st.DrawFn) -> Case:
    x = draw(anything())
    sizes, left = [], x.numel
    for _ in range(draw(st.integers(0, 3))):
        divisor = draw(st.sampled_from([d for d in range(1, left + 1) if left % d == 0]))
        sizes.append(divisor)
        left //= divisor
    sizes.append(draw(st.sampled_from([left, left, -1, left + 1, 1])))
    if draw(st.integers(0, 4)) == 0:
        sizes[0] = -1
    return {"shape": draw(st.permutations(sizes))}, (x,)


@st.composite
def permutations(draw: st.DrawFn) -> Case:
    x = draw(anything())
    order = draw(st.permutations(range(len(x.dims))))
    order = [axis - len(x.dims) if draw(st.booleans()) else axis for axis in order]
    return {"axes": draw(st.sampled_from([order, order, [*order, 0], [0] * len(order)]))}, (x,)


MODES = ["nearest", "linear", "bilinear", "trilinear", "bicubic", "area", "nearest_exact"]


@st.composite
def upsamples(draw: st.DrawFn) -> Case:
    x = draw(mapped())
    rank = max(len(x.dims) - 1, 1)
    number = st.sampled_from([0.3, 0.5, 1, 1.5, 2, 3])
    one_each = st.lists(number, min_size=rank, max_size=rank)
    scale = st.fixed_dictionaries({"scale": number | seldom(one_each, st.lists(number, min_size=1))})
    size = st.fixed_dictionaries({"size": extents(rank, 1, 6)})
    neither_or_both = st.just({}) | st.fixed_dictionaries({"scale": number, "size": extents(rank, 1, 6)})
    values = draw(seldom(scale | size, neither_or_both))
    fitting = ["nearest", "linear", "area", "nearest_exact", *(["bicubic"] if rank == 2 else [])]
    mode = draw(seldom(st.sampled_from(fitting), st.sampled_from(MODES)))
    if mode != "nearest" or draw(st.booleans()):
        values["mode"] = Word(mode)
    if draw(seldom(st.just("linear" in mode or mode == "bicubic"), st.booleans())):
        values["align_corners"] = draw(st.booleans())
    return values, (x,)


def upsample(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    rank = space(xs[0])
    mode = word(v.get("mode", "nearest"))
    if mode == "linear":
        mode = ["linear", "bilinear", "trilinear"][rank - 1]
    scale = v.get("scale")
    if scale is not None and isinstance(scale, list) and len(scale) != rank:
        raise Refused("scale")
    size = None if v.get("size") is None else spread(v["size"], rank)
    align = True if v.get("align_corners") else None
    return F.interpolate(samples[0][None], size, scale, mode.replace("_", "-"), align)[0]


@st.composite
def pixels(draw: st.DrawFn) -> Case:
    r = draw(st.integers(1, 3))
    channels = seldom(st.integers(1, 3).map(lambda n: n * r * r), CHANNELS)
    return {"r": r}, (draw(seldom(maps(2, 2, channels=channels), maps(0, 4) | tokens())),)


def pixel_shuffle(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    if space(xs[0]) != 2:
        raise Refused("rank")
    return F.pixel_shuffle(samples[0], v["r"])


def shuffle(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    x = samples[0].movedim(features(xs[0]), 0)
    y = x.reshape(v["groups"], x.shape[0] // v["groups"], *x.shape[1:]).transpose(0, 1).reshape(x.shape)
    return y.movedim(0, features(xs[0]))


ENTRIES: dict[str, Entry] = {
    "identity": Entry(case(anything()), on(lambda x: x)),
    "flatten": Entry(case(anything(), start=AXES, end=AXES), flatten),
    "reshape": Entry(reshapes(), on(lambda x, shape: x.reshape(shape))),
    "permute": Entry(permutations(), on(lambda x, axes: x.permute(axes))),
    "upsample": Entry(upsamples(), upsample),
    "pixel_shuffle": Entry(pixels(), pixel_shuffle),
    "shuffle": Entry(case(anything(), {"groups": st.integers(1, 4)}), shuffle),
}
