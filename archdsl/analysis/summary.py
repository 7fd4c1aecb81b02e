"""The summary of a network as plain data, the JSON object of `archdsl summary --format json`."""

from __future__ import annotations

from typing import Any

from archdsl.analysis.costs import Costs, NodeCost, count
from archdsl.graph.model import Graph, Node, Output
from archdsl.graph.sizes import parameters


def summarize(graph: Graph, version: str, costs: Costs | None = None) -> dict[str, Any]:
    """The network's shapes and figures, with a row for each layer at work, in the order of the text.

    Shapes are lists without the batch; an output that is a bundle is a list of shapes. `activations` are
    elements of what the layers give in evaluation. Keys that not every network or layer has:

    - `training_outputs` of the network, beside `outputs`: those that exist in training only
    - `uncounted` of the network: for `params` and `macs`, the names of the extern blocks that do not state them and
      count as 0; `uncounted` of a layer: which of the two it does not state
    - `outputs` of a layer that gives several tensors; its `output` is then the first
    - `label` of a layer that is no module, so that its path does not end with it
    - `shared`: true for later uses of weights that an earlier row counts
    - `training`: true for a layer that runs in training only
    - `idle`: true for a layer that is built with its weights and not run, since nothing needs its result
    """
    costs = count(graph) if costs is None else costs
    summary: dict[str, Any] = {
        "archdsl": version,
        "spec": graph.source_name,
        "model": graph.model,
        "inputs": {name: list(tensor.shape.dims) for name, tensor in graph.inputs.items()},
        "outputs": {o.name: _output(o) for o in graph.outputs if not o.training},
    }
    if any(o.training for o in graph.outputs):
        summary["training_outputs"] = {o.name: _output(o) for o in graph.outputs if o.training}
    summary |= {"params": costs.params, "macs": costs.macs, "activations": costs.activations}
    if costs.uncounted:
        summary["uncounted"] = {figure: list(names) for figure, names in costs.uncounted.items()}
    summary["layers"] = [_row(node, costs.of(node)) for node in graph.nodes if node.layer is not None]
    return summary


def _output(output: Output) -> list[Any]:
    shapes = [list(tensor.shape.dims) for tensor in output.tensors]
    return shapes if output.bundle or len(shapes) != 1 else shapes[0]


def _row(node: Node, cost: NodeCost) -> dict[str, Any]:
    outputs = [list(tensor.shape.dims) for tensor in node.outputs]
    line, column = node.span.source.position(node.span.start)
    row: dict[str, Any] = {
        "path": node.path,
        "layer": node.operation,
        "inputs": [list(tensor.shape.dims) for tensor in node.inputs],
        "output": outputs[0] if outputs else [],
    }
    if len(outputs) > 1:
        row["outputs"] = outputs
    row |= {"params": cost.params, "macs": cost.macs, "line": line, "column": column}
    if node.label is not None and node.module is None:
        row["label"] = node.label
    if node.module is not None and parameters(node.module) and not cost.params:
        row["shared"] = True
    if node.training:
        row["training"] = True
    if node.idle:
        row["idle"] = True
    if node.layer is not None and node.layer.uncounted:
        row["uncounted"] = list(node.layer.uncounted)
    return row
