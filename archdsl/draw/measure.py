"""How large a picture will be, in points, without laying it out: the same on every machine, engine or none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from archdsl.draw import markup, palette, spacing
from archdsl.draw.effort import rows_of, steps_of
from archdsl.draw.labels import Size, label_size
from archdsl.draw.options import DEFAULT_OPTIONS, DrawOptions
from archdsl.draw.picture import Box, Cluster, End, Mark, Picture

#: An arrow that leads past a row takes as much room there: Graphviz gives it a place as wide as the gap beside.
_PASSING = spacing.BESIDE + 2
#: Graphviz moves things apart to let arrows run straight, and labels out of their way.
_WIDER, _HIGHER = 1.06, 1.02
#: Above and below the words on an arrow.
_WRITTEN = 2


def size_of(picture: Picture, options: DrawOptions = DEFAULT_OPTIONS) -> Size:
    """Width and height of a picture, about as Graphviz lays it out, without wrapping it."""
    across = options.direction == "LR"
    plan = _Plan(picture, across)
    head = label_size(markup.heading(picture), palette.SIZE + 3)
    wide, high = plan.width() * _WIDER, plan.height() * _HIGHER
    if across:
        wide, high = high, wide
    high += head[1] + spacing.LABEL
    return max(wide, head[0]) + 2 * spacing.PAD, high + 2 * spacing.PAD


def reaches(picture: Picture, options: DrawOptions = DEFAULT_OPTIONS) -> dict[int, tuple[float, float]]:
    """From where to where each thing reaches in the direction of the flow, by its number."""
    plan = _Plan(picture, options.direction == "LR")
    plan.height()
    return {
        thing: (plan.middle[row] - plan.above[row], plan.middle[row] + plan.above[row])
        for thing, row in plan.row.items()
    }


def item_size(item: Box | Mark | End) -> Size:
    """Width and height of a box, join, input or output."""
    if isinstance(item, Box):
        return label_size(markup.box(item), palette.SIZE)
    if isinstance(item, Mark):
        sign = len(item.symbol) == 1
        around = spacing.SIGN if sign else spacing.JOIN
        return _padded(markup.mark(item), around, spacing.LEAST_JOIN, spacing.LEAST_JOIN, not sign)
    if item.form:
        return (
            (spacing.TURN, spacing.TURN)
            if item.form == "turn"
            else label_size(markup.end(item), palette.SMALL)
        )
    return _padded(markup.end(item), spacing.END, spacing.LEAST_WIDTH, spacing.LEAST_END)


def _padded(text: str, around: tuple[float, float], least: float, lowest: float, square: bool = True) -> Size:
    wide, high = label_size(text, palette.SIZE)
    wide, high = max(wide + 2 * around[0], least), max(high + 2 * around[1], lowest)
    return (wide, high) if square else (max(wide, high),) * 2


@dataclass(slots=True)
class _Row:
    """What stands side by side: how far it reaches to the left and right of the main path, or of its middle."""

    left: float = 0.0
    right: float = 0.0
    held: bool = False  # by something on the main path
    beside: list[float] = field(default_factory=list)  # widths of the others

    def reach(self) -> tuple[float, float]:
        """Others stand where there is more room, the wide ones first."""
        left, right = self.left, self.right
        if not self.held:
            half = (sum(self.beside) + spacing.BESIDE * (len(self.beside) - 1)) / 2
            return half, max(half, right)
        for width in sorted(self.beside, reverse=True):
            if right <= left:
                right += width + spacing.BESIDE
            else:
                left += width + spacing.BESIDE
        return left, right


@dataclass(slots=True)
class _Area:
    """What a cluster takes up: its rows, and what stands in each."""

    first: int = 10**9
    last: int = -1
    held: bool = False
    rows: dict[int, _Row] = field(default_factory=lambda: defaultdict(_Row))

    def stand(self, row: int, width: float) -> None:
        """Put something beside the main path."""
        self.rows[row].beside.append(width)
        self.first, self.last = min(self.first, row), max(self.last, row)

    def hold(self, row: int, left: float, right: float) -> None:
        """Put something on the main path."""
        place = self.rows[row]
        place.left, place.right, place.held = max(place.left, left), max(place.right, right), True
        self.first, self.last, self.held = min(self.first, row), max(self.last, row), True

    def reach(self) -> tuple[float, float]:
        """How far all rows reach to the left and right of the main path."""
        reaches = [row.reach() for row in self.rows.values()]
        return max((left for left, _ in reaches), default=0.0), max(
            (right for _, right in reaches), default=0.0
        )


class _Plan:
    """Things in rows, as Graphviz puts them; `across` if the rows stand upright, one beside the other."""

    def __init__(self, picture: Picture, across: bool) -> None:
        self.picture = picture
        self.across = across
        steps = steps_of(picture)
        self.row = rows_of(steps)
        self.around: dict[int, tuple[int, ...]] = {}  # clusters around each thing, from the outermost
        self.areas: dict[int, _Area] = {}
        self.clusters: list[tuple[Cluster, tuple[int, ...]]] = []  # an outer one before those inside it
        self.above: dict[int, float] = defaultdict(float)  # half the height of a row, from its middle
        self.between: dict[int, float] = defaultdict(float)  # what is written below a row, on arrows
        self.main = set(_main(picture))
        self.middle: dict[int, float] = {}  # of each row
        self._place()
        self._write()
        self._pass(steps)
        self._close()

    def width(self) -> float:
        return sum(self.areas[self.picture.root.id].reach())

    def height(self) -> float:
        """The height of all rows with the gaps between them, which the frames of clusters widen."""
        tops, bottoms = dict(self.above), dict(self.above)
        outer: dict[int, list[float]] = {}
        for cluster, _ in reversed(self.clusters):
            if cluster is self.picture.root or self.areas[cluster.id].last < 0:
                continue
            area = self.areas[cluster.id]
            over = max([self.above[area.first] + spacing.CLUSTER, *outer.get(cluster.id, [])[:1]])
            under = max([self.above[area.last] + spacing.CLUSTER, *outer.get(cluster.id, [])[1:]])
            if not cluster.head:
                over += label_size(markup.title(cluster.title), palette.SIZE)[1] + spacing.LABEL
            tops[area.first] = max(tops[area.first], over)
            bottoms[area.last] = max(bottoms[area.last], under)
            parent = self.around[cluster.id][-1]
            edge = outer.setdefault(parent, [0.0, 0.0])
            held = self.areas[parent]
            if held.first == area.first:
                edge[0] = max(edge[0], over + spacing.CLUSTER)
            if held.last == area.last:
                edge[1] = max(edge[1], under + spacing.CLUSTER)
        rows = sorted(self.above)
        if not rows:
            return 0.0
        # among arrows that are written on, Graphviz puts a row for the words between any two
        gap = spacing.BELOW / 2 + 1 if self.between else spacing.BELOW
        total = tops[rows[0]] + bottoms[rows[-1]]
        at = self.middle[rows[0]] = tops[rows[0]]
        for upper, lower in pairwise(rows):
            if self.between:
                words = max(self.between[upper] / 2, 1.0)
                step = max(self.above[upper] + gap, bottoms[upper] + spacing.CLUSTER) + 2 * words
                step += max(self.above[lower] + gap, tops[lower] + spacing.CLUSTER)
            else:
                plain = self.above[upper] + self.above[lower] + gap
                step = max(plain, bottoms[upper] + tops[lower] + spacing.CLUSTER)
            total += step
            at = self.middle[lower] = at + step
        return total

    def _write(self) -> None:
        """Make room for what is written on arrows, to the right of them and half way between their ends."""
        for arrow in self.picture.arrows:
            if text := markup.arrow(arrow):
                wide, high = label_size(text, palette.SMALL)
                if self.across:
                    wide, high = high, wide
                first, last = sorted((self.row[arrow.tail], self.row[arrow.head]))
                at = (first + last) // 2
                if (last - first) % 2:
                    self.between[at] = max(self.between[at], high + _WRITTEN)
                else:
                    self.above[at] = max(self.above[at], high / 2)
                common = [
                    a
                    for a, b in zip(self.around[arrow.tail], self.around[arrow.head], strict=False)
                    if a == b
                ]
                place = self.areas[common[-1]].rows[at]
                if {arrow.tail, arrow.head} <= self.main or not place.held:
                    place.right = max(place.right, wide + spacing.BESIDE / 2)
                elif last - first > 1:
                    place.beside.append(wide)

    def _place(self) -> None:
        """Put each thing in its row, in the innermost cluster around it."""
        stack: list[tuple[Cluster, tuple[int, ...]]] = [(self.picture.root, ())]
        while stack:
            cluster, path = stack.pop()
            self.clusters.append((cluster, path))
            self.around[cluster.id] = path
            area = self.areas[cluster.id] = _Area()
            inner = (*path, cluster.id)
            if cluster.head:
                wide, high = label_size(markup.title(cluster.title), palette.SIZE)
                size = (wide + 2 * spacing.TITLE[0], high + 2 * spacing.TITLE[1])
                self._stand(area, cluster.head, size, inner)
            for fork in cluster.forks:
                self._stand(area, fork, (spacing.FORK, spacing.FORK), inner)
            for item in cluster.items:
                if isinstance(item, Cluster):
                    stack.append((item, inner))
                else:
                    self._stand(area, item.id, item_size(item), inner)

    def _stand(self, area: _Area, number: int, size: Size, around: tuple[int, ...]) -> None:
        wide, high = reversed(size) if self.across else size
        row = self.row.setdefault(number, 0)
        self.around[number] = around
        self.above[row] = max(self.above[row], high / 2)
        if number in self.main:
            area.hold(row, wide / 2, wide / 2)
        else:
            area.stand(row, wide)

    def _pass(self, steps: list[tuple[int, int, int]]) -> None:
        """Make room for the arrows that lead past rows, in the innermost cluster around both their ends."""
        for tail, head, _ in steps:
            first, last = sorted((self.row[tail], self.row[head]))
            if last - first < 2:
                continue
            common = [a for a, b in zip(self.around[tail], self.around[head], strict=False) if a == b]
            for row in range(first + 1, last):
                self.areas[common[-1]].stand(row, _PASSING)
                self.above[row] = max(self.above[row], 0.5)

    def _close(self) -> None:
        """Let each cluster stand in the one around it, in all rows that it has things in."""
        for cluster, path in reversed(self.clusters):
            area = self.areas[cluster.id]
            if not path or area.last < 0:
                continue
            left, right = area.reach()
            if not cluster.head and not self.across:
                title = label_size(markup.title(cluster.title), palette.SIZE)[0] + 2 * spacing.LABEL
                missing = max(0.0, title - left - right) / 2
                left, right = left + missing, right + missing
            left, right = left + spacing.CLUSTER, right + spacing.CLUSTER
            around = self.areas[path[-1]]
            for row in range(area.first, area.last + 1):
                if area.held:
                    around.hold(row, left, right)
                else:
                    around.stand(row, left + right)


def _main(picture: Picture) -> Iterator[int]:
    """The things on the main path."""
    after: dict[int, int] = {}
    heads: set[int] = set()
    for arrow in picture.arrows:
        heads.add(arrow.head)
        if arrow.main:
            after.setdefault(arrow.tail, arrow.head)
    first = next((arrow.tail for arrow in picture.arrows if arrow.main and arrow.tail not in heads), None)
    while first is not None:
        yield first
        first = after.get(first)
