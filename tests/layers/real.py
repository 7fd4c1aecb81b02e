"""Builds what a layer's form says in real PyTorch. A renderer of forms for the tests, as plain as can be."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from archdsl.emit.support import support_names, support_sources
from archdsl.layers import ArgumentError, Layer, LayerError, Shape
from archdsl.layers.form import (
    AllInputs,
    Binary,
    Call,
    Expr,
    FunctionForm,
    Input,
    ListOf,
    Lit,
    ModuleForm,
    ParameterForm,
    Weight,
)

HEADER = """
from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import nullcontext
from functools import partial, wraps
from typing import Any, Self

import torch
import torch.nn.functional as F
from torch import Tensor, nn
"""
#: the support classes, each behind what it uses
SUPPORT = "\n\n".join(support_sources(support_names()))


def support_namespace() -> dict[str, Any]:
    namespace: dict[str, Any] = {}
    exec(compile(HEADER + SUPPORT, "templates/support", "exec"), namespace)
    return namespace


NAMESPACE = support_namespace()


def render(expr: Expr, inputs: int = 1) -> str:
    """Python source of a form's expression over x0, x1, … and the parameter w."""
    match expr:
        case Lit(value):
            return repr(value)
        case Input(index):
            return f"x{index}"
        case AllInputs():
            return "[" + ", ".join(f"x{i}" for i in range(inputs)) + "]"
        case Weight():
            return "w"
        case ListOf(items):
            return "[" + ", ".join(render(item, inputs) for item in items) + "]"
        case Binary(op, operands):
            return "(" + f" {op} ".join(render(operand, inputs) for operand in operands) + ")"
        case Call(function, args, kwargs, target):
            inside = [render(arg, inputs) for arg in args] + [f"{k}={render(v, inputs)}" for k, v in kwargs]
            if target is not None:
                function = f"{render(target, inputs)}.{function}"
            elif function.split(".")[0] in ("x0", "self"):
                raise AssertionError(function)
            return f"{function}({', '.join(inside)})"
    raise AssertionError(expr)


class Real(nn.Module):
    """A layer at work on tensors with a batch."""

    def __init__(self, layer: Layer, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> None:
        super().__init__()
        form = layer.form(xs, ys)
        self.module: nn.Module | None = None
        self.weight: nn.Parameter | None = None
        self.expr = ""
        self.names = [f"x{i}" for i in range(len(xs))]
        if isinstance(form, ModuleForm):
            assert layer.is_module, f"`{layer.name}` is no module"
            self.source = render(form.call)
            self.module = eval(self.source, NAMESPACE)
            for init in form.init:
                arguments = {key: eval(render(value), NAMESPACE) for key, value in init.kwargs}
                getattr(nn.init, init.function)(self.module.get_parameter(init.weight), **arguments)
        elif isinstance(form, ParameterForm):
            assert layer.is_parameter, f"`{layer.name}` is no parameter"
            self.weight = nn.Parameter(eval(render(form.create), NAMESPACE))
            self.expr = self.source = render(form.expr, len(xs))
            for init in form.init:
                assert init.weight == ""
                arguments = {key: eval(render(value), NAMESPACE) for key, value in init.kwargs}
                getattr(nn.init, init.function)(self.weight, **arguments)
        else:
            assert isinstance(form, FunctionForm)
            assert not layer.is_module, f"`{layer.name}` is a module"
            self.expr = self.source = render(form.expr, len(xs))

    def forward(self, *tensors: torch.Tensor) -> Any:
        if self.module is not None:
            return self.module(*tensors)
        return eval(self.expr, NAMESPACE, {**dict(zip(self.names, tensors, strict=True)), "w": self.weight})

    def state_shapes(self) -> list[tuple[str, tuple[int, ...]]]:
        if self.module is not None:
            return [(key, tuple(value.shape)) for key, value in self.module.state_dict().items()]
        return [] if self.weight is None else [("", tuple(self.weight.shape))]


def as_list(result: Any) -> list[Any]:
    return list(result) if isinstance(result, (tuple, list)) else [result]


def well_said(error: ArgumentError | LayerError) -> None:
    """One lower-case sentence, no dot, and nothing about Python."""
    message = error.message
    assert message[0] in "`0123456789" or message[0].islower(), message
    assert not message.endswith(".") and " you" not in message and "None" not in message, message
    for note in getattr(error, "notes", ()):
        assert "None" not in note, note
