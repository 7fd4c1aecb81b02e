"""Which use of weights in one module is which in another: by shape, by what feeds and follows it, then by order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable

from archdsl.verify.trace import Use

Colors = list[Hashable]


class _Side:
    """One module: its uses, and who follows each of them."""

    def __init__(self, uses: list[Use]) -> None:
        self.uses = uses
        self.followers: list[list[int]] = [[] for _ in uses]
        for number, use in enumerate(uses):
            for source in use.sources:
                if source >= 0:
                    self.followers[source].append(number)

    def colors(self) -> Colors:
        return [(use.shapes, use.gives) for use in self.uses]

    def neighbours(self, colors: Colors, number: int) -> Hashable:
        """What feeds and what follows a use."""
        use = self.uses[number]
        before = Counter(colors[source] if source >= 0 else -1 for source in use.sources)
        after = Counter(colors[follower] for follower in self.followers[number])
        return (frozenset(before.items()), frozenset(after.items()))

    def ways(self, colors: Colors, number: int) -> Hashable:
        """The same, with the ways that lead there."""
        use = self.uses[number]
        before = Counter((colors[s] if s >= 0 else -1, ways) for s, ways in use.sources.items())
        after = Counter((colors[f], self.uses[f].sources[number]) for f in self.followers[number])
        return (frozenset(before.items()), frozenset(after.items()))


def match(ours: list[Use], theirs: list[Use]) -> list[tuple[Use, Use]] | None:
    """Pairs of uses, or None where the shapes alone do not fit.

    Uses of one kind are told apart by their neighbours as far as both modules agree (color refinement, Weisfeiler and
    Leman, 1968), and those that are alike in all of that by their order.
    """
    if len(ours) != len(theirs):
        return None
    left, right = _Side(ours), _Side(theirs)
    numbers = _Numbers()
    a, b = numbers.of(left.colors()), numbers.of(right.colors())
    if Counter(a) != Counter(b):
        return None
    a, b = _told_apart(left, right, a, b, numbers)
    while (choice := _ambiguous(a)) is not None:
        first = numbers.fresh()
        a[a.index(choice)] = first
        b[b.index(choice)] = first
        a, b = _told_apart(left, right, a, b, numbers)
    places = {color: number for number, color in enumerate(b)}
    return [(use, theirs[places[color]]) for use, color in zip(ours, a, strict=True)]


class _Numbers:
    """Small numbers for colors, the same for equal ones on both sides."""

    def __init__(self) -> None:
        self._known: dict[Hashable, int] = {}
        self._next = 0

    def fresh(self) -> int:
        self._next += 1
        return self._next

    def of(self, colors: Colors) -> Colors:
        return [self._known.setdefault(color, self.fresh()) for color in colors]


def _told_apart(left: _Side, right: _Side, a: Colors, b: Colors, numbers: _Numbers) -> tuple[Colors, Colors]:
    """Colors split by neighbours, and then by the ways to them, which the two modules may write differently."""
    a, b = _refined(left, right, a, b, numbers, _Side.neighbours)
    return _refined(left, right, a, b, numbers, _Side.ways)


def _refined(
    left: _Side,
    right: _Side,
    a: Colors,
    b: Colors,
    numbers: _Numbers,
    look: Callable[[_Side, Colors, int], Hashable],
) -> tuple[Colors, Colors]:
    """Colors split by what `look` tells, as long as there are as many of each on both sides."""
    while True:
        finer_a = numbers.of([(color, look(left, a, i)) for i, color in enumerate(a)])
        finer_b = numbers.of([(color, look(right, b, i)) for i, color in enumerate(b)])
        if Counter(finer_a) != Counter(finer_b) or len(set(finer_a)) == len(set(a)):
            return a, b
        a, b = finer_a, finer_b


def _ambiguous(colors: Colors) -> Hashable | None:
    """The color of the first use that is not alone with it."""
    counts = Counter(colors)
    return next((color for color in colors if counts[color] > 1), None)
