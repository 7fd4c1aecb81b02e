"""Rounds of several calls in a list that the text repeats: one loop over the places of the list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from archdsl.emit.expand import LOOP
from archdsl.emit.levels import ARGUMENT, Ref
from archdsl.emit.rounds import element
from archdsl.emit.rows import StepRow, Tensors, Turn, filled
from archdsl.emit.runs import LONGEST
from archdsl.emit.template import Cell, Expression, Hole, Operand, Slot
from archdsl.records import record

_SLOT = Slot("", "")


def turned(steps: Sequence[StepRow], outputs: Sequence[Ref]) -> tuple[list[StepRow], list[Ref]]:
    """The calls of a class that is a list, each loop as the calls of its first round, and what leaves the class."""
    last = {ref: at for at, step in enumerate(steps) for ref in step.inputs}
    last.update(dict.fromkeys(outputs, len(steps)))
    finder = _Finder(steps, last)
    found: list[StepRow] = []
    place: dict[int, int] = {ARGUMENT: ARGUMENT}
    at = 0
    while at < len(steps):
        rounds = finder.at(at)
        if rounds is None:
            period = end = 1
            turn = None
        else:
            period, end = rounds.period, rounds.period * rounds.count
            entry = (place[rounds.entry[0]], rounds.entry[1])
            turn = Turn(entry, len(found) + period - 1, rounds.first, rounds.width, rounds.count)
        for step in range(at, at + period):
            place[step] = len(found)
            made = replace(steps[step], inputs=tuple((place[s], k) for s, k in steps[step].inputs))
            if turn is not None:
                alike = steps[step : at + end : period]
                made = replace(made, turn=turn, gives=(_together([other.gives[0] for other in alike]),))
            found.append(made)
        at += end
        place[at - 1] = len(found) - 1
    return found, [(place[s], k) for s, k in outputs]


@record
class _Rounds:
    """Rounds of `period` calls: the tensor that the first takes, its first child, and by how many the next is on."""

    period: int
    count: int
    entry: Ref
    first: int
    width: int


class _Finder:
    """`last` says by which call each tensor is read last; what leaves the class, by one behind all."""

    def __init__(self, steps: Sequence[StepRow], last: dict[Ref, int]) -> None:
        self._steps = steps
        self._last = last
        self._plain = [_may_turn(step) for step in steps]
        self._texts = [(s.recomputed, None if s.expression is None else _bare(s.expression)) for s in steps]

    def at(self, start: int) -> _Rounds | None:
        """The shortest rounds from a call on, as many as there are."""
        for period in range(2, LONGEST + 1):
            if start + LOOP * period > len(self._steps) or not self._plain[start + period - 1]:
                return None
            found = self._rounds(start, period)
            if found is not None:
                return found
        return None

    def _rounds(self, start: int, period: int) -> _Rounds | None:
        those = self._steps[start : start + period]
        rows = [step.row for step in those if step.row >= 0]
        second = self._second(start, period)
        before = set(map(element, self._steps[max(0, start - period) : start])) - {None}
        if not rows or second is None or not before.isdisjoint(map(element, those)):
            return None  # or the rounds of the text began before
        entry, width = second
        count = 1
        while self._alike(start, count, period, entry, width):
            count += 1
        while count >= LOOP:
            end = start + count * period
            inside = all(self._last.get((step, 0), end) < end for step in range(end - period, end - 1))
            # what a loop over anything but what arrives gives is not declared as a tensor
            if inside and (entry[0] == ARGUMENT or self._last.get((end - 1, 0), end) < len(self._steps)):
                return _Rounds(period, count, entry, min(rows), width)
            count -= 1
        return None

    def _second(self, start: int, period: int) -> tuple[Ref, int] | None:
        """What the second round takes from the first is what that takes; and how far on the children are."""
        entries: set[Ref] = set()
        widths: set[int] = set()
        for at in range(start, start + period):
            one, two = self._steps[at], self._steps[at + period]
            for before, now in zip(one.inputs, two.inputs, strict=False):
                if now[0] == start + period - 1:
                    entries.add(before)
            if one.row >= 0:
                widths.add(two.row - one.row)
        if len(entries) != 1 or len(widths) != 1:
            return None
        (entry,), (width,) = entries, widths
        return (entry, width) if entry[0] < start and width > 0 else None

    def _alike(self, start: int, turn: int, period: int, entry: Ref, width: int) -> bool:
        """Whether a round is as the first one, and nothing but its last call is read behind it."""
        begin = start + turn * period
        if begin + period > len(self._steps):
            return False
        for at in range(start, start + period):
            here = at + turn * period
            one, step = self._steps[at], self._steps[here]
            same = (
                self._plain[here]
                and self._plain[at]
                and step.row == (one.row + turn * width if one.row >= 0 else one.row)
                and step.given == one.given
                and element(step) == element(one)
                and self._texts[here] == self._texts[at]
                and step.inputs == tuple(self._moved(ref, start, turn * period, entry) for ref in one.inputs)
                and self._last.get((here - period, 0), begin) < begin + (at == start + period - 1) * period
            )
            if not same:
                return False
        return True

    def _moved(self, ref: Ref, start: int, by: int, entry: Ref) -> Ref:
        """What a call of the first round takes, in another round."""
        if ref == entry:
            return start + by - 1, 0
        return (ref[0] + by, ref[1]) if ref[0] >= start else ref


def _may_turn(step: StepRow) -> bool:
    return (
        step.outputs == 1
        and not (step.passed or step.training or step.loop or step.listed)
        and step.when is None
        and not isinstance(step.expression, Operand)
    )


def _bare(expression: Expression) -> Expression:
    """An expression by its numbers alone."""

    def numbers(cell: Hole | Cell) -> Cell:
        assert isinstance(cell, Cell)
        return Cell(cell.vector, _SLOT, courses=cell.courses)

    return filled(expression, numbers)


def repetition(texts: Sequence[str], start: int, width: int = 0) -> tuple[int, int]:
    """How many members from one on are repeated behind them, and how often they are there.

    They are as many as are called in one round of the forward, `width`; else the fewest that are repeated.
    """
    for period in (width or 1, *range(1, LONGEST + 1)):
        first = texts[start : start + period]
        count = 1
        while texts[start + count * period : start + (count + 1) * period] == first:
            count += 1
        if count > 1 and (period == 1 or count >= LOOP):
            return period, count
    return 1, 1


def _together(members: Sequence[Tensors]) -> Tensors:
    """What a call gives in all rounds: for each instance, the tensors of all its calls."""
    return tuple(tuple(t for calls in of for t in calls) for of in zip(*members, strict=True))
