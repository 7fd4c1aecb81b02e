"""The Inception family against the figures of its papers, where no library has the network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

import archdsl
from tests.zoo.plain import Weights, hold
from tests.zoo.support import architecture

#: Fig. 5 of Ioffe and Szegedy, 2015: #1×1, #3×3 reduce, #3×3, double #3×3 reduce, double #3×3, pooling and projection
FIG_5: dict[str, tuple[int, int, int, int, int, str, int]] = {
    "3a": (64, 64, 64, 64, 96, "avg", 32),
    "3b": (64, 64, 96, 64, 96, "avg", 64),
    "3c": (0, 128, 160, 64, 96, "max", 0),
    "4a": (224, 64, 96, 96, 128, "avg", 128),
    "4b": (192, 96, 128, 96, 128, "avg", 128),
    "4c": (160, 128, 160, 128, 160, "avg", 128),
    "4d": (96, 128, 192, 160, 192, "avg", 128),
    "4e": (0, 128, 192, 192, 256, "max", 0),
    "5a": (352, 192, 320, 160, 224, "avg", 128),
    "5b": (352, 192, 320, 192, 224, "max", 128),
}


@dataclass
class Net:
    """Convolutions with batch normalisation, by name; each must have the width and the kernel that it is called with."""

    weights: Weights

    def unit(
        self, name: str, x: Tensor, width: int, kernel: Any = 1, stride: int = 1, valid: bool = False
    ) -> Tensor:
        kernel = kernel if isinstance(kernel, tuple) else (kernel, kernel)
        weight = self.weights[f"{name}.conv.weight"]
        assert weight.shape == (width, x.shape[1], *kernel), name
        pad = (0, 0) if valid else (kernel[0] // 2, kernel[1] // 2)
        return self.normal(name, F.conv2d(x, weight, stride=stride, padding=pad))

    def normal(self, name: str, x: Tensor) -> Tensor:
        mean, var, weight, bias = (
            self.weights[f"{name}.bn.{key}"] for key in ("running_mean", "running_var", "weight", "bias")
        )
        return F.relu(F.batch_norm(x, mean, var, weight, bias, eps=1e-3))

    def linear(self, name: str, x: Tensor) -> Tensor:
        return F.linear(x, self.weights[f"{name}.weight"].flatten(1), self.weights[f"{name}.bias"])

    def squeeze(self, name: str, x: Tensor) -> Tensor:
        """Hu et al., 2018, equations 2 to 4, with r = 16."""
        z = x.mean(dim=(2, 3))
        assert self.weights[f"{name}.fc1.weight"].shape[0] == x.shape[1] // 16
        s = torch.sigmoid(self.linear(f"{name}.fc2", F.relu(self.linear(f"{name}.fc1", z))))
        return x * s[:, :, None, None]


def halve(x: Tensor) -> Tensor:
    """Caffe's pooling, whose sizes are rounded up."""
    return F.max_pool2d(x, 3, stride=2, ceil_mode=True)


