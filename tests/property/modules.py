"""The law of generated modules: each layer is the one of the graph, and they are wired as the graph says.

Layers are built from their forms a second time, apart from the generated file, so that a wrong argument shows; while
both are built each initialiser of PyTorch fills with a number of its own, so that a wrong initialiser shows.
"""

from __future__ import annotations

import inspect
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import torch
from torch import Tensor, nn

from archdsl.graph.model import Graph, Node
from archdsl.layers.form import FunctionForm, InitCall, ModuleForm, ParameterForm
from tests.emit.generated import expected_state
from tests.property.interpreter import ROOTS, evaluate


def opened(source: str) -> tuple[Any, dict[str, Any]]:
    """What makes the network of a generated module, and all that the file defines."""
    namespace: dict[str, Any] = {"__name__": "generated"}
    exec(compile(source, "<generated>", "exec"), namespace)
    return namespace[namespace["__all__"][-1]], namespace


def _filling(function: Callable[..., Any]) -> Callable[..., Any]:
    signature = inspect.signature(function)

    def fill(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        tensor, *values = bound.arguments.values()
        told = repr((function.__name__, tuple(tensor.shape), values))
        with torch.no_grad():
            return tensor.fill_(1 + zlib.crc32(told.encode()) % 1000 / 1000)

    return fill


@contextmanager
def initialisers_told() -> Iterator[None]:
    """Each initialiser fills with a number that tells it and its arguments."""
    names = [name for name in vars(nn.init) if name.endswith("_") and not name.startswith("_")]
    with mock.patch.multiple(nn.init, **{name: _filling(getattr(nn.init, name)) for name in names}):
        yield


def layers(graph: Graph, namespace: dict[str, Any]) -> dict[str, nn.Module | nn.Parameter]:
    """The layers of a graph by their paths, built from their forms with the support classes of a file."""
    found: dict[str, nn.Module | nn.Parameter] = {}
    for node in graph.nodes:
        if node.module is None or node.module.path in found:
            continue
        form = _form(node)
        made: nn.Module | nn.Parameter
        if isinstance(form, ModuleForm):
            made = _made(form, namespace)
        else:
            assert isinstance(form, ParameterForm)
            made = nn.Parameter(evaluate(form.create, [], None))
        with torch.no_grad():
            for init in form.init:
                _initialise(made, init)
        found[node.module.path] = made
    return found


def _form(node: Node) -> Any:
    assert node.layer is not None
    return node.layer.form(tuple(t.shape for t in node.inputs), tuple(t.shape for t in node.outputs))


def _made(form: ModuleForm, namespace: dict[str, Any]) -> Any:
    args = [evaluate(arg, [], None) for arg in form.call.args]
    named = {name: evaluate(value, [], None) for name, value in form.call.kwargs}
    root, _, name = form.call.function.rpartition(".")
    made = getattr(ROOTS[root], name) if root else namespace[name]
    return made(*args, **named)


def _initialise(made: Any, init: InitCall) -> None:
    weight = getattr(made, init.weight) if isinstance(made, nn.Module) else made
    getattr(nn.init, init.function)(weight, **{name: evaluate(v, [], None) for name, v in init.kwargs})


def reference(graph: Graph, built: dict[str, Any], training: bool, inputs: list[Tensor]) -> dict[str, Any]:
    """The outputs by name that the layers give, wired as the graph is."""
    values: dict[Any, Tensor] = dict(zip(graph.inputs.values(), inputs, strict=True))
    for node in graph.nodes:
        if node.layer is None or (node.training and not training):
            continue
        given = [values[tensor] for tensor in node.inputs]
        form = _form(node)
        if isinstance(form, ModuleForm):
            assert node.module is not None
            result = built[node.module.path](*given)
        elif isinstance(form, ParameterForm):
            assert node.module is not None
            result = evaluate(form.expr, given, built[node.module.path])
        else:
            assert isinstance(form, FunctionForm)
            result = evaluate(form.expr, given, None)
        values.update(
            zip(node.outputs, result if isinstance(result, list | tuple) else [result], strict=True)
        )
    there = [output for output in graph.outputs if training or not output.training]
    return {o.name: [values[t] for t in o.tensors] if o.bundle else values[o.tensors[0]] for o in there}


def outputs(graph: Graph, net: Any, inputs: list[Tensor]) -> dict[str, Any]:
    """What a module gives, by name; an output for training is absent in evaluation."""
    there = [output.name for output in graph.outputs if net.training or not output.training]
    result = net(*inputs)
    if not hasattr(result, "_fields"):
        (name,) = there
        return {name: result}
    assert sorted(result._fields) == sorted(output.name for output in graph.outputs)
    assert all(name in there or getattr(result, name) is None for name in result._fields)
    return {name: getattr(result, name) for name in there}


def state(made: Any) -> dict[str, Tensor]:
    """The weights of layers by path."""
    found: dict[str, Tensor] = {}
    for path, layer in made.items():
        if isinstance(layer, nn.Module):
            found |= {f"{path}.{key}": value for key, value in layer.state_dict().items()}
        else:
            found[path] = layer.detach()
    return found


def hold_module(graph: Graph, source: str) -> nn.Module:
    """The module has the weights, the initialisers, the layers and the wires of the graph."""
    make, namespace = opened(source)
    with initialisers_told():
        net: nn.Module = make()
        built = layers(graph, namespace)
    own = net.state_dict()
    assert {key: tuple(value.shape) for key, value in own.items()} == expected_state(graph)
    wanted = state(built)
    assert own.keys() == wanted.keys()
    for key, value in own.items():
        assert torch.equal(value, wanted[key]), f"{key} begins otherwise"
    for path, layer in built.items():
        if isinstance(layer, nn.Module):
            assert repr(net.get_submodule(path)) == repr(layer), path
    assert sum(p.numel() for p in net.parameters()) == sum(p.numel() for p in parameters(built))
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for key, value in own.items():
            if value.is_floating_point():
                value.copy_(
                    torch.rand(value.shape, generator=generator) + (0.1 if "running" in key else -0.3)
                )
                wanted[key].copy_(value)
        inputs = [torch.randn(2, *t.shape.dims, generator=generator) for t in graph.inputs.values()]
        for training in (False, True):
            for layer in [net, *(layer for layer in built.values() if isinstance(layer, nn.Module))]:
                quiet(layer.train(training))
            result = outputs(graph, net, inputs)
            expected = reference(graph, built, training, inputs)
            torch.testing.assert_close(result, expected, rtol=1e-4, atol=1e-4, equal_nan=True)
    return net


def quiet(net: nn.Module) -> nn.Module:
    """The module without chance: nothing is dropped in training."""
    for module in net.modules():
        for name in ("p", "dropout"):
            if isinstance(getattr(module, name, None), float):
                setattr(module, name, 0.0)
    return net


def parameters(built: dict[str, nn.Module | nn.Parameter]) -> Iterator[nn.Parameter]:
    """Each once."""
    for layer in built.values():
        yield from layer.parameters() if isinstance(layer, nn.Module) else [layer]
