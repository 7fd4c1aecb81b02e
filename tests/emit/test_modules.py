"""Generated modules run, hold the weights that the graph says, and compute what the graph says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from archdsl.graph.model import Graph
from tests.emit.generated import (
    OWN,
    ROOT,
    build,
    class_text,
    each_model,
    expected_state,
    graph_of,
    label,
    models,
    source_of,
)

torch = pytest.importorskip("torch")

pytestmark = pytest.mark.torch


def named(graph: Graph, result: Any, training: bool) -> dict[str, Any]:
    """What forward gave, by the names of the outputs."""
    if not hasattr(result, "_fields"):
        (output,) = [output for output in graph.outputs if training or not output.training]
        return {output.name: result}
    ordered = sorted(graph.outputs, key=lambda output: output.training)
    found = {output.name: value for output, value in zip(ordered, result, strict=True)}
    return {name: value for name, value in found.items() if value is not None}


def flat(values: dict[str, Any]) -> list[Any]:
    return [t for value in values.values() for t in (value if isinstance(value, list) else [value])]


@pytest.mark.parametrize(("path", "model"), each_model())
def test_shapes(path: Path, model: str) -> None:
    """Without data: keys and shapes of the weights, shapes of the outputs, and a way back for gradients."""
    graph = graph_of(path, model)
    with torch.device("meta"):
        net = build(source_of(path, model))
        assert {key: tuple(t.shape) for key, t in net.state_dict().items()} == expected_state(graph)
        for training in (False, True):
            net.train(training)
            result = named(
                graph, net(*(torch.randn(2, *t.shape.dims) for t in graph.inputs.values())), training
            )
            wanted = {
                output.name: [t.shape.dims for t in output.tensors]
                for output in graph.outputs
                if training or not output.training
            }
            shapes = {
                name: [tuple(t.shape[1:]) for t in (value if isinstance(value, list) else [value])]
                for name, value in result.items()
            }
            assert shapes == wanted
            assert {name for name, value in result.items() if isinstance(value, list)} == {
                output.name for output in graph.outputs if output.bundle and output.name in wanted
            }
        if list(net.parameters()):
            sum(t.sum() for t in flat(result) if t.requires_grad).backward()


@pytest.mark.parametrize(("path", "model"), models(OWN), ids=label)
def test_values(path: Path, model: str) -> None:
    """The same numbers as the graph run node by node."""
    from tests.emit.interpret import interpret

    graph = graph_of(path, model)
    torch.manual_seed(0)
    net = build(source_of(path, model))
    for parameter in net.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    inputs = [torch.randn(2, *t.shape.dims) for t in graph.inputs.values()]
    for training in (False, True):
        net.train(training)
        torch.manual_seed(1)
        result = named(graph, net(*inputs), training)
        torch.manual_seed(1)
        wanted = interpret(graph, net, inputs)
        assert list(result) == [
            o.name for o in sorted(graph.outputs, key=lambda o: o.training) if o.name in wanted
        ]
        for name, value in wanted.items():
            torch.testing.assert_close(result[name], value)


def test_initialisers() -> None:
    path = next(path for path in OWN if path.stem == "init")
    net = build(source_of(path, "differ"))
    assert not net.conv1.weight.any()
    assert torch.equal(net.g.n.bias, torch.full((3,), 0.5))
    assert all(torch.equal(child.bias, torch.full((3,), 0.5)) for child in net.h)
    weight = net.d3.weight.detach().view(3, 3)
    torch.testing.assert_close(weight @ weight.T, torch.eye(3))
    net = build(source_of(path, "same"))
    assert torch.equal(net.bn1.weight, torch.ones(4))
    assert not net.linear1.bias.any()


def test_initialisers_of_several_weights() -> None:
    """Three and more in a class are done by one loop; its variable is no parameter of the class."""
    path = next(path for path in OWN if path.stem == "init")
    source = source_of(path, "several")
    assert class_text(source, "Alike").count("nn.init.constant_(") == 1
    assert class_text(source, "Alike").count("nn.init.normal_(") == 1
    assert "\n        for weight_ in (" in source
    net = build(source)
    for block, gain in [(net.alike1, 1), (net.alike2, 2), *((block, 3) for block in net.alike3)]:
        for conv in (block.conv1, block.conv2, block.g[0], block.conv3):
            assert torch.equal(conv.weight, torch.full_like(conv.weight, gain))
        assert all(conv.weight.std() > 0.5 for conv in block.h) and not block.h[0].bias.any()
    assert net.conv1.weight.any() and not net.conv2.weight.any()


def test_initialisers_in_runs() -> None:
    path = next(path for path in OWN if path.stem == "runs")
    net = build(source_of(path, "cycles"))
    chain = net.conv_bn_relu1
    assert len(chain) == 120
    assert not any(chain[3 * i].weight.any() for i in range(40))
    assert not any(net.seq3.conv_bn_relu1[3 * i].weight.any() for i in range(9))
    assert torch.equal(net.seq3.conv1.weight, torch.ones_like(net.seq3.conv1.weight))
    assert net.seq3.conv_relu1[16].weight.any()


def test_initialisers_of_a_class() -> None:
    """One loop over the modules of a class, where what it calls makes none of their type; numbers stay its own."""
    path = next(path for path in OWN if path.stem == "init")
    source = source_of(path, "modules")
    text = class_text(source, "G")
    assert "        for module in self.modules():\n            if isinstance(module, nn.Conv2d):\n" in text
    assert "nn.init.constant_(module.weight, val=module_)" in text
    assert "self.modules()" not in class_text(source, "Gained") + class_text(source, "Nested")
    net = build(source)
    for block, gain in ((net.gained1, 2), (net.gained2, 6), (net.nested1.gained1, 9)):
        for conv in (block.conv1, block.conv2, block.conv3, *(part[0] for part in block.g)):
            assert torch.equal(conv.weight, torch.full_like(conv.weight, gain))
            assert bool(conv.bias.any()) == (conv is block.conv3)
        assert not any(part[1].weight.any() for part in block.g)
    assert net.nested1.conv3.weight.eq(7).all() and net.nested1.linear_2.g[2].weight.eq(1).all()
    assert net.nested1.linear_2.conv1.weight.std() > 0


def test_modules_of_a_class_are_named_once() -> None:
    source = source_of(ROOT / "specs" / "retinanet.arch", "retinanet")
    for name in ("InnerBlocks", "LayerBlocks"):
        text = class_text(source, name)
        assert 'get_parameter("0' not in text and text.count("nn.init.kaiming_uniform_(") == 1
