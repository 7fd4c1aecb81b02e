"""Runs: children that one element of the text makes several times, one behind the other."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from archdsl.emit.levels import ARGUMENT, Level, Step
from archdsl.emit.template import Number, Pattern
from archdsl.graph.model import Module
from archdsl.layers.form import ModuleForm
from archdsl.source import Span

_NUMBER = re.compile(r"(.*?)(0|[1-9][0-9]*)([^0-9]*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Group:
    """Steps `start` to `start + count` of a level. `carried` is None if they are no run."""

    start: int
    count: int
    carried: tuple[int | None, ...] | None = None


def repeated_spans(levels: Sequence[Level]) -> set[Span]:
    """Elements of the text that make several neighbours somewhere."""
    found: set[Span] = set()
    for level in levels:
        children = level.module.children
        found.update(a.span for a, b in pairwise(children) if a.span == b.span)
    return found


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
        if carried is None:  # one by itself: what it would carry shows only in a plain chain
            plain = len(first.inputs) == len(first.results) == 1
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
            and one.stem == two.stem
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


def affine(rows: Sequence[Sequence[Number | None]]) -> list[Number | None] | None:
    """By how much each number grows from row to row; None for each if there is one row, None if it is uneven."""
    if len(rows) == 1:
        return [None] * len(rows[0])
    growth: list[Number | None] = []
    for column in zip(*rows, strict=True):
        first = column[0]
        if all(type(v) is type(first) and v == first for v in column):
            growth.append(None if first is None else 0)
            continue
        numbers = [v for v in column if type(v) is int]
        if len(numbers) < len(column):
            return None
        step = numbers[1] - numbers[0]
        if any(v != numbers[0] + i * step for i, v in enumerate(numbers)):
            return None
        growth.append(step)
    return growth
