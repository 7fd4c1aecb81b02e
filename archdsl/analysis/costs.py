"""What a network costs: as a whole, node by node, and level by level."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from archdsl.graph.boundary import boundaries
from archdsl.graph.model import Graph, Module, Node
from archdsl.graph.sizes import first_uses
from archdsl.records import record

#: Bytes of one element in single precision, for sizes in memory.
BYTES = 4


@record
class NodeCost:
    """One layer at work. `params` of a shared layer stand at its first use; `activations` are elements.

    An idle node (see Node) has its weights, and neither MACs nor activations.
    """

    params: int
    macs: int
    activations: int


@record
class Costs:
    """The network, for one sample.

    - `params`: trained weights, each once, those of training-only branches included
    - `macs`: multiply-accumulates in evaluation; a shared layer counts each time it runs
    - `activations`: elements of what all layers give in evaluation, inputs apart: joins and shape operations
      count like any other layer. In single precision that is `BYTES` times as many bytes.
    - `uncounted`: for `params` and `macs`, the layers that do not state them and count as 0, each name once
    """

    params: int
    macs: int
    activations: int
    uncounted: dict[str, tuple[str, ...]]
    _trained: dict[Node, int]

    def of(self, node: Node) -> NodeCost:
        """One node by itself, also where only training needs it."""
        return NodeCost(self._trained.get(node, 0), 0 if node.idle else node.macs, _activations(node))


def _activations(node: Node) -> int:
    if node.idle or node.layer is None:
        return 0
    return sum(t.shape.numel for t in node.outputs)


@record
class Row:
    """One module with all that is inside it: a row of the table by blocks.

    `depth` is 0 for the network. Layers that are no modules count for the level that they stand in, and a
    shared module counts all its calls where it is declared. `output` is the shape that leaves its first call,
    None if several tensors do.
    """

    module: Module
    depth: int
    layers: int
    params: int
    macs: int
    activations: int
    output: tuple[int, ...] | None


def count(graph: Graph) -> Costs:
    """The costs of a network."""
    trained = first_uses(graph)
    evaluated = [node for node in graph.nodes if not node.training]
    return Costs(
        params=sum(trained.values()),
        macs=sum(node.macs for node in evaluated if not node.idle),
        activations=sum(map(_activations, evaluated)),
        uncounted=_uncounted(graph),
        _trained=trained,
    )


def _uncounted(graph: Graph) -> dict[str, tuple[str, ...]]:
    """Names of the layers that each figure leaves out; only figures that leave some out."""
    found: dict[str, dict[str, None]] = {}
    for node in graph.nodes:
        for figure in node.layer.uncounted if node.layer is not None else ():
            if figure == "params" or not (node.training or node.idle):
                found.setdefault(figure, {})[node.operation] = None
    return {figure: tuple(names) for figure, names in sorted(found.items(), reverse=True)}


def by_module(graph: Graph, costs: Costs | None = None) -> Iterator[Row]:
    """A row for each module that runs, an outer one before those inside it, in the order of the text.

    As in `Costs`, `macs` and `activations` are those of evaluation; `layers` counts nodes of either mode.
    """
    costs = count(graph) if costs is None else costs
    order = [(graph.root, 0)]
    stack = [(child, 1) for child in reversed(graph.root.children)]
    while stack:
        module, depth = stack.pop()
        order.append((module, depth))
        stack.extend((child, depth + 1) for child in reversed(module.children))

    layers: Counter[Module] = Counter()
    params: Counter[Module] = Counter()
    macs: Counter[Module] = Counter()
    activations: Counter[Module] = Counter()
    for node in graph.nodes:
        if node.layer is None:
            continue
        module, cost = node.module or node.scope.module, costs.of(node)
        layers[module] += 1
        params[module] += cost.params
        if not node.training:
            macs[module] += cost.macs
            activations[module] += cost.activations
    for module, _ in reversed(order):
        if module.parent is not None:
            for counter in (layers, params, macs, activations):
                counter[module.parent] += counter[module]

    leaving = _leaving(graph)
    for module, depth in order:
        if layers[module] or module is graph.root:
            yield Row(
                module,
                depth,
                layers[module],
                params[module],
                macs[module],
                activations[module],
                leaving.get(module),
            )


def _leaving(graph: Graph) -> dict[Module, tuple[int, ...]]:
    """The shape that leaves each module in its first call, where it is one tensor."""
    found: dict[Module, tuple[int, ...] | None] = {}
    for scope, boundary in boundaries(graph).items():
        only = boundary.leaving[0] if len(boundary.leaving) == 1 else None
        found.setdefault(scope.module, only.shape.dims if only is not None else None)
    for node in graph.nodes:
        if node.module is not None:
            found.setdefault(node.module, node.outputs[0].shape.dims if len(node.outputs) == 1 else None)
    return {module: dims for module, dims in found.items() if dims is not None}
