"""A graph is rewritten by the passes of a plan."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from archdsl.analysis.costs import count
from archdsl.graph.folds import Fold
from archdsl.graph.model import Graph
from archdsl.graph.plan import Plan, Rewritten, Told
from archdsl.graph.state import trained_keys
from archdsl.memory import growing
from archdsl.passes.costs import Judge
from archdsl.passes.rewriting import Rewriting
from archdsl.passes.table import PASSES, chosen

Sizes = dict[str, tuple[int, ...]]


def _rewritten(at: Callable[[Sizes], Graph | None], plan: Plan, inputs: Sizes) -> Graph | None:
    """The network for other inputs, rewritten too."""
    graph = at(inputs)
    if graph is not None:
        rewrite(graph, plan)
    return graph


def rewrite(graph: Graph, plan: Plan) -> list[Told]:
    """Rewrite a graph in place, and say what came of each pass of the purpose. What it computes in evaluation stays.

    Raises PlanError for a pass that there is not.
    """
    with growing():
        return _rewrite(graph, plan)


def _rewrite(graph: Graph, plan: Plan) -> list[Told]:
    reasons = chosen(plan)
    costs = count(graph)
    graph.trained = trained_keys(graph)
    work = Rewriting(graph)
    told: list[Told] = []
    for entry in PASSES:
        if entry.purpose != plan.purpose:
            continue
        if reasons[entry.name]:
            told.append(Told(entry.name, why=reasons[entry.name]))
            continue
        work.judge = Judge(entry.name, plan)
        done = tuple(entry.run(work, plan))
        told.append(Told(entry.name, done, tuple(work.judge.left)))
        work.settle()
    graph.plan = plan
    graph.rewritten = Rewritten(costs.params, costs.macs, tuple(one.name for one in told if one.done))
    if plan.purpose == "inference":  # in training the modules are those of the text
        work.finish()
        graph.folds[:0] = _without_affine(graph)
        graph.text = None
    if graph.at is not None:
        graph.at = partial(_rewritten, graph.at, plan)
    return told


def _without_affine(graph: Graph) -> list[Fold]:
    """What gives norms that learn nothing the weights that the other steps read."""
    keys, paths = set(graph.trained), dict.fromkeys(path for fold in graph.folds for path in fold.paths)
    return [
        Fold("without_affine", (path,))
        for path in paths
        if f"{path}.running_mean" in keys and f"{path}.weight" not in keys
    ]
