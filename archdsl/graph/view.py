"""The graph for programs: a NetworkX multigraph with plain attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archdsl.graph.model import Graph, Node, Scope
from archdsl.graph.sizes import first_uses
from archdsl.memory import growing
from archdsl.records import record
from archdsl.source import Span

if TYPE_CHECKING:
    import networkx


@record
class Level:
    """One call of a block, labelled group or repetition. A shared one stands at each of its calls."""

    name: str  # the module's own name; "" for the network
    path: str  # dotted, from the network down
    kind: str  # network, block, group or repeat
    block: str | None  # the name of the block or network in the text
    span: Span  # the call
    nodes: tuple[int, ...]  # directly inside
    levels: tuple[Level, ...]  # directly inside, in the order of the text


def to_networkx(graph: Graph) -> networkx.MultiDiGraph[int]:
    """A NetworkX multigraph: a node for each layer at work and each input, an edge for each tensor read.

    Nodes are numbered from 0 in the order of the text, which is a topological order. Their attributes:

    - `op`: the layer's name in the language (`"conv"`), or `"input"`
    - `layer`: the layer with its arguments (`layer.values()`); None for an input
    - `label`: the label in the text, or None
    - `module`: the path of the module that holds its weights; None where the layer is no module
    - `path`: the path of its module, or of the block that it stands in
    - `scope`: the paths of the levels around it, from the network (`""`) down
    - `blocks`: the names of the blocks around it (`("dense_block", "dense_layer")`), the network apart
    - `names`: the names that the text gives to what leaves it
    - `span`, `line`, `column`: its place in the text, counted from 1
    - `inputs`: a list of shapes, each a list of ints without the batch; `outputs` likewise; `output` is
      the first
    - `params`: trained elements; those of a shared layer stand at its first use
    - `macs`: multiply-accumulates for one sample
    - `uncounted`: which of the two it does not state, and count as 0: a list of `"params"` and `"macs"`
    - `activations`: elements of what leaves it, for one sample; 0 for an input
    - `training`: true if only outputs that exist in training need it
    - `idle`: true if no output needs it: it keeps its weights because its copies do, and is not computed

    Edges have as key and as `target_port` the position among the inputs of their target, so `add(x, x)` is
    two edges; `source_port` is the position among the outputs of their source, and `shape` a tuple.

    The graph's own attributes (`g.graph`): `model`, the name; `inputs`, node numbers by name; `outputs`, by
    name the list of pairs (node number, port); `training_outputs`, the names of those that exist in training
    only; `hierarchy`, the network as a nested `Level`.
    """
    with growing():
        return _made(graph)


def _made(graph: Graph) -> networkx.MultiDiGraph[int]:
    import networkx as nx

    g: networkx.MultiDiGraph[int] = nx.MultiDiGraph(
        model=graph.model,
        inputs={name: tensor.node.id for name, tensor in graph.inputs.items()},
        outputs={o.name: [(t.node.id, t.index) for t in o.tensors] for o in graph.outputs},
        training_outputs=[o.name for o in graph.outputs if o.training],
        hierarchy=_hierarchy(graph),
    )
    params = first_uses(graph)
    around: dict[Scope, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    for node in graph.nodes:
        paths, blocks = _around(node.scope, around)
        g.add_node(node.id, **_attributes(node), scope=paths, blocks=blocks, params=params.get(node, 0))
    for node in graph.nodes:
        for port, tensor in enumerate(node.inputs):
            g.add_edge(
                tensor.node.id,
                node.id,
                key=port,
                shape=tensor.shape.dims,
                source_port=tensor.index,
                target_port=port,
            )
    return g


def _attributes(node: Node) -> dict[str, Any]:
    outputs = [list(t.shape.dims) for t in node.outputs]
    line, column = node.span.source.position(node.span.start)
    return {
        "op": node.operation,
        "layer": node.layer,
        "label": node.label,
        "path": node.path,
        "module": node.module.path if node.module is not None else None,
        "names": [name for t in node.outputs for name in t.names],
        "span": node.span,
        "line": line,
        "column": column,
        "inputs": [list(t.shape.dims) for t in node.inputs],
        "output": outputs[0] if outputs else [],
        "outputs": outputs,
        "macs": node.macs,
        "uncounted": list(node.layer.uncounted) if node.layer is not None else [],
        "activations": sum(t.shape.numel for t in node.outputs) if node.layer is not None else 0,
        "training": node.training,
        "idle": node.idle,
    }


def _around(
    scope: Scope, known: dict[Scope, tuple[tuple[str, ...], tuple[str, ...]]]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Paths of the levels around what a scope holds, and the names of the blocks among them."""
    chain = []
    at: Scope | None = scope
    while at is not None and at not in known:
        chain.append(at)
        at = at.parent
    found: tuple[tuple[str, ...], tuple[str, ...]] = known[at] if at is not None else ((), ())
    for inner in reversed(chain):
        definition = inner.module.definition
        block = (definition.name,) if definition is not None and inner.parent is not None else ()
        found = known[inner] = ((*found[0], inner.module.path), (*found[1], *block))
    return found


def _hierarchy(graph: Graph) -> Level:
    order = [graph.scope]
    for scope in order:  # grows while it is walked
        order.extend(item for item in scope.items if isinstance(item, Scope))
    levels: dict[Scope, Level] = {}
    for scope in reversed(order):
        module = scope.module
        levels[scope] = Level(
            name=module.name,
            path=module.path,
            kind=module.kind.value,
            block=module.definition.name if module.definition is not None else None,
            span=scope.span,
            nodes=tuple(item.id for item in scope.items if isinstance(item, Node)),
            levels=tuple(levels[item] for item in scope.items if isinstance(item, Scope)),
        )
    return levels[graph.scope]
