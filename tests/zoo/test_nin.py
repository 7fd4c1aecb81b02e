"""Network in Network against plain functions of its weights, after the authors' models for Caffe."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from archdsl import load
from tests.zoo.plain import Weights, hold
from tests.zoo.support import SPECS

pytestmark = pytest.mark.torch
SPEC = SPECS / "nin.arch"


def mlpconv(weights: Weights, number: int, x: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    """A convolution, and a perceptron of two layers at each position."""
    name = f"mlpconv{number}"
    x = F.relu(F.conv2d(x, weights[f"{name}.conv.weight"], weights[f"{name}.conv.bias"], stride, padding))
    for layer in ("cccp1", "cccp2"):
        weight, bias = weights[f"{name}.{layer}.weight"], weights[f"{name}.{layer}.bias"]
        x = F.relu(F.linear(x.movedim(1, -1), weight.flatten(1), bias)).movedim(-1, 1)
    return x


def cifar(weights: Weights, x: Tensor) -> Tensor:
    x = F.max_pool2d(mlpconv(weights, 1, x, padding=2), 3, 2, ceil_mode=True)
    x = F.avg_pool2d(mlpconv(weights, 2, x, padding=2), 3, 2, ceil_mode=True)
    return mlpconv(weights, 3, x, padding=1).mean(dim=(2, 3))


def imagenet(weights: Weights, x: Tensor) -> Tensor:
    x = F.max_pool2d(mlpconv(weights, 1, x, stride=4), 3, 2, ceil_mode=True)
    x = F.max_pool2d(mlpconv(weights, 2, x, padding=2), 3, 2, ceil_mode=True)
    x = F.max_pool2d(mlpconv(weights, 3, x, padding=1), 3, 2, ceil_mode=True)
    return mlpconv(weights, 4, x, padding=1).mean(dim=(2, 3))


def test_cifar() -> None:
    hold(load(SPEC, model="nin_cifar").build(), cifar, (3, 32, 32))


@pytest.mark.parametrize("size", [(67, 131), (127, 90)], ids=str)
def test_imagenet(size: tuple[int, int]) -> None:
    hold(load(SPEC, model="nin_imagenet", classes=10).build(), imagenet, (3, *size), batch=1)


def test_weights_start_as_released() -> None:
    """Deviations of 0.05; 0.01 for the convolutions of the first and third perceptron, and for the last layer."""
    torch.manual_seed(0)
    for name, parameter in load(SPEC, model="nin_imagenet").build().named_parameters():
        if name.endswith("bias"):
            assert not parameter.any(), name
        else:
            layer = name.removesuffix(".weight")
            small = layer in ("mlpconv1.conv", "mlpconv3.conv", "mlpconv4.cccp2")
            assert abs(parameter.std().item() / (0.01 if small else 0.05) - 1) < 0.05, name
