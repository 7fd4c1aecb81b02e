"""Parts that hold the same layers on both sides: which is which, and how surely that is known."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from enum import IntEnum

from archdsl.diagnostics.near import distance
from archdsl.port.tree import Node


class How(IntEnum):
    """How a pair was found, the surest first."""

    MAP = 0  # the user says so
    NAME = 1  # the same name, but for separators and capitals
    SHAPE = 2  # nothing else in this place holds the same
    NUMBER = 3  # both sides number what holds the same
    ANALOGY = 4  # what is so called elsewhere is paired so
    LIKENESS = 5  # each name is near to the other, and to no third one
    ORDER = 6  # others would fit as well: only their order tells

    @property
    def word(self) -> str:
        return self.name.lower()


Tokens = tuple[str, ...]
Pairs = list[tuple[Node, Node, How]]
#: Parts of both sides that hold the same, and nothing tells which is which.
Alike = tuple[list[Node], list[Node]]

#: More parts that are alike are not compared letter by letter.
_MOST_COMPARED = 32
#: A name means another if it does so in that many places.
_PLACES = 2
#: Letters that number parts: `conv_a`, `conv_b`.
_LETTERS = "abcdefgh"


def tokens(name: Sequence[str]) -> Tokens:
    """The words and numbers of a name: `denselayer1.norm.1` and `denselayer1.norm1` have the same."""
    return tuple(re.findall(r"[^\W\d_]+|\d+", ".".join(name).lower()))


def resolve(ours: list[Node], theirs: list[Node], ordered: bool) -> tuple[Pairs, Alike]:
    """Pair as many parts of ours as of theirs, all of which hold the same layers, as far as their names tell.

    `ordered` says whether the order of theirs means something.
    """
    if len(ours) == 1:
        named = tokens(ours[0].name) == tokens(theirs[0].name)
        return [(ours[0], theirs[0], How.NAME if named else How.SHAPE)], ([], [])
    left = {tokens(node.name): node for node in ours}
    right = {tokens(node.name): node for node in theirs}
    if len(left) == len(ours) and left.keys() == right.keys():
        return [(node, right[name], How.NAME) for name, node in left.items()], ([], [])
    numbered = _by_number(ours, theirs, ordered)
    if numbered is not None:
        return numbered, ([], [])
    if _contradict(ours, theirs):
        return [], (ours, theirs)
    same = [name for name in left if name in right] if len(left) == len(right) == len(ours) else []
    found: Pairs = [(left[name], right[name], How.NAME) for name in same]
    ours, theirs = without((ours, theirs), found)
    if found and len(ours) > 1 and (numbered := _by_number(ours, theirs, ordered)) is not None:
        return found + numbered, ([], [])
    return found, (ours, theirs)


def without(alike: Alike, pairs: Pairs) -> Alike:
    """What is left of some parts beside those of some pairs."""
    paired = {id(node) for a, b, _ in pairs for node in (a, b)}
    ours, theirs = ([node for node in side if id(node) not in paired] for side in alike)
    return ours, theirs


class Lexicon:
    """What parts are called on both sides, where that is known for sure."""

    def __init__(self) -> None:
        self._words: tuple[dict[Tokens, Counter[Tokens]], dict[Tokens, Counter[Tokens]]] = ({}, {})

    def learn(self, a: Node, b: Node) -> None:
        """Take a pair for sure."""
        mine, other = tokens(a.name), tokens(b.name)
        self._words[0].setdefault(mine, Counter())[other] += 1
        self._words[1].setdefault(other, Counter())[mine] += 1

    def resolve(self, ours: list[Node], theirs: list[Node]) -> Pairs:
        """Pair parts whose names mean one another wherever else they stand, and stand in several places."""
        other: dict[Tokens, list[Node]] = {}
        for node in theirs:
            other.setdefault(tokens(node.name), []).append(node)
        found: Pairs = []
        for node in ours:
            name = tokens(node.name)
            meant = list(self._words[0].get(name, ()))
            if len(meant) != 1 or list(self._words[1][meant[0]]) != [name]:
                continue
            if self._words[0][name][meant[0]] >= _PLACES and len(other.get(meant[0], ())) == 1:
                found.append((node, other[meant[0]][0], How.ANALOGY))
        return found if len({id(a) for a, _, _ in found}) == len({id(b) for _, b, _ in found}) else []


def in_order(ours: list[Node], theirs: list[Node], ordered: bool) -> Pairs:
    """Pair parts as they stand; without an order, as their numbers do."""
    mine = sorted(ours, key=lambda node: node.order)
    other = sorted(theirs, key=(lambda node: node.order) if ordered else natural)
    return [(a, b, How.ORDER) for a, b in zip(mine, other, strict=True)]


def natural(node: Node) -> tuple[tuple[int, int | str], ...]:
    """A key to sort names by, with 10 behind 9."""
    name = node.unit.path if node.unit is not None else node.name
    return tuple((0, int(part)) if part.isdigit() else (1, part) for part in tokens(name))


def _by_number(ours: list[Node], theirs: list[Node], ordered: bool) -> Pairs | None:
    """Where the names of each side differ in their numbers alone, pair these by rank, from whatever they start.

    Refused where the same names would be paired crosswise, as `conv1, conv2` and `conv2, conv4` are, or the file has
    another order than its numbers.
    """
    mine, other = _family([n.name for n in ours]), _family([n.name for n in theirs])
    if mine is None or other is None:
        return None
    (stem, numbers), (their_stem, their_numbers) = mine, other
    if len(numbers[0]) != len(their_numbers[0]):
        return None
    left = sorted(range(len(ours)), key=numbers.__getitem__)
    right = sorted(range(len(theirs)), key=their_numbers.__getitem__)
    if stem == their_stem and any(part != "#" for part in stem):
        apart = {
            tuple(x - y for x, y in zip(numbers[a], their_numbers[b], strict=True))
            for a, b in zip(left, right, strict=True)
        }
        if len(apart) > 1 and set(numbers) & set(their_numbers):
            return None
    ranks = dict(zip(left, right, strict=True))
    if ordered:
        mine_there = sorted(range(len(ours)), key=lambda i: ours[i].order)
        other_there = sorted(range(len(theirs)), key=lambda i: theirs[i].order)
        if any(ranks[a] != b for a, b in zip(mine_there, other_there, strict=True)):
            return None
    return [(ours[a], theirs[b], How.NUMBER) for a, b in ranks.items()]


def _contradict(ours: list[Node], theirs: list[Node]) -> bool:
    """Whether the names are those of one family on both sides: then no two of one name need be the same."""
    mine, other = _family([n.name for n in ours]), _family([n.name for n in theirs])
    return mine is not None and other is not None and mine[0] == other[0]


def _family(names: Sequence[Sequence[str]]) -> tuple[Tokens, list[tuple[int, ...]]] | None:
    """What names have in common with `#` for each number, and the numbers of each; None if they are no family."""
    parts = [tokens(name) for name in names]
    stems = {tuple("#" if part.isdigit() else part for part in name) for name in parts}
    if len(stems) > 1 and all(name and name[-1] in _LETTERS for name in parts):
        parts = [(*name[:-1], str(_LETTERS.index(name[-1]))) for name in parts]
        stems = {tuple("#" if part.isdigit() else part for part in name) for name in parts}
    numbers = [tuple(int(part) for part in name if part.isdigit()) for name in parts]
    if len(stems) > 1 or len(set(numbers)) < len(numbers):
        return None
    return stems.pop(), numbers


def by_likeness(ours: list[Node], theirs: list[Node]) -> Pairs | None:
    """Where each name is near to one of the other side, and to no second one."""
    if len(ours) > _MOST_COMPARED:
        return None
    near = [[b for b in range(len(theirs)) if _near(one.name, theirs[b].name)] for one in ours]
    if any(len(found) != 1 for found in near) or len({found[0] for found in near}) < len(ours):
        return None
    return [(one, theirs[found[0]], How.LIKENESS) for one, found in zip(ours, near, strict=True)]


def _near(a: Sequence[str], b: Sequence[str]) -> bool:
    """Whether a third of the letters differ at most, or one name begins the other, and the numbers are the same."""
    if [part for part in tokens(a) if part.isdigit()] != [part for part in tokens(b) if part.isdigit()]:
        return False
    one, other = "".join(tokens(a)), "".join(tokens(b))
    if not one or not other or len(one) > 60 or len(other) > 60:
        return False
    if one.startswith(other) or other.startswith(one):
        return True
    most = max(len(one), len(other)) // 3
    return distance(one, other, most) <= most
