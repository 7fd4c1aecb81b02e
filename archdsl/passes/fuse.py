"""Convolutions take what follows them into their kernel: a sum, an activation."""

from __future__ import annotations

from archdsl.graph.model import Node, Tensor
from archdsl.graph.plan import Plan
from archdsl.layers.join import Add
from archdsl.passes.done import Done, place
from archdsl.passes.operations import FUSED_ACTIVATIONS, FusedConv, can_fuse
from archdsl.passes.rewriting import Rewriting


def fuse(work: Rewriting, plan: Plan) -> list[Done]:
    """Fuse a convolution with a sum of two that it goes into, and with the activation behind it.

    Law: none is needed, the same values are computed; only they are not written and read again in between.

    It holds for images, where nothing else reads what is in between, and for modules that are not shared. Behind a
    sum the activation is relu.
    """
    done: list[Done] = []
    for node in work:
        if isinstance(node.layer, Add):
            conv = _fused_sum(work, node)
            if conv is not None:
                done.append(
                    Done(place(conv), "takes the sum into its kernel", values=2 * conv.outputs[0].shape.numel)
                )
    work.settle()
    for node in work:
        if node.operation not in FUSED_ACTIVATIONS or (node.module is not None and work.is_shared(node)):
            continue
        before = node.inputs[0].node
        if work.only_reader(node.inputs[0]) is not node or not _is_fusible(work, before):
            continue
        layer = before.layer
        assert layer is not None
        if isinstance(layer, FusedConv):
            if layer.activation or (len(before.inputs) > 1 and node.operation != "relu"):
                continue  # of the kernels with a sum none ends with another activation
            layer = layer.conv
        name = node.operation
        work.set_layer(before, work.made(FusedConv, layer, name))
        done.append(
            Done(place(before), f"takes {name} into its kernel", values=2 * node.outputs[0].shape.numel)
        )
        work.bypass(node)
    return done


def _is_fusible(work: Rewriting, node: Node) -> bool:
    layer = node.layer
    if layer is None or node.module is None or work.is_shared(node):
        return False
    if isinstance(layer, FusedConv):
        return True
    xs, ys = tuple(t.shape for t in node.inputs), tuple(t.shape for t in node.outputs)
    return can_fuse(layer, xs, ys)


def _fused_sum(work: Rewriting, add: Node) -> Node | None:
    """The convolution that takes a sum of two tensors of one shape into its kernel."""
    if len(add.inputs) != 2 or add.inputs[0].shape.dims != add.inputs[1].shape.dims:
        return None
    first, second = add.inputs
    ways = sorted(((second, first), (first, second)), key=lambda way: way[0].node.scope is not add.scope)
    for mine, other in ways:
        conv = mine.node
        if work.only_reader(mine) is not add or not _is_fusible(work, conv):
            continue
        if isinstance(conv.layer, FusedConv) or not _can_take(work, conv, other, add):
            continue
        layer = conv.layer
        assert layer is not None
        work.set_inputs(conv, (*conv.inputs, other))
        work.set_layer(conv, work.made(FusedConv, layer))
        work.redirect(add.outputs[0], mine, but=())
        work.remove(add)
        return conv
    return None


def _can_take(work: Rewriting, conv: Node, other: Tensor, add: Node) -> bool:
    """Whether the other member of a sum is there when the convolution runs, or it can run as late as the sum."""
    if work.is_before(other.node, conv):
        return True
    if conv.scope is add.scope:
        work.move(conv, add)
        return True
    return False
