"""Average pooling and interpolation change places with a 1×1 convolution, where that saves."""

from __future__ import annotations

from archdsl.graph.model import Module, Node
from archdsl.graph.plan import Plan
from archdsl.passes.costs import RIDGE, VALUE
from archdsl.passes.done import Done, place
from archdsl.passes.rewriting import Rewriting


def pool_first(work: Rewriting, plan: Plan) -> list[Done]:
    """Let a 1×1 convolution and a mean over windows next to it stand in the cheaper order.

    Law: a mean over windows is a linear map P of the positions, the same for each channel, and a 1×1 convolution W one
    of the channels: P(Wx) = W(Px). With a bias, P(Wx + b) = W(Px) + b where P keeps constants: where no window counts
    zeros of a padding. Interpolation is such a map too.

    It holds where the second of the two alone reads what the first gives, and neither is shared. A pool that makes
    fewer positions goes first, and one that keeps them behind a convolution that makes fewer channels.
    """
    done: list[Done] = []
    for second in work:
        first = second.inputs[0].node
        if not _commute(work, first, second):
            continue
        macs, values = _saving(first, second)
        before = _maps_positions(second)
        pool, conv = (second, first) if before else (first, second)
        what = f"{pool.operation} put {'before' if before else 'behind'} it"
        if macs + RIDGE * VALUE * values <= 0 or not work.pays(conv, what, macs=macs, values=values):
            continue
        (_put_before if before else _put_behind)(work, pool, conv)
        done.append(Done(place(conv), what, macs, values))
    return done


def _maps_positions(node: Node) -> bool:
    return node.layer is not None and node.layer.maps_positions


def _commute(work: Rewriting, first: Node, second: Node) -> bool:
    pool, conv = (first, second) if _maps_positions(first) else (second, first)
    if conv.layer is None or conv.layer.weight_axis != 0 or not _maps_positions(pool):
        return False
    assert pool.layer is not None
    if work.only_reader(first.outputs[0]) is not second or work.is_measured(first.outputs[0]):
        return False
    if pool.measures or work.is_shared(pool) or work.is_shared(conv):
        return False
    x, y = first.inputs[0].shape, second.outputs[0].shape
    if len(x.dims) != len(y.dims) or x.tokens or y.tokens:
        return False
    if not conv.layer.is_pointwise((conv.inputs[0].shape,)):
        return False
    return pool.layer.keeps_constants((pool.inputs[0].shape,)) or not getattr(conv.layer, "bias", True)


def _saving(first: Node, second: Node) -> tuple[int, int]:
    """Multiply-accumulates and values that the other order saves."""
    assert first.layer is not None and second.layer is not None
    x, y = first.inputs[0].shape, second.outputs[0].shape
    now, then = first.outputs[0].shape, second.layer.outputs((x,))[0]
    macs = first.macs + second.macs - second.layer.macs((x,), (then,)) - first.layer.macs((then,), (y,))
    return macs, 2 * (now.numel - then.numel)  # written once and read once


def _put_before(work: Rewriting, pool: Node, conv: Node) -> None:
    """x -> conv -> pool becomes x -> pool -> conv."""
    assert pool.layer is not None and conv.layer is not None
    shape = pool.outputs[0].shape
    work.redirect(pool.outputs[0], conv.outputs[0])
    work.remove(pool)
    moved = work.insert(pool.layer, conv.inputs, before=conv, module=_module(work, pool, conv, 0))
    work.set_inputs(conv, moved.outputs)
    work.set_shape(conv.outputs[0], shape)
    work.set_layer(conv, conv.layer)


def _put_behind(work: Rewriting, pool: Node, conv: Node) -> None:
    """x -> pool -> conv becomes x -> conv -> pool."""
    assert pool.layer is not None and conv.layer is not None
    work.set_inputs(conv, pool.inputs)
    work.set_shape(conv.outputs[0], conv.layer.outputs((pool.inputs[0].shape,))[0])
    work.set_layer(conv, conv.layer)
    work.remove(pool)
    moved = work.insert(pool.layer, conv.outputs, behind=conv, module=_module(work, pool, conv, 1))
    work.redirect(conv.outputs[0], moved.outputs[0], but=[moved])


def _module(work: Rewriting, pool: Node, conv: Node, behind: int) -> Module | None:
    """The module of a pool that moves to a convolution: its own, or one more where that is in another block."""
    module = pool.module
    if module is None:
        return None
    assert conv.module is not None and conv.module.parent is not None
    if module.parent is not conv.module.parent:
        return work.new_module(module.stem, conv, module.origin)
    children = conv.module.parent.children
    children.remove(module)
    children.insert(children.index(conv.module) + behind, module)
    return module
