"""Why a figure is not what a text expects: which parts it is made of, and whether one explains the difference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from copy import copy
from math import prod

from archdsl.analysis.costs import Costs, Row, by_module
from archdsl.graph.model import Graph, Module, ModuleKind, Node
from archdsl.layers import ArgumentError, Layer, LayerError

#: Parts that are named, and explanations that are given.
MOST_PARTS, MOST_REASONS = 3, 2
#: Layers of which single arguments are tried.
MOST_LAYERS = 2000


def explain(graph: Graph, costs: Costs, figure: str, wanted: int, exact: bool) -> tuple[str, ...]:
    """Notes on `params` or `macs` that is another number than `wanted`."""
    got = costs.params if figure == "params" else costs.macs
    more = got - wanted
    if not more or got <= 0:
        return ()
    notes: list[str] = []
    if exact:
        apart = f"that is {abs(more):,} {'more' if more > 0 else 'fewer'} than expected"
        reasons = list(dict.fromkeys(_reasons(graph, costs, figure, more)))[:MOST_REASONS]
        notes.append(f"{apart}, {reasons[0]}" if reasons else apart)
        notes += [f"or {reason}" for reason in reasons[1:]]
    if figure == "macs" and abs(wanted - 2 * got) * 20 < wanted:
        notes.append(
            "twice the value is expected: papers that count additions by themselves print such numbers"
        )
    notes.append(_shares(graph, costs, figure, got))
    return tuple(notes)


def _shares(graph: Graph, costs: Costs, figure: str, total: int) -> str:
    """The largest parts of the network, one level below it."""
    rows = [
        row
        for row in by_module(graph, costs)
        if row.depth == 1 and (row.params if figure == "params" else row.macs)
    ]
    value = {row.module: row.params if figure == "params" else row.macs for row in rows}
    largest = sorted(rows, key=lambda row: -value[row.module])
    parts = [
        f"`{row.module.path}` {value[row.module]:,} ({100 * value[row.module] / total:.0f} %)"
        for row in largest[:MOST_PARTS]
    ]
    rest = len(rows) - len(parts)
    return f"the largest parts: {', '.join(parts)}" + (f", and {rest} more" if rest > 0 else "")


def _of(row: Row, figure: str) -> int:
    return row.params if figure == "params" else row.macs


def _reasons(graph: Graph, costs: Costs, figure: str, more: int) -> Iterator[str]:
    """What alone makes the difference: `more` than expected, or fewer."""
    if figure == "params":
        yield from _biases(graph, more)
        yield from _kinds(graph, more)
    yield from _modules(graph, costs, figure, more)
    if figure == "params":
        yield from _arguments(graph, more)


def _leaves(graph: Graph) -> dict[Module, tuple[Layer, Node]]:
    """Modules that are layers, each with its layer and its first node."""
    found: dict[Module, tuple[Layer, Node]] = {}
    for node in graph.nodes:
        if node.module is not None and node.layer is not None:
            found.setdefault(node.module, (node.layer, node))
    return found


def _biases(graph: Graph, more: int) -> Iterator[str]:
    """The biases of all layers of a kind: those that are there, or those that are not."""
    there: Counter[str] = Counter()
    lacking: Counter[str] = Counter()
    for module, (layer, node) in _leaves(graph).items():
        if "weight" not in module.weights or "bias" not in layer.params:
            continue
        if "bias" in module.weights:
            there[module.stem] += prod(module.weights["bias"])
        else:
            lacking[module.stem] += _changed(layer, node, "bias", True) - _count(module)
    for found, sign, value in ((there, 1, "false"), (lacking, -1, "true")):
        every = found.total()
        for kind, number in found.items():
            if sign * number == more:
                yield _exactly(more, f"the biases of every `{kind}`", f"`default {kind}(bias={value})`")
        if len(found) > 1 and sign * every == more:
            kinds = " and ".join(f"`{kind}`" for kind in found)
            yield _exactly(more, f"the biases of every {kinds}", f"`bias={value}`")


def _kinds(graph: Graph, more: int) -> Iterator[str]:
    """All weights of the layers of a kind; what a batch norm behind every convolution would have."""
    total: Counter[str] = Counter()
    for module in _leaves(graph):
        total[module.stem] += _count(module)
    for kind, number in total.items():
        if number == more:
            yield _exactly(more, f"the weights of every `{kind}`")
    norms = {node.inputs[0].node for node in graph.nodes if node.operation == "bn"}
    bare = sum(
        2 * module.weights["weight"][0]
        for module, (_, node) in _leaves(graph).items()
        if len(module.weights.get("weight", ())) > 2 and node not in norms
    )
    if bare == -more:
        yield _exactly(more, "those of a `bn` behind every convolution that has none")


def _modules(graph: Graph, costs: Costs, figure: str, more: int) -> Iterator[str]:
    """One part of the network: it is one too many, or one more of its kind is missing."""
    for row in by_module(graph, costs):
        number = _of(row, figure)
        if row.depth and number == abs(more) and row.module.kind is not ModuleKind.NETWORK:
            line = f"`{row.module.path}` at line {row.module.span.line}"
            if more > 0:
                yield f"exactly as many as {line} has: it may be one too many"
            else:
                yield f"exactly as many as {line} has: one more like it may be missing"
            return


def _arguments(graph: Graph, more: int) -> Iterator[str]:
    """The last layer with another number of features (the classes), or one with another kernel or bias."""
    leaves = list(_leaves(graph).items())
    if len(leaves) > MOST_LAYERS:
        return
    last = [(module, layer) for module, (layer, _) in leaves if "features" in layer.params]
    for module, layer in last[-1:]:
        features = layer.__dict__["features"]
        each = _count(module) // features
        if each >= 16 and more % each == 0 and features - more // each > 0:
            text = f"`{module.path}` at line {module.span.line} with {features - more // each} features"
            yield f"exactly {text} in place of {features}"
    for module, (layer, node) in leaves:
        for name in ("kernel", "bias"):
            if name not in layer.params:
                continue
            now = layer.__dict__[name]
            for value in (1, 3, 5, 7) if name == "kernel" else (not now,):
                if value != now and _changed(layer, node, name, value) == _count(module) - more:
                    shown = str(value).lower()
                    yield f"exactly `{module.path}` at line {module.span.line} with `{name}={shown}`"
                    return


def _count(module: Module) -> int:
    return sum(map(prod, module.weights.values()))


def _changed(layer: Layer, node: Node, name: str, value: object) -> int:
    """Trained weights of a layer with another argument; -1 if it is not possible."""
    other = copy(layer)
    other.__dict__[name] = value
    try:
        other.check()
        return sum(map(prod, other.weights(tuple(t.shape for t in node.inputs)).values()))
    except (ArgumentError, LayerError):
        return -1


def _exactly(more: int, what: str, mend: str = "") -> str:
    text = f"exactly {what}" + ("" if more > 0 else ", which are not there")
    return f"{text}: {mend}" if mend else text
