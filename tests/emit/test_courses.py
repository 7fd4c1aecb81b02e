"""Numbers of a run that go on by a rule: by a factor, or as rates. They stand in a loop, and are the same bits."""

from __future__ import annotations

import pytest

from archdsl.emit.runs import Evenness
from archdsl.emit.template import Power
from tests.emit.generated import ROOT, build, source_of
from tests.emit.test_classes import net


@pytest.mark.parametrize("count", [18, 200])
def test_rates_are_fractions(count: int) -> None:
    source = net(
        f"  stage: for i in range({count}) {{ unit((i + 1) / (3 * {count}) * 0.5) }}",
        "block unit(rate) { ( identity | conv(8, 1) -> drop_path(rate) ) -> add }",
    )
    assert (
        f"/ {6 * count}) for i in range({count})" in source or f"/ {count}) for i in range({count})" in source
    )
    assert source.count("\n") < 75
    rates = [unit.drop_path1.p for unit in build(source).stage]
    assert rates == [(i + 1) / (3 * count) * 0.5 for i in range(count)]


def test_rates_that_no_fraction_gives_are_told_one_by_one() -> None:
    source = net(
        "  stage: for r in [0.1, 0.25, 0.3, 0.77, 0.8] { unit(r) }",
        "block unit(rate) { ( identity | conv(8, 1) -> drop_path(rate) ) -> add }",
    )
    rates = [unit.drop_path1.p for unit in build(source).stage]
    assert rates == [0.1, 0.25, 0.3, 0.77, 0.8]


def test_dilations_are_powers() -> None:
    source = net(
        "  stage: for i in range(6) { unit(2 ** i) }\n  more: for i in range(5) { unit(3 * 2 ** i) }",
        "block unit(d) { ( identity | conv(8, 3, dilation=d) -> relu ) -> add }",
    )
    assert "2**i" in source and "3 * 2**i" in source
    found = build(source)
    assert [unit.conv1.dilation[0] for unit in found.stage] == [1, 2, 4, 8, 16, 32]
    assert [unit.conv1.dilation[0] for unit in found.more] == [3, 6, 12, 24, 48]


def test_evenness() -> None:
    def rows(*values: float) -> tuple[int, object]:
        even = Evenness()
        count = sum(1 for value in values if even.add([value]))
        return count, even.courses[0] if even.courses else even.growth[0]

    assert rows(3, 5, 7, 9) == (4, 2)
    assert rows(1, 2, 4, 8) == (4, Power(2))
    assert rows(1, 2, 4, 9)[0] == 3
    assert rows(0.5, 0.5, 0.5) == (3, 0)
    assert rows(True, True) == (2, 0) and rows(True, False)[0] == 1  # flags are no numbers


@pytest.mark.parametrize(("model", "lines"), [("resnet110_stochastic", 130), ("resnet1202_stochastic", 130)])
def test_deep_networks_with_rates_stay_short(model: str, lines: int) -> None:
    assert source_of(ROOT / "specs" / "stochastic_depth.arch", model).count("\n") < lines


def test_the_sizes_that_are_promised() -> None:
    assert source_of(ROOT / "specs" / "preact_cifar.arch", "preact_resnet1001").count("\n") < 200
    assert source_of(ROOT / "specs" / "densenet121.arch", "densenet121").count("\n") < 120
