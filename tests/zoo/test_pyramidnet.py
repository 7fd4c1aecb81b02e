"""Pyramidal networks against section 3 of their paper."""

from __future__ import annotations

from fractions import Fraction
from math import floor

import pytest
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from archdsl.api import open_spec
from tests.zoo.plain import Weights, bn, conv, hold, padded
from tests.zoo.support import SPECS, architecture

SPEC = open_spec(SPECS / "pyramidnet.arch")


def plain(weights: Weights, image: Tensor, deep: bool, imagenet: bool) -> Tensor:
    """Sections 3.1 and 3.3, Fig. 6 (d): the only ReLUs stand before the last convolutions."""
    x = bn(weights, "bn1", conv(weights, "conv1", image, 2 if imagenet else 1))
    if imagenet:
        x = F.max_pool2d(x.relu(), 3, 2, 1)
    names = [f"conv{i}" for i in ((1, 2, 3) if deep else (1, 2))]
    for stage in range(1, 5 if imagenet else 4):
        places = {".".join(key.split(".")[:2]) for key in weights if key.startswith(f"layer{stage}.")}
        for place in sorted(places, key=lambda name: int(name.split(".")[1])):
            stride = 2 if stage > 1 and place.endswith(".0") else 1
            y = bn(weights, f"{place}.bn1", x)
            for i, name in enumerate(names):
                strides = stride if name == ("conv2" if deep else "conv1") else 1
                y = conv(weights, f"{place}.{name}", y.relu() if i else y, strides)
                y = bn(weights, f"{place}.bn{i + 2}", y)
            if stride == 2:
                x = F.avg_pool2d(x, 2, ceil_mode=True)
            x = padded(x, y.shape[1]) + y
    x = bn(weights, "bn_final", x).relu().mean(dim=(2, 3))
    return x @ weights["fc.weight"].T + weights["fc.bias"]


@pytest.mark.torch
@pytest.mark.parametrize(
    ("model", "settings", "size"),
    [
        ("pyramidnet110_48", {"n": 3, "alpha": 7}, 16),
        ("pyramidnet110_48", {"n": 2, "alpha": 40}, 13),
        ("pyramidnet164_48", {"n": 2, "alpha": 9}, 16),
    ],
)
def test_cifar(model: str, settings: dict[str, int], size: int) -> None:
    net = SPEC.architecture(model, settings, {}).build()
    hold(net, lambda weights, image: plain(weights, image, "164" in model, False), (3, size, size))


@pytest.mark.torch
def test_imagenet() -> None:
    settings = {"depths": [2, 1, 2, 1], "alpha": 20}
    net = SPEC.architecture("pyramidnet200_300", settings, {"image": (3, 64, 96)}).build()
    hold(net, lambda weights, image: plain(weights, image, True, True), (3, 64, 96))


def widths(model: str) -> list[int]:
    layers = architecture("pyramidnet.arch", model).summary()["layers"]
    return [layer["output"][0] for layer in layers if layer["path"].endswith(".bn2")]


@pytest.mark.parametrize(
    ("model", "units", "start", "alpha"),
    [
        ("pyramidnet110_84", 54, 16, 84),
        ("pyramidnet272_200", 90, 16, 200),
        ("pyramidnet200_450", 66, 64, 450),
    ],
)
def test_widths(model: str, units: int, start: int, alpha: int) -> None:
    """Equation 2, each width rounded half up."""
    steps = [Fraction(alpha * k, units) for k in range(1, units + 1)]
    assert widths(model) == [floor(start + step + Fraction(1, 2)) for step in steps]


def test_multiplied_widths() -> None:
    """Equation 3 in whole numbers: w is nearest to 16 · 8^(k / 54) where (2 w ± 1)^54 lie around 32^54 · 8^k."""
    for k, width in enumerate(widths("pyramidnet110_mul_8"), 1):
        assert (2 * width - 1) ** 54 <= 32**54 * 8**k < (2 * width + 1) ** 54