def bn_inception(weights: Weights, x: Tensor, se: bool, separable: bool, proj: int | None) -> Tensor:
    """Fig. 5, row by row; `proj` replaces the projection of 4c and 4d."""
    net = Net(weights)
    if separable:
        assert weights["conv1.depthwise.weight"].shape == (24, 1, 7, 7)
        x = F.conv2d(x, weights["conv1.depthwise.weight"], stride=2, padding=3, groups=3)
        x = net.unit("conv1.pointwise", x, 64)
    else:
        x = net.unit("conv1", x, 64, 7, stride=2)
    x = halve(net.unit("conv2", net.unit("conv2_reduce", halve(x), 64), 192, 3))
    for row, (c1, r3, c3, rd, cd, pool, c) in FIG_5.items():
        name = f"inception_{row}"
        if proj is not None and row in ("4c", "4d"):
            c = proj
        stride = 1 if c1 else 2
        branches = [net.unit(f"{name}.branch1x1", x, c1)] if c1 else []
        y = net.unit(f"{name}.branch3x3_1", x, r3)
        branches.append(net.unit(f"{name}.branch3x3_2", y, c3, 3, stride))
        y = net.unit(f"{name}.branch3x3dbl_2", net.unit(f"{name}.branch3x3dbl_1", x, rd), cd, 3)
        branches.append(net.unit(f"{name}.branch3x3dbl_3", y, cd, 3, stride))
        if not c:
            y = halve(x)
        elif pool == "max":
            y = F.max_pool2d(x, 3, stride=1, padding=1)
        else:
            y = F.avg_pool2d(x, 3, stride=1, padding=1)
        branches.append(net.unit(f"{name}.branch_pool", y, c) if c else y)
        x = torch.cat(branches, dim=1)
        x = net.squeeze(f"{name}.attention", x) if se else x
    return net.linear("fc", x.mean(dim=(2, 3)))


@pytest.mark.torch
@pytest.mark.parametrize(
    ("model", "se", "separable", "proj"),
    [
        ("bn_inception", False, False, None),
        pytest.param("se_bn_inception", True, False, None, marks=pytest.mark.slow),
        pytest.param("inception_v2", False, True, 96, marks=pytest.mark.slow),
    ],
)
def test_bn_inception(model: str, se: bool, separable: bool, proj: int | None) -> None:
    net = architecture("bn_inception.arch", model).build()
    hold(net, lambda weights, x: bn_inception(weights, x, se, separable, proj), (3, 64, 64))


def stem_v1(net: Net, x: Tensor) -> Tensor:
    """Fig. 14."""
    x = net.unit("conv2d_1a", x, 32, 3, stride=2, valid=True)
    x = net.unit("conv2d_2b", net.unit("conv2d_2a", x, 32, 3, valid=True), 64, 3)
    x = F.max_pool2d(x, 3, stride=2)
    x = net.unit("conv2d_4a", net.unit("conv2d_3b", x, 80), 192, 3, valid=True)
    return net.unit("conv2d_5a", x, 256, 3, stride=2, valid=True)


def stem_v2(net: Net, x: Tensor) -> Tensor:
    """Fig. 3."""
    x = net.unit("conv_bn1", x, 32, 3, stride=2, valid=True)
    x = net.unit("conv_bn3", net.unit("conv_bn2", x, 32, 3, valid=True), 64, 3)
    y = net.unit("mixed_3a1.conv", x, 96, 3, stride=2, valid=True)
    x = torch.cat([F.max_pool2d(x, 3, stride=2), y], dim=1)
    left = net.unit("mixed_4a1.branch0.1", net.unit("mixed_4a1.branch0.0", x, 64), 96, 3, valid=True)
    right = net.unit("mixed_4a1.branch1.0", x, 64)
    right = net.unit("mixed_4a1.branch1.2", net.unit("mixed_4a1.branch1.1", right, 64, (1, 7)), 64, (7, 1))
    x = torch.cat([left, net.unit("mixed_4a1.branch1.3", right, 96, 3, valid=True)], dim=1)
    y = net.unit("mixed_5a1.conv", x, 192, 3, stride=2, valid=True)
    return torch.cat([y, F.max_pool2d(x, 3, stride=2)], dim=1)


