"""Warnings about networks that are legal and hardly meant."""

from __future__ import annotations

from archdsl.diagnostics.core import Diagnostic, Label
from archdsl.graph.model import Graph, Node


def advise(graph: Graph) -> list[Diagnostic]:
    """W003 where a batch norm takes away the bias of the layer before it. Who writes `bias=true` means it."""
    readers: dict[Node, int] = {}
    for node in graph.nodes:
        for tensor in node.inputs:
            readers[tensor.node] = readers.get(tensor.node, 0) + 1
    for output in graph.outputs:
        for tensor in output.tensors:
            readers[tensor.node] = readers.get(tensor.node, 0) + 1
    found: list[Diagnostic] = []
    for node in graph.nodes:
        if node.operation != "bn" or not node.inputs:
            continue
        before = node.inputs[0].node
        if before.layer is None or before.module is None or readers[before] != 1:
            continue
        weights = before.module.weights
        if "bias" in weights and len(weights["weight"]) > 1 and "bias" not in before.layer.given:
            found.append(
                Diagnostic(
                    "W003",
                    f"the bias of `{before.operation}` has no effect before a batch norm",
                    before.span,
                    labels=(Label(node.span, "it subtracts the mean"),),
                    help="`bias=false` leaves it out, `default conv(bias=false)` in a whole file; "
                    "`bias=true` says that it is meant",
                )
            )
    return found
