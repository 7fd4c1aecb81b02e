"""What only training has is left out."""

from __future__ import annotations

from archdsl.graph.plan import Plan
from archdsl.passes.done import Done, place
from archdsl.passes.rewriting import Rewriting


def training_only(work: Rewriting, plan: Plan) -> list[Done]:
    """Leave out outputs that exist in training alone with what leads to them, and layers that do nothing in evaluation.

    Law: in evaluation dropout and drop-path give what they take, and a training-only output is absent.
    """
    done: list[Done] = []
    graph = work.graph
    gone = [output.name for output in graph.outputs if output.training]
    graph.outputs = [output for output in graph.outputs if not output.training]
    done += [Done(name, "output of training alone left out") for name in gone]
    for node in reversed(list(work)):
        if node.training and not any(map(work.readers, node.outputs)):
            work.remove(node)
            done.append(Done(place(node), f"{node.operation} left out: only training needs it"))
    for node in work:
        assert node.layer is not None
        if node.layer.is_training_only or node.layer.is_identity:
            done.append(Done(place(node), f"{node.operation} left out"))
            work.bypass(node)
    return done
