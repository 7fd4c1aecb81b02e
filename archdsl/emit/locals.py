"""Which names of `let` a constructor keeps: those that it uses twice or more are local variables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from archdsl.emit.formulas import Const, Formula, Named, Op, Param, parameters, parts, rebuilt
from archdsl.emit.names import Namespace


class Locals:
    """The local variables of one constructor, from the formulas of all the places in it."""

    def __init__(self, places: Iterable[Formula], names: Namespace) -> None:
        waiting = list(places)
        kept: dict[Named, None] = {}
        inlined: set[Named] = set()
        while True:  # what a variable is made of counts once, what is written out as often as it is
            uses: Counter[Named] = Counter()
            for formula in [*waiting, *(named.inner for named in kept)]:
                uses.update(_outermost(formula, inlined))
            new = [named for named, count in uses.items() if count > 1 and named not in kept]
            once = [named for named, count in uses.items() if count == 1 and named not in kept]
            if new:
                kept.update(dict.fromkeys(new))
            elif once:
                inlined.update(once)
            else:
                break
        self._names: dict[Named, str] = {}
        self.lines: list[tuple[str, Formula]] = []
        for named in sorted(kept, key=_height):
            formula = self.settled(named.inner)
            self._names[named] = names.claim(named.name, f"{named.name}_value")
            self.lines.append((self._names[named], formula))

    def settled(self, formula: Formula) -> Formula:
        """A formula in which only local variables have names."""

        def change(part: Formula) -> Formula | None:
            if not isinstance(part, Named):
                return None
            name = self._names.get(part)
            return self.settled(part.inner) if name is None else Named(name, self.settled(part.inner))

        return rebuilt(formula, change)


def written_out(formula: Formula) -> Formula:
    """A formula without names of `let`."""
    return rebuilt(formula, lambda part: written_out(part.inner) if isinstance(part, Named) else None)


def _outermost(formula: Formula, inlined: set[Named]) -> list[Named]:
    """The names in a formula, but for those inside others."""
    if isinstance(formula, Named) and formula not in inlined:
        return [formula]
    return [named for part in parts(formula) for named in _outermost(part, inlined)]


def _height(formula: Formula) -> int:
    """How deep names stand in each other."""
    return int(isinstance(formula, Named)) + max(map(_height, parts(formula)), default=0)


def plain(formula: Formula, unchanged: Mapping[str, object], equal: Callable[[str], bool]) -> Formula:
    """A formula without what makes no difference.

    `unchanged` are parameters that have their default throughout. Where the others leave one that is the number
    itself (`equal`), that is the formula; where a factor is 1, it goes.
    """
    names = parameters(formula)
    others = [name for name in names if name not in unchanged]
    if len(names) > 1 and len(others) <= 1:
        found = [name for name in others or names if equal(name)]
        if found:
            return Param(found[0])
    return _without_ones(formula, {name for name in names if unchanged.get(name) == 1})


def _without_ones(formula: Formula, ones: set[str]) -> Formula:
    def change(part: Formula) -> Formula | None:
        if isinstance(part, Named):
            inner = rebuilt(part.inner, change)
            return inner if isinstance(inner, (Param, Const)) else Named(part.name, inner)
        if isinstance(part, Op) and part.op in ("*", "//"):
            first, *others = (rebuilt(operand, change) for operand in part.operands)
            left = [o for o in others if not (isinstance(o, Param) and o.name in ones)]
            if part.op == "*" and left and isinstance(first, Param) and first.name in ones:
                first, *left = left
            return Op(part.op, (first, *left)) if left else first
        return None

    return rebuilt(formula, change) if ones else formula
