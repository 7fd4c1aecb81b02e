"""How much of its blocks a drawing shows: as much as was asked for, or else as a page has room for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, replace

from archdsl.draw.columns import columns, wrapped_size
from archdsl.draw.effort import effort
from archdsl.draw.fold import Frame, Leaf
from archdsl.draw.kinds import Kinds
from archdsl.draw.options import DrawOptions
from archdsl.draw.page import WIDE, room
from archdsl.draw.picture import Cluster, Picture
from archdsl.draw.tree import Tree
from archdsl.draw.trim import DEEPEST, DrawError
from archdsl.graph.model import Graph
from archdsl.limits import Limits

#: How often it is tried whether a page has room for one more block.
_TRIED = 24
#: As many boxes and joins a reader takes in.
_MOST = 45
#: By how much streams and columns may stand farther apart than is estimated.
_APART = 1.2
#: Likewise below each other: arrows that are led around boxes take a little.
_BELOW = 1.05
#: Layers of a network that is folded anew for the sake of its page.
_SMALL = 20_000

#: Draws a tree with some frames open, and boxes perhaps as titles alone.
Draw = Callable[[Tree, Set[Frame], bool], Picture]


def choose(graph: Graph, options: DrawOptions, limits: Limits, draw: Draw) -> Picture:
    """The picture with the blocks that are to be seen.

    Where even the boxes of all blocks are too much for the page, they are titles alone, then short chains are boxes as
    well; if that does not help, the page is of two text columns, and if that does not, what stands in no block is put
    in groups, as is what cannot be laid out. Raises DrawError if that is still too much.
    """
    tree = Tree(graph, options)
    chooser = _Chooser(tree, options, limits, draw)
    if not chooser.can_be_drawn():
        return _Chooser(Tree(graph, options, grouped=True), options, limits, draw).picture()
    if options.depth is not None or chooser.has_room():
        return chooser.picture()
    ways = [_Chooser(tree, options, limits, draw, terse=True)]
    if len(graph.nodes) <= _SMALL:
        short = Tree(graph, options, short=True)
        ways.extend(_Chooser(short, options, limits, draw, terse) for terse in (False, True))
    ways.append(_Chooser(tree, replace(options, page=options.page or WIDE), limits, draw))
    ways.append(_Chooser(Tree(graph, options, grouped=True), options, limits, draw))
    return next((way for way in ways if way.has_room()), chooser).picture()


@dataclass(slots=True)
class _Chooser:
    """The search for how deep to draw."""

    tree: Tree
    options: DrawOptions
    limits: Limits
    draw: Draw
    terse: bool = False

    def can_be_drawn(self) -> bool:
        """Can the boxes of all blocks be laid out?"""
        return self._drawn(self._to(0)) is not None

    def has_room(self) -> bool:
        """Has the page room for the boxes of all blocks?"""
        least = self._drawn(self._to(0))
        return least is not None and self._fits(least)

    def picture(self) -> Picture:
        if self.options.depth is not None:
            return self._asked(self.options.depth)
        opened, best = self._even()
        return self._more(opened, best) if self._fits(best) else best

    def _asked(self, depth: int) -> Picture:
        """As deep as was asked for, or as can be drawn."""
        deepest = min(depth, max(self.tree.depth.values()))
        for level in range(deepest, 0, -1):
            found = self._drawn(self._to(level))
            if found is not None:
                return found
        return self._least()

    def _even(self) -> tuple[Set[Frame], Picture]:
        """All blocks to one depth, the greatest that a page has room for."""
        opened, best = self._to(0), self._least()
        for level in range(1, max(self.tree.depth.values()) + 1):
            more = self._to(level)
            found = self._drawn(more)
            if found is None or not self._fits(found):
                break
            opened, best = more, found
        return opened, best

    def _more(self, opened: Set[Frame], best: Picture) -> Picture:
        """Open blocks that are unlike all that are open, then all of a kind, as long as there is room."""
        kinds = Kinds()
        refused: set[Frame] = set()
        for _ in range(_TRIED):
            closed = [frame for frame in self._closed(opened) if frame not in refused]
            if not closed:
                break
            seen = {kinds.of(frame) for frame in self._reached(opened)}
            new = next((frame for frame in closed if kinds.of(frame) not in seen), None)
            group = [new] if new is not None else [f for f in closed if kinds.of(f) == kinds.of(closed[0])]
            for more in self._openings(group):
                found = self._drawn(opened | more)
                if found is not None and self._fits(found):
                    opened, best = opened | more, found
                    break
            else:
                refused.update(group)
        return best

    def _openings(self, group: list[Frame]) -> Iterator[set[Frame]]:
        """How some frames may be opened, most of all first: with all that they hold, or with the labels in them."""
        asked = self.tree.selection
        inside = list(group)
        for frame in inside:  # grows while it is walked
            inside.extend(inner for inner in self.tree.inside[frame] if inner not in asked.closed)
        inside = [frame for frame in inside if self.tree.nesting[frame] <= DEEPEST]
        level = self.tree.depth[group[0]]
        last: set[Frame] = set()
        for chosen in (inside, [f for f in inside if self.tree.depth[f] <= level], group):
            if set(chosen) != last:
                last = set(chosen)
                yield last

    def _reached(self, opened: Set[Frame]) -> Iterator[Frame]:
        """The frames that are seen open, an outer one before those inside it, in the order of the text."""
        order = [self.tree.root]
        for frame in order:  # grows while it is walked
            yield frame
            order.extend(inner for inner in self.tree.inside[frame] if inner in opened)

    def _closed(self, opened: Set[Frame]) -> list[Frame]:
        """The frames that are one box each and may be opened, the outermost first."""
        return [
            inner
            for frame in self._reached(opened)
            for inner in self.tree.inside[frame]
            if inner not in opened
            and inner not in self.tree.selection.closed
            and self.tree.nesting[inner] <= DEEPEST
        ]

    def _to(self, level: int) -> Set[Frame]:
        """All frames to a depth, but those that are to be one box, and with those that are to be open."""
        asked = self.tree.selection
        seen = {
            frame
            for frame, depth in self.tree.depth.items()
            if depth <= level and self.tree.nesting[frame] <= DEEPEST and frame not in asked.closed
        }
        return seen | asked.open

    def _least(self) -> Picture:
        """The picture from afar."""
        opened = self._to(0)
        shown = self._shown(opened)
        if shown > self.limits.drawing_boxes:
            raise DrawError(
                f"the drawing would have {shown:,} boxes side by side, more than {self.limits.drawing_boxes:,}: "
                "put what belongs together into blocks, and what repeats into loops",
                self.limits.mend("drawing_boxes"),
            )
        picture = self.draw(self.tree, opened, self.terse)
        picture.effort = effort(picture)
        if picture.effort > self.limits.drawing_effort:
            raise DrawError(
                f"the drawing would have {len(picture.arrows):,} arrows between {_things(picture):,} boxes, "
                "too dense to be laid out: put what belongs together into blocks, each of which can be drawn "
                "as one box",
                self.limits.mend("drawing_effort"),
            )
        return picture

    def _drawn(self, opened: Set[Frame]) -> Picture | None:
        """The picture with some frames open, or nothing if it is too large to be laid out."""
        if self._shown(opened) > self.limits.drawing_boxes:
            return None
        picture = self.draw(self.tree, opened, self.terse)
        picture.effort = effort(picture)
        return picture if picture.effort <= self.limits.drawing_effort else None

    def _shown(self, opened: Set[Frame]) -> int:
        """The layers and boxes that are seen."""
        return sum(
            sum(isinstance(item, Leaf) or item not in opened for item in frame.items)
            for frame in self._reached(opened)
        )

    def _fits(self, picture: Picture) -> bool:
        wide, high = wrapped_size(columns(picture, self.options), self.options)
        most = room(self.options)
        return wide * _APART <= most[0] and high * _BELOW <= most[1] and _things(picture) <= _MOST


def _things(picture: Picture) -> int:
    """The boxes, joins, inputs and outputs of a picture."""
    found = 0
    stack = [picture.root]
    for cluster in stack:  # grows while it is walked
        inner = [item for item in cluster.items if isinstance(item, Cluster)]
        found += len(cluster.items) - len(inner)
        stack.extend(inner)
    return found
