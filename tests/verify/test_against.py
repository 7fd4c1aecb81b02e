"""Two modules side by side: equal ones are found equal, and every kind of difference is found."""

from __future__ import annotations

from collections.abc import Callable

import pytest

torch = pytest.importorskip("torch")
from torch import Tensor, nn  # noqa: E402

from tests.verify.support import Branches, against, check, load  # noqa: E402

pytestmark = pytest.mark.torch

NAMED = "  stem: conv(4, 3, stride=2) -> norm: bn -> relu -> gap -> fc: linear(5)"


class Named(nn.Module):
    """The same as NAMED, with its names."""

    def __init__(self, stride: int = 2, eps: float = 1e-5, momentum: float = 0.1) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, stride, 1)
        self.norm = nn.BatchNorm2d(4, eps=eps, momentum=momentum)
        self.fc = nn.Linear(4, 5)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.norm(self.stem(x)).relu().mean((2, 3)))


def test_by_name() -> None:
    report = against(load(NAMED), Named)
    assert report.holds and report.mapping == "name"
    assert report.difference is not None and report.difference < 1e-6
    assert check(report, "weights").note == "the keys of state_dict() are equal, in the same order"
    compared = [one.what for one in report.against if one.difference is not None]
    assert compared == [
        "outputs of 1×3×16×16",
        "outputs of 2×3×7×9",
        *(
            f"{what} of {sizes}, double precision"
            for sizes in ("2×3×7×9", "3×3×5×5")
            for what in ("outputs in training", "gradients", "running statistics")
        ),
    ]


def test_large_modules_in_single_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice their weights and gradients in double precision would not fit into memory."""
    from archdsl.verify import compare

    monkeypatch.setattr(compare, "_DOUBLE_UP_TO", 100)
    report = against(load(NAMED), Named)
    assert report.holds
    assert {"gradients of 2×3×7×9, single precision", "gradients of 3×3×5×5, single precision"} <= {
        one.what for one in report.against
    }


@pytest.mark.parametrize(
    ("build", "failing"),
    [
        (
            lambda: Named(stride=1),
            {"MACs", "outputs", "gradients", "running statistics", "outputs in training"},
        ),
        (lambda: Named(eps=1e-2), {"outputs", "outputs in training", "gradients"}),
        (lambda: Named(momentum=0.2), {"running statistics"}),
    ],
    ids=["stride", "eps", "momentum"],
)
def test_a_difference_in_one_number(build: Callable[[], nn.Module], failing: set[str]) -> None:
    report = against(load(NAMED), build)
    assert not report.holds
    assert {one.what.partition(" of ")[0] for one in report.failures} == failing


class Wrong(Named):
    """Gradients alone are wrong."""

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        return self.fc(self.norm(x + (x - x.detach())).relu().mean((2, 3)))


def test_a_difference_of_gradients_alone() -> None:
    report = against(load(NAMED), Wrong)
    assert {one.what.partition(" of ")[0] for one in report.failures} == {"gradients"}


class Detached(Named):
    """A weight that learns nothing."""

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.stem(x)).relu().mean((2, 3)) @ self.fc.weight.detach().t() + self.fc.bias


def test_a_gradient_that_one_does_not_have() -> None:
    failed = [one for one in against(load(NAMED), Detached).failures if one.what == "gradient of fc.weight"]
    assert failed and failed[0].note == "only ours has one"


class Random(Named):
    """Something at random that no layer does."""

    def forward(self, x: Tensor) -> Tensor:
        if self.training:
            x = x * torch.rand_like(x)
        return super().forward(x)


def test_chance_is_no_difference() -> None:
    """What cannot be compared is said to be so, and is no proof of a difference."""
    report = against(load(NAMED), Random)
    assert report.holds
    skipped = [one for one in report.against if one.holds is None]
    assert len(skipped) == 2 and all("at random" in one.note for one in skipped)


def test_dropout_is_turned_off() -> None:
    def build() -> nn.Module:
        return nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.Dropout(0.5), nn.Conv2d(4, 2, 1))

    assert against(load("  conv(4, 3) -> dropout -> conv(2, 1)"), build).holds


class Aux(nn.Module):
    """Two results in training, in an order of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.body, self.aux, self.main = nn.Conv2d(3, 4, 1), nn.Linear(4, 5), nn.Linear(4, 5)

    def forward(self, x: Tensor) -> object:
        x = self.body(x).mean((2, 3))
        return {"out": self.main(x), "aux": self.aux(x)} if self.training else self.main(x)


