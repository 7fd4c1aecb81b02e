"""Peers out of the ordinary: what is equal is found equal in spite of it, and nothing hides a difference."""

from __future__ import annotations

import json
import math
from collections.abc import Callable

import pytest

torch = pytest.importorskip("torch")
from torch import Tensor, nn  # noqa: E402

import archdsl  # noqa: E402
from archdsl.verify import Peer, Settings, verify  # noqa: E402
from tests.verify.support import against, check, load  # noqa: E402

pytestmark = pytest.mark.torch


class Pair(nn.Module):
    """Two results of one shape, in an order."""

    def __init__(self, swapped: bool) -> None:
        super().__init__()
        self.a, self.b, self.swapped = nn.Conv2d(3, 4, 1), nn.Conv2d(3, 4, 1), swapped

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        a, b = self.a(x), self.b(x)
        return (b, a) if self.swapped else (a, b)


@pytest.mark.parametrize("swapped", [False, True])
def test_results_in_evaluation_have_an_order(swapped: bool) -> None:
    text = "network net { input x: [3, H=8, W=8]; output p = (x -> a: conv(4, 1)); output q = (x -> b: conv(4, 1)) }"
    report = against(archdsl.loads(text), lambda: Pair(swapped))
    assert {one.what.partition(" of ")[0] for one in report.failures} == ({"outputs"} if swapped else set())


class Dead(nn.Module):
    """Always zero, as the other is, for a reason of its own; a result that lives beside it, if asked for."""

    def __init__(self, alive: bool) -> None:
        super().__init__()
        self.a, self.alive = nn.Conv2d(3, 4, 1), alive

    def forward(self, x: Tensor) -> object:
        x = self.a(x)
        zero = (x * 0 - 2).relu()
        return (zero, x) if self.alive else zero


def test_zeros_show_nothing() -> None:
    report = against(load("  a: conv(4, 1) -> scale(0) -> relu"), lambda: Dead(False))
    assert [(one.what, one.note) for one in report.failures] == [
        ("the comparison", "no check shows that the modules are equal")
    ]
    assert {one.note for one in report.skipped} == {"all values are zero, which shows nothing"}
    alive = against(load("  a: conv(4, 1)\n  output zero = (scale(0) -> relu)"), lambda: Dead(True))
    assert alive.holds, alive.failures
    assert check(alive, "outputs of 1×").note == "of 2 tensors, 1 of them zero"


