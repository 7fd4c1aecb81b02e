"""What depends on constants and parameters alone is worked out before."""

from __future__ import annotations

from archdsl.graph.model import Node
from archdsl.graph.plan import Plan
from archdsl.layers.scaling import LayerScale, Scale
from archdsl.layers.tokens import PositionEmbedding
from archdsl.passes.done import Done, gone, place
from archdsl.passes.rewriting import Rewriting


def constants(work: Rewriting, plan: Plan) -> list[Done]:
    """Make one of two constants or parameters that follow each other.

    Law: (ax + b)c + d is (ac)x + (bc + d); (x + p) + q is x + (p + q); (xp)q is x(pq), where q may be a factor.

    It holds where nothing else reads what is in between, and neither is shared. Where both give x again, neither stays.
    """
    done: list[Done] = []
    for node in work:
        before = node.inputs[0].node
        if work.only_reader(node.inputs[0]) is not node or node.inputs[0].shape != node.outputs[0].shape:
            continue
        if work.is_shared(node) or work.is_shared(before) or not _merge(work, before, node):
            continue
        done.append(gone(before, f"worked out into {place(node) or node.operation}"))
        work.bypass(before)
        if node.layer is not None and node.layer.gives_what_arrives((node.inputs[0].shape,)):
            done.append(gone(node, f"{node.operation} left out: together they change nothing"))
            work.bypass(node)
    return done


def _merge(work: Rewriting, before: Node, node: Node) -> bool:
    """Let the second of two layers do what both do, if it can."""
    one, two = before.layer, node.layer
    if isinstance(one, Scale) and isinstance(two, Scale):
        offset = one.offset * two.factor + two.offset
        work.set_layer(node, work.altered(two, factor=one.factor * two.factor, offset=offset))
    elif isinstance(one, Scale) and isinstance(two, LayerScale) and one.offset == 0:
        assert node.module is not None
        work.fold("fold_product", node.module.origin, float(one.factor))
    elif isinstance(one, LayerScale) and isinstance(two, LayerScale):
        assert before.module is not None and node.module is not None
        work.fold("fold_product", node.module.origin, before.module.origin)
    elif isinstance(one, PositionEmbedding) and isinstance(two, PositionEmbedding):
        assert before.module is not None and node.module is not None
        work.fold("fold_sum", node.module.origin, before.module.origin)
    else:
        return False
    return True
