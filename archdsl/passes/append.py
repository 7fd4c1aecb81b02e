"""Running concatenations grow in one storage."""

from __future__ import annotations

from collections.abc import Iterator

from archdsl.graph.model import Node, Tensor
from archdsl.graph.plan import Plan
from archdsl.layers.axes import feature_axis
from archdsl.layers.join import Concat
from archdsl.passes.done import Done, place
from archdsl.passes.keeping import kept, saved
from archdsl.passes.operations import Append
from archdsl.passes.rewriting import Rewriting


def append(work: Rewriting, plan: Plan) -> list[Done]:
    """Let concatenations of a tensor with what is made of it, one behind the other, write into one storage.

    Law: the first channels of each are the one before it, so that one storage holds them all (Pleiss et al., 2017).

    It holds for tensors that the network does not give out, each of which grows by one concatenation alone. It saves
    what L concatenations store, which grows as L², but for the last.
    """
    before = kept(work.graph)
    changes: list[tuple[str, str, list[Node]]] = []
    seen: set[Node] = set()
    for node in work:
        if node in seen or not _may_grow(work, node):
            continue
        chain = list(_chain(work, node))
        seen.update(chain)
        if len(chain) < 2:
            continue
        channels = chain[-1].outputs[0].shape.channels
        for joined in chain:
            work.set_layer(joined, work.made(Append, channels))
        what = f"{len(chain)} concatenations in one storage of {channels} channels"
        changes.append((place(chain[0]), what, chain))
    return saved(before, work.graph, plan, changes)


def _chain(work: Rewriting, node: Node) -> Iterator[Node]:
    """A concatenation and those that put more behind it, one behind the other."""
    found: Node | None = node
    while found is not None:
        yield found
        found = _next(work, found.outputs[0])


def _next(work: Rewriting, tensor: Tensor) -> Node | None:
    """The first concatenation that puts something behind a tensor."""
    for reader in work.readers(tensor):
        if reader.inputs[0] is tensor and _may_grow(work, reader):
            return reader
    return None


def _may_grow(work: Rewriting, node: Node) -> bool:
    return (
        joins_maps(node)
        and len(node.inputs) == 2
        and node.inputs[0] is not node.inputs[1]
        and not work.is_output(node.outputs[0])
        and not work.is_output(node.inputs[0])
        and not work.is_shared(node)
    )


def joins_maps(node: Node) -> bool:
    """Whether a layer is a concatenation of maps along their channels."""
    layer, x = node.layer, node.outputs[0].shape
    maps = len(x.dims) > 1 and not x.tokens
    return isinstance(layer, Concat) and maps and feature_axis(layer, layer.axis, x) == 0
