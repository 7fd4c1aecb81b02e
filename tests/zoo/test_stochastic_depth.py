"""Stochastic depth as its paper defines it, in training and when testing."""

from __future__ import annotations

from functools import partial

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from archdsl.api import open_spec
from tests.zoo.oracles import close, move_statistics
from tests.zoo.plain import padded
from tests.zoo.support import SPECS, architecture

pytestmark = pytest.mark.torch


def build(**settings: float) -> nn.Module:
    net = open_spec(SPECS / "stochastic_depth.arch").architecture("resnet110_stochastic", settings, {})
    return move_statistics(net.build().double())


class Paper(nn.Module):
    """Section 3: a unit is there or not for a mini-batch, and weighs as much as it was likely when testing."""

    def __init__(self, ours: nn.Module) -> None:
        super().__init__()
        self.net = ours
        self.units = [*ours.layer1, *ours.layer2, *ours.layer3]
        self.alive = [1.0] * len(self.units)
        for unit, survival in zip(self.units, self.survivals(), strict=True):
            unit.bn2.weight.data /= survival  # what the spec says of the two networks
            unit.bn2.bias.data /= survival

    def survivals(self) -> list[float]:
        """Equation 4 with p_L = 0.5."""
        last = len(self.units)
        return [1 - number / last * 0.5 for number in range(1, last + 1)]

    def forward(self, image: Tensor) -> Tensor:
        x = F.relu(self.net.bn1(self.net.conv1(image)))
        for unit, alive, survival in zip(self.units, self.alive, self.survivals(), strict=True):
            residual = unit.bn2(unit.conv2(F.relu(unit.bn1(unit.conv1(x)))))
            stride = unit.conv1.stride[0]
            skip = padded(F.avg_pool2d(x, stride), residual.shape[1])
            x = F.relu(skip + residual * (alive if self.training else survival))  # equations 2 and 5
        return self.net.fc(x.mean(dim=(2, 3)))


def test_testing() -> None:
    torch.manual_seed(0)
    ours, image = build(n=3).eval(), torch.randn(2, 3, 16, 16, dtype=torch.double)
    with torch.no_grad():
        found = ours(image)
        assert close(found, Paper(ours).eval()(image), 1e-9)


def test_training() -> None:
    """Whatever is left out: the two are equal in training too."""
    torch.manual_seed(0)
    image = torch.randn(4, 3, 16, 16, dtype=torch.double)
    seen = set()
    for _ in range(5):
        ours = build(n=3).train()
        kept: list[float] = []
        for part in ours.modules():
            if type(part).__name__ == "DropPath":
                part.register_forward_hook(partial(note, kept))
        with torch.no_grad():
            found = ours(image)
            paper = Paper(ours).train()
            paper.alive = list(kept)
            assert close(found, paper(image), 1e-9)
        seen.add(tuple(paper.alive))
    assert len(seen) > 1


def note(kept: list[float], _: nn.Module, given: tuple[Tensor], left: Tensor) -> None:
    """1 for a residual that is there, 0 for one that is left out."""
    assert given[0].any()
    kept.append(float(left.any()))


@pytest.mark.parametrize(("model", "units"), [("resnet110_stochastic", 54), ("resnet152_stochastic", 50)])
def test_rates(model: str, units: int) -> None:
    """They grow along the depth, up to 1 - p_L = 0.5, and each is that of a whole mini-batch."""
    with torch.device("meta"):
        net = architecture("stochastic_depth.arch", model).build()
    drops = [part for part in net.modules() if type(part).__name__ == "DropPath"]
    assert [drop.p for drop in drops] == pytest.approx([0.5 * k / units for k in range(1, units + 1)])
    assert {drop.mode for drop in drops} == {"batch"}
