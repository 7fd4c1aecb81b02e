"""Joins, splits and gates as whole programs: what the generated module computes, against the same in plain PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from language_support import each, net
from torch import Tensor

import archdsl
from tests.zoo.plain import hold

pytestmark = pytest.mark.torch

Weights = dict[str, Tensor]


@dataclass(frozen=True)
class Program:
    """A body of a network of one input, and what it computes of the weights by their names and of the input."""

    name: str
    body: str
    plain: Callable[[Weights, Tensor], Tensor]
    shape: str = "[4, 6, 5]"
    before: str = ""

    @property
    def text(self) -> str:
        return net(self.body, self.before, self.shape)


def conv(w: Weights, name: str, x: Tensor) -> Tensor:
    weight = w[f"{name}.weight"]
    functions: dict[int, Any] = {3: F.conv1d, 4: F.conv2d, 5: F.conv3d}
    result: Tensor = functions[x.dim()](x, weight, w.get(f"{name}.bias"), padding=weight.shape[-1] // 2)
    return result


def linear(w: Weights, name: str, x: Tensor) -> Tensor:
    return F.linear(x, w[f"{name}.weight"], w[f"{name}.bias"])


def gate(w: Weights, x: Tensor) -> Tensor:
    """[C] of a map, positive: one number a channel."""
    return torch.exp(linear(w, "linear1", x.flatten(2).mean(dim=2)))


OPERATIONS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "maximum": torch.maximum,
    "minimum": torch.minimum,
    "mean": lambda a, b: (a + b) / 2,
}

GATE = "gap -> linear(in.channels) -> pointwise(exp)"

#: a [C] is set on the channel axis of a map, on the left as on the right, at every rank
VECTORS = [
    Program(
        f"{name}, [C] {side} of {shape}",
        f"( identity | {GATE} ) -> {name}" if side == "right" else f"( {GATE} | identity ) -> {name}",
        (lambda w, x, f=f: f(x, gate(w, x).reshape(*x.shape[:2], *[1] * (x.dim() - 2))))
        if side == "right"
        else (lambda w, x, f=f: f(gate(w, x).reshape(*x.shape[:2], *[1] * (x.dim() - 2)), x)),
        shape,
    )
    for name, f in OPERATIONS.items()
    for side, shape in [("right", "[4, 6, 5]"), ("left", "[4, 6, 5]"), ("right", "[5, 5]"), ("left", "[3, 2, 3, 3]")]
]  # fmt: skip

#: the features of tokens are the last axis: there a [C] goes, also where there are as many tokens as features
TOKENS = [
    Program(
        f"{name}, [C] beside tokens of {shape}",
        f"{GATE}; g = it; in -> tokens; t = it; ( t | g ) -> {name}",
        lambda w, x, f=f: f(x.flatten(2).transpose(1, 2), gate(w, x)[:, None, :]),
        shape,
    )
    for name, f in OPERATIONS.items()
    for shape in ("[4, 3, 2]", "[4, 4]")
]  # fmt: skip

#: all others as NumPy has it: aligned at their last axes, sizes of 1 stretched
BROADCASTING = [
    Program(
        "one channel beside all",
        "( identity | reduce(mean, axis=0, keep=true) ) -> sub",
        lambda w, x: x - x.mean(dim=1, keepdim=True),
    ),
    Program(
        "a row and a column make a plane",
        "( reduce(sum, axis=1, keep=true) | reduce(sum, axis=2, keep=true) ) -> mul",
        lambda w, x: x.sum(dim=2, keepdim=True) * x.sum(dim=3, keepdim=True),
    ),
    Program(
        "a plane without channels beside a map",
        "( identity | select(1) ) -> add",
        lambda w, x: x + x[:, 1][:, None],
        "[3, 5, 5]",
    ),
    Program(
        "three of different rank",
        "( identity | select(0) | reduce(max, axis=[1, 2]) ) -> add",
        lambda w, x: x + x[:, :1] + x.amax(dim=(2, 3))[:, :, None, None],
        "[3, 5, 5]",
    ),
    Program(
        "the largest of three at different ranks",
        "( reduce(mean, axis=[1, 2]) | identity | select(2) ) -> maximum",
        lambda w, x: torch.maximum(torch.maximum(x.mean(dim=(2, 3))[:, :, None, None], x), x[:, 2:]),
        "[3, 5, 5]",
    ),
    Program(
        "tokens beside their mean",
        "tokens; ( identity | reduce(mean, axis=0, keep=true) ) -> div",
        lambda w, x: (t := x.flatten(2).transpose(1, 2)) / t.mean(dim=1, keepdim=True),
    ),
]

SHAPES = [
    *(
        Program(
            f"concat along {axis}",
            f"( identity | slice(1, axis={axis}) | identity ) -> concat(axis={axis})",
            lambda w, x, dim=dim: torch.cat([x, x.narrow(dim, 1, x.shape[dim] - 1), x], dim=dim),
        )
        for axis, dim in [(0, 1), (1, 2), (2, 3), (-1, 3), (-3, 1)]
    ),
    Program(
        "concat of tokens by their features, then by their positions",
        "tokens; ( identity | linear(2) ) -> concat; ( identity | slice(0, 1, axis=0) ) -> concat(axis=0)",
        lambda w, x: torch.cat(
            [t := torch.cat([(y := x.flatten(2).transpose(1, 2)), linear(w, "linear1", y)], dim=2), t[:, :1]], dim=1
        ),
    ),
    Program(
        "stack, and the largest along the new axis",
        "( conv(3, 3) | conv(3, 1) ) -> stack -> reduce(max, axis=0)",
        lambda w, x: torch.stack([conv(w, "conv1", x), conv(w, "conv2", x)]).amax(dim=0),
    ),
    Program(
        "split in equal parts, of which each goes its way",
        "a, b = split(2); ( a -> conv(2, 3) | b ) -> concat",
        lambda w, x: torch.cat([conv(w, "conv1", x[:, :2]), x[:, 2:]], dim=1),
    ),
    Program(
        "split with sizes",
        "a, b, c = split([1, 2, 1]); ( c | b | a ) -> concat",
        lambda w, x: torch.cat([x[:, 3:], x[:, 1:3], x[:, :1]], dim=1),
    ),
    Program(
        "split along another axis",
        "split([2, 4], axis=1); ( rows -> conv(1, 1) for rows in it ) -> concat(axis=1)",
        lambda w, x: torch.cat([conv(w, "conv1", x[:, :, :2]), conv(w, "conv2", x[:, :, 2:])], dim=2),
    ),
    Program(
        "Res2Net: each part sees the one before it",
        "a, b, c, d = split(4); p = b -> conv(1, 3); q = ( c | p ) -> add -> conv(1, 3)\n"
        "r = ( d | q ) -> add -> conv(1, 3); ( a | p | q | r ) -> concat",
        lambda w, x: torch.cat(
            [
                x[:, :1],
                p := conv(w, "conv1", x[:, 1:2]),
                q := conv(w, "conv2", x[:, 2:3] + p),
                conv(w, "conv3", x[:, 3:] + q),
            ],
            dim=1,
        ),
    ),
    Program("slice", "slice(1, -1, axis=1) -> slice(-2, axis=2)", lambda w, x: x[:, :, 1:-1, -2:]),
    Program(
        "slice of tokens, without the first",
        "tokens -> slice(1, axis=0)",
        lambda w, x: x.flatten(2).transpose(1, 2)[:, 1:],
    ),
    Program("select in any order, and twice", "select([2, 0, 0, -1])", lambda w, x: x[:, [2, 0, 0, 3]]),
    Program("select along another axis", "select([4, 1, 2], axis=2)", lambda w, x: x[:, :, :, [4, 1, 2]]),
    Program("select of one", "select(-2, axis=1)", lambda w, x: x[:, :, -2]),
]

#: units of the literature
UNITS = [
    Program(
        "LeNet-5's table: a map sees some of the maps",
        "( select(maps) -> conv(1, 5) for maps in [[0, 1, 2], [3, 0, 1], [0, 2], [0, 1, 2, 3]] ) -> concat",
        lambda w, x: torch.cat(
            [
                conv(w, f"conv{i}", torch.stack([x[:, j] for j in maps], dim=1))
                for i, maps in enumerate([[0, 1, 2], [3, 0, 1], [0, 2], [0, 1, 2, 3]], 1)
            ],
            dim=1,
        ),
    ),
    Program(
        "ShuffleNet: the channels of each group are dealt out to all groups",
        "conv(12, 1, groups=3) -> shuffle(3) -> conv(6, 1, groups=3)",
        lambda w, x: F.conv2d(
            F.conv2d(x, w["conv1.weight"], w["conv1.bias"], groups=3)[:, [g * 4 + i for i in range(4) for g in range(3)]],
            w["conv2.weight"],
            w["conv2.bias"],
            groups=3,
        ),
        "[6, 4, 4]",
    ),
    Program(
        "highway: y = H t + x (1 - t)",
        "t = conv(4, 3) -> sigmoid; h = in -> conv(4, 3) -> relu\n"
        "( ( h | t ) -> mul | ( in | t -> scale(-1, offset=1) ) -> mul ) -> add",
        lambda w, x: (
            F.relu(conv(w, "conv2", x)) * (t := torch.sigmoid(conv(w, "conv1", x))) + x * (1 - t)
        ),
    ),
    Program(
        "gated linear unit of halves",
        "conv(6, 3); a, b = split(2); ( a | b -> sigmoid ) -> mul",
        lambda w, x: F.glu(conv(w, "conv1", x), dim=1),
    ),
    Program(
        "maxout: the largest of k pieces",
        "( conv(3, 3) for _ in range(4) ) -> maximum",
        lambda w, x: torch.stack([conv(w, f"conv{i}", x) for i in range(1, 5)]).max(dim=0).values,
    ),
    Program(
        "maxout of two pieces of a vector",
        "flatten; ( linear(3) | linear(3) ) -> maximum",
        lambda w, x: torch.maximum(linear(w, "linear1", x.flatten(1)), linear(w, "linear2", x.flatten(1))),
    ),
    Program(
        "affine on the channels of a map and on the features of tokens",
        "a: affine(init=normal(1)) -> tokens -> b: affine(init=normal(1), bias_init=normal(1))",
        lambda w, x: (
            (x * w["a.weight"][:, None, None] + w["a.bias"][:, None, None]).flatten(2).transpose(1, 2) * w["b.weight"]
            + w["b.bias"]
        ),
    ),
    Program(
        "scale, both of its numbers",
        "scale(0.5, offset=-2) -> scale(3) -> scale(1, offset=4)",
        lambda w, x: (x * 0.5 - 2) * 3 + 4,
    ),
    Program(
        "non-local (Wang et al., 2018, Fig. 2): pairwise similarities, softmax, and what all positions hold",
        "theta = conv(2, 1) -> reshape([2, -1]) -> permute([1, 0]); phi = in -> conv(2, 1, bias=false) -> reshape([2, -1])\n"
        "g = in -> conv(2, 1) -> reshape([2, -1]) -> permute([1, 0])\n"
        "( ( theta | phi ) -> matmul -> softmax(axis=-1) | g ) -> matmul -> permute([1, 0]) -> reshape([2, 6, 5])\n"
        "( in | conv(4, 1) ) -> add",
        lambda w, x: non_local(w, x),
    ),
    Program(
        "matmul of each channel with one matrix",
        "( identity | select(0) -> permute([1, 0]) ) -> matmul",
        lambda w, x: torch.einsum("bchw,bkw->bchk", x, x[:, 0]),
    ),
]


def non_local(w: Weights, x: Tensor) -> Tensor:
    """Position by position."""
    theta, phi, g = (conv(w, f"conv{i}", x).flatten(2) for i in (1, 2, 3))
    similar = torch.einsum("bci,bcj->bij", theta, phi).softmax(dim=2)
    y = torch.einsum("bij,bcj->bci", similar, g).reshape(len(x), 2, *x.shape[2:])
    return x + conv(w, "conv4", y)


PROGRAMS = VECTORS + TOKENS + BROADCASTING + SHAPES + UNITS


@each(PROGRAMS)
def test_numbers(case: Program) -> None:
    """Outputs and gradients, at a batch of two whose samples differ."""
    arch = archdsl.loads(case.text)
    assert arch.warnings == []
    shape = tuple(next(iter(arch.inputs.values())))
    hold(arch.build(), case.plain, shape)


@pytest.mark.parametrize("mode", ["row", "batch"])
def test_drop_path(mode: str) -> None:
    """A residual branch is there, divided by what keeps it, or not at all: sample by sample, or for all."""
    net_ = archdsl.loads(net(f"( identity | conv(4, 3) -> drop_path(0.4, mode={mode}) ) -> add")).build().train()
    torch.manual_seed(0)
    x = torch.randn(3, 4, 8, 8)
    with torch.no_grad():
        branch = net_.get_submodule("conv1")(x) / 0.6
        dropped = []
        for _ in range(300):
            y = net_(x)
            without = [torch.equal(a, b) for a, b in zip(y, x, strict=True)]
            for left_out, ours, skip, more in zip(without, y, x, branch, strict=True):
                assert left_out or torch.allclose(ours, skip + more, atol=1e-6)
            dropped.append(without)
        assert torch.allclose(net_.eval()(x), x + branch * 0.6, atol=1e-6)
    share = torch.tensor(dropped).double().mean().item()
    assert abs(share - 0.4) < 4 * (0.24 / (900 if mode == "row" else 300)) ** 0.5
    assert all(len(set(row)) == 1 for row in dropped) == (mode == "batch")
