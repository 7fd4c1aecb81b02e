"""How large a picture will be, in points, without laying it out: the same on every machine, engine or none."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise

from archdsl.draw import markup, palette, spacing
from archdsl.draw.effort import rows_of, steps_of
from archdsl.draw.labels import Size, label_size
from archdsl.draw.options import DEFAULT_OPTIONS, DrawOptions
from archdsl.draw.picture import Box, Cluster, End, Mark, Picture

#: An arrow that leads past a row takes as much room there: Graphviz gives it a place as wide as the gap beside.
_PASSING = spacing.BESIDE + 2


def size_of(picture: Picture, options: DrawOptions = DEFAULT_OPTIONS) -> Size:
    """Width and height of a picture, about as Graphviz lays it out, without wrapping it."""
    across = options.direction == "LR"
    plan = _Plan(picture, across)
    head = label_size(markup.title(picture.root.title), palette.SIZE + 3)
    wide, high = plan.width(), plan.height()
    if across:
        wide, high = high, wide
    high += head[1] + spacing.LABEL
    return max(wide, head[0]) + 2 * spacing.PAD, high + 2 * spacing.PAD


def item_size(item: Box | Mark | End) -> Size:
    """Width and height of a box, join, input or output."""
    if isinstance(item, Box):
        return label_size(markup.box(item), palette.SIZE)
    if isinstance(item, Mark):
        sign = len(item.symbol) == 1
        around = spacing.SIGN if sign else spacing.JOIN
        return _padded(markup.mark(item), around, spacing.LEAST_JOIN, spacing.LEAST_JOIN, not sign)
    return _padded(markup.end(item), spacing.END, spacing.LEAST_WIDTH, spacing.LEAST_END)


def _padded(text: str, around: tuple[float, float], least: float, lowest: float, square: bool = True) -> Size:
    wide, high = label_size(text, palette.SIZE)
    wide, high = max(wide + 2 * around[0], least), max(high + 2 * around[1], lowest)
    return (wide, high) if square else (max(wide, high),) * 2


@dataclass(slots=True)
class _Area:
    """What a cluster takes up: its rows, and what stands in each."""

    first: int = 10**9
    last: int = -1
    widths: dict[int, float] = field(default_factory=lambda: defaultdict(float))  # by row

    def stand(self, row: int, width: float) -> None:
        self.widths[row] += width + spacing.BESIDE
        self.first, self.last = min(self.first, row), max(self.last, row)

    @property
    def width(self) -> float:
        return max(self.widths.values(), default=spacing.BESIDE) - spacing.BESIDE


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
        self._place()
        self._write()
        self._pass(steps)
        self._close()

    def width(self) -> float:
        return self.areas[self.picture.root.id].width

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
        total = tops[rows[0]] + bottoms[rows[-1]]
        for upper, lower in pairwise(rows):
            plain = self.above[upper] + self.above[lower] + spacing.BELOW + self.between[upper]
            total += max(plain, bottoms[upper] + tops[lower] + spacing.CLUSTER)
        return total

    def _write(self) -> None:
        """Make room for what is written on arrows, half way between their ends."""
        for arrow in self.picture.arrows:
            if text := markup.arrow(arrow):
                size = label_size(text, palette.SMALL)
                length = self.row[arrow.head] - self.row[arrow.tail]
                middle = self.row[arrow.tail] + max(length, 0) // 2
                if length % 2:
                    self.between[middle] = max(self.between[middle], size[0 if self.across else 1])

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
            wide = area.width
            if not cluster.head and not self.across:
                wide = max(wide, label_size(markup.title(cluster.title), palette.SIZE)[0] + 2 * spacing.LABEL)
            for row in range(area.first, area.last + 1):
                self.areas[path[-1]].stand(row, wide + 2 * spacing.CLUSTER)
