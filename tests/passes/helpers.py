"""A network and its rewritten form, side by side."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

import archdsl
from archdsl.api.architecture import Architecture
from archdsl.graph.model import Graph, Node
from archdsl.graph.plan import Done, Plan

ROOT = Path(__file__).parent.parent.parent
SPECS = ROOT / "specs"


@dataclass
class Rewritten:
    """A network, what a plan made of it, and what each pass did."""

    arch: Architecture
    graph: Graph
    done: dict[str, list[Done]]
    source: str
    trained: nn.Module
    net: nn.Module

    @property
    def operations(self) -> list[str]:
        """The layers at work, in order."""
        return [node.operation for node in self.graph.nodes if node.layer is not None]

    def nodes(self, operation: str) -> list[Node]:
        """Those of one layer."""
        return [node for node in self.graph.nodes if node.operation == operation]

    def what(self, name: str) -> list[tuple[str, str]]:
        """What a pass did: places, and what was done there."""
        return [(done.path, done.what) for done in self.done[name]]


def equal(
    spec: str | Path,
    *passes: str,
    plan: Plan | None = None,
    target: str = "eager",
    model: str | None = None,
    tolerance: float = 1e-12,
    **parameters: Any,
) -> Rewritten:
    """Rewrite a network and assert that it computes what the one that is written computes.

    `spec` is the text or the path of a spec; `passes` are names of passes, those of the target if there are none.
    Weights, statistics and factors are random, of both signs. In double precision outputs are equal to `tolerance`,
    relative to the largest, at every call; in single precision, where oneDNN's kernels run, to 1e-4.
    What arrives is left as it is.
    """
    plan = plan or Plan(target=target, passes=passes or None)
    if isinstance(spec, Path):
        arch = archdsl.load(spec, model=model, **parameters)
    else:
        arch = archdsl.loads(spec, model=model, **parameters)
    graph, done = arch.rewritten(plan)
    source = arch.source(plan=plan)
    trained, net = arch.build().eval(), arch.build(plan)
    randomise(trained)
    for dtype, bound in ((torch.float64, tolerance), (torch.float32, max(tolerance, 1e-4))):
        trained, net = trained.to(dtype), net.to(dtype)
        net.load_trained(trained.state_dict())  # type: ignore[operator]
        images = [values(shape, dtype, seed) for seed, shape in enumerate(arch.inputs.values())]
        before = [image.clone() for image in images]
        with torch.no_grad():
            expected = [y.clone() for y in tensors(trained(*images))]
            first = [y.clone() for y in tensors(net(*images))]
            onednn_always(net)
            second = [y.clone() for y in tensors(net(*images))]
            third = tensors(net(*images))
        assert all(map(torch.equal, images, before)), "what arrives is changed"
        for found in (first, second, third):
            assert [y.shape for y in found] == [y.shape for y in expected]
            for y, z in zip(expected, found, strict=True):
                assert torch.isfinite(y).all()
                assert difference(y, z) <= bound, f"{dtype}: {difference(y, z):.2e}"
    return Rewritten(arch, graph, {told.name: list(told.done) for told in done}, source, trained, net)


def onednn_always(net: nn.Module) -> None:
    """Let oneDNN's kernels run for maps too that are smaller than they pay for."""
    generated = vars(sys.modules[type(net).__module__])
    if "worth_onednn" in generated:
        generated["worth_onednn"] = lambda macs: True


def randomise(module: nn.Module, seed: int = 0) -> None:
    """Random weights of both signs, those of maps scaled to keep the size of values, and random statistics."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in module.state_dict().items():
            if not isinstance(weight, Tensor) or not weight.is_floating_point():
                continue
            inputs = weight[0].numel() if weight.dim() > 1 else 1
            weight.copy_(torch.randn(weight.shape, generator=generator, dtype=weight.dtype) * inputs**-0.5)
            if name.endswith("running_var"):
                weight.abs_().add_(0.5)


def values(shape: Sequence[int], dtype: torch.dtype, seed: int = 0, batch: int = 2) -> Tensor:
    """A batch of random values."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(batch, *shape, generator=generator, dtype=torch.float64).to(dtype)


def tensors(result: Any) -> list[Tensor]:
    """The tensors of what a network gives, in order."""
    return list(_tensors(result))


def _tensors(result: Any) -> Iterator[Tensor]:
    if isinstance(result, Tensor):
        yield result
    elif isinstance(result, Mapping):
        for value in result.values():
            yield from _tensors(value)
    elif result is not None:
        for value in result:
            yield from _tensors(value)


def difference(y: Tensor, z: Tensor) -> float:
    """The largest difference of two tensors, relative to the largest value."""
    return float((y - z).abs().max() / y.abs().max().clamp(min=1e-30)) if y.numel() else 0.0


def places(graph: Graph) -> list[str]:
    """Paths of the modules that are single layers, in order."""
    return list(
        dict.fromkeys(node.module.path for node in graph.nodes if node.layer is not None and node.module)
    )


def refuses(spec: str, name: str) -> None:
    """Assert that a pass leaves a network alone."""
    found = equal(spec, name)
    assert not found.done[name], found.what(name)


def network(body: str, shape: str = "[3, 8, 8]") -> str:
    """A network of one input `x` and one output `y`, and a model of it."""
    return f"network net {{\n  input x: {shape}\n  {body}\n  output y\n}}\nmodel net = net\n"
