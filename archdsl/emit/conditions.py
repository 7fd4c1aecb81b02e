"""Conditions of a constructor: what its arguments say of a part that only some instances have."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from archdsl.emit.formulas import Const, Formula, Logic, Param, Test, Vector
from archdsl.records import record

#: A truth value for each instance.
Flags = tuple[bool, ...]


@record
class Change:
    """What a part does to the shape of what arrives, or how two tensors that meet differ, in each instance."""

    before: Vector  # channels
    after: Vector
    resized: Flags  # other axes


def denied(flags: Sequence[object]) -> Flags:
    """The opposite in each instance."""
    return tuple(not flag for flag in flags)


def condition(
    flags: Flags,
    change: Change,
    known: Sequence[tuple[str, Vector]],
    about: Callable[[Vector], Formula | None],
) -> Formula | None:
    """`stride != 1 or in_channels != channels`, or its opposite, if that is what the flags are."""
    widened = tuple(a != b for a, b in zip(change.before, change.after, strict=True))
    changed = tuple(a or b for a, b in zip(widened, change.resized, strict=True))
    if flags not in (changed, denied(changed)):
        return None
    differs = flags == changed
    parts: list[Formula] = []
    if any(change.resized):
        strides = (name for name, v in known if tuple(x != 1 for x in v) == change.resized)
        name = next(strides, None)
        if name is None:
            return None
        parts.append(Test(("!=" if differs else "==",), (Param(name), Const(1))))
    if any(widened):
        before, after = about(change.before), about(change.after)
        if before is None or after is None:
            return None
        parts.append(Test(("!=" if differs else "==",), (before, after)))
    return parts[0] if len(parts) == 1 else Logic("or" if differs else "and", tuple(parts))


_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">", "and": "or", "or": "and"}


def negated(formula: Formula) -> Formula:
    """The opposite of a condition."""
    if isinstance(formula, Test) and len(formula.ops) == 1 and formula.ops[0] in _OPPOSITE:
        return Test((_OPPOSITE[formula.ops[0]],), formula.operands)
    if isinstance(formula, Logic) and formula.op in _OPPOSITE:
        return Logic(_OPPOSITE[formula.op], tuple(map(negated, formula.operands)))
    return formula.operands[0] if isinstance(formula, Logic) else Logic("not", (formula,))
