"""Batch norms are folded into what is before them, where that keeps the function."""

from __future__ import annotations

import pytest

from tests.passes.helpers import equal, network, refuses


@pytest.mark.parametrize(
    "layer, shape",
    [
        ("conv(4, 3)", "[3, 8, 8]"),
        ("conv(4, 3, bias=false)", "[3, 8, 8]"),
        ("conv(6, 3, stride=2, groups=3, bias=false)", "[3, 8, 8]"),
        ("depthwise(3)", "[3, 8, 8]"),
        ("conv(4, 3)", "[3, 16]"),
        ("conv(4, 3)", "[3, 5, 5, 5]"),
        ("deconv(4, 2, stride=2, bias=false)", "[3, 8, 8]"),
        ("deconv(6, 3, groups=3)", "[3, 8, 8]"),
        ("conv(4, 3, bias=false) -> avgpool(3, stride=1, pad=1, count_pad=false)", "[3, 8, 8]"),
        ("conv(4, 3) -> avgpool(2) -> upsample(2, bilinear)", "[3, 8, 8]"),
        ("conv(4, 3) -> tokens -> linear(5) -> untokens(8, 8)", "[3, 8, 8]"),
        ("linear(4)", "[7]"),
        ("linear(4, bias=false)", "[7]"),
    ],
)
def test_a_norm_behind_a_linear_map_is_folded(layer: str, shape: str) -> None:
    found = equal(network(f"{layer} -> bn", shape), "fold-norm")
    assert "bn" not in found.operations
    assert len(found.done["fold-norm"]) == 1
    assert not any("running" in name for name in found.net.state_dict())


def test_a_norm_without_factors_is_folded_too() -> None:
    found = equal(network("conv(4, 3) -> bn(affine=false)"), "fold-norm")
    assert "bn" not in found.operations


@pytest.mark.parametrize(
    "body",
    [
        "conv(4, 3) -> bn(track=false)",  # its statistics are those of the batch
        "t = conv(4, 3)\n  ( bn | t ) -> concat",  # another reader
        "share c = conv(3, 3)\n  x -> c -> c -> bn",  # the map works elsewhere too
        "share c = conv(3, 3)\n  share n = bn\n  x -> c -> n -> relu -> conv(3, 1) -> n",  # the norm does
        "relu -> bn",  # no linear map
        "conv(4, 3) -> avgpool(3, stride=1, pad=1) -> bn",  # zeros of the padding count
        "conv(4, 3) -> maxpool(2) -> bn",
        "conv(4, 3) -> gn(2)",
    ],
)
def test_what_does_not_keep_the_function_is_left(body: str) -> None:
    refuses(network(body), "fold-norm")


def test_a_map_that_leaves_is_left() -> None:
    text = network("t = conv(4, 3)\n  bn").replace("output y", "output y\n  output seen = t")
    refuses(text, "fold-norm")


SHARED = """
block unit(channels: int) { conv(channels, 3, bias=false) -> bn -> relu }
block head { unit(4) -> unit(4) -> conv(2, 1) }
network net {
  input x: [4, 8, 8]
  share h = head
  a = x -> h
  b = x -> avgpool(2) -> h
  output a = a
  output b = b
}
model net = net
"""


def test_in_a_block_that_is_called_several_times() -> None:
    found = equal(SHARED, "fold-norm")
    assert "bn" not in found.operations
    assert len(found.graph.folds) == 2


def test_a_norm_that_follows_its_map_in_each_call() -> None:
    body = "share c = conv(3, 3)\n  share n = bn\n  x -> c -> n -> relu -> c -> n"
    assert equal(network(body), "fold-norm").operations == ["conv", "relu", "conv"]
