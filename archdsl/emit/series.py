"""Children that are one class each, whose arguments follow from their places: a loop says them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from archdsl.emit.formulas import Const, Formula
from archdsl.emit.progressions import FEWEST, Rule, progression
from archdsl.emit.rows import Row, RowChain, RowGroup
from archdsl.emit.template import Cell, MadeLevel
from archdsl.emit.wording import Wording
from archdsl.records import record

#: For each argument what gives it in a round, or what it is in all of them.
Rules = tuple[Rule | Formula, ...]


@record
class Series:
    """How many children, and their arguments."""

    count: int
    rules: Rules


class SeriesFinder:
    """Finds them among the children of one class."""

    def __init__(self, rows: Sequence[Row], wording: Wording) -> None:
        self._rows = rows
        self._wording = wording
        self._found: dict[tuple[int, int], float] | None = None

    def first(self, rows: Sequence[Row]) -> Series | None:
        """The longest from the first child on; None where it would be no shorter than what it stands for."""
        first = rows[0].made
        if not isinstance(first, MadeLevel) or not first.args or not _is_one(rows[0], first):
            return None

        def rules(count: int) -> Rules | None:
            return self._rules([row.made for row in rows[:count] if _is_one(row, first)], count)

        least, most = FEWEST, 2 * FEWEST
        found = rules(least)
        if found is None:
            return None
        while most <= len(rows) and (longer := rules(most)) is not None:
            least, most, found = most, 2 * most, longer
        most = min(most, len(rows) + 1)
        while most - least > 1:
            middle = (least + most) // 2
            longer = rules(middle)
            least, most, found = (middle, most, longer) if longer is not None else (least, middle, found)
        return Series(least, found) if any(callable(rule) for rule in found) else None

    def _rules(self, made: Sequence[object], count: int) -> Rules | None:
        levels = [part for part in made if isinstance(part, MadeLevel)]
        if len(levels) < count:
            return None
        found: list[Rule | Formula] = []
        for place in range(len(levels[0].args)):
            column = [self._formula(level, place) for level in levels]
            if all(formula == column[0] and _kind(formula) is _kind(column[0]) for formula in column):
                found.append(column[0])
                continue
            values = [formula.value for formula in column if isinstance(formula, Const)]
            rule = None
            if len(values) == count:
                rule = progression(values, self._greatest(levels[0].number, place))
            if rule is None:
                return None
            found.append(rule)
        return tuple(found)

    def _formula(self, level: MadeLevel, place: int) -> Formula:
        cell = level.args[place]
        assert isinstance(cell, Cell)
        return self._wording.formula(cell)

    def _greatest(self, number: int, place: int) -> float:
        """The greatest rate that children of a class are given, wherever they are."""
        if self._found is None:
            self._found = {}
            for made in _levels(self._rows):
                for at in range(len(made.args)):
                    formula = self._formula(made, at)
                    if isinstance(formula, Const) and isinstance(formula.value, float):
                        key = (made.number, at)
                        self._found[key] = max(formula.value, self._found.get(key, 0))
        return self._found.get((number, place), 1)


def _is_one(row: Row, first: MadeLevel) -> bool:
    plain = row.count is None and row.when is None
    made = row.made
    return (
        plain
        and isinstance(made, MadeLevel)
        and (made.number, made.checkpointed) == (first.number, first.checkpointed)
    )


def _kind(formula: Formula) -> type:
    return type(formula.value) if isinstance(formula, Const) else type(formula)


def _levels(rows: Iterable[Row]) -> Iterable[MadeLevel]:
    for row in rows:
        if isinstance(row.made, MadeLevel):
            yield row.made
        elif isinstance(row.made, (RowChain, RowGroup)):
            yield from _levels(row.made.rows)
