"""Which tensors enter and leave each call of a block."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from archdsl.graph.model import Graph, Node, Scope, Tensor


@dataclass(slots=True)
class Boundary:
    """Tensors in the order in which they are first read; each stands once."""

    entering: list[Tensor] = field(default_factory=list)
    leaving: list[Tensor] = field(default_factory=list)


def boundaries(
    graph: Graph, reads: Callable[[Node], Iterable[Tensor]] = lambda node: node.inputs
) -> dict[Scope, Boundary]:
    """What crosses the border of each scope. Outputs leave the network's own scope; `reads` is what a node reads."""
    depth: dict[Scope, int] = {graph.scope: 0}
    order = [graph.scope]
    for scope in order:  # grows while it is walked
        for item in scope.items:
            if isinstance(item, Scope):
                depth[item] = depth[scope] + 1
                order.append(item)
    entering: dict[Scope, dict[Tensor, None]] = {scope: {} for scope in order}
    leaving: dict[Scope, dict[Tensor, None]] = {scope: {} for scope in order}

    def cross(tensor: Tensor, reader: Scope | None) -> None:
        """Note a tensor in all scopes between its maker and its reader (None: outside of the network)."""
        source: Scope | None = tensor.node.scope
        while source is not reader:
            if reader is None or (source is not None and depth[source] >= depth[reader]):
                assert source is not None
                leaving[source][tensor] = None
                source = source.parent
            else:
                if tensor in entering[reader]:
                    return  # and so in all around it
                entering[reader][tensor] = None
                reader = reader.parent

    for node in graph.nodes:
        for tensor in reads(node):
            cross(tensor, node.scope)
    for output in graph.outputs:
        for tensor in output.tensors:
            cross(tensor, None)
    return {scope: Boundary(list(entering[scope]), list(leaving[scope])) for scope in order}
