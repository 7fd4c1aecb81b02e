"""ShuffleNet against modules written from its paper: Table 1 and Figs. 1 and 2."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn
from torch.func import functional_call

from archdsl import load
from tests.zoo.plain import Weights, hold
from tests.zoo.support import SPECS

pytestmark = pytest.mark.torch
slow = pytest.mark.slow
SPEC = SPECS / "shufflenet.arch"

#: Table 1: the channels of stages 2, 3 and 4 by the number of groups
CHANNELS = {
    1: (144, 288, 576),
    2: (200, 400, 800),
    3: (240, 480, 960),
    4: (272, 544, 1088),
    8: (384, 768, 1536),
}


class Excite(nn.Module):
    """Squeeze and excitation (Hu et al., 2018, equation 3), with a reduction of 16."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.w1, self.w2 = nn.Linear(channels, channels // 16), nn.Linear(channels // 16, channels)

    def forward(self, x: Tensor) -> Tensor:
        weighed: Tensor = x * torch.sigmoid(self.w2(F.relu(self.w1(x.mean(dim=(2, 3))))))[:, :, None, None]
        return weighed


class Unit(nn.Module):
    """Fig. 2b and 2c."""

    def __init__(self, arriving: int, leaving: int, groups: int, first: bool, excited: bool) -> None:
        super().__init__()
        self.groups, self.strides = groups, arriving != leaving
        inner, added = leaving // 4, leaving - arriving if self.strides else leaving
        self.reduce = nn.Conv2d(arriving, inner, 1, groups=1 if first else groups, bias=False)
        self.norm1 = nn.BatchNorm2d(inner)
        self.spatial = nn.Conv2d(inner, inner, 3, 1 + self.strides, 1, groups=inner, bias=False)
        self.norm2 = nn.BatchNorm2d(inner)
        self.restore = nn.Conv2d(inner, added, 1, groups=groups, bias=False)
        self.norm3 = nn.BatchNorm2d(added)
        self.excite = Excite(added) if excited else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.norm1(self.reduce(x)))
        each = y.shape[1] // self.groups  # Fig. 1c: the next group gets one channel of every group, in turn
        y = y[:, [group * each + i for i in range(each) for group in range(self.groups)]]
        y = self.excite(self.norm3(self.restore(self.norm2(self.spatial(y)))))
        if self.strides:
            return F.relu(torch.cat([F.avg_pool2d(x, 3, 2, 1), y], dim=1))
        return F.relu(x + y)


class Reference(nn.Module):
    """Table 1."""

    def __init__(self, groups: int, stem: int, channels: tuple[int, ...], excited: bool) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, stem, 3, 2, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(stem)
        units, arriving = [], stem
        for stage, (leaving, repeat) in enumerate(zip(channels, (3, 7, 3), strict=True)):
            units.append(Unit(arriving, leaving, groups, stage == 0, excited))
            units += [Unit(leaving, leaving, groups, False, excited) for _ in range(repeat)]
            arriving = leaving
        self.units = nn.Sequential(*units)
        self.fc = nn.Linear(arriving, 1000)

    def forward(self, image: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.norm1(self.conv1(image))), 3, 2, 1)
        logits: Tensor = self.fc(self.units(x).mean(dim=(2, 3)))
        return logits


@pytest.mark.parametrize(
    ("model", "groups", "stem", "scale"),
    [
        pytest.param("shufflenet_g1", 1, 24, 1, marks=slow),
        pytest.param("shufflenet_g2", 2, 24, 1, marks=slow),
        pytest.param("shufflenet_g3", 3, 24, 1, marks=slow),
        pytest.param("shufflenet_g4", 4, 24, 1, marks=slow),
        pytest.param("shufflenet_g8", 8, 24, 1, marks=slow),
        ("shufflenet_025", 3, 12, 0.25),
        pytest.param("shufflenet_050", 3, 12, 0.5, marks=slow),
        pytest.param("shufflenet_150", 3, 24, 1.5, marks=slow),
        pytest.param("shufflenet_200", 3, 48, 2, marks=slow),
        pytest.param("se_shufflenet_g3", 3, 24, 1, marks=slow),
        pytest.param("se_shufflenet_200", 3, 48, 2, marks=slow),
    ],
)
@pytest.mark.parametrize("size", [(64, 64), (75, 33)], ids=str)
def test_outputs(model: str, groups: int, stem: int, scale: float, size: tuple[int, int]) -> None:
    """Weights are mapped in the order in which the modules run; outputs and gradients are equal."""
    channels = tuple(int(scale * c) for c in CHANNELS[groups])
    reference = Reference(groups, stem, channels, model.startswith("se_")).double().eval()

    def plain(weights: Weights, image: Tensor) -> Tensor:
        theirs = reference.state_dict().items()
        state = {n: w.reshape(t.shape) for (n, t), w in zip(theirs, weights.values(), strict=True)}
        logits: Tensor = functional_call(reference, state, (image,))
        return logits

    torch.manual_seed(0)
    net = load(SPEC, model=model).build()
    for name, parameter in net.named_parameters():
        if ".se." in name:  # gates less steep, so that no rounding is seen through them
            parameter.data.mul_(0.1)
    hold(net, plain, (3, *size))
