"""Formulas over the parameters of a constructor, and the search for one that gives the numbers of all instances."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations

from archdsl.emit.code import Apply, Bracket, Code, Infix, Py, constant
from archdsl.emit.template import Number

#: One number for each instance of a class; None where any will do.
Vector = tuple[Number | None, ...]


@dataclass(frozen=True, slots=True)
class Const:
    value: Number


@dataclass(frozen=True, slots=True)
class Param:
    name: str


@dataclass(frozen=True, slots=True)
class Op:
    op: str
    operands: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Floor:
    """`int(…)`, of what is not negative."""

    inner: Formula


@dataclass(frozen=True, slots=True)
class Tuple:
    items: tuple[Formula, ...]


Formula = Const | Param | Op | Floor | Tuple


def parameters(formula: Formula) -> list[str]:
    """Names of the parameters, each once."""
    if isinstance(formula, Param):
        return [formula.name]
    if isinstance(formula, Floor):
        return parameters(formula.inner)
    parts = (
        formula.operands if isinstance(formula, Op) else formula.items if isinstance(formula, Tuple) else ()
    )
    return list(dict.fromkeys(name for part in parts for name in parameters(part)))


def printed(formula: Formula, spell: Callable[[str], str] = str) -> Py:
    """The formula in Python; `spell` gives what a parameter is called where it stands."""
    if isinstance(formula, Const):
        return constant(formula.value)
    if isinstance(formula, Param):
        return Code(spell(formula.name))
    if isinstance(formula, Floor):
        return Apply("int", (printed(formula.inner, spell),))
    if isinstance(formula, Tuple):
        return Bracket(tuple(printed(item, spell) for item in formula.items), "()")
    return Infix(formula.op, tuple(printed(part, spell) for part in formula.operands))


def grown(first: Formula, step: Formula, index: str) -> Formula:
    """`first + step * index`."""
    if step == Const(0):
        return first
    negative = isinstance(step, Const) and isinstance(step.value, (int, float)) and step.value < 0
    if isinstance(step, Const) and isinstance(step.value, (int, float)):
        step = Const(abs(step.value))
    product = Param(index) if step == Const(1) else Op("*", (step, Param(index)))
    if first == Const(0) and not negative:
        return product
    return Op("-" if negative else "+", (first, product))


#: Numbers beyond, which floats hold no longer one by one, are no part of a formula.
_LARGEST = 2**53


def same(a: Sequence[Number | None], b: Sequence[Number | None]) -> bool:
    """Whether two vectors agree wherever both are given."""
    return all(x is None or y is None or (type(x) is type(y) and x == y) for x, y in zip(a, b, strict=True))


Base = tuple[Formula, Sequence[Number]]


def search(wanted: Vector, bases: Sequence[Base]) -> Formula | None:
    """The simplest formula over the bases that gives the wanted numbers; None if none of a few forms does."""
    at = [i for i, v in enumerate(wanted) if v is not None]
    target = [wanted[i] for i in at]
    if not target or not all(type(v) is int for v in target):
        return None
    goal = [v for v in target if type(v) is int]
    whole: list[tuple[Formula, list[int]]] = []
    rational: list[tuple[Formula, list[int | float]]] = []
    for formula, vector in bases:
        values = [vector[i] for i in at]
        if any(isinstance(v, (int, float)) and abs(v) > _LARGEST for v in values):
            continue
        ints = [v for v in values if type(v) is int]
        if len(ints) == len(values):
            whole.append((formula, ints))
        elif all(type(v) in (int, float) for v in values):
            rational.append((formula, [v for v in values if isinstance(v, (int, float))]))
    free = len({(*(v[i] for _, v in whole), goal[i]) for i in range(len(goal))}) > 2
    for formula, result in _candidates(whole, rational, goal, free):
        if result == goal:
            return formula
    return None


def sum_of(parts: Sequence[Formula]) -> Formula:
    """A sum with equal parts taken together and constants last."""
    counts: dict[Formula, int] = {}
    rest = 0
    for part in parts:
        if isinstance(part, Const) and isinstance(part.value, int):
            rest += part.value
        else:
            times, term = _multiple(part)
            counts[term] = counts.get(term, 0) + times
    terms = [part if n == 1 else Op("*", (Const(n), part)) for part, n in counts.items()]
    if rest or not terms:
        terms.append(Const(rest))
    return terms[0] if len(terms) == 1 else Op("+", tuple(terms))


def _multiple(part: Formula) -> tuple[int, Formula]:
    """`3 * x` as 3 and x."""
    if isinstance(part, Op) and part.op == "*" and len(part.operands) == 2:
        factor, term = part.operands
        if isinstance(factor, Const) and isinstance(factor.value, int):
            return factor.value, term
    return 1, part


def _is_power(k: int) -> bool:
    return k & (k - 1) == 0


def _candidates(
    whole: list[tuple[Formula, list[int]]],
    rational: list[tuple[Formula, list[int | float]]],
    goal: list[int],
    free: bool,
) -> Iterator[tuple[Formula, list[int]]]:
    """Formulas with what they give, simple ones first. `free`: there are numbers enough to fit a constant."""

    def by(op: str, p: Formula, q: Formula) -> Formula:
        return Op(op, (p, q))

    for p, v in whole:
        yield p, v
    multiples = [(goal[0] // v[0], p, v) for p, v in whole if v[0] and goal[0] % v[0] == 0]
    for k, p, v in sorted(
        multiples, key=lambda m: (not _is_power(m[0]), m[0])
    ):  # twice one, not thrice another
        if k > 1 and (k <= 16 or _is_power(k)):
            yield by("*", Const(k), p), [k * x for x in v]
    for p, v in whole:
        k = v[0] // goal[0] if goal[0] else 0
        if k > 1 and _is_power(k) and (k == 2 or all(x % k == 0 for x in v)):
            yield by("//", p, Const(k)), [x // k for x in v]
    for (p, v), (q, w) in combinations(whole, 2):
        yield by("+", p, q), [x + y for x, y in zip(v, w, strict=True)]
        yield by("*", p, q), [x * y for x, y in zip(v, w, strict=True)]
    for (p, v), (q, w) in permutations(whole, 2):
        yield by("-", p, q), [x - y for x, y in zip(v, w, strict=True)]
        if all(w) and all(x % y == 0 for x, y in zip(v, w, strict=True)):
            yield by("//", p, q), [x // y for x, y in zip(v, w, strict=True)]
    for p, v in whole:
        k = goal[0] - v[0]
        if k and (free or abs(k) <= 2):
            yield by("+" if k > 0 else "-", p, Const(abs(k))), [x + k for x in v]
    for (r, u), (p, v) in ((a, b) for a in rational for b in whole):
        yield Floor(by("*", p, r)), [int(x * y) for x, y in zip(v, u, strict=True)]
    most = 1 << 30 if free else 4
    for (p, v), (q, w) in permutations(whole, 2):
        k = (goal[0] - v[0]) // w[0] if w[0] else 0
        if 1 < abs(k) <= most:
            yield (
                by("+" if k > 0 else "-", p, by("*", Const(abs(k)), q)),
                [x + k * y for x, y in zip(v, w, strict=True)],
            )
        yield by("*", p, by("//", q, Const(2))), [x * (y // 2) for x, y in zip(v, w, strict=True)]
    for (p, v), (q, w) in combinations(whole, 2):
        product = v[0] * w[0]
        k = goal[0] // product if product and goal[0] % product == 0 else 0
        if 1 < k <= most:
            yield Op("*", (Const(k), p, q)), [k * x * y for x, y in zip(v, w, strict=True)]
        k = product // goal[0] if goal[0] else 0
        if 1 < k <= most:
            yield by("//", by("*", p, q), Const(k)), [x * y // k for x, y in zip(v, w, strict=True)]
        yield by("*", Const(2), by("+", p, q)), [2 * (x + y) for x, y in zip(v, w, strict=True)]
    if len(whole) > 12:
        return
    for (p, v), (q, w), (s, t) in combinations(whole, 3):
        yield Op("+", (p, q, s)), [x + y + z for x, y, z in zip(v, w, t, strict=True)]
        yield Op("*", (p, q, s)), [x * y * z for x, y, z in zip(v, w, t, strict=True)]
    for (p, v), (q, w), (s, t) in permutations(whole, 3):
        yield by("+", p, by("*", q, s)), [x + y * z for x, y, z in zip(v, w, t, strict=True)]
        yield by("*", p, by("+", q, s)), [x * (y + z) for x, y, z in zip(v, w, t, strict=True)]
