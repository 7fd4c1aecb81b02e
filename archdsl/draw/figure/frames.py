"""What is to be known of a frame before it is opened, or not."""

from __future__ import annotations

from itertools import islice

from archdsl.draw.fold import Entry, Frame, Leaf
from archdsl.draw.signature import MINOR
from archdsl.draw.trim import leaves_of
from archdsl.graph.model import ModuleKind, Node, Output, Tensor

#: Groups of layers that give maps of their own, even where the shape stays.
MAKERS = frozenset(["convolution", "pooling", "attention", "extern"])


def makes(leaf: Leaf) -> bool:
    return leaf.node.layer is not None and leaf.node.layer.group in MAKERS


def makers(frame: Frame) -> list[Leaf]:
    """The layers of a frame that make maps, two at most."""
    return list(islice((leaf for leaf in leaves_of(frame) if makes(leaf)), 2))


def branched(root: Frame) -> set[str]:
    """Blocks that have branches somewhere: where they have none, as without the skip, they are still the same block."""
    found: set[str] = set()
    stack: list[Leaf | Frame] = [root]
    while stack:
        item = stack.pop()
        if isinstance(item, Frame):
            stack.extend(item.items)
            if item is not root and is_block(item) and not is_chain(item):
                found.add(item.block)
    return found


def is_block(frame: Frame) -> bool:
    return bool(frame.scopes) and frame.scopes[0].module.kind is ModuleKind.BLOCK


def is_chain(frame: Frame) -> bool:
    """Do the items of a frame follow one another, each reading what the one before makes and nothing else?"""
    home = {node: at for at, item in enumerate(frame.items) for leaf in _leaves(item) for node in leaf.nodes}
    for at, item in enumerate(frame.items):
        read = {home.get(t.node, -1) for leaf in _leaves(item) for t in leaf.inputs} - {at}
        if at and read - {at - 1}:
            return False
    return True


def _leaves(item: Leaf | Frame) -> list[Leaf]:
    if isinstance(item, Leaf):
        return [item]
    return list(leaves_of(item))


def resolutions(frame: Frame) -> int:
    """Resolutions of the maps in a frame."""
    shapes = (tensor.shape for leaf in leaves_of(frame) for tensor in leaf.node.outputs)
    return len({s.spatial for s in shapes if not s.tokens and any(side > 1 for side in s.spatial)})


def read_outside(outputs: list[Output], root: Frame) -> tuple[dict[Frame, set[Tensor]], dict[Frame, int]]:
    """For each frame, which tensors of one copy are read outside it, and by how many layers and outputs."""
    inside: dict[Node, list[Frame]] = {}
    read: dict[Frame, set[Tensor]] = {}
    readers: dict[Frame, set[Leaf | Output]] = {}
    leaves: list[tuple[Leaf, list[Frame]]] = []
    stack: list[tuple[Leaf | Frame, list[Frame]]] = [(root, [])]
    while stack:
        item, path = stack.pop()
        if isinstance(item, Frame):
            read[item], readers[item] = set(), set()
            stack.extend((inner, [*path, item]) for inner in item.items)
        else:
            leaves.append((item, path))
            inside.update((node, path) for node in item.nodes)
    reads: list[tuple[Leaf | Output, tuple[Tensor, ...], list[Frame]]] = [
        *((leaf, leaf.inputs, path) for leaf, path in leaves),
        *((output, output.tensors, []) for output in outputs),
    ]
    for reader, tensors, path in reads:
        around = set(path)
        for tensor in tensors:
            for frame in reversed(inside.get(tensor.node, [])):
                if frame in around:
                    break
                read[frame].add(tensor)
                readers[frame].add(reader)
    return read, {frame: len(found) for frame, found in readers.items()}


def is_minor(item: Leaf | Frame | Entry) -> bool:
    """Is this one layer that keeps the map as it is: normalisation, activation, dropout?"""
    return isinstance(item, Leaf) and item.node.layer is not None and item.node.layer.group in MINOR
