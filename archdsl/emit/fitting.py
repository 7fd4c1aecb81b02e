"""The search for a formula that gives the numbers of all instances, where the text does not tell one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, permutations

from archdsl.emit.formulas import Const, Floor, Formula, Op, Vector
from archdsl.emit.template import Number

#: Numbers beyond, which floats hold no longer one by one, are no part of a formula.
_LARGEST = 2**53


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
            for r, _ in (one for one in whole if set(one[1]) == {k}):  # it has a name
                yield by("+", p, by("*", r, q)), [x + k * y for x, y in zip(v, w, strict=True)]
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
