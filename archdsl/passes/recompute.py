"""What a concatenation is prepared with for a convolution is computed again in the backward pass."""

from __future__ import annotations

from archdsl.graph.model import Node, Tensor
from archdsl.graph.plan import Plan
from archdsl.layers.join import Concat
from archdsl.passes.append import joins_maps
from archdsl.passes.done import Done, place
from archdsl.passes.keeping import kept, saved
from archdsl.passes.operations import Append
from archdsl.passes.rewriting import Rewriting


def recompute(work: Rewriting, plan: Plan) -> list[Done]:
    """Store nothing between a running concatenation and the convolution behind norm and activation.

    Law: the gradient of a convolution needs what it takes, which follows from the members of the concatenation by cheap
    layers (Pleiss et al., 2017, "Memory-efficient implementation of DenseNets"). The convolution itself does not run
    again.

    It holds for layers of one block, called once, each of which is read by the next one alone.
    """
    before = kept(work.graph)
    changes: list[tuple[str, str, list[Node]]] = []
    for node in work:
        chain = _chain(work, node)
        if not chain:
            continue
        for layer in chain:
            layer.recomputed = True
        words = ", ".join(layer.operation for layer in chain)
        changes.append((place(node), f"{words} computed again in the backward pass", chain))
    return saved(before, work.graph, plan, changes)


def _chain(work: Rewriting, norm: Node) -> list[Node]:
    """What need not be stored up to a norm, and from it to a convolution; empty where there is no such thing."""
    assert norm.layer is not None
    if norm.layer.group != "normalisation" or not _is_step(work, norm):
        return []
    activation = _next(work, norm)
    if activation is None or activation.layer is None or not _is_step(work, activation):
        return []
    if activation.layer.group != "activation":
        return []
    conv = _next(work, activation)
    if conv is None or conv.layer is None or conv.layer.weight_axis != 0 or not _is_step(work, conv):
        return []
    joined = norm.inputs[0]
    if joins_maps(joined.node) and _next(work, joined.node) is norm and len(set(joined.node.inputs)) > 1:
        return [joined.node, norm, activation]
    return [norm, activation] if _grows(work, joined) else []


def _grows(work: Rewriting, tensor: Tensor) -> bool:
    """Whether a tensor is one of a running concatenation."""
    return isinstance(tensor.node.layer, (Append, Concat)) or any(
        isinstance(reader.layer, (Append, Concat)) and reader.inputs[0] is tensor
        for reader in work.readers(tensor)
    )


def _next(work: Rewriting, node: Node) -> Node | None:
    """The layer of the same block that alone reads what a layer gives."""
    if len(node.outputs) != 1 or work.is_measured(node.outputs[0]):
        return None
    reader = work.only_reader(node.outputs[0])
    return reader if reader is not None and reader.scope is node.scope else None


def _is_step(work: Rewriting, node: Node) -> bool:
    """A module of one tensor that is called once."""
    return node.module is not None and len(node.inputs) == len(node.outputs) == 1 and not work.is_shared(node)
