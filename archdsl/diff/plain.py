"""A difference as plain data: the JSON object of `archdsl diff --format json`."""

from __future__ import annotations

from typing import Any

from archdsl.analysis.costs import Costs
from archdsl.diff.compare import Difference, Part
from archdsl.diff.tree import name_of
from archdsl.diff.values import said
from archdsl.graph.model import Graph, Node, Output


def as_dict(difference: Difference, version: str) -> dict[str, Any]:
    """Both networks with their figures, the change of each, and all changes in the order of the texts.

    A change has `kind` (`added`, `removed`, `changed`, `rewired`, `shape`), `old` and `new` (null where there is
    none), and `arguments`: by name, the values before and after. A side is a layer, a block (`layers` counts what it
    holds) or an output; `params` and `macs` are of all of it.
    """
    old, new = difference.costs
    return {
        "archdsl": version,
        "old": _network(difference.old, old),
        "new": _network(difference.new, new),
        "params": new.params - old.params,
        "macs": new.macs - old.macs,
        "activations": new.activations - old.activations,
        "equal": not difference.changes,
        "changes": [
            {
                "kind": change.kind,
                "old": _part(change.old),
                "new": _part(change.new),
                "arguments": {
                    name: [_value(before), _value(after)]
                    for name, (before, after) in change.arguments.items()
                },
            }
            for change in difference.changes
        ],
    }


def _network(graph: Graph, costs: Costs) -> dict[str, Any]:
    return {
        "spec": graph.source_name,
        "model": graph.model,
        "params": costs.params,
        "macs": costs.macs,
        "activations": costs.activations,
    }


def _part(part: Part | None) -> dict[str, Any] | None:
    if part is None:
        return None
    item = part.item
    line, column = item.span.source.position(item.span.start)
    place = {"file": item.span.source.name, "line": line, "column": column}
    if isinstance(item, Output):
        shapes = [list(tensor.shape.dims) for tensor in item.tensors]
        return {"output": item.name, "shape": shapes if item.bundle else shapes[0], **place}
    costs = {"params": part.params, "macs": part.macs}
    if isinstance(item, Node):
        shapes = [list(tensor.shape.dims) for tensor in item.outputs]
        return {"path": item.path or item.input, "layer": item.operation, "outputs": shapes, **costs, **place}
    return {"path": item.module.path, "block": name_of(item), "layers": part.layers, **costs, **place}


def _value(value: Any) -> Any:
    """What JSON has, else the text."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return str(value) if isinstance(value, str) else value
    if isinstance(value, (list, tuple)):
        return [_value(one) for one in value]
    return said(value)
