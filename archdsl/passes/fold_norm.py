"""Batch norms are folded into the convolution or linear layer before them."""

from __future__ import annotations

from archdsl.graph.model import Node
from archdsl.graph.plan import Plan
from archdsl.layers.norm import BatchNorm
from archdsl.passes.done import Done, place
from archdsl.passes.rewriting import Rewriting


def fold_norm(work: Rewriting, plan: Plan) -> list[Done]:
    """Fold batch norms into the linear map before them.

    Law: with running mean m and variance v, γ((Wx + b) - m) / √(v + ε) + β is W'x + b' with W' = sW, b' = s(b - m) + β
    and s = γ / √(v + ε), for each channel that leaves.

    It holds where the norm keeps running statistics and nothing else reads what the map gives. Where they are called
    several times, it holds for each call: the norm is nowhere without the map, nor the map without the norm.
    """
    done: list[Done] = []
    for node in work:
        layer = node.layer
        if not isinstance(layer, BatchNorm) or not layer.track or node.module is None:
            continue
        norms = work.counterparts(node)
        maps = [norm.inputs[0].node for norm in norms]
        if not all(map(_takes_norm, [work] * len(norms), maps, norms)) or not work.are_counterparts(maps):
            continue
        before = maps[0]
        assert before.layer is not None and before.module is not None
        if not getattr(before.layer, "bias", True):
            wider = work.altered(before.layer, bias=True)
            for one in maps:
                work.set_layer(one, wider)
        work.fold("fold_norm", before.module.origin, node.module.origin, layer.eps)
        for norm in norms:
            saved = 2 * norm.outputs[0].shape.numel
            done.append(Done(place(norm), f"folded into {place(before)}", values=saved, calls=1))
            work.bypass(norm)
    return done


def _takes_norm(work: Rewriting, before: Node, norm: Node) -> bool:
    layer = before.layer
    if layer is None or layer.weight_axis != 0 or before.module is None:
        return False
    if work.only_reader(norm.inputs[0]) is not norm:
        return False
    return before.outputs[0].shape.channel_axis == norm.inputs[0].shape.channel_axis
