"""Two linear maps that follow each other become one, where that is cheaper."""

from __future__ import annotations

from archdsl.graph.model import Node
from archdsl.graph.plan import Plan
from archdsl.layers import Layer
from archdsl.layers.conv import Conv
from archdsl.layers.linear import Linear
from archdsl.passes.costs import RIDGE, VALUE
from archdsl.passes.done import Done, place
from archdsl.passes.rewriting import Rewriting


def merge_linear(work: Rewriting, plan: Plan) -> list[Done]:
    """Merge a linear map with the one behind it.

    Law: V(Wx + b) + c is (VW)x + (Vb + c). Of two convolutions, one works at each position by itself (1×1, stride 1, no
    padding), and the other's window stays. A padding of the second puts zeros where V takes Wx + b: then b is 0.

    It holds where the second alone reads what the first gives, neither has groups, and neither is shared. It is done
    where what is written no more is worth the multiply-accumulates that come in addition, if any do.
    """
    done: list[Done] = []
    for second in work:
        first = second.inputs[0].node
        if not _can_merge(work, first, second):
            continue
        assert first.layer is not None and first.module is not None
        assert second.layer is not None and second.module is not None
        x, y = first.inputs[0].shape, second.outputs[0].shape
        keeps_first = second.layer.is_pointwise((second.inputs[0].shape,))
        kept, other = (first, second) if keeps_first else (second, first)
        layer = _merged(work, first.layer, second.layer, keeps_first)
        macs = first.macs + second.macs - layer.macs((x,), (y,))
        values = 2 * first.outputs[0].shape.numel
        what = f"merged with {place(other)}"
        if macs + RIDGE * VALUE * values <= 0 or not work.pays(kept, what, macs=macs, values=values, calls=1):
            continue
        assert kept.module is not None
        work.fold("merge_linear", first.module.origin, second.module.origin, kept.module.origin)
        if keeps_first:
            work.set_shape(first.outputs[0], y)
            work.set_layer(first, layer)
            work.redirect(second.outputs[0], first.outputs[0])
            work.remove(second)
        else:
            work.set_inputs(second, first.inputs)
            work.set_layer(second, layer)
            work.remove(first)
        done.append(Done(place(kept), what, macs=macs, values=values, calls=1))
    return done


def _can_merge(work: Rewriting, first: Node, second: Node) -> bool:
    one, two = first.layer, second.layer
    if one is None or two is None or type(one) is not type(two) or not isinstance(one, (Conv, Linear)):
        return False
    if work.only_reader(first.outputs[0]) is not second or work.is_measured(first.outputs[0]):
        return False
    if work.is_shared(first) or work.is_shared(second):
        return False
    if isinstance(one, Conv) and isinstance(two, Conv) and (one.groups, two.groups) != (1, 1):
        return False
    x, mid = (first.inputs[0].shape,), (second.inputs[0].shape,)
    if two.is_pointwise(mid):
        return True
    return one.is_pointwise(x) and (two.keeps_constants(mid) or not getattr(one, "bias", True))


def _merged(work: Rewriting, first: Layer, second: Layer, keeps_first: bool) -> Layer:
    bias = bool(getattr(first, "bias", True) or getattr(second, "bias", True))
    if not keeps_first:
        return work.altered(second, bias=bias)
    name = "channels" if isinstance(second, Conv) else "features"
    return work.altered(first, bias=bias, **{name: getattr(second, name)})
