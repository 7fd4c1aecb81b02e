"""Repetitions: neighbours in a list of items that are built alike and wired alike."""

from __future__ import annotations

from typing import Any

from archdsl.draw.progression import is_regular, same
from archdsl.draw.signature import MINOR, Level, Ref, Signatures, Vector
from archdsl.graph.model import Node, Scope
from archdsl.records import record

_LONGEST = 64  # items in one copy
_TRIED = 4  # lengths of a copy that are tried at one place
_PARALLEL = 3  # as many equal branches are drawn once

Exits = frozenset[tuple[int, Any, Any]]


@record
class Run:
    """`count` copies of `period` items, from item `start` on.

    `links` are the tensors passed from copy to copy: where the first copy takes them, and where in a copy
    they are made. Copies that stand side by side pass none.
    """

    start: int
    period: int
    count: int = 1
    links: tuple[tuple[Ref, Ref], ...] = ()

    @property
    def saved(self) -> int:
        return self.period * (self.count - 1)


def find_runs(signatures: Signatures, level: Level) -> list[Run]:
    """The items of a level cut into runs, in order. A run of one copy is one item."""
    return _Finder(signatures, level).runs()


class _Finder:
    def __init__(self, signatures: Signatures, level: Level) -> None:
        self.signatures = signatures
        self.level = level
        self.shape = [signatures.shape[item] for item in level.items]
        self.exact = [signatures.exact[item] for item in level.items]
        self.alike_until: dict[int, int] = {}  # by period: items before this one equal those a period behind
        self.tried_until: dict[
            int, int
        ] = {}  # by period: no other regularity is to be found before this item
        self.following = self._following()

    def runs(self) -> list[Run]:
        found: list[Run] = []
        at = 0
        while at < len(self.shape):
            best = self._best(at)
            if best.saved == 1 and self._parted(at):
                best = Run(at, 1)
            best = self._turned(best)
            found.extend(Run(i, 1) for i in range(at, best.start))
            found.append(best)
            at = best.start + best.period * best.count
        return found

    def _best(self, at: int) -> Run:
        """The run from an item on that saves most."""
        best = Run(at, 1)
        if at >= len(self.shape):
            return best
        tried = 0
        other = self.following[at]
        while other < len(self.shape) and tried < _TRIED and other - at <= _LONGEST:
            run = self._measure(at, other - at)
            if run.saved > best.saved:
                best = run
            tried, other = tried + 1, self.following[other]
        return best

    def _parted(self, at: int) -> bool:
        """Does the second of a pair of items save more with what follows, as in a dense block, than the pair does?"""
        known = self.tried_until.copy()
        saved, behind = self._best(at + 1).saved, self._best(at + 2).saved
        self.tried_until = known
        return saved > 1 + behind

    def _following(self) -> list[int]:
        """For each item the next one of the same shape."""
        last: dict[int, int] = {}
        following = [len(self.shape)] * len(self.shape)
        for at in range(len(self.shape) - 1, -1, -1):
            following[at] = last.get(self.shape[at], len(self.shape))
            last[self.shape[at]] = at
        return following

    def _turned(self, run: Run) -> Run:
        """The same run begun later, at a layer that readers take for the head of a copy: conv → bn → relu."""
        if run.count == 1 or not self._minor(run.start):
            return run
        for start in range(run.start + 1, run.start + run.period):
            if not self._minor(start):
                turned = self._measure(start, run.period)
                return turned if turned.count == run.count else run
        return run

    def _minor(self, at: int) -> bool:
        item = self.level.items[at]
        return isinstance(item, Node) and item.layer is not None and item.layer.group in MINOR

    def _measure(self, start: int, period: int) -> Run:
        """The longest run of a period that begins at an item."""
        none = Run(start, 1)
        until = self.alike_until.get(period, -1)
        if until <= start:
            until, shape = start, self.shape
            while until + period < len(shape) and shape[until] == shape[until + period]:
                until += 1
            self.alike_until[period] = until
        most = (until - start) // period + 1
        if most < 2:
            return none
        run = self._scan(start, period, most, even=True)
        if run.count < most and self.tried_until.get(period, -1) <= start:
            self.tried_until[period] = until
            whole = self._scan(start, period, most, even=False)
            if whole.count > max(2, run.count) and self._patterned(whole):
                run = whole
        if run.count > 1 and not run.links and (run.count < _PARALLEL or not self._equal(run)):
            return none
        return run

    def _scan(self, start: int, period: int, most: int, even: bool) -> Run:
        """The longest run of at most so many copies; if `even`, their numbers are equal or grow evenly."""
        links: dict[Ref, Ref] = {}
        first: Exits = frozenset()
        step: Vector | None = None
        count = 1
        while count < most:
            at = start + count * period
            if not self._wired(start, period, at, links):
                break
            exits = self._exits(at - period, period, at + period)
            if count == 1:
                first = exits
            elif exits != first:
                break
            if even and (step is not None or not self._same(at, at - period, period)):
                if step is None and count > 1:
                    break
                now = _difference(self._vector(at, period), self._vector(at - period, period))
                if step is not None and not (same(step[0], now[0]) and same(step[1], now[1])):
                    break
                step = now
            count += 1
        if count > 1 and not first <= self._exits(
            start + (count - 1) * period, period, start + count * period
        ):
            count -= 1
        if count == 2 and step is not None and any(step[0]):  # two arguments that differ are no progression
            count = 1
        if count == 1 or not (links or first):
            return Run(start, 1)
        return Run(start, period, count, tuple((outer, made) for made, outer in links.items()))

    def _wired(self, start: int, period: int, at: int, links: dict[Ref, Ref]) -> bool:
        """Is the copy at an item wired like the one before it?"""
        for i in range(at, at + period):
            refs, before = self.level.refs[i], self.level.refs[i - period]
            if len(refs) != len(before):
                return False
            for ref, old in zip(refs, before, strict=True):
                source, place = ref
                if source >= at or (source >= at - period and at > start + period):
                    if old != (source - period, place):
                        return False
                elif (
                    source >= start
                ):  # the second copy reads the first one: the first one reads its like outside
                    if source < at - period or old[0] >= start:
                        return False
                    if links.setdefault((source - start, place), old) != old:
                        return False
                elif ref != old:
                    return False
        return True

    def _exits(self, at: int, period: int, end: int) -> Exits:
        """Who reads what a copy makes, beyond item `end`."""
        found: set[tuple[int, Any, Any]] = set()
        for i in range(at, at + period):
            for reader, place in self.level.readers[i]:
                if reader >= end:
                    found.add((i - at, place, reader))
            for place, tensor in self.level.leaving[i]:
                for outer in self.signatures.outer_readers.get(tensor, ()):
                    if not (isinstance(outer, Node) and self._inside(outer)):
                        found.add((i - at, place, outer))
        return frozenset(found)

    def _inside(self, node: Node) -> bool:
        scope: Scope | None = node.scope
        while scope is not None and scope is not self.level.scope:
            scope = scope.parent
        return scope is not None

    def _same(self, at: int, other: int, period: int) -> bool:
        return self.exact[at : at + period] == self.exact[other : other + period]

    def _equal(self, run: Run) -> bool:
        starts = range(run.start + run.period, run.start + run.period * run.count, run.period)
        return all(self._same(at, run.start, run.period) for at in starts)

    def _vector(self, at: int, period: int) -> Vector:
        """All numbers of a copy: arguments, and channels."""
        arguments: list[float] = []
        channels: list[float] = []
        for item in self.level.items[at : at + period]:
            more = self.signatures.numbers(item)
            arguments += more[0]
            channels += more[1]
        return arguments, channels

    def _patterned(self, run: Run) -> bool:
        copies = [self._vector(run.start + k * run.period, run.period) for k in range(run.count)]
        columns = zip(*([*arguments, *channels] for arguments, channels in copies), strict=True)
        return all(is_regular(column) for column in columns)


def _difference(a: Vector, b: Vector) -> Vector:
    return [x - y for x, y in zip(a[0], b[0], strict=True)], [x - y for x, y in zip(a[1], b[1], strict=True)]
