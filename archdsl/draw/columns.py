"""Long chains in columns: where a picture is cut, and the pieces. From the foot of a column a numbered point leads to
the same point at the head of the next, as connectors do in flowcharts (ISO 5807)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count, pairwise

from archdsl.draw import spacing
from archdsl.draw.labels import Size
from archdsl.draw.measure import reaches, size_of
from archdsl.draw.options import DEFAULT_OPTIONS, DrawOptions
from archdsl.draw.page import room
from archdsl.draw.picture import Arrow, Box, Cluster, End, Mark, Picture
from archdsl.records import record

#: Columns that are tried.
_MOST = 8
#: By how much one more column must make a picture larger on its page.
_BETTER = 1.1
#: How much longer than the shortest a column may be where it ends between blocks and not in one.
_UNEVEN = 1.2


def columns(picture: Picture, options: DrawOptions = DEFAULT_OPTIONS) -> list[Picture]:
    """A picture in columns, as many as asked for or as its page wants; in fewer where it cannot be cut."""
    if options.columns is not None:
        return _Cutter(picture, options).pieces(options.columns)
    best = _whole(picture)
    scale = _scale(wrapped_size(best, options), room(options))
    if scale >= 1 or picture.stacked:  # pieces are laid out without much care for titles beside the flow
        return best
    cutter = _Cutter(picture, options)
    for number in range(2, _MOST + 1):
        pieces = cutter.pieces(number)
        if len(pieces) < number:
            break
        now = _scale(wrapped_size(pieces, options), room(options))
        if now < scale * _BETTER:
            break
        best, scale = pieces, now
    return best


def _whole(picture: Picture) -> list[Picture]:
    """A picture in one piece. Where there are frames, notes say what stands on arrows: Graphviz holds nodes in frames,
    but no labels of arrows."""
    if not any(isinstance(item, Cluster) for item in picture.root.items):
        return [picture]
    return _Pieces(picture, _ordered(picture), []).pictures()


def wrapped_size(pieces: list[Picture], options: DrawOptions = DEFAULT_OPTIONS) -> Size:
    """Width and height of columns side by side; of rows, one below the other, where the flow goes to the right."""
    sizes = [size_of(piece, options) for piece in pieces]
    gap = (len(pieces) - 1) * (spacing.COLUMNS - 2 * spacing.PAD)
    if options.direction == "LR":
        return max(wide for wide, _ in sizes), sum(high for _, high in sizes) + gap
    return sum(wide for wide, _ in sizes) + gap, max(high for _, high in sizes)


def _scale(size: Size, most: Size) -> float:
    """How large a picture can be printed."""
    return min(most[0] / size[0], most[1] / size[1])


@record
class _Cut:
    """Between two things that follow each other in the text, where one thing alone is read across."""

    after: int  # how many things come before
    tail: int
    depth: int  # of blocks that are cut


@dataclass(slots=True)
class _Order:
    """The things of a picture in the order of the text, an output behind what it gives."""

    things: list[int]
    place: dict[int, int]
    around: dict[int, tuple[Cluster, ...]]


class _Cutter:
    def __init__(self, picture: Picture, options: DrawOptions) -> None:
        self.picture = picture
        self.order = _ordered(picture)
        spans = reaches(picture, options)
        self.first = [spans[thing][0] for thing in self.order.things]
        self.last = [spans[thing][1] for thing in self.order.things]
        for at in range(1, len(self.last)):
            self.last[at] = max(self.last[at], self.last[at - 1])
        for at in range(len(self.first) - 2, -1, -1):
            self.first[at] = min(self.first[at], self.first[at + 1])
        self.cuts = list(self._cuts())

    def _cuts(self) -> Iterator[_Cut]:
        """The places where a column can end: behind a thing that one tensor leads on from, and nothing else."""
        place, things, around = self.order.place, self.order.things, self.order.around
        starting: dict[int, list[Arrow]] = {}
        ending: dict[int, int] = {}
        for arrow in self.picture.arrows:
            starting.setdefault(arrow.tail, []).append(arrow)
            ending[arrow.head] = ending.get(arrow.head, 0) + 1
        ends = {item.id for item in self.picture.root.items if isinstance(item, End)}
        across = 0  # arrows from before to behind
        for at, (thing, behind) in enumerate(pairwise(things)):
            begun = starting.get(thing, [])
            across += len(begun) - ending.get(thing, 0)
            if across != 1 or len(begun) != 1 or begun[0].text or place[begun[0].head] <= at:
                continue
            if ends & {thing, behind}:  # an input or output does not stand alone
                continue
            both = [c for c, d in zip(around[thing], around[behind], strict=False) if c is d]
            if all(c.title.count == 1 and not c.forks and (c.head or c is self.picture.root) for c in both):
                yield _Cut(at + 1, thing, len(both) - 1)

    def pieces(self, most: int) -> list[Picture]:
        """So many pieces of about equal length, or as many as there can be."""
        depths = sorted({cut.depth for cut in self.cuts})
        found: list[tuple[float, list[_Cut]]] = []
        for depth in depths:
            cuts = self._even([cut for cut in self.cuts if cut.depth <= depth], most)
            found.append((self._longest(cuts), cuts))
        if not found or most < 2:
            return _whole(self.picture)
        number = max(len(cuts) for _, cuts in found)
        whole = [pair for pair in found if len(pair[1]) == number]
        shortest = min(length for length, _ in whole)
        cuts = next(cuts for length, cuts in whole if length <= shortest * _UNEVEN)
        starts = [0, *(cut.after for cut in cuts)]
        if any(self.order.place[cut.tail] < start for cut, start in zip(cuts, starts, strict=False)):
            return _whole(self.picture)  # something passes a whole column
        return _Pieces(self.picture, self.order, [cut.after for cut in cuts]).pictures()

    def _length(self, start: int, end: int) -> float:
        return self.last[end - 1] - self.first[start]

    def _longest(self, cuts: list[_Cut]) -> float:
        ends = [0, *(cut.after for cut in cuts), len(self.first)]
        return max(self._length(a, b) for a, b in pairwise(ends))

    def _even(self, cuts: list[_Cut], most: int) -> list[_Cut]:
        """The cuts that make the longest of so many pieces shortest."""
        low, high = 0.0, self._length(0, len(self.first))
        best: list[_Cut] = []
        for _ in range(20):
            middle = (low + high) / 2
            taken = self._within(cuts, middle)
            if taken is not None and len(taken) < most:
                best, high = taken, middle
            else:
                low = middle
        return best

    def _within(self, cuts: list[_Cut], length: float) -> list[_Cut] | None:
        """As few cuts as make no piece longer than this; None if there are none."""
        taken: list[_Cut] = []
        start = 0
        last: _Cut | None = None
        for cut in [*cuts, None]:
            end = cut.after if cut is not None else len(self.first)
            while self._length(start, end) > length:
                if last is None or last.after == start:
                    return None
                taken.append(last)
                start = last.after
            last = cut
        return taken


def _around(root: Cluster) -> dict[int, list[Cluster]]:
    """The clusters around each thing, from the outermost."""
    around: dict[int, list[Cluster]] = {}
    stack = [[root]]
    while stack:
        path = stack.pop()
        cluster = path[-1]
        around.update(dict.fromkeys((cluster.head, *cluster.forks), path))
        for item in cluster.items:
            if isinstance(item, Cluster):
                stack.append([*path, item])
            else:
                around[item.id] = path
    return around


def _ordered(picture: Picture) -> _Order:
    """The order in which columns are filled."""
    heads: dict[int, list[int]] = {}
    for arrow in picture.arrows:
        heads.setdefault(arrow.head, []).append(arrow.tail)
    tails = {arrow.tail for arrow in picture.arrows}
    things: list[int] = []
    outputs: list[int] = []
    around: dict[int, tuple[Cluster, ...]] = {}
    stack: list[tuple[Box | Mark | End | Cluster, tuple[Cluster, ...]]] = [(picture.root, ())]
    while stack:
        item, path = stack.pop()
        if isinstance(item, Cluster):
            inner = (*path, item)
            own = [item.head] if item.head else []
            for thing in (*own, *item.forks):
                around[thing] = inner
                things.append(thing)
            stack.extend((i, inner) for i in reversed(item.items))
        else:
            around[item.id] = path
            is_output = isinstance(item, End) and item.id in heads and item.id not in tails
            (outputs if is_output else things).append(item.id)
    place = {thing: at for at, thing in enumerate(things)}
    behind: dict[int, list[int]] = {}
    for output in outputs:
        behind.setdefault(max(heads[output], key=lambda tail: place[tail]), []).append(output)
    things = [t for thing in things for t in (thing, *behind.get(thing, ()))]
    return _Order(things, {thing: at for at, thing in enumerate(things)}, around)


class _Pieces:
    """A picture in pieces. What holds parts of several comes again in each, as `… continued`."""

    def __init__(self, picture: Picture, order: _Order, ends: list[int]) -> None:
        self.picture = picture
        self.around = order.around
        self.column = {thing: bisect_right(ends, at) for thing, at in order.place.items()}
        known = [picture.root.id, *order.place, *(c.id for path in order.around.values() for c in path)]
        self.numbers = count(max(known) + 1)
        self.again: dict[
            tuple[int, int], int
        ] = {}  # by cluster and column, the title that stands there again
        self.roots = [self._part(picture.root, at, first=True) for at in range(len(ends) + 1)]
        self.arrows: list[list[Arrow]] = [[] for _ in self.roots]
        self.heads: dict[int, int] = {}  # the point at the head of a column
        self.feet: dict[int, int] = {}

    def pictures(self) -> list[Picture]:
        for at in range(1, len(self.roots)):
            foot = End(next(self.numbers), str(at), "", form="turn")
            head = End(next(self.numbers), str(at), "", form="turn")
            self.feet[at - 1], self.heads[at] = foot.id, head.id
            self.roots[at - 1].items.append(foot)
            self.roots[at].items.insert(0, head)
        for arrow in self.picture.arrows:
            at = self.column[arrow.tail]
            if at == self.column[arrow.head]:
                self.arrows[at].append(arrow)
            else:
                self._lead(arrow)
        stacked: list[list[tuple[int, int]]] = [[] for _ in self.roots]
        for above, below in self.picture.stacked:
            if self.column[above] == self.column[below]:
                stacked[self.column[above]].append((above, below))
        return [
            replace(self.picture, root=root, arrows=self._noted(root, arrows, pairs), stacked=pairs)
            for root, arrows, pairs in zip(self.roots, self.arrows, stacked, strict=True)
        ]

    def _noted(self, root: Cluster, arrows: list[Arrow], stacked: list[tuple[int, int]]) -> list[Arrow]:
        """The arrows of a piece, with what is written on them as notes on their way, above the titles beside it."""
        around = _around(root)
        made: list[Arrow] = []
        for arrow in arrows:
            if not (arrow.text or arrow.name or arrow.shape):
                made.append(arrow)
                continue
            both = [a for a, b in zip(around[arrow.tail], around[arrow.head], strict=False) if a is b]
            shape = " ".join(filter(None, (arrow.text, arrow.shape)))
            note = End(next(self.numbers), arrow.name, shape, arrow.training, form="note")
            both[-1].items.append(note)
            entered = [cluster.head for cluster in around[arrow.head][len(both) :]]
            stacked.extend((note.id, title) for title in entered if (arrow.tail, title) in stacked)
            plain = replace(arrow, text="", name="", shape="")
            made.append(replace(plain, head=note.id, role="", entering=True))
            made.append(replace(plain, tail=note.id, long=False))
        return made

    def _lead(self, arrow: Arrow) -> None:
        """Lead an arrow over to the next column, through the titles that stand there again."""
        at = self.column[arrow.head]
        below, above = self.arrows[at - 1], self.arrows[at]
        if not any(other.head == self.feet[at - 1] for other in below):
            below.append(
                Arrow(arrow.tail, self.feet[at - 1], "", arrow.name, arrow.shape, entering=True, main=True)
            )
        tail = self.heads[at]
        for cluster in self.around[arrow.head]:
            title = self.again.get((cluster.id, at))
            if title is not None:
                if not any(other.head == title for other in above):
                    above.append(Arrow(tail, title, entering=True, main=True))
                tail = title
        above.append(replace(arrow, tail=tail, name="", shape=""))

    def _part(self, cluster: Cluster, at: int, first: bool = False) -> Cluster:
        """What of a cluster stands in a column."""
        columns = sorted(self._columns(cluster))
        items: list[Box | Mark | End | Cluster] = []
        for item in cluster.items:
            if not isinstance(item, Cluster):
                items.extend([item] if self.column[item.id] == at else [])
            elif at in self._columns(item):
                items.append(self._part(item, at))
        if first or at == columns[0]:
            return replace(cluster, items=items)
        title = replace(cluster.title, note="continued")
        part = Cluster(
            next(self.numbers), title, cluster.training, items, next(self.numbers), [], cluster.facts
        )
        self.again[cluster.id, at] = part.head
        return part

    def _columns(self, cluster: Cluster) -> set[int]:
        """The columns in which a cluster stands."""
        found: set[int] = {self.column[thing] for thing in (cluster.head, *cluster.forks) if thing}
        for item in cluster.items:
            found |= self._columns(item) if isinstance(item, Cluster) else {self.column[item.id]}
        return found