def test_results_for_training() -> None:
    body = "  body: conv(4, 1) -> gap\n  output aux = aux: linear(5) when training\n  main: linear(5)"
    report = against(load(body), Aux)
    assert report.holds, report.failures
    assert check(report, "weights").note.endswith("in the same order")


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=str)
@pytest.mark.parametrize("pool", [False, True])
def test_branches_of_equal_shapes_in_any_order(order: tuple[int, int], pool: bool) -> None:
    """What tells them apart is where they stand in the join, and what is on the way to them."""
    second = "maxpool(3, stride=1, pad=1) -> conv(4, 1)" if pool else "conv(4, 1)"
    arch = load(f"  conv(4, 1)\n  ( conv(4, 1) | {second} ) -> concat -> conv(2, 1)")
    report = against(arch, lambda: Branches(order, pool))
    assert report.mapping == "order" and report.holds, report.failures


class Squeeze(nn.Module):
    """Squeeze-and-excitation by 1×1 convolutions, where ours is of linear layers."""

    def __init__(self) -> None:
        super().__init__()
        self.down, self.up = nn.Conv2d(3, 2, 1), nn.Conv2d(2, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        return x * self.up(self.down(x.mean((2, 3), keepdim=True)).relu()).sigmoid()


def test_a_convolution_of_a_vector_is_a_linear_layer() -> None:
    report = against(
        load("  ( identity | gap -> linear(2) -> relu -> linear(3) -> sigmoid ) -> mul"), Squeeze
    )
    assert report.holds and report.mapping == "order"


def test_shared_weights_are_shared_alike() -> None:
    class Shared(nn.Module):
        def __init__(self, twice: bool) -> None:
            super().__init__()
            self.a = nn.Conv2d(3, 3, 1)
            self.b = self.a if twice else nn.Conv2d(3, 3, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.b(self.a(x))

    arch = load("  share same = conv(3, 1)\n  same -> same")
    assert against(arch, lambda: Shared(True)).holds
    assert [one.what for one in against(arch, lambda: Shared(False)).failures] == ["parameters", "weights"]


@pytest.mark.parametrize(
    ("body", "note"),
    [
        (
            "  conv(4, 3) -> conv(2, 3)",
            "in order, `conv2.weight` of shape 2×4×3×3 meets `2.weight` of shape 2×4",
        ),
        ("  conv(4, 3)", "the peer uses 4 weights and statistics, the other 2"),
    ],
)
def test_weights_that_do_not_fit(body: str, note: str) -> None:
    def build() -> nn.Module:
        return nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 2, 1))

    report = against(load(body), build)
    found = check(report, "weights")
    assert (found.holds, found.note) == (False, note)


def test_a_peer_of_another_input() -> None:
    failed = against(load("  conv(4, 3)", shape="[1, 8, 8]"), Named).failures
    assert failed[-1].what == "the comparison" and "RuntimeError" in failed[-1].note


def test_a_fixed_size() -> None:
    """A network of one size is compared at that size, and the report says so."""
    arch = load("  conv(4, 3, stride=2) -> [4, 8, 8] -> flatten -> linear(5)", shape="[3, 16, 16]")

    def build() -> nn.Module:
        return nn.Sequential(nn.Conv2d(3, 4, 3, 2, 1), nn.Flatten(), nn.Linear(256, 5))

    report = against(arch, build)
    assert report.holds
    skipped = check(report, "other sizes")
    assert (skipped.holds, skipped.note) == (None, "the network takes no other size of its input")


def test_a_peer_of_a_fixed_size() -> None:
    def build() -> nn.Module:
        return nn.Sequential(nn.Conv2d(3, 4, 1), nn.Unflatten(2, (16, 1)), nn.Flatten(2, 3))

    report = against(load("  conv(4, 1)"), build)
    assert report.holds
    assert check(report, "other sizes").note == "the peer takes no other size of its input"


def test_weights_without_a_module() -> None:
    class Tokens(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.token = nn.Parameter(torch.zeros(1, 1, 3))
            self.place = nn.Parameter(torch.zeros(1, 65, 3))
            self.norm = nn.LayerNorm(3)

        def forward(self, x: Tensor) -> Tensor:
            x = x.flatten(2).transpose(1, 2)
            x = torch.cat([self.token.expand(len(x), -1, -1), x], 1) + self.place
            return self.norm(x).mean(1)

    body = "  tokens -> class_token -> position_embedding -> ln -> reduce(mean, axis=0)"
    report = against(load(body, shape="[3, 8, 8]"), Tokens)
    assert report.holds and report.mapping == "order", report.failures
