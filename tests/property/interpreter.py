"""Runs a graph node by node on real tensors: a second opinion on what the generated forward computes."""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from archdsl.emit.support import support_sources
from archdsl.graph.model import Graph, Node
from archdsl.layers.form import (
    AllInputs,
    Binary,
    Call,
    FunctionForm,
    Input,
    ListOf,
    Lit,
    ParameterForm,
    Space,
    TupleOf,
    Weight,
)

ROOTS = {"torch": torch, "F": functional, "nn": nn}


@cache
def support(name: str) -> Any:
    """A function that is pasted into modules."""
    names: dict[str, Any] = {**ROOTS, "Tensor": torch.Tensor}
    exec("\n\n".join(["from __future__ import annotations", *support_sources([name])]), names)
    return names[name]


def evaluate(expr: Any, inputs: list[torch.Tensor], weight: torch.Tensor | None) -> Any:
    """The value of an expression of a form."""
    match expr:
        case Lit(value):
            return value
        case Input(index):
            return inputs[index]
        case AllInputs():
            return list(inputs)
        case Weight():
            return weight
        case Space(index):
            return inputs[index].shape[2:]
        case TupleOf(items):
            return tuple(evaluate(item, inputs, weight) for item in items)
        case ListOf(items):
            return [evaluate(item, inputs, weight) for item in items]
        case Binary(op, operands):
            values = [evaluate(operand, inputs, weight) for operand in operands]
            result = values[0]
            for value in values[1:]:
                result = {
                    "+": result.__add__,
                    "-": result.__sub__,
                    "*": result.__mul__,
                    "/": result.__truediv__,
                }[op](value)
            return result
        case Call(function, args, kwargs, target):
            values = [evaluate(arg, inputs, weight) for arg in args]
            named = {name: evaluate(value, inputs, weight) for name, value in kwargs}
            if target is not None:
                return getattr(evaluate(target, inputs, weight), function)(*values, **named)
            root, dot, name = function.partition(".")
            return (getattr(ROOTS[root], name) if dot else support(root))(*values, **named)
    raise TypeError(expr)


def run(node: Node, net: nn.Module, inputs: list[torch.Tensor]) -> Any:
    assert node.layer is not None
    form = node.layer.form(tuple(t.shape for t in node.inputs), tuple(t.shape for t in node.outputs))
    if isinstance(form, FunctionForm):
        return evaluate(form.expr, inputs, None)
    assert node.module is not None
    if isinstance(form, ParameterForm):
        return evaluate(form.expr, inputs, net.get_parameter(node.module.path))
    return net.get_submodule(node.module.path)(*inputs)


def interpret(graph: Graph, net: nn.Module, *given: torch.Tensor) -> Any:
    """The one output of a graph, or the list of all."""
    arriving = iter(given)
    values: dict[tuple[int, int], torch.Tensor] = {}
    for node in graph.nodes:
        if node.layer is None:
            values[node.id, 0] = next(arriving)
            continue
        result = run(node, net, [values[t.node.id, t.index] for t in node.inputs])
        results = result if len(node.outputs) > 1 else [result]
        for index, value in enumerate(results):
            values[node.id, index] = value
    results = [values[t.node.id, t.index] for output in graph.outputs for t in output.tensors]
    return results[0] if len(results) == 1 else results
