"""VDSR and SRDenseNet against plain functions of their weights: images in, images out, of any size."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from archdsl import load
from tests.zoo.plain import Weights, hold
from tests.zoo.support import SPECS

pytestmark = pytest.mark.torch


def convolve(weights: Weights, name: str, x: Tensor) -> Tensor:
    """A convolution that keeps the size."""
    weight = weights[f"{name}.weight"]
    return F.conv2d(x, weight, weights[f"{name}.bias"], padding=weight.shape[2] // 2)


def vdsr(weights: Weights, image: Tensor) -> Tensor:
    """Kim et al. (2016), section 3.1: what is predicted is added to the image."""
    x = image
    for i in range(19):
        x = F.relu(convolve(weights, f"residual1.conv_act1.{i}.conv", x))
    return image + convolve(weights, "residual1.conv1", x)


@pytest.mark.parametrize("size", [(41, 41), (24, 37)], ids=str)
def test_vdsr(size: tuple[int, int]) -> None:
    hold(load(SPECS / "vdsr.arch").build(), vdsr, (1, *size))


@pytest.mark.parametrize(("depth", "sees"), [(5, 11), (20, 41)])
def test_receptive_field_of_vdsr(depth: int, sees: int) -> None:
    """Section 4.2 trains on patches of 41 by 41: what a pixel sees at depth D, 2D + 1 both ways (section 3.1)."""
    torch.manual_seed(0)
    net = load(SPECS / "vdsr.arch", depth=depth, width=4).build().double()
    image = torch.randn(1, 1, 61, 61, dtype=torch.double, requires_grad=True)
    net(image)[0, 0, 30, 30].backward()
    assert image.grad is not None
    seen = image.grad[0, 0].nonzero()
    assert (seen.max(dim=0).values - seen.min(dim=0).values + 1).tolist() == [sees, sees]


def srdensenet(levels: str) -> Callable[[Weights, Tensor], Tensor]:
    """Tong et al. (2017): the features of low and high levels that the variant takes, then four times the size."""

    def plain(weights: Weights, image: Tensor) -> Tensor:
        features = [F.relu(convolve(weights, "low_level.conv", image))]
        for i in range(8):
            x = torch.cat(features, dim=1) if levels == "All" else features[-1]
            maps: list[Tensor] = []
            for j in range(8):
                x = F.relu(convolve(weights, f"block{i + 1}.layer{j + 1}.conv", x))
                maps.append(x)
                x = torch.cat(maps, dim=1)
            features.append(x)
        chosen = {"H": features[-1:], "HL": [features[0], features[-1]], "All": features}[levels]
        x = torch.cat(chosen, dim=1)
        if levels == "All":
            x = F.relu(convolve(weights, "bottleneck.conv", x))
        for name in ("double1.deconv1", "double2.deconv1"):
            weight, bias = weights[f"{name}.weight"], weights[f"{name}.bias"]
            full = F.conv_transpose2d(x, weight, bias, stride=2)  # one row and one column too many
            x = F.relu(full[:, :, 1:, 1:])
        return convolve(weights, "reconstruction", x)

    return plain


@pytest.mark.parametrize("size", [(9, 9), (6, 13)], ids=str)
@pytest.mark.parametrize("levels", ["H", "HL", "All"])
def test_srdensenet(levels: str, size: tuple[int, int]) -> None:
    net = load(SPECS / "srdensenet.arch", model=f"srdensenet_{levels.lower()}").build()
    assert net(torch.randn(1, 1, *size)).shape == (1, 1, 4 * size[0], 4 * size[1])
    hold(net, srdensenet(levels), (1, *size), batch=1)
