"""A block that holds itself is one class that constructs itself."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from tests.emit.generated import ROOT, build, class_text, source_of
from tests.emit.test_classes import classes
from tests.emit.test_merge import check, graph

PYRAMID = """
block pyramid(c, depth) {
  maxpool(2) -> conv(c, 3)
  if depth > 1 { ( conv(c, 1) | pyramid(c, depth - 1) ) -> add }
  last: conv(c, 3) -> upsample(scale=2)
}"""


def test_a_block_that_calls_itself() -> None:
    source, net = check(graph("  pyramid(8, 3) -> pyramid(8, 1) -> pyramid(16, 2)", PYRAMID, "[8, 16, 16]"))
    assert classes(source) == ["Pyramid", "Net"]
    text = class_text(source, "Pyramid")
    assert "def __init__(self, in_channels: int, c: int, depth: int) -> None:" in text
    assert "        self.has_pyramid = depth > 1\n" in text
    assert "        self.pyramid1 = Pyramid(c, c, depth - 1) if self.has_pyramid else nn.Identity()\n" in text
    assert "self.conv2(x) + self.pyramid1(x) if self.has_pyramid else x" in text
    assert "self.pyramid1 = Pyramid(8, 8, 3)" in source
    assert "pyramid1.pyramid1.pyramid1.conv1.weight" in net.state_dict()
    assert "pyramid2.conv2.weight" not in net.state_dict()
    x = torch.randn(2, 8, 16, 16)
    with torch.no_grad():
        torch.testing.assert_close(torch.compile(net, fullgraph=True, backend="eager")(x), net(x))


def test_all_depths_can_be_built() -> None:
    source, _ = check(graph("  pyramid(8, 3)", PYRAMID, "[8, 16, 16]"))
    found: dict[str, Any] = {"__name__": "generated"}
    exec(compile(source, "<generated>", "exec"), found)
    pyramid = found["Pyramid"]
    for depth in (-1, 0, 1, 5):
        assert sum(type(m) is pyramid for m in pyramid(8, 8, depth).modules()) == max(1, depth)


def test_what_holds_those_of_several_depths_is_one_class() -> None:
    source = source_of(ROOT / "specs" / "residual_attention.arch", "attention56")
    assert classes(source) == [
        "GlobalAvgPool",
        "PreactBottleneck",
        "SoftMask",
        "Mask",
        "AttentionModule",
        "ResidualAttention",
    ]
    assert "self.soft_mask1 = SoftMask(in_channels, width, depth - 1)" in source
    assert "AttentionModule(512, 128, 2)" in source


@pytest.mark.parametrize(
    ("inner", "wanted"),
    [
        # a number for each depth
        (
            "pyramid(widths[1:], depth - 1)",
            ["Pyramid", "PyramidWithPyramid", "PyramidDepth3", "PyramidDepth4"],
        ),
        # in a part of its own
        (
            "inner: { ( conv(4, 1) | pyramid(widths[1:], depth - 1) ) -> add }",
            [
                "Pyramid",
                "Inner",
                "PyramidWithInner",
                "InnerDepth3",
                "PyramidDepth3",
                "InnerDepth4",
                "PyramidDepth4",
            ],
        ),
    ],
)
def test_without_a_rule_each_depth_is_a_class(inner: str, wanted: list[str]) -> None:
    block = (
        "block pyramid(widths: list, depth) {\n"
        "  conv(widths[0], 3) -> relu\n"
        f"  if depth > 1 {{ {inner} }}\n"
        "  conv(4, 1)\n}"
    )
    source, _ = check(graph("  pyramid([5, 9, 6, 13], 4)", block))
    assert classes(source) == [*wanted, "Net"]


def test_weights_start_as_without_recursion() -> None:
    block = PYRAMID.replace("conv(c, 3)", "conv(c, 3, init=normal(std=0.5))").replace(
        "conv(c, 1)", "conv(c, 1, init=normal(std=2.0))"
    )
    fresh = build(check(graph("  pyramid(64, 3)", block, "[64, 16, 16]"))[0])
    for name, weight in fresh.state_dict().items():
        if name.endswith("weight"):
            wanted = 2.0 if weight.shape[-1] == 1 else 0.5
            assert weight.std().item() == pytest.approx(wanted, rel=0.1), name


def test_a_condition_is_that_of_the_text() -> None:
    block = (
        "block unit(c, stride = 1) {\n"
        "  ( if stride != 1 { skip: conv(c, 1, stride=stride) } | conv(c, 3, stride=stride) ) -> add -> relu\n}"
    )
    source, _ = check(graph("  unit(8) * 4 -> unit(16, stride=2)", block))
    assert " if stride != 1 else nn.Identity()\n" in source


def test_an_opposite_and_several_conditions_of_the_text() -> None:
    block = (
        "block unit(c, n) {\n"
        "  conv(c, 3)\n"
        "  if n == 0 { relu } else { if n < 3 { more: { conv(c, 3) -> bn } } }\n"
        "  last: conv(c, 1)\n}"
    )
    source, _ = check(graph("  unit(8, 1) -> unit(8, 2) -> unit(8, 3) -> unit(8, 4)", block))
    assert classes(source) == ["Unit", "Net"]
    assert "if n < 3" in class_text(source, "Unit")
