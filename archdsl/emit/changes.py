"""What the parts of a class do to shapes that only some of its instances have."""

from __future__ import annotations

from collections.abc import Sequence

from archdsl.emit.conditions import Change, Flags
from archdsl.emit.formulas import Vector
from archdsl.emit.levels import ARGUMENT, Ref
from archdsl.emit.rows import Row, RowChoice, StepRow, Tensors


def changes(
    rows: Sequence[Row], steps: Sequence[StepRow], arguments: Sequence[Tensors]
) -> dict[Flags, Change]:
    """For each flag: how what enters the part differs from what leaves it, or how two tensors differ that meet."""
    found: dict[Flags, Change] = {}

    def tensors(ref: Ref) -> Tensors:
        return arguments[ref[1]] if ref[0] == ARGUMENT else steps[ref[0]].gives[ref[1]]

    for at, step in enumerate(steps):
        when = step.when
        if when is None and step.row >= 0:
            made = rows[step.row].made
            when = made.when if isinstance(made, RowChoice) and made.other is None else None
        if when is None or (step.when is not None and step.instead is None):
            continue
        flags = tuple(map(bool, when.vector))
        if len(step.inputs) == 2:
            one, two = (tensors(ref) for ref in step.inputs)
        else:
            one, two = tensors(step.instead or step.inputs[0]), tensors((at, 0))
        change = _change(one, two)
        if change is not None:
            found.setdefault(flags, change)
    return found


def _change(one: Tensors, two: Tensors) -> Change | None:
    if not all(one) or not all(two):
        return None
    before, after = _channels(one), _channels(two)
    resized = []
    for a, b in zip(one, two, strict=True):
        first, second = a[0].shape, b[0].shape
        if len(first.dims) != len(second.dims):
            return None
        axes = [i for i in range(len(first.dims)) if i != first.channel_axis]
        resized.append(any(first.dims[i] != second.dims[i] for i in axes))
    return Change(before, after, tuple(resized))


def _channels(tensors: Tensors) -> Vector:
    return tuple(calls[0].shape.channels for calls in tensors)
