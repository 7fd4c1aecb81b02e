"""Batch norms are folded into the linear maps that follow."""

from __future__ import annotations

from archdsl.graph.plan import Plan
from archdsl.layers.norm import BatchNorm
from archdsl.passes.done import Done, place
from archdsl.passes.rewriting import Rewriting
from archdsl.passes.taking import give_bias, takers


def fold_forward(work: Rewriting, plan: Plan) -> list[Done]:
    """Fold batch norms that follow no linear map into those that read them.

    Law: in evaluation the norm is sx + t with s = γ / √(v + ε) and t = β - ms, for each channel, and W(sx + t) + b is
    (Ws)x + (b + Wt); see archdsl.passes.taking.

    It holds where the norm keeps running statistics and is not shared, and all that reads it is a convolution without
    padding or a linear layer, perhaps behind a mean over positions.
    """
    done: list[Done] = []
    for node in work:
        layer = node.layer
        if not isinstance(layer, BatchNorm) or not layer.track or node.module is None or work.is_shared(node):
            continue
        readers = takers(work, node.outputs[0])
        if readers is None:
            continue
        names = []
        for reader in readers:
            assert reader.module is not None
            give_bias(work, reader)
            names.append(reader.module.origin)
        work.fold("fold_forward", node.module.origin, tuple(names), layer.eps)
        where = ", ".join(map(place, readers))
        saved = 2 * node.outputs[0].shape.numel
        done.append(Done(place(node), f"folded forward into {where}", values=saved, calls=1))
        work.bypass(node)
    return done
