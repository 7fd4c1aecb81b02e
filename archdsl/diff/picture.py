"""Two pictures as one, in which every thing says whether it came, went, changed or stayed."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace
from itertools import count

from archdsl.diff.align import Likeness, align
from archdsl.diff.boxes import (
    CAME,
    CHANGED,
    STAYED,
    WENT,
    key_of_rows,
    painted,
    rows_of_both,
    signed,
    title_of_both,
    told_of_both,
    words_of,
)
from archdsl.draw import DrawError
from archdsl.draw.columns import columns, wrapped_size
from archdsl.draw.effort import effort
from archdsl.draw.options import DEFAULT_OPTIONS, DrawOptions
from archdsl.draw.page import room
from archdsl.draw.picture import Arrow, Box, Cluster, End, Mark, Picture
from archdsl.draw.render import render_picture
from archdsl.draw.view import view
from archdsl.graph.model import Graph
from archdsl.limits import DEFAULT_LIMITS, Limits

LEGEND = f"{CAME} came  {WENT} went  {CHANGED} changed"
Item = Box | Mark | End | Cluster
#: Blocks in blocks that it is tried to show, where nothing says how many.
_DEEPEST = 4


def render_difference(
    old: Graph,
    new: Graph,
    format: str,
    options: DrawOptions = DEFAULT_OPTIONS,
    limits: Limits = DEFAULT_LIMITS,
) -> bytes:
    """What changed from one network to another, drawn. Raises DrawError."""
    return render_picture(difference(old, new, options, limits), format, options, limits)


def difference(
    old: Graph, new: Graph, options: DrawOptions = DEFAULT_OPTIONS, limits: Limits = DEFAULT_LIMITS
) -> Picture:
    """The picture of a difference: both networks to one depth, by default the greatest that a page has room for."""
    options = replace(options, digests=True)
    most = room(options)
    for depth in range(_DEEPEST, -1, -1) if options.depth is None else [options.depth]:
        asked = replace(options, depth=depth)
        merged = merge(view(old, asked, limits), view(new, asked, limits))
        wide, high = wrapped_size(columns(merged, options), options)
        if merged.effort <= limits.drawing_effort and (
            options.depth is not None or (wide <= most[0] and high <= most[1])
        ):
            break
    if merged.effort > limits.drawing_effort:
        raise DrawError("the drawing is too dense to be laid out", "`--depth` closes blocks")
    return merged


def merge(old: Picture, new: Picture) -> Picture:
    """Two pictures as one. What went stands where it was."""
    merger = _Merger(old, new)
    root = merger.cluster(old.root, new.root)
    stacked = [*new.stacked, *((merger.numbers_of[a], merger.numbers_of[b]) for a, b in old.stacked)]
    merged = Picture(root, merger.arrows(), list(dict.fromkeys(stacked)))
    merged.effort = effort(merged)
    return merged


class _Merger:
    def __init__(self, old: Picture, new: Picture) -> None:
        self.old, self.new = old, new
        self.numbers_of: dict[int, int] = {}  # of what the old picture has, by its number there
        used = [number for cluster in _clusters(new.root) for number in _numbers(cluster)]
        self._next = count(max(used, default=0) + 1)
        self._keys: dict[Hashable, int] = {}
        self._exact: dict[int, int] = {}
        for picture in (old, new):
            for cluster in reversed(list(_clusters(picture.root))):
                for item in cluster.items:
                    self._exact[id(item)] = self._key(_key_of(item, self._exact))
            self._exact[id(picture.root)] = self._key(_key_of(picture.root, self._exact))
        self._like: Likeness[Item] = Likeness(lambda item: self._exact[id(item)], _identity, _stand_for)

    def _key(self, key: Hashable) -> int:
        return self._keys.setdefault(key, len(self._keys))

    # items

    def cluster(self, old: Cluster, new: Cluster) -> Cluster:
        """A frame of both: changed in its title, or in what it holds."""
        self._same(old, new)
        same = self._exact[id(old)] == self._exact[id(new)]
        inside: list[Item] = []
        for one, other in align(old.items, new.items, self._like):
            inside.extend(self._items(one, other))
        title = title_of_both(old.title, new.title)
        changed = title is not new.title
        if new is self.new.root:
            title = replace(title, name=new.title.name, growth=f"{LEGEND} {title.growth}".rstrip())
        return replace(new, items=inside, title=title, change=CHANGED if changed else STAYED if same else "")

    def _items(self, old: Item | None, new: Item | None) -> Iterator[Item]:
        if old is None or new is None:
            item, change = (old, WENT) if new is None else (new, CAME)
            assert item is not None
            yield self._alone(item, change)
        elif isinstance(old, Cluster) and isinstance(new, Cluster):
            yield self.cluster(old, new)
        elif isinstance(old, Box) and isinstance(new, Box):
            yield self._box(old, new)
        elif isinstance(old, (Mark, End)) and isinstance(new, (Mark, End)) and _is_one(old, new):
            self._same(old, new)
            yield replace(new, change=STAYED if self._exact[id(old)] == self._exact[id(new)] else CHANGED)
        else:
            yield self._alone(old, WENT)
            yield self._alone(new, CAME)

    def _box(self, old: Box, new: Box) -> Box:
        """A box of both, their rows below each other."""
        same = self._exact[id(old)] == self._exact[id(new)]
        self._same(old, new)
        if same:
            return painted(new, STAYED)
        title = new.title if old.title is None or new.title is None else title_of_both(old.title, new.title)
        rows = told_of_both(old, new) if new.closed or old.closed else rows_of_both(old, new)
        return replace(new, title=title, rows=rows, change="" if rows and title is new.title else CHANGED)

    def _alone(self, item: Item, change: str) -> Item:
        """Something of one picture, with all that it holds."""
        if change == WENT:
            for number in _numbers_of(item):
                self.numbers_of[number] = next(self._next)
        return self._renumbered(item, change)

    def _renumbered(self, item: Item, change: str) -> Item:
        """With the numbers and the mark of what went, or the mark alone of what came."""
        number = self.numbers_of[item.id] if change == WENT else item.id
        if isinstance(item, Cluster):
            points = {n: self.numbers_of[n] if change == WENT else n for n in (item.head, *item.forks) if n}
            return replace(
                item,
                id=number,
                head=points.get(item.head, 0),
                forks=[points[fork] for fork in item.forks],
                items=[self._renumbered(inner, change) for inner in item.items],
                title=signed(item.title, change),
                change=change,
            )
        if isinstance(item, Box):
            return replace(painted(item, change), id=number)
        if isinstance(item, Mark):
            return replace(item, id=number, symbol=f"{change} {item.symbol}", change=change)
        return replace(item, id=number, name=f"{change} {item.name}", change=change)

    def _same(self, old: Item, new: Item) -> None:
        """Two things are one, and the points at which they are entered."""
        self.numbers_of[old.id] = new.id
        if isinstance(old, Cluster) and isinstance(new, Cluster):
            points = zip((old.head, *old.forks), (new.head, *new.forks), strict=False)
            self.numbers_of.update({a: b for a, b in points if a and b})
            self._entries(old, new)

    def _entries(self, old: Cluster, new: Cluster) -> None:
        """Points of a frame that only the old picture has: what was led through them ends in a point of its own."""
        for number in (old.head, *old.forks):
            if number and number not in self.numbers_of:
                self.numbers_of[number] = made = next(self._next)
                new.forks.append(made)

    # arrows

    def arrows(self) -> list[Arrow]:
        """Those of the new picture, and where they have no counterpart there those of the old one."""
        before: dict[tuple[int, int], list[Arrow]] = {}
        for arrow in self.old.arrows:
            tail, head = self.numbers_of[arrow.tail], self.numbers_of[arrow.head]
            before.setdefault((tail, head), []).append(replace(arrow, tail=tail, head=head))
        made: list[Arrow] = []
        for arrow in self.new.arrows:
            same = before.get((arrow.tail, arrow.head))
            made.append(_arrow(same.pop(0), arrow) if same else replace(arrow, change=CAME))
        went = [replace(arrow, change=WENT, main=False) for left in before.values() for arrow in left]
        return made + went


def _arrow(old: Arrow, new: Arrow) -> Arrow:
    """An arrow of both, with both shapes where they differ."""
    if new.shape and old.shape and old.shape != new.shape:
        return replace(new, shape=f"{old.shape} → {new.shape}", change=STAYED)
    return replace(new, change=STAYED)


# what is taken for the same


def _key_of(item: Item, known: dict[int, int]) -> Hashable:
    """Equal for things that look alike and hold the same layers, whatever their sizes."""
    if isinstance(item, Cluster):
        return ("cluster", words_of(item.title), tuple(known[id(inner)] for inner in item.items))
    if isinstance(item, Box):
        title = words_of(item.title) if item.title else ""
        return ("box", title, key_of_rows(item.rows), item.facts.digest, item.training)
    if isinstance(item, Mark):
        return ("mark", item.symbol, item.facts.digest, item.training)
    return ("end", item.name, item.shape, item.training)


def _identity(item: Item) -> Hashable:
    """One name, or one kind of first layer."""
    if isinstance(item, Cluster) or (isinstance(item, Box) and item.title is not None):
        title = item.title
        assert title is not None
        return ("block", re.sub(r"\d+…\d+", "…", title.name), title.around)
    if isinstance(item, Box):
        return ("box", item.rows[0].cells[0].text.split(" ", 1)[0] if item.rows[0].cells else "")
    if isinstance(item, Mark):
        return ("mark", item.symbol)
    return ("end", item.name)


def _stand_for(old: Item, new: Item) -> bool:
    return type(old) is type(new) and not isinstance(old, (Mark, End))


def _is_one(old: Item, new: Item) -> bool:
    return type(old) is type(new) and _identity(old) == _identity(new)


# numbers


def _clusters(root: Cluster) -> Iterator[Cluster]:
    stack = [root]
    while stack:
        cluster = stack.pop()
        yield cluster
        stack.extend(item for item in reversed(cluster.items) if isinstance(item, Cluster))


def _numbers(cluster: Cluster) -> Sequence[int]:
    return [cluster.id, cluster.head, *cluster.forks, *(item.id for item in cluster.items)]


def _numbers_of(item: Item) -> Iterator[int]:
    """The numbers of a thing and of all that it holds."""
    if not isinstance(item, Cluster):
        yield item.id
        return
    for cluster in _clusters(item):
        yield from dict.fromkeys(number for number in _numbers(cluster) if number)
