"""Formulas put together, taken apart, and held against numbers."""

from __future__ import annotations

from collections.abc import Mapping

from archdsl.emit.formulas import Const, Formula, Op, Vector, sum_of, value_of


def holds(formula: Formula, wanted: Vector, vectors: Mapping[str, Vector]) -> bool:
    """Whether a formula gives the numbers of all instances, kinds included."""
    for i, number in enumerate(wanted):
        if number is None:
            continue
        try:
            found = value_of(formula, {name: vector[i] for name, vector in vectors.items()})
        except (ArithmeticError, TypeError, ValueError):
            return False
        if type(found) is not type(number) or found != number:
            return False
    return True


def may_be_negative(formula: Formula, vectors: Mapping[str, Vector]) -> bool:
    """Whether it is in some instance: `int` would round it up there."""
    for i in range(max(map(len, vectors.values()), default=1)):
        try:
            if value_of(formula, {name: vector[i] for name, vector in vectors.items()}) < 0:
                return True
        except (ArithmeticError, TypeError, ValueError):
            return True
    return False


def operation(op: str, operands: tuple[Formula, ...]) -> Formula | None:
    """`a op b`; sums and products of several in one, what makes no difference left out."""
    if op not in ("+", "-", "*", "/", "//", "%", "**"):
        return None
    left, right = operands
    if all(isinstance(part, Const) and isinstance(part.value, (int, float)) for part in operands):
        try:
            return Const(value_of(Op(op, operands), {}))
        except (ArithmeticError, ValueError):
            return None
    if op in ("*", "//") and right == Const(1):
        return left
    if op == "*" and left == Const(1):
        return right
    if op in ("+", "*") and isinstance(left, Op) and left.op == op:
        return Op(op, (*left.operands, right))
    return Op(op, operands)


def terms(formula: Formula) -> tuple[Formula, ...]:
    return formula.operands if isinstance(formula, Op) and formula.op == "+" else (formula,)


def difference(large: Formula, small: Formula) -> Formula | None:
    """What a sum has more than another one."""
    if large == small:
        return Const(0)
    rest = list(terms(large))
    for term in terms(small):
        if term not in rest:
            return None
        rest.remove(term)
    return sum_of(rest)
