"""LeNet-5 against section II-B of its paper, sentence by sentence."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from archdsl import load
from tests.zoo.plain import Weights, hold
from tests.zoo.support import SPECS

SPEC = SPECS / "lenet5.arch"

#: Table I as it is printed: a row for each map of S2, a column for each map of C3
TABLE = [
    "X...XXX..XXXX.XX",
    "XX...XXX..XXXX.X",
    "XXX...XXX..X.XXX",
    ".XXX..XXXX..X.XX",
    "..XXX..XXXX.XX.X",
    "...XXX..XXXX.XXX",
]


@pytest.mark.parametrize(
    ("part", "params", "connections"),
    [
        ("c1", 156, 122_304),
        ("s2", 12, 5_880),
        ("c3", 1_516, 151_600),
        ("s4", 32, 2_000),
        ("c5", 48_120, 48_120),
        ("f6", 10_164, 10_164),
    ],
)
def test_figures_of_the_paper(part: str, params: int, connections: int) -> None:
    """Trainable parameters and connections; a connection is a multiplication, or a bias that is added."""
    layers = [layer for layer in load(SPEC).summary()["layers"] if layer["path"].split(".")[0] == part]
    assert sum(layer["params"] for layer in layers) == params
    count = 0
    for layer in layers:
        size = torch.Size(layer["output"]).numel()
        if layer["layer"] in ("conv", "linear"):
            count += layer["macs"] + size
        elif layer["layer"] == "affine":  # four pixels of the map below, and a bias
            count += 5 * size
    assert count == connections


def squash(a: Tensor) -> Tensor:
    return 1.7159 * torch.tanh(2 / 3 * a)


def plain(weights: Weights, digit: Tensor) -> Tensor:
    def subsample(name: str, x: Tensor) -> Tensor:
        four = x[..., ::2, ::2] + x[..., 1::2, ::2] + x[..., ::2, 1::2] + x[..., 1::2, 1::2]
        coefficient, bias = weights[f"{name}.affine1.weight"], weights[f"{name}.affine1.bias"]
        return squash(four * coefficient[:, None, None] + bias[:, None, None])

    x = squash(F.conv2d(digit, weights["c1.weight"], weights["c1.bias"]))
    x = subsample("s2", x)
    maps = []
    for i in range(16):
        weight, bias = weights[f"c3.{i}.weight"], weights[f"c3.{i}.bias"]
        seen = sorted((j for j in range(6) if TABLE[j][i] == "X"), key=lambda j: (j - start(i)) % 6)
        maps.append(F.conv2d(torch.stack([x[:, j] for j in seen], dim=1), weight, bias))
    x = subsample("s4", squash(torch.cat(maps, dim=1)))
    x = squash(F.conv2d(x, weights["c5.weight"], weights["c5.bias"])).flatten(1)
    x = squash(F.linear(x, weights["f6.weight"], weights["f6.bias"]))
    centres = -weights["rbf.centres"][0]
    return torch.stack([((x - centre) ** 2).sum(dim=1) for centre in centres], dim=1)


def start(i: int) -> int:
    """The first map that a map of C3 sees in the spec: neighbours go around from the last to the first."""
    return i % 6 if i < 12 else 0


@pytest.mark.torch
def test_outputs() -> None:
    hold(load(SPEC).build(), plain, (1, 32, 32))
