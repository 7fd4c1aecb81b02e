"""Runs a graph node by node with the weights of a module, to hold the module's forward against."""

from __future__ import annotations

from functools import reduce
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from archdsl.graph.model import Graph, Node
from archdsl.layers.form import (
    AllInputs,
    Binary,
    Call,
    Expr,
    Input,
    ListOf,
    Lit,
    ModuleForm,
    ParameterForm,
    Weight,
)

OPERATORS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
}


def interpret(graph: Graph, net: nn.Module, inputs: list[Tensor]) -> dict[str, Any]:
    """The outputs by name; of a bundle a list."""
    values: dict[Any, Tensor] = dict(zip(graph.inputs.values(), inputs, strict=True))
    for node in graph.nodes:
        if node.layer is None or (node.training and not net.training):
            continue
        given = [values[tensor] for tensor in node.inputs]
        result = run(node, net, given)
        results = [result] if len(node.outputs) == 1 else list(result)
        values.update(zip(node.outputs, results, strict=True))
    found: dict[str, Any] = {}
    for output in graph.outputs:
        if output.training and not net.training:
            continue
        tensors = [values[tensor] for tensor in output.tensors]
        found[output.name] = tensors if output.bundle else tensors[0]
    return found


def run(node: Node, net: nn.Module, given: list[Tensor]) -> Any:
    assert node.layer is not None
    form = node.layer.form(tuple(t.shape for t in node.inputs), tuple(t.shape for t in node.outputs))
    if isinstance(form, ModuleForm):
        assert node.module is not None
        return net.get_submodule(node.module.path)(*given)
    weight = None
    if isinstance(form, ParameterForm):
        assert node.module is not None
        weight = net.get_parameter(node.module.path)
    return evaluate(form.expr, given, weight)


def evaluate(expr: Expr, given: list[Tensor], weight: Tensor | None) -> Any:
    if isinstance(expr, Lit):
        return expr.value
    if isinstance(expr, Input):
        return given[expr.index]
    if isinstance(expr, AllInputs):
        return given
    if isinstance(expr, Weight):
        return weight
    if isinstance(expr, Binary):
        return reduce(OPERATORS[expr.op], [evaluate(part, given, weight) for part in expr.operands])
    if isinstance(expr, ListOf):
        return [evaluate(part, given, weight) for part in expr.items]
    assert isinstance(expr, Call)
    args = [evaluate(arg, given, weight) for arg in expr.args]
    kwargs = {name: evaluate(value, given, weight) for name, value in expr.kwargs}
    if expr.target is not None:
        return getattr(evaluate(expr.target, given, weight), expr.function)(*args, **kwargs)
    room, name = expr.function.split(".")
    return getattr({"F": F, "torch": torch}[room], name)(*args, **kwargs)
