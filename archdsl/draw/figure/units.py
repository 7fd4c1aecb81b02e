"""Which parts of the folded network are looked at as wholes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from archdsl.draw.fold import Collapsed, Frame, Leaf
from archdsl.draw.signature import MINOR
from archdsl.draw.trim import leaves_of
from archdsl.graph.model import Graph, ModuleKind, Node, Output, Tensor

#: Resolutions in a part from which on it is opened.
_MANY_RESOLUTIONS = 3
#: Groups of layers that give maps of their own, even where the shape stays.
MAKERS = frozenset(["convolution", "pooling", "attention", "extern"])


@dataclass(eq=False, slots=True)
class Unit:
    """A layer, or a block that is not looked into."""

    item: Leaf | Frame
    leaves: list[Leaf]
    label: str = ""  # of the innermost labelled frame around that makes no other map
    reads: tuple[Tensor, ...] = ()  # what the first copy reads from outside
    gives: list[Tensor] = field(default_factory=list)  # what others read of it, in order

    @property
    def nodes(self) -> Iterator[Node]:
        return (node for leaf in self.leaves for node in leaf.nodes)

    @property
    def makes(self) -> list[Leaf]:
        """The layers that make maps of their own."""
        return [
            leaf for leaf in self.leaves if leaf.node.layer is not None and leaf.node.layer.group in MAKERS
        ]

    @property
    def training(self) -> bool:
        return all(leaf.training for leaf in self.leaves)

    @property
    def tensor(self) -> Tensor:
        """The map that the unit makes: the last that others read, or else the last of all."""
        if self.gives:
            return max(self.gives, key=lambda tensor: (tensor.node.id, tensor.index))
        return max(self.nodes, key=lambda node: node.id).outputs[0]


def units_of(graph: Graph, root: Frame, loose: int = 0) -> list[Unit]:
    """The network as a list of units in the order of the text.

    Frames are opened from the root on. Repetitions stay closed, and so do blocks with branches, unless they give
    several tensors or, if `loose` is 1, work at several resolutions. If it is 2, only repetitions stay closed.
    """
    read, readers = _read_outside(graph, root)
    branched = _branched(root)
    found: list[Unit] = []
    stack: list[tuple[Leaf | Frame | Collapsed, str]] = [(root, "")]
    while stack:
        item, label = stack.pop()
        if isinstance(item, Collapsed):
            item = item.frame
        if isinstance(item, Frame) and (
            item is root or _opened(item, read[item], readers[item], loose, branched)
        ):
            only = len(_makers(item)) == 1
            stack.extend((inner, (item.label or label) if only else "") for inner in reversed(item.items))
        else:
            leaves = [item] if isinstance(item, Leaf) else list(leaves_of(item))
            if leaves:
                found.append(Unit(item, leaves, label))
    _connect(graph, found)
    return found


def _connect(graph: Graph, units: list[Unit]) -> None:
    """Find out what each unit reads of the others."""
    home = {node: unit for unit in units for node in unit.nodes}
    for unit in units:
        outside = (t for leaf in unit.leaves for t in leaf.inputs if home.get(t.node) is not unit)
        unit.reads = tuple(dict.fromkeys(outside))
    given = [tensor for unit in units for tensor in unit.reads]
    given.extend(tensor for output in graph.outputs for tensor in output.tensors)
    for tensor in dict.fromkeys(given):
        home[tensor.node].gives.append(tensor)


def _opened(frame: Frame, read: set[Tensor], readers: int, loose: int, branched: set[str]) -> bool:
    if frame.count > 1 or not _makers(frame):
        return False
    if loose > 1:
        return True
    if _is_chain(frame):
        return not (_is_block(frame) and frame.block in branched)
    if len(read) > 1 and readers > 1:
        return len({tensor.shape.spatial for tensor in read}) > 1 or not _is_block(frame)
    if len(read) < 2 and _is_block(frame) and not loose:
        return False
    return _resolutions(frame) >= _MANY_RESOLUTIONS


def _makes(leaf: Leaf) -> bool:
    return leaf.node.layer is not None and leaf.node.layer.group in MAKERS


def _makers(frame: Frame) -> list[Leaf]:
    """The layers of a frame that make maps, two at most."""
    return list(islice((leaf for leaf in leaves_of(frame) if _makes(leaf)), 2))


def _branched(root: Frame) -> set[str]:
    """Blocks that have branches somewhere: where they have none, as without the skip, they are still the same block."""
    found: set[str] = set()
    stack: list[Leaf | Frame | Collapsed] = [root]
    while stack:
        item = stack.pop()
        if isinstance(item, Collapsed):
            item = item.frame
        if isinstance(item, Frame):
            stack.extend(item.items)
            if item is not root and _is_block(item) and not _is_chain(item):
                found.add(item.block)
    return found


def _is_block(frame: Frame) -> bool:
    return bool(frame.scopes) and frame.scopes[0].module.kind is ModuleKind.BLOCK


def _is_chain(frame: Frame) -> bool:
    """Do the items of a frame follow one another, each reading what the one before makes and nothing else?"""
    home = {node: at for at, item in enumerate(frame.items) for leaf in _leaves(item) for node in leaf.nodes}
    for at, item in enumerate(frame.items):
        read = {home.get(t.node, -1) for leaf in _leaves(item) for t in leaf.inputs} - {at}
        if at and read - {at - 1}:
            return False
    return True


def _leaves(item: Leaf | Frame | Collapsed) -> list[Leaf]:
    if isinstance(item, Leaf):
        return [item]
    return list(leaves_of(item if isinstance(item, Frame) else item.frame))


def _resolutions(frame: Frame) -> int:
    """Resolutions of the maps in a frame."""
    shapes = (tensor.shape for leaf in leaves_of(frame) for tensor in leaf.node.outputs)
    return len({s.spatial for s in shapes if not s.tokens and any(side > 1 for side in s.spatial)})


def _read_outside(graph: Graph, root: Frame) -> tuple[dict[Frame, set[Tensor]], dict[Frame, int]]:
    """For each frame, which tensors of one copy are read outside it, and by how many layers and outputs."""
    inside: dict[Node, list[Frame]] = {}
    read: dict[Frame, set[Tensor]] = {}
    readers: dict[Frame, set[Leaf | Output]] = {}
    leaves: list[tuple[Leaf, list[Frame]]] = []
    stack: list[tuple[Leaf | Frame | Collapsed, list[Frame]]] = [(root, [])]
    while stack:
        item, path = stack.pop()
        if isinstance(item, Collapsed):
            item = item.frame
        if isinstance(item, Frame):
            read[item], readers[item] = set(), set()
            stack.extend((inner, [*path, item]) for inner in item.items)
        else:
            leaves.append((item, path))
            inside.update((node, path) for node in item.nodes)
    reads: list[tuple[Leaf | Output, tuple[Tensor, ...], list[Frame]]] = [
        *((leaf, leaf.inputs, path) for leaf, path in leaves),
        *((output, output.tensors, []) for output in graph.outputs),
    ]
    for reader, tensors, path in reads:
        around = set(path)
        for tensor in tensors:
            for frame in reversed(inside[tensor.node]):
                if frame in around:
                    break
                read[frame].add(tensor)
                readers[frame].add(reader)
    return read, {frame: len(found) for frame, found in readers.items()}


def is_minor(item: Leaf | Frame | Collapsed) -> bool:
    """Is this one layer that keeps the map as it is: normalisation, activation, dropout?"""
    return isinstance(item, Leaf) and item.node.layer is not None and item.node.layer.group in MINOR
