"""WaveNet against its equations, and what it hears: nothing that comes later, and as far back as its dilations reach."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from archdsl import load
from tests.zoo.plain import Weights, hold
from tests.zoo.support import SPECS

pytestmark = pytest.mark.torch
SPEC = SPECS / "wavenet.arch"


def plain(weights: Weights, wave: Tensor, stacks: int, layers: int) -> Tensor:
    """Section 2: the skips of all layers are summed at the end."""

    def conv(name: str, x: Tensor, dilation: int = 1) -> Tensor:
        weight = weights[f"{name}.weight"]
        before = dilation * (weight.shape[2] - 1)
        return F.conv1d(F.pad(x, (before, 0)), weight, weights[f"{name}.bias"], dilation=dilation)

    x = conv("causal1.conv1", wave)
    skips = []
    for stack in range(stacks):
        for i in range(layers):
            name = f"stack{stack + 1}.{i}"
            filtered = torch.tanh(conv(f"{name}.gated1.filter.conv1", x, 2**i))
            z = filtered * torch.sigmoid(conv(f"{name}.gated1.gate.conv1", x, 2**i))
            skips.append(conv(f"{name}.skip", z))
            x = x + conv(f"{name}.residual", z)
    total = torch.stack(skips).sum(dim=0)
    return conv("conv2", F.relu(conv("conv1", F.relu(total))))


def test_outputs() -> None:
    arch = load(SPEC, stacks=2, layers=4, residual=6, skip=8, levels=16)
    hold(
        arch.build(), lambda weights, wave: plain(weights, wave, 2, 4), (16, 50), idle=("stack2.3.residual",)
    )


@pytest.mark.parametrize(
    ("settings", "reach"),
    [
        ({"stacks": 1, "layers": 4, "first": 1}, 16),  # Fig. 3: 1, 2, 4, 8
        ({"stacks": 1, "layers": 4}, 17),
        ({"stacks": 3, "layers": 4}, 1 + 3 * 15 + 1),
        ({"stacks": 1, "layers": 10, "first": 1}, 1024),  # section 2.1: 1, 2, 4, ..., 512
    ],
)
def test_receptive_field(settings: dict[str, int], reach: int) -> None:
    """A sample's distribution hangs on that sample and so many before it, all told; on none that comes later."""
    torch.manual_seed(0)
    net = load(SPEC, residual=3, skip=4, levels=2, **settings).build().double()
    wave = torch.randn(1, 2, reach + 40, dtype=torch.double, requires_grad=True)
    at = reach + 20
    net(wave)[0, :, at].sum().backward()
    assert wave.grad is not None
    heard = wave.grad[0].abs().sum(dim=0).nonzero().flatten()
    assert (heard.min().item(), heard.max().item()) == (at - reach + 1, at)


def test_other_lengths() -> None:
    """The module takes waves of any length."""
    net = load(SPEC, layers=3, residual=2, skip=2).build()
    assert net(torch.randn(1, 256, 77)).shape == (1, 256, 77)


def test_parameters() -> None:
    """Counted by hand; with a pointwise layer at the input there are 256 x 64 fewer."""
    layer = 2 * (64 * 64 * 2 + 64) + (64 * 64 + 64) + (64 * 256 + 256)
    ends = (256 * 64 * 2 + 64) + 2 * (256 * 256 + 256)
    assert load(SPEC).params == 30 * layer + ends
    assert load(SPEC, first=1).params == 30 * layer + ends - 256 * 64 == 1_267_392
