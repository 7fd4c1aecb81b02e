"""Which layer of a checkpoint is which of the module: by names, by what holds what, and by order in the last place.

From the root down: parts that hold the same layers are paired (`groups`), then what is in them. A level that only one
side has is dissolved into the one above. What is left in the end is paired by what the layers hold, wherever they are.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from archdsl.port.groups import (
    Alike,
    How,
    Lexicon,
    Pairs,
    by_likeness,
    in_order,
    resolve,
    tokens,
    without,
)
from archdsl.port.tree import Kinds, Node, tree_of
from archdsl.port.units import WEIGHT, Unit

#: Levels are dissolved size by size so many times, and then all of them.
_MOST_ROUNDS = 16
#: Sequences whose lengths multiply to more are not aligned.
_MOST_ALIGNED = 4_000_000


@dataclass(slots=True)
class Found:
    """Pairs of layers, and those that are left over."""

    pairs: list[tuple[Unit, Unit, How]] = field(default_factory=list)
    ours: list[Unit] = field(default_factory=list)
    theirs: list[Unit] = field(default_factory=list)


def match_keys(ours: list[Unit], theirs: list[Unit], ordered: bool) -> Pairs:
    """Pair tensors one by one where the names do not tell which of them are one layer's: by what they are there for
    and their shapes, then by shapes alone; and then by order."""
    found: Pairs = []
    for with_role in (True, False):
        kinds = Kinds()
        left = _tensors(ours, kinds, with_role, {_key(a) for a, _, _ in found})
        right = _tensors(theirs, kinds, with_role, {_key(b) for _, b, _ in found})
        found += _anywhere(left, right, (_counted(left), _counted(right)), ordered)
    return found


def _key(node: Node) -> str:
    assert node.unit is not None
    return node.unit.keys[WEIGHT]


def _tensors(units: list[Unit], kinds: Kinds, with_role: bool, gone: set[str]) -> list[Node]:
    """A node for each tensor, but those that are paired."""
    found: list[Node] = []
    for unit in units:
        for place, (role, key) in enumerate(unit.keys.items()):
            if key not in gone:
                order = unit.order + place
                one = Unit((*unit.path, role), order, {WEIGHT: key}, {WEIGHT: unit.shapes[role]})
                kind = kinds.of((role if with_role else "", one.kind))
                found.append(Node((), one, kind=kind, size=1, order=order))
    return found


def match(ours: list[Unit], theirs: list[Unit], ordered: bool) -> Found:
    """Pair layers; what has no counterpart is left over."""
    kinds = Kinds()
    found = Found()
    left, right = tree_of(ours, kinds), tree_of(theirs, kinds)
    counts = (_counted(left.nodes()), _counted(right.nodes()))
    waiting: list[tuple[Node, Node, How]] = [(left, right, How.NAME)]
    over: tuple[list[Node], list[Node]] = ([], [])
    words = Lexicon()
    alike: list[tuple[Alike, How]] = []
    while waiting:
        a, b, how = waiting.pop()
        if a.unit is not None and b.unit is not None:
            found.pairs.append((a.unit, b.unit, how))
        else:
            level = _Level(_inside(a), _inside(b), ordered)
            for x, y, surely in level.run():
                words.learn(x, y)
                waiting.append((x, y, max(how, surely)))
            alike.extend((group, how) for group in level.alike)
            over[0].extend(level.ours)
            over[1].extend(level.theirs)
        if not waiting:  # what was learnt by now may tell more of what is alike
            waiting, alike = _told_apart(alike, words, ordered)
    for x, y, surely in _anywhere(over[0], over[1], counts, ordered):
        assert x.unit is not None and y.unit is not None
        found.pairs.append((x.unit, y.unit, surely))
    found.ours = _without([u for n in over[0] for u in n.layers()], [a for a, _, _ in found.pairs])
    found.theirs = _without([u for n in over[1] for u in n.layers()], [b for _, b, _ in found.pairs])
    found.pairs.sort(key=lambda pair: pair[0].order)
    return found


def _told_apart(
    alike: list[tuple[Alike, How]], words: Lexicon, ordered: bool
) -> tuple[Pairs, list[tuple[Alike, How]]]:
    """Pairs of what is alike, by what its names mean elsewhere; where they mean nothing, by likeness or order. And what
    is still to be told apart."""
    pairs: Pairs = []
    rest: list[tuple[Alike, How]] = []
    for group, how in alike:
        found = words.resolve(*group)
        pairs += [(a, b, max(how, surely)) for a, b, surely in found]
        left = without(group, found)
        if left[0]:
            rest.append((left, how))
    if pairs:
        return pairs, rest
    for (ours, theirs), how in rest:
        found = by_likeness(ours, theirs) or in_order(ours, theirs, ordered)
        pairs += [(a, b, max(how, surely)) for a, b, surely in found]
    return pairs, []


def _inside(node: Node) -> list[Node]:
    return [node] if node.unit is not None else list(node.children)


def _counted(nodes: Iterable[Node]) -> Counter[int]:
    return Counter(node.kind for node in nodes)


def _without(units: list[Unit], paired: list[Unit]) -> list[Unit]:
    gone = set(map(id, paired))
    return sorted((unit for unit in units if id(unit) not in gone), key=lambda unit: unit.order)


class _Level:
    """What two parts hold, while it is paired."""

    def __init__(self, ours: list[Node], theirs: list[Node], ordered: bool) -> None:
        self.ours, self.theirs, self._ordered = ours, theirs, ordered
        self.alike: list[Alike] = []
        self._found: Pairs = []

    def run(self) -> Pairs:
        """Pairs of parts; what is left stays in `ours` and `theirs`, as layers."""
        rounds = 0
        while True:
            while self._groups(rounds > 0):
                pass  # what is left may now be the only one of its kind
            self._names(sure=True)
            if not self._dissolve(rounds >= _MOST_ROUNDS):
                self._names(sure=False)
                return self._found
            rounds += 1

    def _take(self, pairs: Pairs) -> None:
        self._found += pairs
        self.ours, self.theirs = without((self.ours, self.theirs), pairs)

    def _groups(self, dissolved: bool) -> bool:
        """Parts that hold the same, where there are as many on both sides: once a level is dissolved, as many in all
        that is left, however deep it lies. Whether there were any."""
        mine, other = _by_kind(self.ours), _by_kind(self.theirs)
        if dissolved:
            deep = [_counted(n for node in side for n in node.nodes()) for side in (self.ours, self.theirs)]
        before = len(self.ours)
        for kind, nodes in mine.items():
            same = other.get(kind, [])
            if len(nodes) == len(same) and (
                not dissolved or (len(nodes) == deep[0][kind] and len(same) == deep[1][kind])
            ):
                pairs, rest = resolve(nodes, same, self._ordered)
                self._take(pairs)
                if rest[0]:
                    self.alike.append(rest)
                    left = [(a, b, How.ORDER) for a, b in zip(*rest, strict=True)]
                    self.ours, self.theirs = without((self.ours, self.theirs), left)
        return len(self.ours) < before

    def _names(self, *, sure: bool) -> None:
        """Parts of one name, whatever they hold: what does not fit is then told at its place.

        With `sure`, only those of which neither is in the other side whole, under another name or deeper.
        """
        mine, other = _by_name(self.ours), _by_name(self.theirs)
        held = [{n.kind for node in side for n in node.nodes()} for side in (self.ours, self.theirs)]
        self._take(
            [
                (node, other[name], How.NAME)
                for name, node in mine.items()
                if name in other
                and (node.unit is None) == (other[name].unit is None)
                and not (
                    sure
                    and node.kind != other[name].kind
                    and (node.kind in held[1] or other[name].kind in held[0])
                )
            ]
        )

    def _dissolve(self, everything: bool) -> bool:
        """Put the largest parts that are left one level up, or what is in all of them. Whether there were any."""
        largest = [
            max((n.size for n in side if n.unit is None), default=0) for side in (self.ours, self.theirs)
        ]
        if not any(largest) or not (self.ours and self.theirs):
            return False
        if everything:
            self.ours, self.theirs = _layers(self.ours), _layers(self.theirs)
            return True
        if largest[0] >= largest[1]:
            self.ours = _dissolved(self.ours, min(largest[0] - 1, largest[1]))
        if largest[1] >= largest[0]:
            self.theirs = _dissolved(self.theirs, min(largest[1] - 1, largest[0]))
        return True


def _dissolved(nodes: list[Node], size: int) -> list[Node]:
    """With the children of all parts that are larger in their place."""
    found: list[Node] = []
    for node in nodes:
        if node.unit is not None or node.size <= size:
            found.append(node)
            continue
        for child in node.children:
            child.name = node.name + child.name
            found.append(child)
    return found


def _by_kind(nodes: list[Node]) -> dict[int, list[Node]]:
    found: defaultdict[int, list[Node]] = defaultdict(list)
    for node in nodes:
        found[node.kind].append(node)
    return found


def _by_name(nodes: list[Node]) -> dict[tuple[str, ...], Node]:
    """Parts by their names, where no two have the same."""
    found: defaultdict[tuple[str, ...], list[Node]] = defaultdict(list)
    for node in nodes:
        found[tokens(node.name)].append(node)
    return {name: same[0] for name, same in found.items() if len(same) == 1 and name}


def _anywhere(
    ours: list[Node], theirs: list[Node], counts: tuple[Counter[int], Counter[int]], ordered: bool
) -> Pairs:
    """Layers that are left, wherever they are: surely where both sides have one such layer in all, else in order."""
    left = _layers(ours)
    right = _layers(theirs)
    mine, other = _by_kind(left), _by_kind(right)
    found: Pairs = []
    uneven = False
    for kind, nodes in mine.items():
        same = other.get(kind, [])
        if len(nodes) != len(same):
            uneven |= bool(same)
        elif counts[0][kind] == counts[1][kind] == 1:
            found.append((nodes[0], same[0], How.SHAPE))
        else:
            found += in_order(nodes, same, ordered)
    if uneven and len(left) * len(right) <= _MOST_ALIGNED:
        gone = {id(a) for a, _, _ in found}
        found += [pair for pair in _aligned(left, right) if id(pair[0]) not in gone]
    return found


def _layers(nodes: list[Node]) -> list[Node]:
    found = [node for whole in nodes for node in whole.nodes() if node.unit is not None]
    return sorted(found, key=lambda node: node.order)


def _aligned(left: list[Node], right: list[Node]) -> Pairs:
    """A longest common subsequence of what layers hold."""
    longest = [[0] * (len(right) + 1)]
    for a in reversed(left):
        below, row = longest[-1], [0] * (len(right) + 1)
        for j in range(len(right) - 1, -1, -1):
            row[j] = below[j + 1] + 1 if a.kind == right[j].kind else max(below[j], row[j + 1])
        longest.append(row)
    longest.reverse()
    found: Pairs = []
    i = j = 0
    while i < len(left) and j < len(right):
        if left[i].kind == right[j].kind:
            found.append((left[i], right[j], How.ORDER))
            i, j = i + 1, j + 1
        elif longest[i + 1][j] >= longest[i][j + 1]:
            i += 1
        else:
            j += 1
    return found