class ByHand(nn.Module):
    """A norm in other words, behind a convolution with a bias, whose gradient is zero but for rounding."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.n, self.fc = nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.Linear(4, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)
        if self.training:
            variance, mean = torch.var_mean(x, (0, 2, 3), keepdim=True, unbiased=False)
            count = x.numel() // x.shape[1]
            with torch.no_grad():
                self.n.running_mean.lerp_(mean.flatten(), 0.1)
                self.n.running_var.lerp_(variance.flatten() * count / (count - 1), 0.1)
            x = (x - mean) / (variance + self.n.eps).sqrt()
            x = x * self.n.weight[:, None, None] + self.n.bias[:, None, None]
        else:
            x = self.n(x)
        return self.fc(x.relu().mean((2, 3)))


def test_gradients_that_are_rounding() -> None:
    report = against(load("  a: conv(4, 3) -> n: bn -> relu -> gap -> fc: linear(5)"), ByHand)
    assert report.mapping == "name" and report.holds, report.failures


class Constant(nn.Module):
    """A constant that is a buffer, and no statistic."""

    def __init__(self) -> None:
        super().__init__()
        self.c = nn.Conv2d(3, 4, 1)
        self.register_buffer("factor", torch.tensor(0.5), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.c(x) * self.factor


class Own(nn.Module):
    """A tensor that is no buffer, so that no `to` takes it elsewhere or to another precision."""

    def __init__(self) -> None:
        super().__init__()
        self.c, self.own = nn.Conv2d(3, 4, 1), torch.full((4, 1, 1), 0.5)

    def forward(self, x: Tensor) -> Tensor:
        return self.c(x) * self.own


class Numbers(nn.Module):
    """It looks at its numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.c = nn.Conv2d(3, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.c(x)
        return x / 2 if math.isfinite(float(x.detach().sum())) else x


@pytest.mark.parametrize("build", [Constant, Own, Numbers])
def test_constants(build: Callable[[], nn.Module]) -> None:
    report = against(load("  conv(4, 1) -> scale(0.5)"), build)
    assert report.mapping == "order" and report.holds, report.failures
    assert report.skipped == []


class Single(nn.Module):
    """It multiplies by numbers of single precision, whatever comes."""

    def __init__(self) -> None:
        super().__init__()
        self.c, self.table = nn.Linear(3, 4, bias=False), torch.eye(4)

    def forward(self, x: Tensor) -> Tensor:
        return torch.linalg.multi_dot([self.c(x.mean((2, 3))), self.table.to(x.device)])


def test_single_precision_where_there_is_no_double() -> None:
    report = against(load("  gap -> linear(4, bias=false)"), Single)
    assert {one.what for one in report.failures} == {"MACs"}  # the product counts
    assert [one.what for one in report.against if one.what.startswith("gradients")] == [
        "gradients of 2×3×7×9, single precision",
        "gradients of 3×3×5×5, single precision",
    ]


class Written(nn.Module):
    """Results are written into their places, in another order than they are joined."""

    def __init__(self) -> None:
        super().__init__()
        self.p, self.q, self.r = (
            nn.Conv2d(3, 4, 3, padding=1),
            nn.Conv2d(3, 4, 3, padding=1),
            nn.Conv2d(8, 2, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        joined = x.new_zeros(len(x), 8, *x.shape[2:])
        joined[:, 4:] = self.q(x)
        joined[:, :4] = self.p(x)
        return self.r(joined)


def test_written_in_place() -> None:
    report = against(load("  ( conv(4, 3) | conv(4, 3) ) -> concat -> conv(2, 1)"), Written)
    assert report.mapping == "order" and report.holds, report.failures


class Crossed(nn.Module):
    """Two convolutions of one input, joined in both orders; what is alike is computed in an order of its own."""

    def __init__(self, other: bool) -> None:
        super().__init__()
        self.a, self.b, self.c, self.d = (nn.Conv2d(given, 4, 1) for given in (3, 3, 8, 8))
        self.other = other

    def forward(self, x: Tensor) -> Tensor:
        if self.other:
            b, a = self.b(x), self.a(x)
        else:
            a, b = self.a(x), self.b(x)
        return self.c(torch.cat([a, b], 1)) + self.d(torch.cat([b, a], 1))


@pytest.mark.parametrize("other", [False, True])
def test_symmetry_that_one_choice_breaks(other: bool) -> None:
    body = """
  a = x -> conv(4, 1)
  b = x -> conv(4, 1)
  ( ((a | b) -> concat -> conv(4, 1)) | ((b | a) -> concat -> conv(4, 1)) ) -> add"""
    report = against(load(body), lambda: Crossed(other))
    assert report.mapping == "order" and report.holds, report.failures


class Flat(nn.Module):
    """Weights of tokens without the axes of 1 that others keep."""

    def __init__(self) -> None:
        super().__init__()
        self.token, self.place = nn.Parameter(torch.zeros(3)), nn.Parameter(torch.zeros(65, 3))
        self.norm = nn.LayerNorm(3)

    def forward(self, x: Tensor) -> Tensor:
        x = x.flatten(2).transpose(1, 2)
        return self.norm(torch.cat([self.token.expand(len(x), 1, -1), x], 1) + self.place).mean(1)


def test_axes_of_one_do_not_count() -> None:
    body = "  tokens -> class_token -> position_embedding -> ln -> reduce(mean, axis=0)"
    report = against(load(body, shape="[3, 8, 8]"), Flat)
    assert report.mapping == "order" and report.holds, report.failures


def test_no_results() -> None:
    class Text(nn.Module):
        def forward(self, x: Tensor) -> str:
            return "nothing"

    failed = against(load("  maxpool(2)"), Text).failures
    assert {(one.expected, one.note) for one in failed} == {("nothing", "they do not give the same shapes")}


def test_no_difference_without_bounds_in_json() -> None:
    """JSON has no word for it."""
    report = against(
        load("  conv(4, 3) -> scale(-1e30) -> pointwise(sqrt)"), lambda: nn.Conv2d(3, 4, 3, padding=1)
    )
    assert report.difference == math.inf
    found = json.loads(json.dumps(report.as_data(), allow_nan=False))["against"]
    assert found["difference"] is None and found["checks"][-1]["holds"] is False


def test_no_tolerance_hides_what_is_not_finite() -> None:
    arch = load("  conv(4, 3) -> scale(-1e30) -> pointwise(sqrt)")
    peer = Peer("someone:else", "1.0", lambda: nn.Conv2d(3, 4, 3, padding=1))
    report = verify(arch, peer, Settings(tolerance=math.inf))
    assert any(one.difference == math.inf for one in report.failures)


EXTERN = """
extern block made(c) {
  python = "torch.nn.Conv2d({in.channels}, {c}, 1)"
  shape = [c, in.height, in.width]
}"""


def test_costs_that_an_extern_block_leaves_open_are_compared() -> None:
    report = against(load("  made(4)", EXTERN), lambda: nn.Sequential(nn.Conv2d(3, 4, 1)))
    assert report.holds, report.failures
