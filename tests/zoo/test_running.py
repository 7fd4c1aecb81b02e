"""Every model of the zoo runs on real numbers: in evaluation, through a step of training, and after it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from archdsl.api import Architecture, open_spec  # noqa: E402
from archdsl.diagnostics import ArchError  # noqa: E402
from archdsl.graph.model import Graph  # noqa: E402
from tests.ecosystem.networks import flat  # noqa: E402
from tests.emit.generated import ZOO, build, expected_state, models  # noqa: E402
from tests.zoo.oracles import move_statistics  # noqa: E402

pytestmark = pytest.mark.torch
#: sides of an input to try, in place of larger ones
SIDES = (32, 48, 64, 96, 92, 128, 160, 192)
#: run every time: small ones of other layers each
QUICK = {"lenet5.arch:lenet5", "resnet_cifar.arch:resnet20"}


def small(architecture: Architecture) -> Architecture:
    """The network at the smallest size at which it has the same weights."""
    own = expected_state(architecture._graph)
    for side in SIDES:
        inputs = {
            name: (shape[0], *(min(side, n) for n in shape[1:]))
            for name, shape in architecture.inputs.items()
        }
        try:
            other = architecture.with_inputs(**inputs)
        except ArchError:
            continue
        if expected_state(other._graph) == own:
            return other
    return architecture


def used(graph: Graph) -> set[str]:
    """Paths of the modules whose results an output depends on: WaveNet's last layer gives one that nothing takes."""
    found: set[str] = set()
    seen: set[int] = set()
    ahead = [tensor.node for output in graph.outputs for tensor in output.tensors]
    while ahead:
        node = ahead.pop()
        if node.id in seen:
            continue
        seen.add(node.id)
        if node.module is not None:
            found.add(node.module.path)
        ahead.extend(tensor.node for tensor in node.inputs)
    return found


def cases() -> list[object]:
    found = []
    for path, model in models(ZOO):
        name = f"{path.name}:{model}"
        marks = [] if name in QUICK else [pytest.mark.slow, pytest.mark.zoo]
        found.append(pytest.param(path, model, marks=marks, id=name))
    return found


def back(net: Any, inputs: list[Any]) -> set[str]:
    """Parameters that a gradient reaches and moves; of whatever leaves, every value counts."""
    net.zero_grad()
    leaving = flat(net(*inputs))
    assert leaving and all(bool(torch.isfinite(tensor).all()) for tensor in leaving)
    sum((tensor * torch.randn_like(tensor)).sum() for tensor in leaving).backward()
    found = {name: p.grad for name, p in net.named_parameters() if p.grad is not None}
    assert all(bool(torch.isfinite(gradient).all()) for gradient in found.values())
    return {name for name, gradient in found.items() if gradient.any()}


@pytest.mark.parametrize(("path", "model"), cases())
def test_model(path: Path, model: str) -> None:
    """Outputs are finite, a gradient reaches each parameter that is used, and after a step what is left still computes.

    In training, or in evaluation where blocks are dropped at random; heads for training alone in training. In double
    precision: by statistics not its own a norm only scales, and 333 units that add to their input leave float32 (1e61).
    """
    architecture = open_spec(path).architecture(model)
    other = small(architecture)
    source = architecture.source()
    if "may vary" not in source:
        source = other.source()
    torch.manual_seed(0)
    net = move_statistics(build(source)).double()
    inputs = [torch.randn(2, *shape, dtype=torch.float64) for shape in other.inputs.values()]
    reached = back(net.eval(), inputs)
    reached |= back(net.train(), inputs)
    torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)  # a batch of two through norms has large ones
    torch.optim.SGD(net.parameters(), lr=1e-3).step()
    paths = used(other._graph)
    within = {
        name: {name.rsplit(".", n)[0] for n in range(name.count(".") + 1)}
        for name, _ in net.named_parameters()
    }
    assert reached == {name for name, above in within.items() if above & paths}
    with torch.no_grad():
        assert all(bool(torch.isfinite(tensor).all()) for tensor in flat(net.eval()(*inputs)))
