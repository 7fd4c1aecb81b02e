"""AlexNet as published: two towers, each its own convolutions, that see each other where section 3.5 says."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from archdsl import load
from tests.zoo.oracles import close, move_statistics
from tests.zoo.plain import Weights
from tests.zoo.support import SPECS

SPEC = SPECS / "alexnet.arch"


def response_norm(a: Tensor, k: float = 2, n: int = 5, alpha: float = 1e-4, beta: float = 0.75) -> Tensor:
    """Section 3.3, kernel by kernel."""
    kernels = a.shape[1]
    normed = []
    for i in range(kernels):
        near = a[:, max(0, i - n // 2) : min(kernels - 1, i + n // 2) + 1]
        normed.append(a[:, i] / (k + alpha * near.square().sum(dim=1)) ** beta)
    return torch.stack(normed, dim=1)


def plain(weights: Weights, image: Tensor) -> Tensor:
    """Fig. 2, tower by tower, each of half of the kernels."""

    def tower(name: str, number: int, x: Tensor, **settings: int) -> Tensor:
        weight, bias = (weights[f"{name}.{part}"].chunk(2)[number] for part in ("weight", "bias"))
        return F.relu(F.conv2d(x, weight, bias, **settings))

    def alone(name: str, towers: list[Tensor], padding: int) -> list[Tensor]:
        return [tower(name, number, x, padding=padding) for number, x in enumerate(towers)]

    def normed_and_pooled(towers: list[Tensor]) -> list[Tensor]:
        return list(F.max_pool2d(response_norm(torch.cat(towers, dim=1)), 3, 2).chunk(2, dim=1))

    towers = normed_and_pooled([tower("conv1", number, image, stride=4) for number in (0, 1)])
    towers = normed_and_pooled(alone("conv2", towers, 2))
    towers = [tower("conv3", number, torch.cat(towers, dim=1), padding=1) for number in (0, 1)]
    towers = alone("conv5", alone("conv4", towers, 1), 1)
    x = F.max_pool2d(torch.cat(towers, dim=1), 3, 2).flatten(1)
    for name in ("fc6", "fc7"):
        x = F.relu(F.linear(x, weights[f"{name}.weight"], weights[f"{name}.bias"]))
    return F.linear(x, weights["fc8.weight"], weights["fc8.bias"])


@pytest.mark.torch
def test_two_towers() -> None:
    torch.manual_seed(0)
    net = move_statistics(load(SPEC, model="alexnet_paper").build()).eval()
    image = torch.randn(1, 3, 227, 227)
    with torch.no_grad():
        assert close(net(image), plain(net.state_dict(), image))


def test_neurons() -> None:
    """The caption of Fig. 2; it prints 253,440 for the first layer, of which the maps are not 55×55."""
    layers = {layer["path"]: layer for layer in load(SPEC, model="alexnet_paper").summary()["layers"]}
    neurons = [torch.Size(layers[name]["output"]).numel() for name in ("conv2", "conv3", "conv4", "conv5")]
    assert neurons == [186_624, 64_896, 64_896, 43_264]
    assert torch.Size(layers["conv1"]["output"]).numel() == 55 * 55 * 96 == 290_400
    total = 290_400 + sum(neurons) + 4096 + 4096 + 1000
    assert round(total, -4) == 660_000  # abstract: "650,000 neurons"


@pytest.mark.torch
def test_weights_start_as_published() -> None:
    """Section 5: a deviation of 0.01, and biases of 1 in five layers."""
    torch.manual_seed(0)
    net = load(SPEC, model="alexnet_paper").build()
    for name, parameter in net.named_parameters():
        if name.endswith("bias"):
            layer = name.removesuffix(".bias")
            assert (parameter == (0 if layer in ("conv1", "conv3", "fc8") else 1)).all(), name
        else:
            sample = parameter.detach().flatten()[:100_000]
            assert abs(sample.std().item() - 0.01) < 3e-4 and abs(sample.mean().item()) < 3e-4, name
