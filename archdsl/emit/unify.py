"""Two templates' parts as one: equal but for numbers, which share their holes, and for flags, which become holes."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from archdsl.emit.template import Fixed, Hole, Number, Run, Slot

T = TypeVar("T")


class Apart(Exception):
    """The parts differ in more than numbers and flags."""


class Unifier:
    """Gives the second template the holes of the first, and both those that only one of them needs.

    `slots` are the holes of both; what fills those that were added is known for each side.
    """

    def __init__(self, one: Sequence[Slot], two: Sequence[Slot]) -> None:
        self.slots = list(one)
        self._two = two
        self._first = len(one)
        self._added: list[
            tuple[Number | None, Number | int, bool]
        ] = []  # first, second; or a hole of the second
        self._place: dict[int, int] = {}  # for holes of both: that of the second
        self._said: dict[int, Number] = {}  # for holes of the first alone: what they are for the second

    def flag(self, name: str, owner: str, one: bool, two: bool, default: bool | None = None) -> Hole:
        """A new hole for a truth value."""
        self.slots.append(Slot(name, owner, default, flag=True))
        self._added.append((one, two, False))
        return Hole(len(self.slots) - 1)

    def say(self, hole: Hole, two: bool) -> None:
        """What a flag of the first is for the second."""
        self._said[hole.index] = two

    def fill(self, hole: Hole, value: Number) -> None:
        """A number for those that have none there."""
        if hole.index < self._first:
            self._said[hole.index] = value
        else:
            _, at, taken = self._added[hole.index - self._first]
            self._added[hole.index - self._first] = (value, at, taken)

    def one(self, values: Sequence[Number | None]) -> list[Number | None]:
        """The numbers of an instance of the first."""
        return [*values, *(one for one, _, _ in self._added)]

    def two(self, values: Sequence[Number | None]) -> list[Number | None]:
        """The numbers of an instance of the second."""
        found: list[Number | None] = [None] * self._first
        for index, at in self._place.items():
            found[index] = values[at]
        for index, said in self._said.items():
            found[index] = said
        return found + [
            values[two] if taken and isinstance(two, int) else two for _, two, taken in self._added
        ]

    def slots_of(self, second: bool, slots: Sequence[Slot]) -> list[Slot]:
        """All slots, an instance's own where it has them."""
        if not second:
            return [*slots, *self.slots[self._first :]]
        found = list(self.slots)
        for index, at in self._place.items():
            found[index] = slots[at]
        for i, (_, own, taken) in enumerate(self._added, self._first):
            if taken and isinstance(own, int):
                found[i] = slots[own]
        return found

    def taken(self, part: T) -> T:
        """A part that only the second has."""
        holes = sorted(_holes(part))
        if not holes:
            return part
        first, last = holes[0], holes[-1]
        offset = len(self.slots) - first
        self.slots += self._two[first : last + 1]
        self._added += [(None, at, True) for at in range(first, last + 1)]
        shifted: T = _shifted(part, offset)
        return shifted

    def attempt(self, one: Any, two: Any) -> Any:
        """Both as one, or None and nothing is changed."""
        kept = len(self.slots), len(self._added), dict(self._place), dict(self._said)
        try:
            return self.both(one, two)
        except Apart:
            del self.slots[kept[0] :], self._added[kept[1] :]
            self._place, self._said = kept[2], kept[3]
            return None

    def both(self, one: Any, two: Any, name: str = "") -> Any:
        """Both as one. `name` is that of the argument, if it is one."""
        if isinstance(two, Fixed) and isinstance(two.value, bool) and one != two:
            if isinstance(one, Fixed) and isinstance(one.value, bool):
                return self.flag(name, "", one.value, two.value)
            if isinstance(one, Hole) and self.slots[one.index].flag:
                self.say(one, two.value)
                return one
        if type(one) is not type(two):
            raise Apart
        if isinstance(one, Hole):
            self._place[one.index] = two.index
            return one
        if isinstance(one, Run):
            if len(one.growth) != len(two.growth) or one.courses != two.courses:
                raise Apart
            count, growth = self.both(one.count, two.count), self.both(one.growth, two.growth)
            return replace(one, count=count, growth=growth)
        if is_dataclass(one) and not isinstance(one, type):
            parts = {f.name: self.both(getattr(one, f.name), getattr(two, f.name), name) for f in fields(one)}
            return replace(one, **parts)
        if isinstance(one, tuple):
            if len(one) != len(two):
                raise Apart
            if len(one) == 2 and isinstance(one[0], str):  # a keyword argument
                return (self.both(one[0], two[0]), self.both(one[1], two[1], one[0]))
            return tuple(self.both(a, b, name) for a, b in zip(one, two, strict=True))
        if one != two:
            raise Apart
        return one


def _holes(part: Any) -> set[int]:
    if isinstance(part, Hole):
        return {part.index}
    if is_dataclass(part):
        return set().union(*(_holes(getattr(part, f.name)) for f in fields(part)))
    return set().union(*map(_holes, part)) if isinstance(part, tuple) else set()


def _shifted(part: Any, offset: int) -> Any:
    if isinstance(part, Hole):
        return Hole(part.index + offset)
    if is_dataclass(part) and not isinstance(part, type):
        parts = {f.name: _shifted(getattr(part, f.name), offset) for f in fields(part)}
        if isinstance(part, Run):
            parts |= {"first": part.first + offset, "last": part.last + offset}
        return replace(part, **parts)
    return tuple(_shifted(item, offset) for item in part) if isinstance(part, tuple) else part


def aligned(one: Sequence[Hashable], two: Sequence[Hashable]) -> list[tuple[int | None, int | None]]:
    """The members of both in order, those of a longest common subsequence together."""
    n, m = len(one), len(two)
    length = [[0] * (m + 1) for _ in range(n + 1)]
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, -1, -1):
            same = one[i] == two[j]
            length[i][j] = 1 + length[i + 1][j + 1] if same else max(length[i + 1][j], length[i][j + 1])
    found: list[tuple[int | None, int | None]] = []
    i = j = 0
    while i < n or j < m:
        if i < n and j < m and one[i] == two[j]:
            found.append((i, j))
            i, j = i + 1, j + 1
        elif j == m or (i < n and length[i + 1][j] >= length[i][j + 1]):
            found.append((i, None))
            i += 1
        else:
            found.append((None, j))
            j += 1
    return found
