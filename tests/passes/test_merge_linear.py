"""Linear maps that follow each other become one where that is cheaper."""

from __future__ import annotations

import pytest

from tests.passes.helpers import equal, network, refuses


@pytest.mark.parametrize(
    "body, shape, kept",
    [
        ("a: conv(8, 1) -> b: conv(4, 1)", "[3, 8, 8]", "a"),
        ("a: conv(8, 3, stride=2, bias=false) -> b: conv(4, 1)", "[3, 8, 8]", "a"),
        ("a: conv(8, 3) -> b: conv(4, 1, bias=false)", "[3, 8, 8]", "a"),
        ("a: conv(8, 3, bias=false) -> b: conv(4, 1, bias=false)", "[3, 8, 8]", "a"),
        ("a: conv(8, 1) -> b: conv(4, 3, pad=valid, stride=2)", "[3, 8, 8]", "b"),
        ("a: conv(8, 1, bias=false) -> b: conv(4, 3)", "[3, 8, 8]", "b"),
        ("a: conv(8, 5) -> b: conv(4, 1)", "[3, 16]", "a"),
        ("a: conv(8, 1) -> b: conv(4, 2, pad=valid)", "[3, 4, 4, 4]", "b"),
        ("a: linear(16) -> b: linear(5)", "[7]", "a"),
        ("a: linear(16, bias=false) -> b: linear(5, bias=false)", "[7]", "a"),
    ],
)
def test_two_become_one(body: str, shape: str, kept: str) -> None:
    found = equal(network(body, shape), "merge-linear")
    assert len(found.operations) == 1
    assert [name for name, _ in found.net.named_children()] == [kept]
    (done,) = found.done["merge-linear"]
    assert done.macs > 0 and done.calls == 1


def test_three_become_one() -> None:
    found = equal(network("linear(16) -> linear(9) -> linear(5)", "[7]"), "merge-linear")
    assert found.operations == ["linear"]


def test_norms_between_them_are_folded_first() -> None:
    found = equal(network("conv(8, 1, bias=false) -> bn -> conv(4, 1) -> bn"), "fold-norm", "merge-linear")
    assert found.operations == ["conv"]


@pytest.mark.parametrize(
    "body",
    [
        "conv(8, 1) -> conv(4, 3)",  # the padding is behind the bias
        "conv(8, 3) -> conv(4, 3, pad=valid)",
        "conv(8, 3) -> conv(4, 1, stride=2)",
        "conv(6, 1, groups=3) -> conv(4, 1)",
        "conv(8, 1) -> conv(4, 1, groups=2)",
        "conv(8, 1) -> relu -> conv(4, 1)",
        "t = conv(8, 1)\n  ( t -> conv(8, 1) | t ) -> add",
        "share c = conv(3, 1)\n  x -> c -> c",
        "conv(2, 3) -> conv(64, 1)",  # a bottleneck saves more than it writes
    ],
)
def test_what_does_not_keep_the_function_or_pay_is_left(body: str) -> None:
    refuses(network(body), "merge-linear")


def test_a_map_that_leaves_is_left() -> None:
    text = network("t = conv(8, 1)\n  conv(4, 1)").replace("output y", "output y\n  output seen = t")
    refuses(text, "merge-linear")
