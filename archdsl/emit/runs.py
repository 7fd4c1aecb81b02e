"""Runs: children that one element of the text makes several times, one behind the other."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from archdsl.emit.levels import ARGUMENT, Level, Step
from archdsl.emit.template import Number, Pattern, Power
from archdsl.graph.model import Module
from archdsl.layers.form import ModuleForm
from archdsl.records import record
from archdsl.source import Span

_NUMBER = re.compile(r"(.*?)(0|[1-9][0-9]*)([^0-9]*)", re.ASCII)


@record
class Group:
    """Steps `start` to `start + count` of a level. `carried` is None if they are no run."""

    start: int
    count: int
    carried: tuple[int | None, ...] | None = None


#: The most elements that are looked at as one round of a loop.
LONGEST = 12


class Repeats:
    """Elements of the text that make several neighbours somewhere: by themselves, or some of them in turn."""

    def __init__(self, levels: Iterable[Level]) -> None:
        self.spans: set[Span] = set()
        self.cycles: dict[Span, tuple[Span, ...]] = {}
        self._inside: set[Span] = set()
        for level in levels:
            spans = [child.span for child in level.module.children]
            self.spans.update(a for a, b in pairwise(spans) if a == b)
            if level.chain:
                self._find_cycles(spans)

    def _find_cycles(self, spans: Sequence[Span]) -> None:
        seen: dict[Span, int] = {}
        for i, span in enumerate(spans):
            before = seen.get(span, i)
            seen[span] = i
            period = i - before
            cycle = tuple(spans[before:i])
            if 2 <= period <= LONGEST and span not in self._inside and len(set(cycle)) == period:
                if tuple(spans[i : i + period]) == cycle:
                    self.cycles[span] = cycle
                    self._inside.update(cycle)

    def period(self, children: Sequence[Module], at: int) -> int:
        """How many children from here on are one round of a loop; 0 if they are none."""
        cycle = self.cycles.get(children[at].span, ())
        round_ = [child.span for child in children[at : at + len(cycle)]]
        return len(cycle) if tuple(round_) == cycle else 0

    def count(self, children: Sequence[Module], at: int, period: int) -> int:
        """How many rounds follow each other."""
        end = at + period
        while end + period <= len(children) and all(
            a.span == b.span
            for a, b in zip(children[at : at + period], children[end : end + period], strict=True)
        ):
            end += period
        return (end - at) // period


def run_groups(level: Level, repeats: Repeats) -> list[Group]:
    """All steps of a level in order, runs together."""
    return Runs(level, repeats.spans).groups()


def pattern(name: str) -> Pattern | None:
    """A name as the first of names that count."""
    match = _NUMBER.fullmatch(name)
    return Pattern(match[1], int(match[2]), match[3]) if match else None


class Runs:
    """Finds the runs of a level among its steps."""

    def __init__(self, level: Level, repeated: set[Span]) -> None:
        self.level = level
        self.repeated = repeated
        self._called = Counter(step.module for step in level.steps if step.module is not None)
        self._place: dict[Module, int] = {child: i for i, child in enumerate(level.module.children)}
        self._made = Counter(child.span for child in level.module.children)
        self._readers: Counter[int] = Counter()  # of all that leaves a step
        for step in level.steps:
            self._readers.update({s for s, _ in step.inputs if s != ARGUMENT})
        self._outside = {s for s, _ in level.outputs}

    def groups(self) -> list[Group]:
        """All steps in order, runs together. Runs of one are those of elements that repeat elsewhere."""
        found: list[Group] = []
        steps = self.level.steps
        at = 0
        while at < len(steps):
            group = self._from(at)
            found.append(group)
            at += group.count
        return found

    def _from(self, start: int) -> Group:
        steps = self.level.steps
        first = steps[start]
        if not self._may_run(first):
            return Group(start, 1)
        carried: tuple[int | None, ...] | None = None
        end = start + 1
        while end < len(steps):
            wiring = self._follows(start, end)
            if wiring is None or (carried is not None and wiring != carried):
                break
            carried = wiring
            end += 1
        if carried is None:  # what one by itself would carry shows only in a plain chain
            assert first.module is not None
            plain = len(first.inputs) == len(first.results) == self._made[first.module.span] == 1
            return Group(start, 1, (0,)) if plain else Group(start, 1)
        return Group(start, end - start, carried)

    def _may_run(self, step: Step) -> bool:
        module = step.module
        return (
            module is not None
            and module.span in self.repeated
            and module.parent is self.level.module
            and self._called[module] == 1
            and not module.shared
            and (step.level is not None or isinstance(step.form, ModuleForm))
            and not (step.listed or step.recomputed)
            and not (step.level is not None and step.level.foreign)
        )

    def _follows(self, start: int, at: int) -> tuple[int | None, ...] | None:
        """How the step hangs on the one before it, if both are of one run; None if they are not."""
        before, step = self.level.steps[at - 1], self.level.steps[at]
        one, two = before.module, step.module
        if two is None or one is None or not self._may_run(step):
            return None
        same = (
            one.span == two.span
            and one.kind is two.kind
            and (one.stem == two.stem or (one.name.isdigit() and two.name.isdigit()))
            and self._place[two] == self._place[one] + 1
            and before.training == step.training
            and len(before.inputs) == len(step.inputs)
            and self._readers[at - 1] == 1
            and at - 1 not in self._outside
            and self._counts(start, at)
        )
        if not same:
            return None
        wiring = tuple(k if s == at - 1 else None for s, k in step.inputs)
        initial: dict[int, tuple[int, int]] = {}
        for position, carried in enumerate(wiring):
            if carried is None:
                if step.inputs[position] != before.inputs[position]:
                    return None
            elif (
                at - 1 == start
                and initial.setdefault(carried, before.inputs[position]) != before.inputs[position]
            ):
                return None
        return wiring if any(k is not None for k in wiring) else None

    def _counts(self, start: int, at: int) -> bool:
        first, module = self.level.steps[start].module, self.level.steps[at].module
        assert first is not None and module is not None
        if module.name.isdigit() and first.name.isdigit():
            return int(module.name) == int(first.name) + at - start
        names = pattern(first.name)
        return names is not None and module.name == names.name(at - start)


class Evenness:
    """Rows of numbers that go on evenly: by the same from each row to the next; with `courses` also by a factor."""

    def __init__(self, courses: bool = True) -> None:
        self._any = courses
        self.rows = 0
        self.first: list[Number | None] = []
        self._last: list[Number | None] = []
        self._growth: list[Number | Power | None] = []

    @property
    def growth(self) -> list[Number | None]:
        """By how much each number grows; None where any growth will do."""
        if self.rows < 2:
            return [None] * len(self.first)
        return [0 if isinstance(step, Power) else step for step in self._growth]

    @property
    def courses(self) -> tuple[Power | None, ...]:
        """How numbers go on that do not grow by the same; empty if all do."""
        found = [step if isinstance(step, Power) else None for step in self._growth]
        return tuple(found) if self.rows > 1 and any(found) else ()

    def add(self, row: list[Number | None]) -> bool:
        """Take a row, if it goes on as those before."""
        if self.rows == 0:
            self.first = row
        else:
            growth: list[Number | Power | None] = []
            for i, now in enumerate(row):
                step = self._goes_on(i, now)
                if isinstance(step, str):
                    return False
                growth.append(step)
            self._growth = growth
        self._last = row
        self.rows += 1
        return True

    def _goes_on(self, column: int, now: Number | None) -> Number | Power | str | None:
        """How a number goes on; as it did before where there are rows enough."""
        first, before = self.first[column], self._last[column]
        known = self._growth[column] if self.rows > 1 else None
        if isinstance(known, Power):
            return known if known.at(first, self.rows) == now else _UNEVEN
        step = _step(before, now)
        if self.rows > 1 and step == known and type(step) is type(known):
            return step
        if not self._any:
            return step if self.rows == 1 else _UNEVEN
        if self.rows == 1:
            return step
        power = _power(first, before) if self.rows == 2 else None
        return power if power is not None and power.at(first, 2) == now else _UNEVEN


_UNEVEN = "uneven"


def _step(before: Number | None, now: Number | None) -> Number | str | None:
    if before is None and now is None:
        return None
    if type(before) is type(now) and before == now:
        return 0
    return now - before if type(now) is int and type(before) is int else _UNEVEN


def _power(first: Number | None, second: Number | None) -> Power | None:
    good = type(first) is int and type(second) is int and 0 < first < second and second % first == 0
    return Power(second // first) if good and isinstance(first, int) and isinstance(second, int) else None
