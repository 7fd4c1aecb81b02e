"""A network begins with an input and ends with an output in evaluation."""

from __future__ import annotations

from archdsl.elaborate.faults import Fault
from archdsl.elaborate.free import broken_inside, children
from archdsl.source import Span
from archdsl.syntax import ast


def no_input(network: ast.Network) -> Fault:
    message = f"the network `{network.name}` has no input"
    return Fault("E412", message, network.name_span, help="begin it with one: `input image: [3, 224, 224]`")


def no_output(network: ast.Network) -> Fault:
    message = f"the network `{network.name}` gives no output"
    return Fault("E805", message, network.name_span, help="end it with `output name`")


def no_output_in_evaluation(network: ast.Network, output: Span) -> Fault:
    """`output` is one that is there in training alone."""
    message = f"the network `{network.name}` gives no output in evaluation"
    return Fault("E805", message, output, help="an output without `when training` is there in both")


def has_input(network: ast.Network) -> bool:
    """Whether the text gives a network an input, or may."""
    return broken_inside(network) or any(isinstance(s, ast.InputStatement) for s in network.statements)


def missing_end(network: ast.Network) -> Fault | None:
    """What the text shows that a network lacks, whatever its names mean."""
    if not has_input(network):
        return no_input(network)
    outputs: list[ast.OutputStatement] = []
    stack: list[ast.AstNode] = list(reversed(network.statements))
    while stack:
        node = stack.pop()
        if isinstance(node, ast.OutputStatement):
            outputs.append(node)
        stack.extend(reversed(children(node)))
    if outputs and all(output.training for output in outputs):
        return no_output_in_evaluation(network, outputs[0].span)
    return no_output(network) if not outputs and not broken_inside(network) else None


_OUTPUTS: dict[int, tuple[ast.Network, frozenset[str]]] = {}


def output_names(network: ast.Network) -> frozenset[str]:
    """What a network calls its outputs, also those in branches."""
    cached = _OUTPUTS.get(id(network))
    if cached is not None and cached[0] is network:
        return cached[1]
    found: set[str] = set()
    stack: list[ast.AstNode] = list(network.statements)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.OutputStatement):
            found.add(node.name)
        stack.extend(children(node))
    names = frozenset(found)
    if len(_OUTPUTS) > 1000:
        _OUTPUTS.clear()
    _OUTPUTS[id(network)] = (network, names)
    return names
