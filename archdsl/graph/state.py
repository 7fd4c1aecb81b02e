"""What `state_dict()` of the generated module holds, known without a module."""

from __future__ import annotations

from collections.abc import Iterator

from archdsl.graph.model import Graph, Module
from archdsl.layers import Extern
from archdsl.records import record


@record
class StateKey:
    """A key of `state_dict()`: the tensor's shape, and the layer that holds it."""

    key: str
    shape: tuple[int, ...]
    module: Module

    @property
    def place(self) -> tuple[str, int, int]:
        """Where the layer stands in the text: file, line and column, counted from 1."""
        span = self.module.span
        return (span.source.name, *span.source.position(span.start))


def holders(graph: Graph) -> Iterator[Module]:
    """The layers that are modules, each once, as they are used first."""
    seen: set[Module] = set()
    for node in graph.nodes:
        if node.module is not None and node.module not in seen:
            seen.add(node.module)
            yield node.module


def only_in_training(graph: Graph) -> set[Module]:
    """The layers that lead to outputs of training alone, as an auxiliary classifier's: evaluation needs no weight of
    theirs."""
    needed = {node.module for node in graph.nodes if not node.training}
    return {module for module in holders(graph) if module not in needed}


def state_keys(graph: Graph) -> list[StateKey]:
    """Weights and buffers of the layers that declare them, in the order in which they are used first.

    What the classes of `extern` blocks hold is not among them: only they know.
    """
    return [
        StateKey(f"{module.path}.{name}" if name else module.path, shape, module)
        for module in holders(graph)
        for name, shape in (module.weights | module.buffers).items()
    ]


def trained_keys(graph: Graph) -> tuple[str, ...]:
    """The keys of `state_dict()`; of an extern block its path stands for all that it holds."""
    return tuple(
        key
        for module in holders(graph)
        for key in (
            [module.path]
            if isinstance(module.layer, Extern)
            else [
                f"{module.path}.{name}" if name else module.path for name in module.weights | module.buffers
            ]
        )
    )
