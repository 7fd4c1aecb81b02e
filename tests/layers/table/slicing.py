"""Shape operations that add values, and those that take some: pad, crop, slice, select, split, reduce."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from hypothesis import strategies as st
from torch import Tensor

from archdsl.layers import Shape, Word
from tests.layers.table.core import (
    AXES,
    Case,
    Entry,
    Refused,
    Values,
    anything,
    case,
    extents,
    features,
    flat,
    mapped,
    space,
    spread,
    word,
)


@st.composite
def pads(draw: st.DrawFn) -> Case:
    x = draw(anything())
    several = st.lists(st.integers(0, len(x.dims) - 1), min_size=1, max_size=3, unique=True)
    axis = draw(st.integers(-5, 4) | several | several | st.lists(st.integers(-4, 3), min_size=1, max_size=3))
    axes = 1 if isinstance(axis, int) else len(axis)
    n = st.integers(0, 3)
    amount = draw(n | st.lists(n, min_size=2, max_size=2) | st.lists(n, min_size=2 * axes, max_size=2 * axes))
    more = st.fixed_dictionaries(
        {},
        optional={
            "mode": st.sampled_from(["constant", "reflect", "replicate", "circular"]),
            "value": st.sampled_from([0, 1.5]),
        },
    )
    values = {"amount": amount, "axis": axis, **draw(more)}
    if draw(st.integers(0, 3)) == 0:
        del values["axis"]
    if "axis" not in values and not isinstance(amount, int):
        values["amount"] = amount[:2]
    return values, (x,)


def pad(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    x, axes = samples[0], v.get("axis", 0)
    axes = [axes] if isinstance(axes, int) else axes
    axes = [range(x.dim())[axis] for axis in axes]
    amount = [v["amount"]] * 2 if isinstance(v["amount"], int) else v["amount"]
    amount = amount if len(amount) == 2 * len(axes) else amount * len(axes)
    if len(set(axes)) < len(axes):
        raise Refused("axes")
    pairs = [(0, 0)] * x.dim()
    for i, axis in enumerate(axes):
        pairs[axis] = (amount[2 * i], amount[2 * i + 1])
    mode, value = v.get("mode", "constant"), v.get("value", 0)
    if mode == "constant":
        return F.pad(x, flat(pairs), value=value)
    if value:
        raise Refused("value")
    space(xs[0])
    if 0 in axes:
        raise Refused("channels")
    return F.pad(x[None], flat(pairs[1:]), mode=mode)[0]


@st.composite
def crops(draw: st.DrawFn) -> Case:
    x = draw(mapped())
    rank = len(x.dims) - 1
    values = {"size": draw(extents(rank, 1, 4))}
    if draw(st.booleans()):
        values["offset"] = draw(st.one_of(st.just(Word("center")), extents(rank, 0, 2)))
    return values, (x,)


def crop(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    x, rank = samples[0], space(xs[0])
    offset = word(v.get("offset", "center"))
    sizes = spread(v["size"], rank)
    offsets = [(n - s) // 2 for n, s in zip(x.shape[1:], sizes, strict=True)]
    if offset != "center":
        offsets = spread(offset, rank)
    for axis, (at, size) in enumerate(zip(offsets, sizes, strict=True), 1):
        x = x.narrow(axis, at, size)
    return x


def slice_(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    x, axis = samples[0], v.get("axis", 0)
    size = x.shape[axis]
    for at in (v.get("start", 0), v.get("stop", size)):
        if not -size <= at <= size:
            raise Refused("outside")
    y = x.movedim(axis, 0)[v.get("start", 0) : v.get("stop", size)]
    if not y.numel():
        raise Refused("empty")
    return y.movedim(0, axis)


def select(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    x, axis, indices = samples[0], v.get("axis", 0), v["indices"]
    if isinstance(indices, int):
        y = x.select(axis, indices)
        if not y.dim():
            raise Refused("scalar")
        return y
    return x.movedim(axis, 0)[indices].movedim(0, axis)


@st.composite
def splits(draw: st.DrawFn) -> Case:
    x = draw(anything())
    values: Values = {}
    axis = x.channel_axis
    if draw(st.booleans()):
        axis = values["axis"] = draw(st.integers(-len(x.dims), len(x.dims) - 1))
    size = x.dims[axis]
    if draw(st.booleans()):
        return {**values, "parts": draw(st.integers(1, 4))}, (x,)
    parts, left = [], size
    while left:
        parts.append(draw(st.integers(1, left)))
        left -= parts[-1]
    return {**values, "parts": draw(st.sampled_from([parts, parts, [*parts, 1]]))}, (x,)


def split(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Any:
    axis = v.get("axis", features(xs[0]))
    size = samples[0].shape[axis]
    if isinstance(v["parts"], int):
        if size % v["parts"]:
            raise Refused("unequal")
        return torch.split(samples[0], size // v["parts"], axis)
    return torch.split(samples[0], v["parts"], axis)


def reduce(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    function = {"max": torch.amax, "min": torch.amin, "mean": torch.mean, "sum": torch.sum}[v["op"]]
    y: Tensor = function(samples[0], dim=v["axis"], keepdim=v.get("keep", False))
    if not y.dim():
        raise Refused("scalar")
    return y


ENTRIES: dict[str, Entry] = {
    "pad": Entry(pads(), pad),
    "crop": Entry(crops(), crop),
    "slice": Entry(case(anything(), start=st.integers(-4, 4), stop=st.integers(-4, 6), axis=AXES), slice_),
    "select": Entry(
        case(
            anything(),
            {"indices": st.integers(-4, 4) | st.lists(st.integers(-3, 3), min_size=1, max_size=5)},
            axis=AXES,
        ),
        select,
    ),
    "split": Entry(splits(), split),
    "reduce": Entry(
        case(
            anything(),
            {
                "op": st.sampled_from(["mean", "sum", "max", "min"]),
                "axis": st.integers(-3, 3) | st.lists(st.integers(-3, 3), min_size=1, max_size=3),
            },
            keep=st.booleans(),
        ),
        reduce,
    ),
}