#: Figs. 10 to 13, and 16 to 19 with Table 1: the widths of each chain of a module, and its kernels
Chains = list[list[tuple[int, Any]]]
V1: dict[str, Chains] = {
    "a": [[(32, 1)], [(32, 1), (32, 3)], [(32, 1), (32, 3), (32, 3)]],
    "to_17": [[(384, 3)], [(192, 1), (192, 3), (256, 3)]],
    "b": [[(128, 1)], [(128, 1), (128, (1, 7)), (128, (7, 1))]],
    "to_8": [[(256, 1), (384, 3)], [(256, 1), (256, 3)], [(256, 1), (256, 3), (256, 3)]],
    "c": [[(192, 1)], [(192, 1), (192, (1, 3)), (192, (3, 1))]],
}
V2: dict[str, Chains] = {
    "a": [[(32, 1)], [(32, 1), (32, 3)], [(32, 1), (48, 3), (64, 3)]],
    "to_17": [[(384, 3)], [(256, 1), (256, 3), (384, 3)]],
    "b": [[(192, 1)], [(128, 1), (160, (1, 7)), (192, (7, 1))]],
    "to_8": [[(256, 1), (384, 3)], [(256, 1), (288, 3)], [(256, 1), (288, 3), (320, 3)]],
    "c": [[(192, 1)], [(192, 1), (224, (1, 3)), (256, (3, 1))]],
}


def chains(net: Net, name: str, x: Tensor, rows: Chains, reduce: bool = False) -> Tensor:
    """Side by side; in a reduction the last of each chain has a stride of 2 and no padding, and a pooling ends the row."""
    results = []
    for i, row in enumerate(rows):
        y = x
        for j, (width, kernel) in enumerate(row):
            step = f"{name}.branch{i}" if len(row) == 1 else f"{name}.branch{i}.{j}"
            last = reduce and j == len(row) - 1
            y = net.unit(step, y, width, kernel, stride=2 if last else 1, valid=last)
        results.append(y)
    if reduce:
        results.append(F.max_pool2d(x, 3, stride=2))
    return torch.cat(results, dim=1)


def inception_resnet(weights: Weights, x: Tensor, version: dict[str, Chains]) -> Tensor:
    """Fig. 15, with the scaling of section 3.3."""
    net = Net(weights)
    x = stem_v1(net, x) if version is V1 else stem_v2(net, x)
    for group, units, times, factor, between in [
        ("repeat", "a", 5, 0.17, ("mixed_6a", "to_17")),
        ("repeat_1", "b", 10, 0.10, ("mixed_7a", "to_8")),
        ("repeat_2", "c", 5, 0.20, None),
    ]:
        for i in range(times):
            name = f"{group}.{i}"
            y = chains(net, name, x, version[units])
            y = F.conv2d(y, weights[f"{name}.conv2d.weight"], weights[f"{name}.conv2d.bias"])
            x = F.relu(x + factor * y)
        if between is not None:
            x = chains(net, between[0], x, version[between[1]], reduce=True)
    return net.linear("classif", x.mean(dim=(2, 3)))


@pytest.mark.torch
@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "version"),
    [("inception_resnet_v1_paper", V1), ("inception_resnet_v2_paper", V2)],
    ids=["v1", "v2"],
)
def test_inception_resnet(model: str, version: dict[str, Chains]) -> None:
    net = architecture("inception_resnet.arch", model).build()
    hold(net, lambda weights, x: inception_resnet(weights, x, version), (3, 107, 107))


@pytest.mark.torch
def test_scaled_residual() -> None:
    """Section 3.3 of Szegedy et al., 2016; squeeze-and-excitation stands before the sum, as in Hu et al., Fig. 3."""
    arch = archdsl.loads(
        "from std.residual import scaled_residual\nfrom std.se import se\n"
        "network n { input x: [256, 5, 5]; scaled_residual(conv(6, 3), 0.1, attention=se(16)); output y }"
    )

    def plain(weights: Weights, x: Tensor) -> Tensor:
        net = Net({key.removeprefix("scaled_residual1."): value for key, value in weights.items()})
        y = F.conv2d(x, net.weights["conv1.weight"], net.weights["conv1.bias"], padding=1)
        y = F.conv2d(y, net.weights["conv2d.weight"], net.weights["conv2d.bias"])
        return F.relu(x + net.squeeze("attention", y) * 0.1)

    hold(arch.build(), plain, (256, 5, 5))
