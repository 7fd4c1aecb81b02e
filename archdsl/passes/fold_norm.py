"""Batch norms are folded into the convolution or linear layer before them."""

from __future__ import annotations

from archdsl.graph.plan import Plan
from archdsl.layers.norm import BatchNorm
from archdsl.passes.done import Done, place
from archdsl.passes.rewriting import Rewriting
from archdsl.passes.taking import give_bias, givers


def fold_norm(work: Rewriting, plan: Plan) -> list[Done]:
    """Fold batch norms into the linear map before them.

    Law: with running mean m and variance v, γ((Wx + b) - m) / √(v + ε) + β is W'x + b' with W' = sW, b' = s(b - m) + β
    and s = γ / √(v + ε), for each channel that leaves. Between them may stand a map P of the positions that keeps
    constants: sP(Wx + b) + t = P(sWx + sb + t).

    It holds where the norm keeps running statistics and nothing else reads what is between them. Where they are called
    several times, it holds for each call: the norm is nowhere without the map, nor the map without the norm.
    """
    done: list[Done] = []
    for node in work:
        layer = node.layer
        if not isinstance(layer, BatchNorm) or not layer.track or node.module is None:
            continue
        norms = work.counterparts(node)
        maps = givers(work, norms)
        if maps is None:
            continue
        before = maps[0]
        assert before.layer is not None and before.module is not None
        give_bias(work, *maps)
        transposed = (True,) if before.layer.weight_axis == 1 else ()
        work.fold("fold_norm", before.module.origin, node.module.origin, layer.eps, *transposed)
        for norm in norms:
            saved = 2 * norm.outputs[0].shape.numel
            done.append(Done(place(norm), f"folded into {place(before)}", values=saved, calls=1))
            work.bypass(norm)
    return done
