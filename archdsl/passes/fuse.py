"""Linear maps take what follows them into their kernel: a sum, an activation."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from archdsl.graph.model import Node
from archdsl.graph.plan import Plan
from archdsl.layers.join import Add
from archdsl.passes.done import Done, place
from archdsl.passes.larger import Larger
from archdsl.passes.operations import Fused, fused_activation, fused_form, takes_activation, takes_sum
from archdsl.passes.reading import All, Rule
from archdsl.passes.rewriting import Rewriting


def fuse(work: Rewriting, plan: Plan) -> list[Done]:
    """Fuse convolutions with a sum of two that they go into, and with the activation behind it; linear layers with
    their activation. What is left of convolutions, linear layers and attention runs in the same kernels.

    Law: the same values are computed, in the same order; only they are not written and read again in between.

    It holds where nothing else reads what is in between, in each call of a module or a block that is called several
    times, and the members of the sum have one size, whatever that of the inputs. Behind a sum the activation is relu.
    """
    done: list[Done] = []
    all_of = All()
    larger = Larger(work.graph)
    for node in work:
        if isinstance(node.layer, Add):
            adds = work.in_all_calls(node)
            convs = _fused_sums(work, larger, adds, all_of)
            done += map(_done, convs, ["takes the sum into its kernel"] * len(convs), adds)
    work.settle()
    for node in work:
        maps = work.counterparts(node)
        if maps[0] is not node or not all(_can(work, one, takes_activation) for one in maps):
            continue
        readers = [work.only_reader(one.outputs[0]) for one in maps]
        ends = [reader for reader in readers if reader is not None and reader.layer is not None]
        names = {fused_activation(end.layer) for end in ends if end.layer is not None}
        if len(ends) < len(maps) or len(names) != 1 or not all(names) or not work.are_in_all_calls(ends):
            continue
        (name,) = names
        layer = node.layer
        if isinstance(layer, Fused):
            if layer.activation or (name != "relu" and any(len(one.inputs) > 1 for one in maps)):
                continue  # of the kernels with a sum none ends with another activation
            layer = layer.layer
        for one, end in zip(maps, ends, strict=True):
            work.set_layer(one, work.made(Fused, layer, name))
            done.append(_done(one, f"takes {name} into its kernel", end))
            work.bypass(end)
    for node in work:
        layer = node.layer
        assert layer is not None
        if not isinstance(layer, Fused) and work.told(fused_form, node, layer):
            work.set_layer(node, work.made(Fused, layer))
    return done


def _done(node: Node, what: str, gone: Node) -> Done:
    return Done(place(node), what, values=2 * gone.outputs[0].shape.numel, calls=1)


def _can(work: Rewriting, node: Node, rule: Rule[object]) -> bool:
    """Whether a layer can take something into its kernel."""
    if node.layer is None or node.module is None:
        return False
    inner = node.layer.layer if isinstance(node.layer, Fused) else node.layer
    return bool(work.told(rule, node, inner))


def _fused_sums(work: Rewriting, larger: Larger, adds: Sequence[Node], all_of: All) -> Sequence[Node]:
    """The convolution that takes a sum of two tensors of one shape into its kernel, in all calls; empty without one."""
    add = adds[0]
    if not all_of(lambda a: len(a.inputs) == 2 and larger.alike(*a.inputs), adds):
        return ()
    for at in sorted((1, 0), key=lambda at: add.inputs[at].node.scope is not add.scope):
        if not all_of(partial(_takes_sum, work, at), adds):
            continue
        convs = [a.inputs[at].node for a in adds]
        others = [a.inputs[1 - at] for a in adds]
        if not work.are_counterparts(convs) or isinstance(convs[0].layer, Fused):
            continue
        if not all(map(work.is_before, (other.node for other in others), convs)):
            if any(conv.scope is not a.scope for conv, a in zip(convs, adds, strict=True)):
                continue
            for conv, a in zip(convs, adds, strict=True):
                work.move(conv, a)
        layer = convs[0].layer
        assert layer is not None
        for conv, other, a in zip(convs, others, adds, strict=True):
            work.set_inputs(conv, (*conv.inputs, other))
            work.set_layer(conv, work.made(Fused, layer))
            work.redirect(a.outputs[0], conv.outputs[0])
            work.remove(a)
        return convs
    return ()


def _takes_sum(work: Rewriting, at: int, add: Node) -> bool:
    """Whether a member of a sum comes from a layer that can take the sum into its kernel."""
    conv = add.inputs[at].node
    return len(conv.outputs) == 1 and work.only_reader(conv.outputs[0]) is add and _can(work, conv, takes_sum)
