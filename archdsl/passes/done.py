"""Where a rewrite did something, for those who read of it."""

from __future__ import annotations

from archdsl.graph.model import Node
from archdsl.graph.plan import Done

__all__ = ["Done", "gone", "place"]


def gone(node: Node, what: str) -> Done:
    """That a layer is left out, and what that saves."""
    layer = node.layer
    assert layer is not None
    if layer.is_view or layer.is_training_only:
        return Done(place(node), what)
    values = layer.moved(tuple(t.shape for t in node.inputs), tuple(t.shape for t in node.outputs))
    return Done(place(node), what, macs=node.macs, values=values, calls=1)


def place(node: Node) -> str:
    """Where a layer works, for those who read the text."""
    module = node.module
    return (module.origin or module.path) if module is not None else node.scope.module.origin
