"""Learned and constant factors are folded into linear maps beside them."""

from __future__ import annotations

from archdsl.graph.model import Node
from archdsl.graph.plan import Plan
from archdsl.layers.scaling import Affine, LayerScale, Scale
from archdsl.passes.done import Done, place
from archdsl.passes.rewriting import Rewriting
from archdsl.passes.taking import give_bias, givers


def fold_scale(work: Rewriting, plan: Plan) -> list[Done]:
    """Fold `affine`, `layerscale` and `scale` into the linear map before them, and constant factors into those behind.

    Law: for each channel, s(Wx + b) + t is W'x + b' with W' = sW and b' = sb + t; see archdsl.passes.taking for what
    may stand between. And W(sx) + b is (sW)x + b for a number s, whatever the padding.

    The first holds where nothing else reads what is between them, in all calls alike; the second where all that reads
    what is scaled is a linear map that is not shared, and nothing is added to it.
    """
    done: list[Done] = []
    for node in work:
        if isinstance(node.layer, (Affine, LayerScale, Scale)):
            done += _behind(work, node) or _before(work, node)
    return done


def _behind(work: Rewriting, node: Node) -> list[Done]:
    """Into the map before it."""
    layer = node.layer
    nodes = work.counterparts(node)
    maps = givers(work, nodes)
    if maps is None or maps[0].layer is None:
        return []
    first = maps[0]
    assert first.layer is not None and first.module is not None
    path = first.module.origin
    transposed = (True,) if first.layer.weight_axis == 1 else ()
    if isinstance(layer, Scale):
        if len({repr(one.layer) for one in nodes}) > 1 or (
            layer.offset and not getattr(first.layer, "bias", True)
        ):
            return []
        work.fold("fold_factor", path, layer.factor, *((layer.offset,) if layer.offset else ()))
    else:
        assert node.module is not None
        give_bias(work, *maps)
        function = "fold_affine" if isinstance(layer, Affine) else "fold_layerscale"
        work.fold(function, path, node.module.origin, *transposed)
    done = []
    for one in nodes:
        saved = 2 * one.outputs[0].shape.numel
        done.append(Done(place(one), f"{one.operation} folded into {place(first)}", values=saved, calls=1))
        work.bypass(one)
    return done


def _before(work: Rewriting, node: Node) -> list[Done]:
    """A constant factor into the maps behind it."""
    layer, tensor = node.layer, node.outputs[0]
    readers = work.readers(tensor)
    if (
        not isinstance(layer, Scale)
        or layer.offset
        or work.is_output(tensor)
        or len(work.counterparts(node)) > 1
    ):
        return []
    for reader in readers:
        if reader.layer is None or reader.layer.weight_axis is None or reader.module is None:
            return []
        if work.is_shared(reader) or len(reader.inputs) > 1:
            return []
    for reader in readers:
        assert reader.module is not None
        work.fold("fold_input_factor", reader.module.origin, layer.factor)
    where = ", ".join(map(place, readers))
    work.bypass(node)
    return [Done(place(node), f"scale folded into {where}", values=2 * tensor.shape.numel, calls=1)]
