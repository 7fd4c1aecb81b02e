"""Numbers that follow from their places are said by a loop; what it computes is each of them to the last bit."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archdsl.emit.code import Code, flat
from archdsl.emit.progressions import FEWEST, progression
from archdsl.emit.template import Number
from tests.emit.generated import ROOT, build, class_text, source_of
from tests.emit.test_classes import net


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ([7, 7], "7"),
        ([16, 32, 48], "16 + 16 * i"),
        ([3, 4, 5], "i + 3"),
        ([(i + 1) / 108 for i in range(9)], "(i + 1) / 108"),
        ([0.1 * i / 17 for i in range(3, 9)], "0.1 * (i + 3) / 17"),
        ([0.2 * (i / 35) for i in range(36)], "0.2 * (i / 35)"),
        ([i / 3 for i in range(4)], "i / 3"),
    ],
)
def test_rules(values: list[Number], rule: str) -> None:
    greatest = max((v for v in values if isinstance(v, float)), default=1)
    found = progression(values, 0.1 if "0.1" in rule else greatest)
    assert found is not None and flat(found(Code("i"))) == rule
    assert [eval(rule, {"i": i}) for i in range(len(values))] == values


@pytest.mark.parametrize(
    "values",
    [
        [1, 2],
        [64, 128, 256, 512],  # widths are read better one by one
        [0.1, 0.2, 0.3],  # and so are short rates
        [9, 7, 5],
        [1, 2, 4, 7],
        [0, 0, 1],
        [0.0, 1 / 3, 0.7],
        [math.nextafter(i / 7, 1) for i in range(1, 6)],
        [1, 1.0, 1],
        [(1, 2), (2, 3), (3, 4)],
        [math.inf, math.inf, math.nan],
    ],
)
def test_no_rules(values: list[Number]) -> None:
    assert progression(values) is None


@settings(deadline=None)
@given(
    st.lists(
        st.one_of(st.integers(-3, 99), st.floats(allow_nan=False), st.fractions(0, 1).map(float)), min_size=1
    ),
    st.floats(0, 2),
)
def test_what_is_said_is_what_was_computed(values: list[Number], greatest: float) -> None:
    for count in range(1, len(values) + 1):
        rule = progression(values[:count], greatest)
        if rule is not None:
            made = [eval(flat(rule(Code("i"))), {"i": i, "inf": math.inf}) for i in range(count)]
            assert made == values[:count] and list(map(type, made)) == list(map(type, values[:count]))
            assert len(set(values[:count])) == 1 or count >= FEWEST


@settings(deadline=None)
@given(st.integers(1, 60), st.integers(0, 400), st.integers(1, 40), st.sampled_from([1, 0.5, 0.1, 0.35]))
def test_rates(start: int, whole: int, count: int, greatest: float) -> None:
    """Whatever is found gives the same bits again."""
    values: list[Number] = [greatest * (start + i) / (whole + start + count) for i in range(count)]
    rule = progression(values, greatest)
    if rule is not None:
        assert [eval(flat(rule(Code("i"))), {"i": i}) for i in range(count)] == values


def test_stochastic_depth_reads_as_its_paper() -> None:
    """p_l = 1 - l / L * (1 - p_L), which is the rate 0.5 * l / L (equation 4)."""
    source = source_of(ROOT / "specs" / "stochastic_depth.arch", "resnet1202_stochastic")
    assert "*(Unit(16, 16, 0.5 * (i + 1) / 600) for i in range(200))" in source
    assert source.count("\n") < 160
    net = build(source)
    assert [unit.drop_path1.p for unit in net.layer1] == [0.5 * (i + 1) / 600 for i in range(200)]


def test_dilations_are_powers() -> None:
    source = source_of(ROOT / "specs" / "wavenet.arch", "wavenet")
    assert "super().__init__(Layer(64, 256, dilation=2**i) for i in range(10))" in class_text(
        source, "Stack2"
    )


def test_members_keep_their_order_and_what_is_uneven_stands_by_itself() -> None:
    source = net(
        "  seq: { for r in [0.3, 1/7, 2/7, 3/7, 4/7, 0.9, 0.9] { unit(r) } }",
        "block unit(rate) { ( it | conv(8, 3) -> drop_path(rate) ) -> add }",
    )
    assert (
        """
        self.seq = nn.Sequential(
            Unit(8, 0.3),  # [8, 8, 8]
            *(Unit(8, (i + 1) / 7) for i in range(4)),
            *(Unit(8, 0.9) for _ in range(2)),
        )
"""
        in source
    )
