"""Squeeze-and-excitation and its place in a residual unit, against plain functions of the weights."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional

import archdsl
from archdsl.api import open_spec
from tests.zoo.figures import figured
from tests.zoo.plain import Weights, hold
from tests.zoo.support import SPECS

pytestmark = pytest.mark.torch

#: the convolutions of each unit, and which of them strides
UNITS = {
    "basic_block": (["conv1", "conv2"], "conv1"),
    "bottleneck": (["conv1", "conv2", "conv3"], "conv2"),
    "bottleneck_v1": (["conv1", "conv2", "conv3"], "conv1"),
}
INTEGRATIONS = ["standard", "pre", "post", "identity"]


def norm(w: Weights, x: Tensor, name: str) -> Tensor:
    mean, var = w[f"{name}.running_mean"], w[f"{name}.running_var"]
    scaled = (x - mean[:, None, None]) / (var + 1e-5).sqrt()[:, None, None]
    return scaled * w[f"{name}.weight"][:, None, None] + w[f"{name}.bias"][:, None, None]


def recalibrate(w: Weights, x: Tensor, name: str) -> Tensor:
    """Equations 2 to 4: the mean of each channel, two fully connected layers, a factor for each channel."""
    z = x.mean(dim=(2, 3))
    s = functional.relu(z @ w[f"{name}.fc1.weight"][:, :, 0, 0].T + w[f"{name}.fc1.bias"])
    s = torch.sigmoid(s @ w[f"{name}.fc2.weight"][:, :, 0, 0].T + w[f"{name}.fc2.bias"])
    return x * s[:, :, None, None]


def residual(w: Weights, x: Tensor, name: str, unit: str, stride: int) -> Tensor:
    """Convolutions with normalisation, and a ReLU behind all but the last."""
    convolutions, strided = UNITS[unit]
    for i, conv in enumerate(convolutions, start=1):
        kernel = w[f"{name}.{conv}.weight"]
        x = functional.conv2d(
            x, kernel, stride=stride if conv == strided else 1, padding=kernel.shape[-1] // 2
        )
        x = norm(w, x, f"{name}.bn{i}")
        x = x if conv == convolutions[-1] else functional.relu(x)
    return x


def shortcut(w: Weights, x: Tensor, name: str, stride: int) -> Tensor:
    if f"{name}.downsample.0.weight" not in w:
        return x
    return norm(
        w, functional.conv2d(x, w[f"{name}.downsample.0.weight"], stride=stride), f"{name}.downsample.1"
    )


def integrated(w: Weights, x: Tensor, name: str, unit: str, stride: int, integration: str) -> Tensor:
    """Fig. 5: behind the residual branch, before it, behind all, beside it."""
    gate = f"{name}.se_module"
    if integration == "pre":
        branch = residual(w, recalibrate(w, x, gate), name, unit, stride)
        return functional.relu(branch + shortcut(w, x, name, stride))
    branch, skip = residual(w, x, name, unit, stride), shortcut(w, x, name, stride)
    if integration == "standard":
        return functional.relu(recalibrate(w, branch, gate) + skip)
    if integration == "identity":
        return functional.relu(branch + recalibrate(w, skip, gate))
    return recalibrate(w, functional.relu(branch + skip), gate)


@pytest.mark.parametrize("integration", INTEGRATIONS)
@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("stride", [1, 2])
def test_integration(unit: str, stride: int, integration: str) -> None:
    width = 16 if unit == "basic_block" else 4  # 16 channels leave: without a stride there is no projection
    net = archdsl.loads(
        f"from std.resnet import {unit}\nfrom std.se import se\n"
        "network net { input x: [16, 6, 6]; "
        f'n: {unit}({width}, {stride}, {{ se_module: se(2) }}, integration="{integration}"); output y }}'
    ).build()
    hold(net, lambda w, x: integrated(w, x, "n", unit, stride, integration), (16, 6, 6))


@pytest.mark.parametrize("integration", INTEGRATIONS)
def test_one_parameter_of_the_network(integration: str) -> None:
    net = archdsl.loads(
        "from senet import senet\nfrom std.resnet import bottleneck_v1\n"
        f'model net = senet(bottleneck_v1, [2, 1], integration="{integration}", classes=10)',
        filename=str(SPECS / "net.arch"),
    ).build()

    def plain(w: Weights, x: Tensor) -> Tensor:
        x = functional.relu(
            norm(w, functional.conv2d(x, w["layer0.conv1.weight"], stride=2, padding=3), "layer0.bn1")
        )
        x = functional.max_pool2d(x, 3, 2, ceil_mode=True)
        for name, stride in [("1.0", 1), ("1.1", 1), ("2.0", 2)]:
            x = integrated(w, x, f"layer{name}", "bottleneck_v1", stride, integration)
        return x.mean(dim=(2, 3)) @ w["last_linear.weight"].T + w["last_linear.bias"]

    hold(net, plain, (3, 33, 40))


def test_no_such_integration() -> None:
    with pytest.raises(archdsl.ArchError, match="an integration is standard, pre, post or identity"):
        archdsl.loads(
            "from std.resnet import bottleneck\n"
            'network n { input x: [8, 6, 6]; bottleneck(2, integration="after"); output y }'
        )


@pytest.mark.parametrize(
    ("r", "model"),
    [(2, "se_resnet50_r2"), (4, "se_resnet50_r4"), (8, "se_resnet50_r8"), (16, "se_resnet50"), (32, "se_resnet50_r32")],
)  # fmt: skip
def test_parameters_of_a_ratio(r: int, model: str) -> None:
    """Equation 5, 2/r times the squares of the channels that leave each unit, and the biases."""
    channels = [256] * 3 + [512] * 4 + [1024] * 6 + [2048] * 3
    more = figured("se_resnet.arch", model).params - figured("resnet.arch", "resnet50_v1").params
    assert more == sum(2 * c * c // r + c // r + c for c in channels)


@pytest.mark.parametrize("r", [2, 4, 8, 32])
@pytest.mark.parametrize(("layers", "units"), [(101, [3, 4, 23, 3]), (152, [3, 8, 36, 3])])
def test_any_ratio_can_be_asked_for(layers: int, units: list[int], r: int) -> None:
    """Of the deeper ones too, and it changes the blocks alone."""
    arch = open_spec(SPECS / "se_resnet.arch").architecture(f"se_resnet{layers}", {"r": r})
    plain = figured("resnet.arch", f"resnet{layers}_v1").params
    channels = [c for c, n in zip([256, 512, 1024, 2048], units, strict=True) for _ in range(n)]
    assert arch.params - plain == sum(2 * c * c // r + c // r + c for c in channels)
