"""3D U-Net against a plain one of the paper's section 2 and Fig. 2."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from archdsl.api import open_spec
from tests.zoo.plain import Weights, hold
from tests.zoo.support import SPECS, architecture

pytestmark = pytest.mark.torch
SPEC = SPECS / "unet3d.arch"


def plain(weights: Weights, volume: Tensor, pad: int) -> Tensor:
    def unit(name: str, x: Tensor) -> Tensor:
        x = F.conv3d(x, weights[f"{name}.conv1.weight"], weights.get(f"{name}.conv1.bias"), padding=pad)
        mean, variance = weights[f"{name}.bn1.running_mean"], weights[f"{name}.bn1.running_var"]
        return F.relu(
            F.batch_norm(
                x, mean, variance, weights.get(f"{name}.bn1.weight"), weights.get(f"{name}.bn1.bias")
            )
        )

    def middle(x: Tensor, like: Tensor) -> Tensor:
        for axis in (2, 3, 4):
            left_out = x.shape[axis] - like.shape[axis]
            x = x.narrow(axis, left_out // 2, like.shape[axis])
        return x

    skips = []
    x = volume
    for level in range(3):
        x = unit(f"unit{2 * level + 2}", unit(f"unit{2 * level + 1}", x))
        skips.append(x)
        x = F.max_pool3d(x, 2)
    x = unit("unit8", unit("unit7", x))
    for level in range(3):
        up = F.conv_transpose3d(x, weights[f"deconv{level + 1}.weight"], stride=2)
        x = torch.cat([middle(skips.pop(), up), up], dim=1)
        x = unit(f"unit{9 + level}.1", unit(f"unit{9 + level}.0", x))
    return F.conv3d(x, weights["conv1.weight"], weights["conv1.bias"])


@pytest.mark.parametrize(
    ("settings", "shape", "leaves"),
    [
        ({"pad": 0}, (92, 100, 92), (4, 12, 4)),
        ({"pad": 1}, (16, 24, 8), (16, 24, 8)),
        ({"pad": 1, "bias": True}, (8, 8, 16), (8, 8, 16)),
    ],
)
def test_outputs(settings: dict[str, Any], shape: tuple[int, ...], leaves: tuple[int, ...]) -> None:
    arch = open_spec(SPEC).architecture("unet3d", {"width": 2, **settings}, {"volume": (3, *shape)})
    assert arch.outputs == {"scores": [3, *leaves]}
    hold(arch.build(), lambda weights, volume: plain(weights, volume, settings["pad"]), (3, *shape), batch=1)


def test_sizes_of_the_figure() -> None:
    """Fig. 2, from left to right: in and out of each level, and the channels that are written on the boxes."""
    layers = architecture("unet3d.arch", "unet3d").summary()["layers"]
    convs = [layer["output"] for layer in layers if layer["layer"] == "conv"]
    assert [c for c, *_ in convs] == [32, 64, 64, 128, 128, 256, 256, 512, 256, 256, 128, 128, 64, 64, 3]
    assert [convs[i][1:] for i in (1, 3, 5, 7)] == [[112, 128, 128], [52, 60, 60], [22, 26, 26], [7, 9, 9]]
    assert [convs[i][1:] for i in (9, 11, 13)] == [[10, 14, 14], [16, 24, 24], [28, 44, 44]]
    ups = [layer["output"] for layer in layers if layer["layer"] == "deconv"]
    assert ups == [[512, 14, 18, 18], [256, 20, 28, 28], [128, 32, 48, 48]]


def test_printed_parameters() -> None:
    """Section 2: "the architecture has 19069955 parameters in total"."""
    assert architecture("unet3d.arch", "unet3d_printed").params == 19_069_955
