"""Warnings about networks that are legal and hardly meant."""

from __future__ import annotations

from collections.abc import Sequence

from archdsl.diagnostics.core import Diagnostic, Label
from archdsl.graph.model import Graph, Node
from archdsl.source import Span


def advise(graph: Graph) -> list[Diagnostic]:
    """W003 where a batch norm takes away the bias of the layer before it. Who writes `bias=true` means it.

    What is judged is a place of the text, and a shared module: each layer that it makes must be followed by a batch
    norm and nothing else, or the bias has an effect somewhere.
    """
    readers: dict[Node, list[Node | None]] = {}
    for node in graph.nodes:
        for tensor in node.inputs:
            readers.setdefault(tensor.node, []).append(node)
    for output in graph.outputs:
        for tensor in output.tensors:
            readers.setdefault(tensor.node, []).append(None)
    places: dict[Span, list[Node]] = {}
    for node in graph.nodes:
        if node.module is not None and "bias" in node.module.weights:
            places.setdefault(node.module.span if node.module.shared else node.span, []).append(node)
    found: list[Diagnostic] = []
    for nodes in places.values():
        norms = [_norm(node, readers.get(node, ())) for node in nodes]
        first, norm = nodes[0], norms[0]
        if norm is not None and None not in norms:
            found.append(
                Diagnostic(
                    "W003",
                    f"the bias of `{first.operation}` has no effect before a batch norm",
                    first.span,
                    labels=(Label(norm.span, "it subtracts the mean"),),
                    help="`bias=false` leaves it out, `default conv(bias=false)` in a whole file; "
                    "`bias=true` says that it is meant",
                )
            )
    return found


def _norm(node: Node, readers: Sequence[Node | None]) -> Node | None:
    """The batch norm that alone takes what a layer gives, if the bias is not stated."""
    assert node.layer is not None and node.module is not None
    reader = readers[0] if len(readers) == 1 else None
    if reader is None or reader.operation != "bn" or "bias" in node.layer.given:
        return None
    return reader if len(node.module.weights["weight"]) > 1 else None
