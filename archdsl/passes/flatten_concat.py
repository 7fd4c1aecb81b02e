"""Concatenations of concatenations become one."""

from __future__ import annotations

from archdsl.graph.model import Node, Tensor
from archdsl.graph.plan import Plan
from archdsl.layers.axes import feature_axis
from archdsl.layers.join import Concat
from archdsl.passes.done import Done, place
from archdsl.passes.rewriting import Rewriting


def flatten_concat(work: Rewriting, plan: Plan) -> list[Done]:
    """Put the members of a concatenation that is a member of another one into that one.

    Law: concatenation along one axis is associative.

    It holds where both stand in the same call and nothing else reads the inner one, in all calls of a block.
    """
    done: list[Done] = []
    for node in work:
        outers = work.in_all_calls(node)
        if not all(isinstance(outer.layer, Concat) for outer in outers):
            continue
        for at in reversed(range(len(node.inputs))):
            if not all(_is_part(work, outer, at) for outer in outers):
                continue
            for outer in outers:
                inner = outer.inputs[at].node
                tensors: tuple[Tensor, ...] = (*outer.inputs[:at], *inner.inputs, *outer.inputs[at + 1 :])
                work.set_inputs(outer, tensors)
                saved = 2 * inner.outputs[0].shape.numel
                done.append(Done(place(outer), "takes the members of another one", values=saved, calls=1))
                work.remove(inner)
    return done


def _is_part(work: Rewriting, outer: Node, at: int) -> bool:
    """Whether a member of a concatenation is another one, for it alone."""
    if at >= len(outer.inputs):
        return False
    inner = outer.inputs[at].node
    if work.only_reader(outer.inputs[at]) is not outer or inner.scope is not outer.scope:
        return False
    if inner.idle or work.is_measured(outer.inputs[at]):
        return False
    axes = {_axis(one) for one in (inner, outer)}
    return len(axes) == 1 and None not in axes


def _axis(node: Node) -> int | None:
    layer = node.layer
    return feature_axis(layer, layer.axis, node.outputs[0].shape) if isinstance(layer, Concat) else None
