"""Joins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from hypothesis import strategies as st
from torch import Tensor

from archdsl.layers import Shape
from tests.layers.table.core import (
    AXES,
    SIZES,
    Case,
    Cases,
    Entry,
    Oracle,
    Refused,
    Values,
    anything,
    features,
    seldom,
)


@st.composite
def bundles(draw: st.DrawFn, least: int = 1, most: int = 4) -> tuple[Shape, ...]:
    """Shapes that often broadcast: sizes of a whole become 1, axes in front fall away, `[C]` among them."""
    whole = draw(anything())
    members = []
    for _ in range(draw(st.integers(least, most))):
        dims = list(whole.dims)
        for axis in range(len(dims)):
            change = draw(st.integers(0, 9))
            if change == 0:
                dims[axis] = 1
            elif change == 1 and draw(st.booleans()):
                dims[axis] += 1
        kind = draw(st.integers(0, 5))
        if kind == 0:
            dims = [dims[whole.channel_axis]]
        elif kind == 1:
            dims = dims[draw(st.integers(0, len(dims) - 1)) :]
        foreign = draw(st.integers(0, 19)) == 0 and len(dims) > 1
        members.append(Shape(tuple(dims), whole.tokens != foreign and len(dims) > 1))
    return tuple(members)


def joins(least: int = 1, most: int = 4, **optional: Any) -> Cases:
    return st.tuples(st.fixed_dictionaries({}, optional=optional), bundles(least, most))


def pairs() -> Cases:
    return seldom(joins(2, 2), joins(1, 3))


def one_kind(xs: Sequence[Shape]) -> Shape:
    highest = max(xs, key=lambda x: len(x.dims))
    if any(len(x.dims) > 1 and x.tokens != highest.tokens for x in xs):
        raise Refused("maps and tokens")
    return highest


def elementwise(function: Callable[[Tensor, Tensor], Tensor], exactly: int | None = None) -> Oracle:
    def oracle(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
        if exactly is not None and len(samples) != exactly:
            raise Refused("number")
        highest = one_kind(xs)
        if not highest.tokens:
            samples = [x.reshape(-1, *(1,) * (len(highest.dims) - 1)) if x.dim() == 1 else x for x in samples]
        result = samples[0]
        for sample in samples[1:]:
            result = function(result, sample)
        return result

    return oracle


def mean(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    total: Tensor = elementwise(torch.add)(v, xs, samples)
    return total / len(samples)


def concat(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    return torch.cat(list(samples), v.get("axis", features(one_kind(xs))))


def stack(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    one_kind(xs)
    return torch.stack(list(samples), v.get("axis", 0))


@st.composite
def matrices(draw: st.DrawFn) -> Case:
    m, k, n = draw(SIZES), draw(SIZES), draw(SIZES)
    batch = draw(st.lists(st.integers(1, 3), max_size=2))
    a, b = (*batch, m, k), (*batch, k + (draw(st.integers(0, 5)) == 0), n)
    if draw(st.booleans()):
        a = a[draw(st.integers(0, 2)) :]
    if draw(st.booleans()):
        b = b[draw(st.integers(0, 3)) :]
    if draw(st.booleans()):
        b = (draw(st.integers(1, 3)), *b)
    shapes = [Shape(dims) for dims in (a, b) if dims]
    return {}, tuple(shapes)


def matmul(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    if len(samples) != 2 or min(x.dim() for x in samples) < 2:
        raise Refused("matrices")
    return torch.matmul(*samples)


ENTRIES: dict[str, Entry] = {
    "add": Entry(joins(), elementwise(torch.add)),
    "mul": Entry(joins(), elementwise(torch.mul)),
    "mean": Entry(joins(), mean),
    "maximum": Entry(joins(), elementwise(torch.maximum)),
    "minimum": Entry(joins(), elementwise(torch.minimum)),
    "sub": Entry(pairs(), elementwise(torch.sub, 2)),
    "div": Entry(pairs(), elementwise(torch.div, 2)),
    "concat": Entry(joins(axis=AXES), concat),
    "stack": Entry(joins(axis=AXES), stack),
    "matmul": Entry(matrices(), matmul),
}
