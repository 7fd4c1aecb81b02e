"""Runs a graph node by node with the weights of a module, to hold the module's forward against."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from archdsl.graph.model import Graph
from tests.property.interpreter import run


def interpret(graph: Graph, net: nn.Module, inputs: list[Tensor]) -> dict[str, Any]:
    """The outputs by name; of a bundle a list."""
    values: dict[Any, Tensor] = dict(zip(graph.inputs.values(), inputs, strict=True))
    for node in graph.nodes:
        if node.layer is None or (node.training and not net.training):
            continue
        given = [values[tensor] for tensor in node.inputs]
        result = run(node, net, given)
        results = list(result) if isinstance(result, list | tuple) else [result]
        values.update(zip(node.outputs, results, strict=True))
    found: dict[str, Any] = {}
    for output in graph.outputs:
        if output.training and not net.training:
            continue
        tensors = [values[tensor] for tensor in output.tensors]
        found[output.name] = tensors if output.bundle else tensors[0]
    return found
