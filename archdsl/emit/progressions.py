"""Numbers that follow from their places: what a loop says where the text computes each round's number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import lcm

from archdsl.emit.code import Code, Infix, Py, constant
from archdsl.emit.template import Number

#: Numbers that are a progression by more than chance.
FEWEST = 3
#: The largest denominator of a rate: as many blocks as a network may have, and a few digits.
_FINEST = 10_000

#: The number of a round, for the variable that counts them.
Rule = Callable[[Py], Py]


def progression(values: Sequence[Number], greatest: float = 1) -> Rule | None:
    """How numbers follow from 0, 1, 2, …: what it computes is each of them to the last bit. None if they do not.

    Equal numbers, and whole ones that grow by the same; rates `0.1 * i / 17`, where 0.1 is
    the `greatest` of them and of others that have the same meaning.
    """
    first = values[0]
    if all(type(v) is type(first) and v == first for v in values):
        return lambda i: constant(first)
    if len(values) < FEWEST:
        return None
    ints = [v for v in values if type(v) is int]
    if len(ints) == len(values):
        return _linear(ints)
    floats = [v for v in values if type(v) is float]
    return _rates(floats, greatest) if len(floats) == len(values) else None


def _linear(values: Sequence[int]) -> Rule | None:
    start, step = values[0], values[1] - values[0]
    if any(v != start + i * step for i, v in enumerate(values)) or step < 0:
        return None
    return lambda i: _shifted(_times(step, i), start)


def _rates(values: Sequence[float], greatest: float) -> Rule | None:
    """Fractions of the greatest, or of 1. Texts multiply first or divide first: the last bit tells which."""
    if max(map(abs, values)) > 1 or all(len(repr(v)) < 6 for v in values):
        return None  # short ones are as good as a formula
    parts = [Fraction(v).limit_denominator(_FINEST) for v in values]
    for factor in (greatest, 1) if 0 < greatest < 1 and len(repr(greatest)) < 6 else (1,):
        start, step = (part / Fraction(str(factor)) for part in (parts[0], parts[1] - parts[0]))
        whole = lcm(start.denominator, step.denominator)
        a, b = int(start * whole), int(step * whole)
        counts = [a + b * i for i in range(len(values))]
        if a < 0 or b < 1:
            return None
        if b > 1 and factor != 1:
            continue
        if all(factor * n / whole == v for n, v in zip(counts, values, strict=True)):
            return lambda i: _over(_scaled(factor, _shifted(_times(b, i), a)), whole)
        if all(factor * (n / whole) == v for n, v in zip(counts, values, strict=True)):
            return lambda i: _scaled(factor, _over(_shifted(_times(b, i), a), whole))
    return None


def _scaled(factor: float, py: Py) -> Py:
    return py if factor == 1 else Infix("*", (constant(factor), py))


def _over(py: Py, whole: int) -> Py:
    return Infix("/", (py, constant(whole)))


def _times(step: int, i: Py) -> Py:
    return i if step == 1 else Infix("*", (constant(step), i))


def _shifted(py: Py, start: int) -> Py:
    if start == 0:
        return py
    return Infix("+", (py, constant(start))) if isinstance(py, Code) else Infix("+", (constant(start), py))
