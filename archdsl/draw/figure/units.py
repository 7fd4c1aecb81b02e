"""Which parts of the folded network are looked at as wholes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from archdsl.draw.figure.frames import branched, is_block, is_chain, makers, makes, read_outside, resolutions
from archdsl.draw.fold import Entry, Frame, Leaf, fold
from archdsl.draw.options import DEFAULT_OPTIONS, DrawOptions
from archdsl.draw.select import Selection, block_named
from archdsl.draw.tree import ends
from archdsl.draw.trim import leaves_of
from archdsl.graph.model import Graph, Node, Tensor

#: Resolutions in a part from which on it is opened.
_MANY_RESOLUTIONS = 3


@dataclass(eq=False, slots=True)
class Unit:
    """A layer, or a block that is not looked into."""

    item: Leaf | Frame | Entry
    leaves: list[Leaf]  # none of an entry
    label: str = ""  # of the innermost labelled frame around that makes no other map
    reads: tuple[Tensor, ...] = ()  # what the first copy reads from outside
    gives: list[Tensor] = field(default_factory=list)  # what others read of it, in order

    @property
    def nodes(self) -> Iterator[Node]:
        return iter(self.item.nodes) if isinstance(self.item, Entry) else self._nodes()

    def _nodes(self) -> Iterator[Node]:
        return (node for leaf in self.leaves for node in leaf.nodes)

    @property
    def makes(self) -> list[Leaf]:
        """The layers that make maps of their own."""
        return [leaf for leaf in self.leaves if makes(leaf)]

    @property
    def training(self) -> bool:
        return (
            self.item.training if isinstance(self.item, Entry) else all(leaf.training for leaf in self.leaves)
        )

    @property
    def tensor(self) -> Tensor:
        """The map that the unit makes: the last that others read, or else the last of all."""
        if isinstance(self.item, Entry):
            return self.item.tensor
        if self.gives:
            return max(self.gives, key=lambda tensor: (tensor.node.id, tensor.index))
        return max(self.nodes, key=lambda node: node.id).outputs[0]


class Source:
    """What a figure is made of: the network, or one block of it that is drawn alone.

    Raises DrawError if the options name blocks that are not there.
    """

    def __init__(self, graph: Graph, options: DrawOptions = DEFAULT_OPTIONS) -> None:
        scope = graph.scope if options.block is None else block_named(graph, options.block)
        self.title = graph.model if options.block is None else options.block
        self.options = options
        self.root = fold(graph, scope)
        self.entries: list[Entry] = []
        self.outputs = graph.outputs
        if scope is not graph.scope:
            self.entries, self.outputs = ends(graph, scope)
        self.selection = Selection(self.root, options)
        self.read, self.readers = read_outside(self.outputs, self.root)
        self.branched = branched(self.root)

    def units(self, loose: int = 0) -> list[Unit]:
        """The network as a list of units in the order of the text.

        Frames are opened from the root on. Repetitions stay closed, and so do blocks with branches, unless they give
        several tensors or, if `loose` is 1, work at several resolutions. If it is 2, only repetitions stay closed.
        """
        found = [Unit(entry, []) for entry in self.entries]
        stack: list[tuple[Leaf | Frame, str, int]] = [(self.root, "", 0)]
        while stack:
            item, label, depth = stack.pop()
            if isinstance(item, Frame) and (item is self.root or self._opened(item, depth, loose)):
                only = len(makers(item)) == 1
                label = (item.label or label) if only else ""
                stack.extend((inner, label, depth + 1) for inner in reversed(item.items))
            else:
                leaves = [item] if isinstance(item, Leaf) else list(leaves_of(item))
                if leaves:
                    found.append(Unit(item, leaves, label))
        home = homes(found)
        for unit in found:
            outside = (t for leaf in unit.leaves for t in leaf.inputs if maker(home, t) is not unit)
            unit.reads = tuple(dict.fromkeys(outside))
        given = [tensor for unit in found for tensor in unit.reads]
        given.extend(tensor for output in self.outputs for tensor in output.tensors)
        for tensor in dict.fromkeys(given):
            maker(home, tensor).gives.append(tensor)
        return found

    def _opened(self, frame: Frame, depth: int, loose: int) -> bool:
        if frame.count > 1 or frame in self.selection.closed:
            return False
        if frame in self.selection.open:
            return True
        if self.options.depth is not None:
            return depth <= self.options.depth
        if not makers(frame):
            return False
        if loose > 1:
            return True
        if is_chain(frame):
            return not (is_block(frame) and frame.block in self.branched)
        read = self.read[frame]
        if len(read) > 1 and self.readers[frame] > 1:
            return len({tensor.shape.spatial for tensor in read}) > 1 or not is_block(frame)
        if len(read) < 2 and is_block(frame) and not loose:
            return False
        return resolutions(frame) >= _MANY_RESOLUTIONS


def homes(units: list[Unit]) -> dict[Node, Unit]:
    """The unit of each node; that which a block reads is of its entries."""
    home: dict[Node, Unit] = {}
    for unit in units:
        for node in unit.nodes:
            home.setdefault(node, unit)
    return home


def maker(home: dict[Node, Unit], tensor: Tensor) -> Unit:
    """The unit that makes a tensor; a block that is drawn alone may read it through layers that only pass it on."""
    node = tensor.node
    while node not in home:
        node = node.inputs[0].node
    return home[node]
