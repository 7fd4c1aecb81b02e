"""Activations stand behind a pool that keeps the largest values, not before it."""

from __future__ import annotations

from archdsl.graph.model import Node
from archdsl.graph.plan import Plan
from archdsl.layers.join import Add
from archdsl.passes.done import Done, place
from archdsl.passes.rewriting import Rewriting


def maxpool_first(work: Rewriting, plan: Plan) -> list[Done]:
    """Let an activation follow a max-pool instead of preceding it.

    Law: a function f that never falls commutes with a maximum, max f(x) = f(max x), and f works on fewer values then.

    It holds where the pool alone reads what the activation gives, no window lies in padding alone, as one with a
    dilation may, and neither is shared. The activation stays where it is if a convolution, a linear layer or a sum
    comes before it, whose kernel may end with it.
    """
    done: list[Done] = []
    for pool in work:
        first = pool.inputs[0].node
        if not _commutes(work, first, pool):
            continue
        saved = 2 * (pool.inputs[0].shape.numel - pool.outputs[0].shape.numel)
        if not work.pays(first, f"put behind {pool.operation}", pointwise=saved):
            continue
        _swap(work, first, pool)
        done.append(Done(place(first), f"put behind {pool.operation}", values=saved))
    return done


def _commutes(work: Rewriting, first: Node, pool: Node) -> bool:
    if pool.layer is None or not pool.layer.takes_largest or first.layer is None:
        return False
    if not first.layer.never_falls or work.only_reader(first.outputs[0]) is not pool:
        return False
    before = first.inputs[0].node
    if before.layer is None or before.layer.weight_axis is not None or isinstance(before.layer, Add):
        return False
    if first.scope is not pool.scope or work.is_shared(first) or work.is_shared(pool):
        return False
    if first.measures or pool.measures or work.is_measured(first.outputs[0]):
        return False
    fits = len(first.inputs[0].shape.dims) == len(pool.outputs[0].shape.dims)
    return fits and pool.outputs[0].shape.numel < pool.inputs[0].shape.numel


def _swap(work: Rewriting, first: Node, pool: Node) -> None:
    """x -> first -> pool becomes x -> pool -> first."""
    shape = pool.outputs[0].shape
    work.redirect(pool.outputs[0], first.outputs[0])
    work.set_inputs(pool, first.inputs)
    work.set_inputs(first, pool.outputs)
    work.set_shape(first.outputs[0], shape)
    work.move(pool, first)
    if first.module is not None and pool.module is not None and first.module.parent is pool.module.parent:
        assert pool.module.parent is not None
        children = pool.module.parent.children
        children.remove(pool.module)
        children.insert(children.index(first.module), pool.module)
