"""Wide residual networks against section 2 of their paper."""

from __future__ import annotations

import pytest
from torch import Tensor, nn

from archdsl.api import open_spec
from tests.zoo.plain import Weights, bn, conv, hold
from tests.zoo.support import SPECS

pytestmark = pytest.mark.torch


def plain(weights: Weights, image: Tensor, n: int) -> Tensor:
    """Table 1: `n` units in each of three groups."""
    x = conv(weights, "conv1", image)
    for group in (2, 3, 4):
        for j in range(n):
            stride = 2 if group > 2 and j == 0 else 1
            unit = f"conv{group}.{j}"
            active = bn(weights, f"{unit}.norm1", x).relu()
            projection = f"{unit}.downsample.conv"
            if f"{projection}.weight" in weights:
                x = conv(weights, projection, active, stride)
            active = bn(weights, f"{unit}.norm2", conv(weights, f"{unit}.conv1", active, stride)).relu()
            x = x + conv(weights, f"{unit}.conv2", active)
    x = bn(weights, "bn1", x).relu().mean(dim=(2, 3))
    return x @ weights["fc.weight"].T + weights["fc.bias"]


def build(**settings: float) -> nn.Module:
    return open_spec(SPECS / "wide_resnet.arch").architecture("wrn_40_1", settings, {}).build()


@pytest.mark.parametrize(("k", "projections"), [(1, 2), (3, 3)])
def test_outputs(k: int, projections: int) -> None:
    """A shortcut is the identity where the shape stays: in the first group too, if k is 1."""
    net = build(depth=16, k=k)
    shortcuts = [part for name, part in net.named_modules() if name.endswith("downsample")]
    assert sum(not isinstance(part, nn.Identity) for part in shortcuts) == projections
    hold(net, lambda weights, image: plain(weights, image, 2), (3, 16, 16))


def test_dropout() -> None:
    """Section 2.4: between the two convolutions of a unit, behind the ReLU."""
    net = build(depth=10, k=2, rate=0.3)
    for group in (net.conv2, net.conv3, net.conv4):
        kinds = [type(part).__name__ for part in group[0].children()]
        place = kinds.index("Dropout")
        assert kinds[place - 1 : place + 2] == ["ReLU", "Dropout", "Conv2d"]
        assert kinds.count("Dropout") == 1 and group[0].get_submodule("dropout1").p == 0.3
    assert not any(isinstance(part, nn.Dropout) for part in build(depth=10, k=2).modules())
