"""From the folded network to a picture: chains become boxes, joins marks, frames clusters."""

from __future__ import annotations

from collections.abc import Set
from itertools import count

from archdsl.draw.arrows import connect
from archdsl.draw.depth import choose
from archdsl.draw.fold import Entry, Frame, Leaf, Part
from archdsl.draw.options import DEFAULT_OPTIONS, DrawOptions
from archdsl.draw.picture import Box, Cell, Cluster, End, Mark, Picture, Row, Title
from archdsl.draw.priced import priced
from archdsl.draw.readings import Parts, readings
from archdsl.draw.rows import Link, is_join, leaves, rows, shape_of, symbol
from archdsl.draw.signature import plain
from archdsl.draw.tree import Tree, said
from archdsl.elaborate.values import show
from archdsl.graph.model import Graph, Output, Scope
from archdsl.limits import DEFAULT_LIMITS, Limits


def view(graph: Graph, options: DrawOptions = DEFAULT_OPTIONS, limits: Limits = DEFAULT_LIMITS) -> Picture:
    """The picture of a network, with as much of its blocks as the options ask for, or else as a page has room for.

    Raises DrawError if it is too large to be drawn, or has no blocks of the names in the options.
    """

    def draw(tree: Tree, opened: Set[Frame], terse: bool) -> Picture:
        picture = _Viewer(tree, opened, terse).picture()
        return priced(picture) if options.cost else picture

    return choose(graph, options, limits, draw)


class _Viewer:
    """Draws a tree whose frames are one box each, but those that are `opened`; `terse` boxes are a title alone."""

    def __init__(self, tree: Tree, opened: Set[Frame], terse: bool) -> None:
        self.tree = tree
        self.terse = terse
        self.opened = opened
        self.numbers = count(1)
        self.drawn: dict[Part | Output, int] = {}  # in the order of the text

    def picture(self) -> Picture:
        """The picture; its arrows come in the order of the text."""
        made: dict[Frame, Cluster | Box] = {}
        for frame in reversed(self._frames()):
            made[frame] = self._cluster(frame, made)
        root = made[self.tree.root]
        assert isinstance(root, Cluster)
        root.items[:0] = [self._entry(entry) for entry in self.tree.entries]
        root.items.extend(self._output(output) for output in self.tree.outputs)
        order = sorted(
            (part for part in self.drawn if not isinstance(part, Output)), key=lambda part: part.nodes[0].id
        )
        read = readings((*order, *self.tree.outputs), self.drawn, Parts(self.drawn))
        return Picture(root, *connect(root, read, self.numbers))

    def _frames(self) -> list[Frame]:
        """The frames that are open, an outer one before those inside it."""
        order = [self.tree.root]
        for frame in order:  # grows while it is walked
            order.extend(inner for inner in self.tree.inside[frame] if inner in self.opened)
        return order

    def _number(self, *parts: Part | Output) -> int:
        """A new number, for what some parts are drawn as."""
        number = next(self.numbers)
        self.drawn.update((part, number) for part in parts)
        return number

    # ends

    def _entry(self, entry: Entry) -> End:
        shape, facts = entry.tensor.shape.brief(), said(entry.name, entry.tensor.span)
        return End(self._number(entry), entry.name, shape, entry.training, facts)

    def _output(self, output: Output) -> End:
        different = list(dict.fromkeys(t.shape.brief() for t in output.tensors))
        shapes = ", ".join(different) if len(different) < 3 else f"{different[0]} … {different[-1]}"
        facts = said(output.name, output.span)
        return End(self._number(output), output.name, shapes, output.training, facts)

    # frames

    def _cluster(self, frame: Frame, made: dict[Frame, Cluster | Box]) -> Cluster | Box:
        """What a frame is drawn as: a box with a title if all that it holds is one box."""
        title = _title(frame, self.tree)
        items: list[Box | Mark | End | Cluster] = []
        chain: list[Link] = []
        for at, item in enumerate(frame.items):
            if isinstance(item, Frame) and not self.tree.is_link(item):
                items.append(made[item] if item in self.opened else self._collapsed(item))
            else:
                chain.append(item)
                if at + 1 < len(frame.items) and self._follows(item, frame.items[at + 1]):
                    continue
                whole = len(chain) == len(frame.items) and frame is not self.tree.root
                items.append(self._chain(chain, title if whole else None))
                chain = []
        if len(items) == 1 and isinstance(only := items[0], Box) and only.title is title:
            return only
        training = all(item.training for item in items)
        return Cluster(next(self.numbers), title, training, items, facts=self.tree.facts(frame))

    def _follows(self, a: Leaf | Frame, b: Leaf | Frame) -> bool:
        return self.tree.is_link(b) and self.tree.chains.follows(a, b)

    def _collapsed(self, frame: Frame) -> Box:
        item = self.tree.collapsed(frame)
        title, facts, number = _title(frame, self.tree), self.tree.facts(frame), self._number(item)
        row = Row((Cell(f"{item.layers:,} layers", ""),), item.nodes[-1].outputs[0].shape.brief())
        rows = () if self.terse and title.name else (row,)
        return Box(number, rows, facts, title, item.training, closed=True)

    # layers

    def _chain(self, links: list[Link], title: Title | None) -> Box | Mark | End:
        """Layers one after another, a join at most at their head."""
        chain = [leaf for link in links for leaf in leaves(link)]
        head = chain[0]
        node = head.node
        number = self._number(*chain)
        facts = self.tree.facts_of(chain)
        if node.layer is None:
            return End(number, node.input, shape_of(head), facts=facts)
        if len(chain) == 1 and title is None and is_join(head):
            return Mark(number, symbol(head), shape_of(head), facts, node.training)
        return Box(number, rows(links, self.tree.facts, self.tree.badges), facts, title, node.training)


def _title(frame: Frame, tree: Tree) -> Title:
    if frame is tree.root:
        return _call(tree.scope) if tree.is_block else Title(tree.graph.model)
    shared = bool(frame.scopes) and frame.scopes[0].module.shared
    badge = tree.badges.get(frame.scopes[0].module, "") if frame.scopes else ""
    around = tuple(name for outer in frame.around for name in [outer.label or outer.block] if name)
    return Title(*_name(frame), frame.count, frame.parallel, frame.growth, shared, badge, around)


def _name(frame: Frame) -> tuple[str, str]:
    """The label or the block's name; the latter beside the label if it says more."""
    label, block = frame.name or frame.label, frame.block
    told = _letters(label) == _letters(block)
    return (label, "" if told else block) if label else (block, "")


def _letters(name: str) -> str:
    return "".join(c for c in plain(name).lower() if c.isalpha())


def _call(scope: Scope) -> Title:
    """The title of a block alone: its arguments, and where it is called."""
    module = scope.module
    name = module.definition.name if module.definition is not None else module.label or module.stem
    values = [f"{name}={show(value, 20)}" for name, value in module.arguments.items()]
    return Title(name, module.path, growth=", ".join(values))
