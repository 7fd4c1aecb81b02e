"""The generated form of every layer, as its examples show it, in PyTorch's own compilers with a batch of any size."""

from __future__ import annotations

import re
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from archdsl.api import loads  # noqa: E402
from archdsl.layers import REGISTRY, ArgumentError, LayerError, Shape  # noqa: E402
from archdsl.layers.applied import apply  # noqa: E402
from archdsl.layers.page import Example  # noqa: E402
from archdsl.manual.sample import program  # noqa: E402
from tests.layers.drawn import cases  # noqa: E402
from tests.layers.real import Real  # noqa: E402

pytestmark = [pytest.mark.torch, pytest.mark.slow]

EXAMPLES = [
    pytest.param(example, id=f"{name}-{i}")
    for name, cls in sorted(REGISTRY.items())
    for i, example in enumerate(cls.examples)
]


def batches(example: Example, *sizes: int) -> tuple[Any, list[list[Any]]]:
    """The network of an example, in evaluation, and what arrives, in batches of these sizes."""
    architecture = loads(program(example))
    torch.manual_seed(0)
    return architecture.build().eval(), [
        [torch.rand(size, *dims) + 0.1 for dims in architecture.inputs.values()] for size in sizes
    ]


def assert_same(ours: Any, theirs: Any) -> None:
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("example", EXAMPLES)
def test_export(example: Example) -> None:
    net, (first, *others) = batches(example, 3, 1, 5)
    batch = torch.export.Dim("batch", min=1, max=64)
    exported = torch.export.export(net, tuple(first), dynamic_shapes=tuple({0: batch} for _ in first))
    for tensors in (first, *others):
        assert_same(exported.module()(*tensors), net(*tensors))


@pytest.mark.ecosystem
@pytest.mark.parametrize("example", EXAMPLES)
def test_compile(example: Example) -> None:
    """In one graph, without falling back to Python, in training too."""
    net, (first, second) = batches(example, 3, 5)
    torch.compiler.reset()
    compiled = torch.compile(net, fullgraph=True, dynamic=True, backend="eager")
    for tensors in (first, second):
        assert_same(compiled(*tensors), net(*tensors))
    net.train()
    compiled(*first)


def forms(name: str) -> list[tuple[Real, tuple[Shape, ...]]]:
    """Drawn cases of a layer, one for each class or function that it is in PyTorch, with what arrives."""
    found: dict[str, Any] = {}
    for values, xs in cases(REGISTRY[name], 400):
        try:
            layer = REGISTRY[name](values)
            ys = apply(layer, xs).outputs
        except (ArgumentError, LayerError):
            continue
        if sum(shape.numel for shape in (*xs, *ys)) < 10**5:
            real = Real(layer, xs, ys).eval()
            found.setdefault(re.sub(r"\(.*", "", real.source), (real, xs))
    return list(found.values())


@pytest.mark.ecosystem
@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_export_of_each_form(name: str) -> None:
    """Support classes among them, in one, two and three dimensions."""
    batch = torch.export.Dim("batch", min=1, max=64)
    for real, xs in forms(name):
        first, *others = ([torch.rand(size, *x.dims) + 0.1 for x in xs] for size in (3, 2, 5))
        with torch.no_grad():
            exported = torch.export.export(
                real, tuple(first), dynamic_shapes=(tuple({0: batch} for _ in first),)
            )
            for tensors in (first, *others):
                torch.testing.assert_close(exported.module()(*tensors), real(*tensors), equal_nan=True)
