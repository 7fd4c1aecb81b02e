"""A mean over windows and a 1×1 convolution stand in the cheaper order."""

from __future__ import annotations

import pytest

from tests.passes.helpers import equal, network, refuses


@pytest.mark.parametrize(
    "body, order",
    [
        ("conv(4, 1) -> avgpool(2)", ["avgpool", "conv"]),
        ("conv(4, 1, bias=false) -> avgpool(2)", ["avgpool", "conv"]),
        ("conv(12, 1, groups=3) -> avgpool(3, stride=2, ceil=true)", ["avgpool", "conv"]),
        ("conv(4, 1) -> avgpool(3, stride=2, pad=1, count_pad=false)", ["avgpool", "conv"]),
        ("conv(4, 1, bias=false) -> avgpool(3, stride=2, pad=1)", ["avgpool", "conv"]),
        ("conv(4, 1) -> avgpool(3, stride=2, pad=same)", ["avgpool", "conv"]),
        ("conv(4, 1) -> adaptive_avgpool(2)", ["adaptive_avgpool", "conv"]),
        ("conv(8, 3) -> avgpool(3, stride=1, pad=1) -> conv(2, 1, bias=false)", ["conv", "conv", "avgpool"]),
        (
            "conv(8, 3) -> avgpool(3, stride=1, pad=1, count_pad=false) -> conv(2, 1)",
            ["conv", "conv", "avgpool"],
        ),
        ("conv(8, 3) -> upsample(2, bilinear) -> conv(4, 1)", ["conv", "conv", "upsample"]),
        ("conv(8, 3) -> upsample(2) -> conv(9, 1)", ["conv", "conv", "upsample"]),
    ],
)
def test_the_cheaper_order_stands(body: str, order: list[str]) -> None:
    found = equal(network(body), "pool-first")
    assert found.operations == order
    (done,) = found.done["pool-first"]
    assert done.macs > 0 or done.values > 0


def test_work_is_saved() -> None:
    found = equal(network("conv(4, 1) -> avgpool(2)"), "pool-first")
    (done,) = found.done["pool-first"]
    assert done.macs == 3 * 4 * (64 - 16)
    (conv,) = found.nodes("conv")
    assert conv.macs == 3 * 4 * 16
    assert conv.outputs[0].shape.dims == (4, 4, 4)


def test_one_axis_and_three() -> None:
    equal(network("conv(4, 1) -> avgpool(2)", "[3, 16]"), "pool-first")
    equal(network("conv(4, 1) -> avgpool(2)", "[3, 4, 4, 4]"), "pool-first")


def test_names_stay_and_follow_the_order() -> None:
    text = network("only: conv(4, 1) -> small: avgpool(2)")
    found = equal(text, "pool-first")
    assert [name for name, _ in found.net.named_children()] == ["small", "only"]


def test_a_pool_moves_into_the_block_of_its_convolution() -> None:
    text = "block unit { conv(4, 1, bias=false) -> bn -> relu }\n" + network(
        "conv(8, 3) -> avgpool(3, stride=1, pad=1) -> last: unit"
    )
    found = equal(text, "pool-first")
    assert found.operations == ["conv", "conv", "avgpool", "bn", "relu"]
    assert found.nodes("avgpool")[0].path.startswith("last.")


@pytest.mark.parametrize(
    "body",
    [
        "avgpool(2) -> conv(4, 1)",  # it is the cheaper order
        "conv(4, 1) -> avgpool(3, stride=2, pad=1)",  # zeros count, and there is a bias
        "conv(8, 3) -> avgpool(3, stride=1, pad=1) -> conv(2, 1)",
        "conv(4, 3) -> avgpool(2)",  # no 1×1
        "conv(4, 1, stride=2) -> avgpool(2)",
        "conv(4, 1, pad=1) -> avgpool(2)",
        "conv(4, 1) -> maxpool(2)",  # not linear
        "t = conv(4, 1)\n  ( avgpool(2) | t -> conv(4, 2, stride=2) ) -> add",  # another reader
        "conv(4, 1) -> relu -> avgpool(2)",
        "share c = conv(3, 1)\n  x -> c -> avgpool(2) -> c",  # its work elsewhere would change
        "share b = group\n  x -> b -> b",
        "conv(4, 1) -> gap",  # no map is left for the convolution
        "conv(100, 1) -> conv(1, 1) -> avgpool(2)",  # the pool would have more to do than it saves
    ],
)
def test_what_does_not_keep_the_function_or_pay_is_left(body: str) -> None:
    text = network(body)
    if "group" in body:
        text = "block group { conv(3, 1) -> avgpool(2) }\n" + text
    refuses(text, "pool-first")


def test_a_map_that_leaves_is_left() -> None:
    text = network("t = conv(4, 1)\n  avgpool(2)").replace("output y", "output y\n  output seen = t")
    refuses(text, "pool-first")
