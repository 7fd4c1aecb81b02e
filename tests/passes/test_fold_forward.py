"""Batch norms are folded into the linear maps that follow."""

from __future__ import annotations

import pytest

from tests.passes.helpers import equal, network, refuses


@pytest.mark.parametrize(
    "body, shape",
    [
        ("bn -> conv(4, 1)", "[3, 8, 8]"),
        ("bn -> conv(4, 1, bias=false)", "[3, 8, 8]"),
        ("bn -> conv(6, 3, pad=valid, stride=2, groups=3)", "[3, 8, 8]"),
        ("bn -> depthwise(3, pad=valid, multiplier=2)", "[3, 8, 8]"),
        ("bn -> conv(4, 3, pad=valid)", "[3, 16]"),
        ("bn -> conv(4, 2, pad=valid)", "[3, 4, 4, 4]"),
        ("bn -> linear(5, bias=false)", "[7]"),
        ("bn(affine=false) -> gap -> linear(5)", "[3, 8, 8]"),
        ("bn -> upsample(2) -> avgpool(3) -> conv(5, 1)", "[3, 8, 8]"),
        ("t = bn\n  ( t -> conv(4, 1) | t -> avgpool(1) -> conv(4, 1) ) -> add", "[3, 8, 8]"),
    ],
)
def test_a_norm_before_linear_maps_is_folded(body: str, shape: str) -> None:
    found = equal(network(body, shape), "fold-forward")
    assert "bn" not in found.operations
    assert len(found.done["fold-forward"]) == 1
    assert not any("running" in name for name in found.net.state_dict())


@pytest.mark.parametrize(
    "body",
    [
        "bn -> conv(4, 3)",
        "bn -> relu -> conv(4, 1)",
        "bn -> avgpool(3, stride=1, pad=1) -> conv(4, 1)",
        "bn(track=false) -> conv(4, 1)",
        "t = bn\n  ( t -> conv(3, 1) | t ) -> add",
        "share c = conv(3, 1)\n  bn -> c -> c",
        "bn",
    ],
)
def test_what_does_not_keep_the_function_is_left(body: str) -> None:
    refuses(network(body), "fold-forward")


def test_what_leaves_is_left() -> None:
    text = network("t = bn\n  conv(4, 1)").replace("output y", "output y\n  output seen = t")
    refuses(text, "fold-forward")
