"""UNet++ against equation 1 of its paper, written out."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from archdsl import load
from tests.zoo.plain import Weights, hold
from tests.zoo.support import SPECS, tensors

pytestmark = pytest.mark.torch
SPEC = SPECS / "unet_plus_plus.arch"


def plain(weights: Weights, image: Tensor, depth: int) -> list[Tensor]:
    """The masks of X^{0,1} to X^{0,depth}, and their mean."""

    def node(i: int, j: int, x: Tensor) -> Tensor:
        for name in (f"x{i}_{j}.conv1", f"x{i}_{j}.conv2"):
            x = F.relu(F.conv2d(x, weights[f"{name}.weight"], weights[f"{name}.bias"], padding=1))
        return x

    grid: dict[tuple[int, int], Tensor] = {(0, 0): node(0, 0, image)}
    for i in range(1, depth + 1):
        grid[i, 0] = node(i, 0, F.max_pool2d(grid[i - 1, 0], 2))
    for j in range(1, depth + 1):
        for i in range(depth - j + 1):
            name = f"up{i}_{j}"
            below = grid[i + 1, j - 1]
            up = F.conv_transpose2d(below, weights[f"{name}.weight"], weights[f"{name}.bias"], stride=2)
            grid[i, j] = node(i, j, torch.cat([grid[i, k] for k in range(j)] + [up], dim=1))
    masks = []
    for j in range(1, depth + 1):
        head = F.conv2d(grid[0, j], weights[f"head{j}.0.weight"], weights[f"head{j}.0.bias"])
        masks.append(torch.sigmoid(head))
    return [*masks, torch.stack(masks).mean(dim=0)]


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_outputs(depth: int) -> None:
    net = load(SPEC, model="unet_plus_plus", depth=depth, width=4, classes=2).build()
    hold(net, lambda weights, image: plain(weights, image, depth), (3, 32, 32))


def test_masks_are_a_list() -> None:
    """One output is a list of as many masks as there are heads, the other one mask."""
    net = load(SPEC, model="unet_plus_plus", width=2).build()
    result = net(torch.randn(1, 3, 32, 32))
    assert result._fields == ("masks", "mask")
    assert [tuple(mask.shape) for mask in result.masks] == [(1, 1, 32, 32)] * 4


def test_pruned_networks_are_parts() -> None:
    """Fig. 3: each smaller network is a part of the whole, with its weights and its mask."""
    whole = load(SPEC, model="unet_plus_plus", width=2).build().eval()
    image = torch.randn(1, 3, 32, 32)
    for depth in (1, 2, 3):
        part = load(SPEC, model=f"unet_plus_plus_l{depth}", width=2).build().eval()
        state = whole.state_dict()
        part.load_state_dict({key: state[key] for key in part.state_dict()})
        with torch.no_grad():
            torch.testing.assert_close(tensors(part(image))[depth - 1], tensors(whole(image))[depth - 1])
