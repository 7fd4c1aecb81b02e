"""Learned and constant factors are folded into linear maps."""

from __future__ import annotations

import pytest

from tests.passes.helpers import equal, network, refuses


@pytest.mark.parametrize(
    "body, shape",
    [
        ("conv(4, 3) -> affine", "[3, 8, 8]"),
        ("conv(4, 3, bias=false) -> affine(bias=false)", "[3, 8, 8]"),
        ("conv(6, 3, groups=3, bias=false) -> layerscale", "[3, 8, 8]"),
        ("deconv(6, 2, stride=2, groups=3, bias=false) -> affine", "[3, 8, 8]"),
        ("deconv(4, 3) -> layerscale", "[3, 8, 8]"),
        ("conv(4, 3) -> scale(0.5)", "[3, 8, 8]"),
        ("conv(4, 3) -> scale(0.5, offset=2)", "[3, 8, 8]"),
        ("conv(4, 3, bias=false) -> scale(-3)", "[3, 8, 8]"),
        ("conv(4, 3) -> tokens -> untokens(8, 8) -> layerscale", "[3, 8, 8]"),
        ("linear(5) -> layerscale", "[7]"),
        ("conv(4, 3) -> tokens -> linear(6) -> layerscale", "[3, 8, 8]"),
        ("conv(4, 3) -> avgpool(2) -> scale(0.5, offset=2)", "[3, 8, 8]"),
        ("scale(0.00392156862745098) -> conv(4, 3)", "[3, 8, 8]"),
        ("scale(3) -> conv(4, 3, bias=false)", "[3, 8, 8]"),
        ("t = scale(3)\n  ( t -> conv(4, 3) | t -> depthwise(3) -> conv(4, 3) ) -> add", "[3, 8, 8]"),
        ("scale(3) -> deconv(4, 3)", "[3, 8, 8]"),
    ],
)
def test_a_factor_is_folded(body: str, shape: str) -> None:
    found = equal(network(body, shape), "fold-scale")
    assert not {"affine", "layerscale", "scale"} & set(found.operations)
    assert [done.calls for done in found.done["fold-scale"]] == [1]


def test_a_block_that_is_called_twice_is_folded_once() -> None:
    text = "block unit { conv(3, 3) -> affine -> relu }\n" + network("share u = unit\n  x -> u -> u")
    found = equal(text, "fold-scale")
    assert found.operations == ["conv", "relu", "conv", "relu"]
    assert len(found.graph.folds) == 1


@pytest.mark.parametrize(
    "body",
    [
        "relu -> affine",
        "t = conv(3, 3)\n  ( t -> affine | t ) -> add",
        "scale(3, offset=1) -> conv(4, 3)",
        "conv(4, 3, bias=false) -> scale(2, offset=1)",
        "t = scale(2)\n  ( t -> conv(3, 3) | t ) -> add",
        "share c = conv(3, 3)\n  scale(2) -> c -> c",
        "conv(4, 3) -> avgpool(3, stride=1, pad=1) -> affine",
        "scale(2)",
    ],
)
def test_what_does_not_keep_the_function_is_left(body: str) -> None:
    refuses(network(body), "fold-scale")


def test_what_leaves_is_left() -> None:
    text = network("t = scale(2)\n  conv(4, 1)").replace("output y", "output y\n  output seen = t")
    refuses(text, "fold-scale")
