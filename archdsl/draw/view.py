"""From the folded network to a picture: chains become boxes, joins marks, frames clusters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import count, pairwise
from typing import TypeGuard

from archdsl.analysis.costs import count as count_costs
from archdsl.draw.arrows import connect
from archdsl.draw.effort import effort
from archdsl.draw.fold import Collapsed, Frame, Leaf, fold
from archdsl.draw.options import DEFAULT_OPTIONS, DrawOptions
from archdsl.draw.picture import Box, Cell, Cluster, End, Facts, Mark, Picture, Row, Title
from archdsl.draw.readings import Part, origin, read_by, readings
from archdsl.draw.rows import Badges, Link, is_join, is_minor, leaves, rows, shape_of, symbol
from archdsl.draw.sharing import badges
from archdsl.draw.signature import plain
from archdsl.draw.trim import DEEPEST, DrawError, leaves_of, trim
from archdsl.graph.model import Graph, Node, Output, Scope
from archdsl.limits import DEFAULT_LIMITS, Limits
from archdsl.source import Span


def view(graph: Graph, options: DrawOptions = DEFAULT_OPTIONS, limits: Limits = DEFAULT_LIMITS) -> Picture:
    """The picture of a network, from so far away that its arrows can be laid out. Raises DrawError if they cannot."""
    deepest = DEEPEST
    while True:
        viewer = _Viewer(graph, options, limits, deepest)
        picture = viewer.picture()
        picture.effort = effort(picture)
        if picture.effort <= limits.drawing_effort:
            return picture
        if viewer.level == 0:
            raise DrawError(
                f"the drawing would have {len(picture.arrows):,} arrows between {len(set(viewer.drawn.values()))} "
                "boxes, too dense to be laid out: put what belongs together into blocks, each of which can be drawn "
                "as one box",
                limits.mend("drawing_effort"),
            )
        deepest = viewer.level - 1


class _Viewer:
    def __init__(self, graph: Graph, options: DrawOptions, limits: Limits, deepest: int) -> None:
        self.graph = graph
        self.options = options
        self.costs = count_costs(graph)
        self.root = fold(graph)
        self.level = trim(self.root, limits, deepest)  # the depth of the innermost frames
        self.part: dict[Node, Part] = {}  # what a node is drawn as
        self.badges = badges(graph)
        self.readers: dict[Part, set[Part | Output]] = {}
        self.numbers = count(1)
        self.drawn: dict[Part | Output, int] = {}  # in the order of the text
        self._read()

    def _read(self) -> None:
        """Find out what reads what."""
        parts = [item for frame in _frames(self.root) for item in frame.items if not isinstance(item, Frame)]
        for part in parts:
            self.part.update((node, part) for node in part.nodes)
        readers: list[Part | Output] = [*parts, *self.graph.outputs]
        for reader in readers:
            for tensor in read_by(reader):
                self.readers.setdefault(self.part[origin(tensor).node], set()).add(reader)

    def picture(self) -> Picture:
        """The picture; its arrows come in the order of the text."""
        for frame in reversed(_frames(self.root)):
            self._tidy(frame)
        made: dict[Frame, Cluster | Box] = {}
        for frame in reversed(_frames(self.root)):
            made[frame] = self._cluster(frame, made)
        root = made[self.root]
        assert isinstance(root, Cluster)
        for output in self.graph.outputs:
            shapes = ", ".join(dict.fromkeys(t.shape.brief() for t in output.tensors))
            root.items.append(
                End(
                    self._number(output),
                    output.name,
                    shapes,
                    output.training,
                    _said(output.name, output.span),
                )
            )
        order = sorted(
            (part for part in self.drawn if not isinstance(part, Output)), key=lambda part: part.nodes[0].id
        )
        read = readings((*order, *self.graph.outputs), self.drawn, self.part)
        return Picture(root, *connect(root, read, self.numbers))

    def _number(self, *parts: Part | Output) -> int:
        """A new number, for what some parts are drawn as."""
        number = next(self.numbers)
        self.drawn.update((part, number) for part in parts)
        return number

    # frames

    def _tidy(self, frame: Frame) -> None:
        """Leave out what says nothing: `identity`, and frames around one layer with its normalisation and
        activation, or around nothing but another frame."""
        items: list[Leaf | Frame | Collapsed] = []
        for item in frame.items:
            if isinstance(item, Leaf) and item.node.operation == "identity":
                continue
            if not isinstance(item, Frame) or item.count > 1:
                items.append(item)
            elif self._is_plain(item):
                items.extend(item.items)
            elif len(item.items) == 1 and isinstance(only := item.items[0], Frame):
                only.around = [item, *item.around, *only.around]
                items.append(only)
            else:
                items.append(item)
        frame.items = items

    def _is_plain(self, frame: Frame) -> bool:
        """Does a frame hold one layer with its normalisation and activation, perhaps repeated?"""
        links = [item for item in frame.items if self._is_link(item)]
        chain = [leaf for link in links for leaf in leaves(link)]
        chained = len(links) == len(frame.items) and all(self._follows(a, b) for a, b in pairwise(links))
        return chained and (len(chain) < 2 or sum(not is_minor(leaf) for leaf in chain) < 2)

    def _is_link(self, item: Leaf | Frame | Collapsed) -> TypeGuard[Link]:
        """Does this stand in a box with others, as layers one after another, perhaps repeated?"""
        if not isinstance(item, Frame):
            return isinstance(item, Leaf)
        if item.count < 2 or item.parallel or not all(isinstance(inner, Leaf) for inner in item.items):
            return False
        chain = leaves(item)
        if is_join(chain[0]) or not all(self._follows(a, b) for a, b in pairwise(chain)):
            return False
        return not item.scopes or self._is_plain(item)

    def _follows(self, a: Leaf | Frame | Collapsed, b: Leaf | Frame | Collapsed) -> bool:
        """Do two things stand in one box, one below the other?"""
        if not (self._is_link(a) and self._is_link(b)):
            return False
        last, first = leaves(a)[-1], leaves(b)[0]
        upper, lower = last.node.layer, first.node.layer
        return (
            upper is not None
            and lower is not None
            and not lower.is_join
            and not upper.is_join
            and self.readers.get(last) == {first}
            and len(first.inputs) == 1
            and last.training == first.training
        )

    def _cluster(self, frame: Frame, made: dict[Frame, Cluster | Box]) -> Cluster | Box:
        """What a frame is drawn as: a box with a title if all that it holds is one box."""
        title = _title(frame, self.graph, self.badges)
        items: list[Box | Mark | End | Cluster] = []
        chain: list[Link] = []
        for at, item in enumerate(frame.items):
            if isinstance(item, Collapsed):
                items.append(self._collapsed(item))
            elif isinstance(item, Frame) and not self._is_link(item):
                items.append(made[item])
            else:
                chain.append(item)
                if at + 1 < len(frame.items) and self._follows(item, frame.items[at + 1]):
                    continue
                whole = len(chain) == len(frame.items) and frame is not self.root
                items.append(self._chain(chain, title if whole else None))
                chain = []
        if len(items) == 1 and isinstance(only := items[0], Box) and only.title is title:
            return only
        training = all(item.training for item in items)
        return Cluster(next(self.numbers), title, training, items, facts=self._facts_of(frame))

    def _collapsed(self, item: Collapsed) -> Box:
        text = f"{item.layers:,} layers"
        row = Row((Cell(text, ""),), item.nodes[-1].outputs[0].shape.brief())
        title = _title(item.frame, self.graph, self.badges)
        return Box(self._number(item), (row,), self._facts_of(item.frame), title, item.training, closed=True)

    # layers

    def _chain(self, links: list[Link], title: Title | None) -> Box | Mark | End:
        """Layers one after another, a join at most at their head."""
        chain = [leaf for link in links for leaf in leaves(link)]
        head = chain[0]
        node = head.node
        number, facts = self._number(*chain), self._facts([n for leaf in chain for n in leaf.nodes], node)
        if node.layer is None:
            return End(number, node.input, shape_of(head), facts=facts)
        if len(chain) == 1 and title is None and is_join(head):
            return Mark(number, symbol(head), shape_of(head), facts, node.training)
        drawn = rows(links, lambda leaf: self._facts(leaf.nodes, leaf.node), self.badges)
        return Box(number, drawn, facts, title, node.training)

    def _facts(self, nodes: Iterable[Node], first: Node | Scope) -> Facts:
        """What is known of some nodes, told by the path and the line of the first."""
        costs = [self.costs.of(node) for node in nodes if node.layer is not None]
        path = first.path if isinstance(first, Node) else first.module.path
        operation = first.operation if isinstance(first, Node) else ""
        params, macs = sum(cost.params for cost in costs), sum(cost.macs for cost in costs)
        return replace(_said(path or operation, first.span), layers=len(costs), params=params, macs=macs)

    def _facts_of(self, frame: Frame) -> Facts:
        nodes = [node for leaf in leaves_of(frame) for node in leaf.nodes]
        return self._facts(nodes, frame.scopes[0] if frame.scopes else nodes[0])


def _frames(root: Frame) -> list[Frame]:
    """All frames, an outer one before those inside it."""
    order = [root]
    for frame in order:  # grows while it is walked
        order.extend(item for item in frame.items if isinstance(item, Frame))
    return order


def _said(path: str, span: Span) -> Facts:
    return Facts(path, span.source.name, span.line)


def _title(frame: Frame, graph: Graph, badges: Badges) -> Title:
    if frame.scopes and frame.scopes[0].parent is None:
        return Title(graph.model)
    shared = bool(frame.scopes) and frame.scopes[0].module.shared
    badge = badges.get(frame.scopes[0].module, "") if frame.scopes else ""
    around = tuple(name for outer in frame.around for name in [outer.label or outer.block] if name)
    return Title(*_name(frame), frame.count, frame.parallel, frame.growth, shared, badge, around)


def _name(frame: Frame) -> tuple[str, str]:
    """The label or the block's name; the latter beside the label if it says more."""
    label, block = frame.label, frame.block
    told = _letters(label) == _letters(block)
    return (label, "" if told else block) if label else (block, "")


def _letters(name: str) -> str:
    return "".join(c for c in plain(name).lower() if c.isalpha())
