"""Layers that give what they take are left out."""

from __future__ import annotations

from archdsl.graph.model import Node, Tensor
from archdsl.graph.plan import Plan
from archdsl.passes.done import Done, gone
from archdsl.passes.reading import All
from archdsl.passes.rewriting import Rewriting


def identities(work: Rewriting, plan: Plan) -> list[Done]:
    """Leave out layers that give what they take.

    Law: a padding by nothing, a flattening of one axis, an enlargement by 1, a window of one value, a join of one
    tensor, `x * 1 + 0` give x; relu does behind relu, and behind what is never negative.

    It holds in all calls of a block or in none.
    """
    done: list[Done] = []
    all_of = All()
    for node in work:
        if all_of(_gives_what_arrives, work.in_all_calls(node)):
            for one in work.in_all_calls(node):
                done.append(gone(one, f"{one.operation} left out: it changes nothing"))
                work.bypass(one)
    return done


def _gives_what_arrives(node: Node) -> bool:
    layer = node.layer
    if layer is None or node.measures or len(node.outputs) != 1:
        return False
    if node.inputs[0].shape != node.outputs[0].shape:
        return False
    xs = tuple(t.shape for t in node.inputs)
    if layer.gives_what_arrives(xs):
        return True
    return layer.leaves_positive and _is_positive(node.inputs[0])


def _is_positive(tensor: Tensor) -> bool:
    """Whether no value of a tensor is below 0."""
    node = tensor.node
    while node.layer is not None and node.layer.keeps_positive and len(node.inputs) == 1:
        node = node.inputs[0].node
    return node.layer is not None and node.layer.makes_positive
