"""Where a rewrite did something, for those who read of it."""

from __future__ import annotations

from archdsl.graph.model import Node
from archdsl.graph.plan import Done

__all__ = ["Done", "place"]


def place(node: Node) -> str:
    """Where a layer works, for those who read the text."""
    module = node.module
    return (module.origin or module.path) if module is not None else node.scope.module.origin
