"""What is said of every valid program: its module is the network that the graph describes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from programs import Program, programs

import archdsl

torch = pytest.importorskip("torch")

RELAXED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def keys(arch: archdsl.Architecture) -> dict[str, tuple[int, ...]]:
    """The keys of state_dict() and their shapes, as the module tree states them."""
    found: dict[str, tuple[int, ...]] = {}
    levels = [arch._graph.root]
    while levels:
        module = levels.pop()
        levels.extend(module.children)
        for name, shape in (*module.weights.items(), *module.buffers.items()):
            found[f"{module.path}.{name}" if name else module.path] = shape
    return found


def hold(program: Program, arch: archdsl.Architecture, net: Any) -> None:
    (size,) = arch.inputs.values()
    assert arch.outputs == {"y": list(program.output)}
    x = torch.randn(2, *size, requires_grad=True)
    for training in (False, True):
        net.train(training)
        y = net(x)
        assert tuple(y.shape) == (2, *program.output)
    y.sum().backward()
    state = {name: tuple(value.shape) for name, value in net.state_dict().items()}
    assert state == keys(arch)
    assert sum(p.numel() for p in net.parameters()) == arch.params


@RELAXED
@given(programs())
def test_module_is_what_the_graph_says(program: Program) -> None:
    torch.manual_seed(0)
    arch = archdsl.loads(program.text)
    hold(program, arch, arch.build())


@RELAXED
@given(programs())
def test_outputs_of_the_graph_and_of_the_module(program: Program) -> None:
    """Run the graph node by node with the module's own layers, and compare with what the module computes."""
    from interpreter import interpret

    torch.manual_seed(0)
    arch = archdsl.loads(program.text)
    net = arch.build().eval()
    (size,) = arch.inputs.values()
    x = torch.randn(2, *size)
    with torch.no_grad():
        torch.testing.assert_close(interpret(arch._graph, net, x), net(x), rtol=1e-5, atol=1e-5)


@RELAXED
@given(programs())
def test_same_text_same_bytes(program: Program) -> None:
    first, second = archdsl.loads(program.text), archdsl.loads(program.text)
    assert first.source() == second.source()
    assert first.dot().source == second.dot().source
