"""Linear maps take what follows them into their kernel: a sum, an activation."""

from __future__ import annotations

from collections.abc import Callable

from archdsl.graph.model import Node, Tensor
from archdsl.graph.plan import Plan
from archdsl.layers import Layer, Shape
from archdsl.layers.join import Add
from archdsl.passes.done import Done, place
from archdsl.passes.operations import Fused, fused_activation, fused_form, takes_activation, takes_sum
from archdsl.passes.rewriting import Rewriting

Rule = Callable[[Layer, tuple[Shape, ...], tuple[Shape, ...]], object]


def fuse(work: Rewriting, plan: Plan) -> list[Done]:
    """Fuse convolutions with a sum of two that they go into, and with the activation behind it; linear layers with
    their activation. What is left of convolutions, linear layers and attention runs in the same kernels.

    Law: the same values are computed, in the same order; only they are not written and read again in between.

    It holds where nothing else reads what is in between, and for modules that are not shared. Behind a
    sum the activation is relu.
    """
    done: list[Done] = []
    for node in work:
        if isinstance(node.layer, Add):
            conv = _fused_sum(work, node)
            if conv is not None:
                done.append(_done(conv, "takes the sum into its kernel", node))
    work.settle()
    for node in work:
        assert node.layer is not None
        name = fused_activation(node.layer)
        before = node.inputs[0].node
        if not name or work.only_reader(node.inputs[0]) is not node or work.is_shared(node):
            continue
        if not _can(work, before, takes_activation):
            continue
        layer = before.layer
        if isinstance(layer, Fused):
            if layer.activation or (len(before.inputs) > 1 and name != "relu"):
                continue  # of the kernels with a sum none ends with another activation
            layer = layer.layer
        work.set_layer(before, work.made(Fused, layer, name))
        done.append(_done(before, f"takes {name} into its kernel", node))
        work.bypass(node)
    for node in work:
        layer = node.layer
        assert layer is not None
        xs, ys = tuple(t.shape for t in node.inputs), tuple(t.shape for t in node.outputs)
        if not isinstance(layer, Fused) and fused_form(layer, xs, ys):
            work.set_layer(node, work.made(Fused, layer))
    return done


def _done(node: Node, what: str, gone: Node) -> Done:
    return Done(place(node), what, values=2 * gone.outputs[0].shape.numel, calls=1)


def _can(work: Rewriting, node: Node, rule: Rule) -> bool:
    """Whether a layer can take something into its kernel."""
    layer = node.layer
    if layer is None or node.module is None or work.is_shared(node):
        return False
    layer = layer.layer if isinstance(layer, Fused) else layer
    return bool(rule(layer, tuple(t.shape for t in node.inputs), tuple(t.shape for t in node.outputs)))


def _fused_sum(work: Rewriting, add: Node) -> Node | None:
    """The convolution that takes a sum of two tensors of one shape into its kernel."""
    if len(add.inputs) != 2 or add.inputs[0].shape.dims != add.inputs[1].shape.dims:
        return None
    first, second = add.inputs
    ways = sorted(((second, first), (first, second)), key=lambda way: way[0].node.scope is not add.scope)
    for mine, other in ways:
        conv = mine.node
        if work.only_reader(mine) is not add or not _can(work, conv, takes_sum):
            continue
        layer = conv.layer
        if isinstance(layer, Fused) or not _comes_before(work, conv, other, add):
            continue
        work.set_inputs(conv, (*conv.inputs, other))
        work.set_layer(conv, work.made(Fused, layer))
        work.redirect(add.outputs[0], mine)
        work.remove(add)
        return conv
    return None


def _comes_before(work: Rewriting, conv: Node, other: Tensor, add: Node) -> bool:
    """Whether the other member of a sum is there when the convolution runs, or it can run as late as the sum."""
    if work.is_before(other.node, conv):
        return True
    if conv.scope is add.scope:
        work.move(conv, add)
        return True
    return False
