"""Residual attention networks against their paper, and the layers that the authors published."""

from __future__ import annotations

import pytest
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from archdsl.api import open_spec
from tests.zoo.plain import Weights, bn, conv, hold
from tests.zoo.support import SPECS, architecture

SPEC = open_spec(SPECS / "residual_attention.arch")


def unit(weights: Weights, name: str, x: Tensor, stride: int = 1) -> Tensor:
    """A residual unit: 1×1, 3×3 with the stride, 1×1, with pre-activation, or of 32 groups and without."""
    if f"{name}.norm1.weight" not in weights:
        return grouped(weights, name, x, stride)
    y = active = bn(weights, f"{name}.norm1", x).relu()
    if f"{name}.downsample.conv.weight" in weights:
        x = conv(weights, f"{name}.downsample.conv", active, stride)
    y = conv(weights, f"{name}.conv1", y)
    y = conv(weights, f"{name}.conv2", bn(weights, f"{name}.norm2", y).relu(), stride)
    return x + conv(weights, f"{name}.conv3", bn(weights, f"{name}.norm3", y).relu())


def grouped(weights: Weights, name: str, x: Tensor, stride: int) -> Tensor:
    y = bn(weights, f"{name}.bn1", conv(weights, f"{name}.conv1", x)).relu()
    y = F.conv2d(y, weights[f"{name}.conv2.weight"], None, stride, 1, groups=32)
    y = conv(weights, f"{name}.conv3", bn(weights, f"{name}.bn2", y).relu())
    if f"{name}.downsample.0.weight" in weights:
        x = bn(weights, f"{name}.downsample.1", conv(weights, f"{name}.downsample.0", x, stride))
    return (x + bn(weights, f"{name}.bn3", y)).relu()


def soft_mask(weights: Weights, name: str, x: Tensor, depth: int) -> Tensor:
    """Fig. 3 from the outside in, with r = 1."""
    size = x.shape[2:]
    kind = "preact_bottleneck" if f"{name}.preact_bottleneck1.0.conv1.weight" in weights else "bottleneck"
    x = F.max_pool2d(x, 3, 2, ceil_mode=True)
    x = unit(weights, f"{name}.{kind}1.0", x)
    last = f"{kind}2.0"
    if depth > 1:
        skip = unit(weights, f"{name}.{kind}2", x)
        x, last = skip + soft_mask(weights, f"{name}.soft_mask1", x, depth - 1), f"{kind}3.0"
    x = unit(weights, f"{name}.{last}", x)
    return F.interpolate(x, size, mode="bilinear", align_corners=True)


def module(weights: Weights, name: str, x: Tensor, depth: int, naive: bool) -> Tensor:
    """Fig. 2 with p = 1 and t = 2."""
    x = unit(weights, f"{name}.before.0", x)
    trunk = unit(weights, f"{name}.trunk.1", unit(weights, f"{name}.trunk.0", x))
    mask = soft_mask(weights, f"{name}.mask.0", x, depth)
    if f"{name}.mask.6.weight" in weights:
        mask, linear = bn(weights, f"{name}.mask.1", mask).relu(), 3
    else:
        linear = 1  # the units end with an activation
    mask = bn(weights, f"{name}.mask.{linear + 1}", conv(weights, f"{name}.mask.{linear}", mask)).relu()
    mask = conv(weights, f"{name}.mask.{linear + 3}", mask).sigmoid()
    return unit(weights, f"{name}.after.0", mask * trunk if naive else (1 + mask) * trunk)


def plain(weights: Weights, image: Tensor, modules: list[int], naive: bool) -> Tensor:
    x = bn(weights, "bn1", conv(weights, "conv1", image, 2)).relu()
    x = F.max_pool2d(x, 3, 2, ceil_mode=True)
    for stage, count in enumerate(modules, 1):
        x = unit(weights, f"stage{stage}.0", x, 1 if stage == 1 else 2)
        for j in range(1, count + 1):
            x = module(weights, f"stage{stage}.{j}", x, 4 - stage, naive)
    for j in range(3):
        x = unit(weights, f"stage4.{j}", x, 2 if j == 0 else 1)
    if "bn2.weight" in weights:
        x = bn(weights, "bn2", x).relu()
    x = x.mean(dim=(2, 3))
    return x @ weights["fc.weight"].T + weights["fc.bias"]


@pytest.mark.torch
@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "modules", "naive"),
    [
        ("attention56", [1, 1, 1], False),
        ("attention92", [1, 2, 3], False),
        ("attention56_naive", [1, 1, 1], True),
        ("attentionnext56", [1, 1, 1], False),
    ],
)
def test_outputs(model: str, modules: list[int], naive: bool) -> None:
    net = architecture("residual_attention.arch", model, image=(3, 64, 96)).build()
    hold(net, lambda weights, image: plain(weights, image, modules, naive), (3, 64, 96))


def residual(channels: int, width: int, arriving: int) -> int:
    """Weights of a unit, its normalisations with two a channel."""
    weights = arriving * width + 9 * width**2 + width * channels + 2 * (arriving + 2 * width)
    return weights + (arriving * channels if arriving != channels else 0)


@pytest.mark.parametrize(("model", "modules"), [("attention56", (1, 1, 1)), ("attention92", (1, 2, 3))])
def test_layers_of_the_prototxt(model: str, modules: tuple[int, ...]) -> None:
    """What it has: 4 units on the trunk of a module, 8, 5 and 2 in its mask, and two 1×1 convolutions."""
    total = 3 * 64 * 49 + 128 + 2 * 2048 + 2048 * 1000 + 1000
    arriving = 64
    for stage, (count, in_mask) in enumerate(zip(modules, (8, 5, 2), strict=True)):
        channels, width = 256 * 2**stage, 64 * 2**stage
        total += residual(channels, width, arriving)
        total += count * (
            (4 + in_mask) * residual(channels, width, channels) + 2 * (channels**2 + 2 * channels)
        )
        arriving = channels
    total += residual(2048, 512, 1024) + 2 * residual(2048, 512, 2048)
    assert SPEC.architecture(model).params == total
