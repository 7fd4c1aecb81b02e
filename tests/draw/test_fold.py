from __future__ import annotations

import time

import pytest

from archdsl.draw.fold import Frame, fold
from archdsl.draw.progression import growth, is_regular, merged
from archdsl.draw.view import view
from tests.draw.outline import graph_of, outline

UNIT = """
block unit(c, s = 1) {
  ( if s > 1 { conv(c, 1, stride=s) -> bn } | conv(c, 3, stride=s) -> bn -> relu -> conv(c, 3) -> bn ) -> add -> relu
}
"""


def drawn(body: str, before: str = "", **options: object) -> list[str]:
    """The outline of a network with this body, between its input and its output."""
    lines = outline(f"{before}\nnetwork n {{ input x: [4, 8, 8]\n{body}\noutput y }}", **options).splitlines()
    assert lines[0] == "{x} 4×8×8" and lines[-1].startswith("{y}")
    return lines[1:-1]


@pytest.mark.parametrize("body", ["(conv(4, 3) -> relu) * 3", "for i in range(3) { conv(4, 3) -> relu }"])
def test_repetitions_and_loops_are_the_same(body: str) -> None:
    assert drawn(body + "\ngap") == ["[conv 3×3, 4 = 4×8×8 x3 over 2 | relu | gap = 4]"]


def test_a_copy_begins_with_its_main_layer() -> None:
    assert drawn("relu -> (conv(4, 3) -> bn -> relu) * 2") == [
        "[relu | conv 3×3, 4 = 4×8×8 x2 over 2 | bn & relu]"
    ]
    assert drawn("(bn -> relu -> conv(4, 3)) * 2") == ["[bn & relu x2 over 2 | conv 3×3, 4 = 4×8×8]"]


def test_blocks() -> None:
    assert drawn("unit(4) -> unit(4) * 2 -> unit(8, 2) -> unit(8)", UNIT) == [
        "unit x3:",
        "  [conv 3×3, 4 = 4×8×8 | bn & relu | conv 3×3, 4 = 4×8×8 | bn]",
        "  <+> 4×8×8",
        "  [relu]",
        "unit:",
        "  [conv 1×1, 8, /2 = 8×4×4 | bn]",
        "  [conv 3×3, 8, /2 = 8×4×4 | bn & relu | conv 3×3, 8 = 8×4×4 | bn]",
        "  <+> 8×4×4",
        "  [relu]",
        "unit:",
        "  [conv 3×3, 8 = 8×4×4 | bn & relu | conv 3×3, 8 = 8×4×4 | bn]",
        "  <+> 8×4×4",
        "  [relu]",
    ]


def test_growth() -> None:
    before = """
    block dense { ( identity | bn -> conv(2, 3) ) -> concat }
    block stage(n) { for i in range(n) { "layer{i + 1}": dense } }
    """
    assert drawn("stage(5) -> maxpool(2) -> stage(3)", before) == [
        "stage/ layer1…5 (dense) x5 4 → 14, +2 each:",
        "  [bn | conv 3×3, 2 = 2×8×8]",
        "  <‖> 6…14×8×8",
        "[maxpool 2×2, /2 = 14×4×4]",
        "stage/ layer1…3 (dense) x3 14 → 20, +2 each:",
        "  [bn | conv 3×3, 2 = 2×4×4]",
        "  <‖> 16…20×4×4",
    ]


def test_a_pair_is_parted_for_a_longer_run() -> None:
    """The first layer of a dense block is one like those that repeat."""
    assert drawn("conv(2, 3)\nfor i in range(4) { ( identity | conv(2, 3) ) -> concat }") == [
        "[conv 3×3, 2 = 2×8×8]",
        "x4 2 → 10, +2 each:",
        "  [conv 3×3, 2 = 2×8×8]",
        "  <‖> 4…10×8×8",
    ]
    assert drawn("conv(2, 3) -> conv(2, 3) -> maxpool(2) -> conv(2, 3)") == [
        "[conv 3×3, 2 = 2×8×8 x2 over 1 | maxpool 2×2, /2 = 2×4×4 | conv 3×3, 2 = 2×4×4]"
    ]


def test_arguments_that_grow_evenly_or_by_a_factor() -> None:
    assert drawn("for i in range(4) { conv(4 + 2 * i, 3) -> relu }") == [
        "[conv 3×3, 4…10 = 4…10×8×8 x4 over 2 | relu]"
    ]
    before = "block b(d) { conv(4, 3, dilation=d) -> ( identity | relu ) -> add }"
    assert drawn("for i in range(12) { b(2 ** (i % 4)) }", before)[:2] == [
        "b x12:",
        "  [conv 3×3, 4, dilation …8 = 4×8×8]",
    ]


def test_arguments_without_rule_are_drawn() -> None:
    assert drawn("conv(4, 3) -> relu -> conv(8, 3) -> relu -> conv(24, 3) -> relu") == [
        "[conv 3×3, 4 = 4×8×8 | relu | conv 3×3, 8 = 8×8×8 | relu | conv 3×3, 24 = 24×8×8 | relu]"
    ]


def test_kernels_and_sizes_are_no_numbers_like_others() -> None:
    assert drawn("conv(4, 1) -> conv(4, 3) -> conv(4, 5)") == [
        "[conv 1×1, 4 = 4×8×8 | conv 3×3, 4 = 4×8×8 | conv 5×5, 4 = 4×8×8]"
    ]
    assert drawn("maxpool(2) -> maxpool(2) -> maxpool(2)") == [
        "[maxpool 2×2, /2 = 4×4×4 | maxpool 2×2, /2 = 4×2×2 | maxpool 2×2, /2 = 4×1×1]"
    ]


def test_branches_of_one_kind() -> None:
    assert drawn("( conv(4, 1) -> conv(8, 3) for _ in range(32) ) -> add -> relu") == [
        "[x32 in parallel: conv 1×1, 4 = 4×8×8 | conv 3×3, 8 = 8×8×8]",
        "<+> 8×8×8",
        "[relu]",
    ]
    assert drawn("( conv(4, 1) | conv(4, 1) ) -> add") == [
        "[conv 1×1, 4 = 4×8×8]",
        "[conv 1×1, 4 = 4×8×8]",
        "<+> 4×8×8",
    ]
    dilated = "( conv(4, 3, dilation=d) for d in [6, 12, 18, 24] ) -> add"
    assert len(drawn(dilated)) == 5


def test_what_leaves_one_copy_only_holds_it_apart() -> None:
    body = """
    e1 = conv(4, 3) -> relu
    e2 = conv(4, 3) -> relu
    e3 = conv(4, 3) -> relu
    ( e3 -> conv(4, 1) | e2 ) -> add -> conv(4, 3)
    ( it | e1 ) -> add
    """
    assert sum("conv 3×3" in line for line in drawn(body)) == 4


def test_what_leaves_all_copies_is_one_arrow() -> None:
    text = """
    block step takes x, *skips {
      z = x -> conv(4, 3) -> sigmoid
      ( ( x | z ) -> add | skips | z -> conv(2, 1) )
    }
    network n { input x: [4, 8, 8]
      step * 5
      it[1:] -> add
      output y }
    """
    picture = view(graph_of(text))
    assert [arrow.text for arrow in picture.arrows if arrow.text] == ["× 5"]


def test_shared_and_training() -> None:
    body = """
    share f = { conv(4, 3) -> ( identity | relu ) -> add }
    share g = conv(4, 1)
    f -> g -> maxpool(2) -> f -> g
    output aux = conv(2, 1) -> gap when training
    """
    lines = drawn(body)
    assert lines.count("f shared:") == 2
    assert "[conv 1×1, 4 shared: g = 4×8×8 | maxpool 2×2, /2 = 4×4×4]" in lines
    assert "[conv 1×1, 2 = 2×4×4 | gap = 2] (training)" in lines
    assert "{aux} 2 (training)" in lines


def test_every_node_is_in_one_leaf() -> None:
    graph = graph_of(f"{UNIT}\nnetwork n {{ input x: [4, 8, 8]\n unit(4) * 7 -> unit(8, 2)\n output y }}")
    found = []
    frames: list[Frame] = [fold(graph)]
    for frame in frames:
        for item in frame.items:
            if isinstance(item, Frame):
                frames.append(item)
            else:
                found.extend(item.nodes)
    assert sorted(node.id for node in found) == list(range(len(graph.nodes)))


@pytest.mark.parametrize(
    ("values", "regular"),
    [
        ([4, 4, 4], True),
        ([4, 8], False),
        ([4, 8, 12], True),
        ([4, 8, 16], True),
        ([4, 8, 15], False),
        ([1, 2, 4, 1, 2, 4], True),
        ([1, 2, 1, 2], False),  # two numbers are no progression
        ([0.0, 0.1, 0.2, 0.30000000000000004], True),
        ([0, 0, 1], False),
    ],
)
def test_is_regular(values: list[float], regular: bool) -> None:
    assert is_regular(values) is regular


@pytest.mark.parametrize(
    ("texts", "text"),
    [
        (["relu", "relu"], "relu"),
        (["conv 3×3, 64", "conv 3×3, 96", "conv 3×3, 128"], "conv 3×3, 64…128"),
        (["a 1", "a 3", "a 2"], "a 1…3"),
        (["a 3", "a 1"], "a 3…1"),
        (["conv 2, 64", "conv 2, 64, dilation 2", "conv 2, 64, dilation 4"], "conv 2, 64, dilation …4"),
        (["max", "mean 2"], "max …"),
    ],
)
def test_merged(texts: list[str], text: str) -> None:
    assert merged(texts) == text


def test_growth_in_words() -> None:
    assert growth(64, [96, 128]) == "64 → 128, +32 each"
    assert growth(64, [56, 48]) == "64 → 48, −8 each"
    assert growth(64, [64, 64]) == "" and growth(64, [96, 130]) == ""


def test_too_much_is_drawn_from_afar() -> None:
    before = """
    block u(c) { conv(c, 3) -> ( identity | relu ) -> add }
    block s(k) { for i in range(40) { u(1 + ((i + k) * (i + k) * 7919) % 13) } }
    """
    lines = drawn("for i in range(100) { s(i * i) }", before, depth=9)
    assert 80 < len(lines) <= 100 and all(": 120 layers = " in line for line in lines[:20])
    grouped = drawn("for i in range(1000) { u(1 + (i * i * 7919) % 13) }", before)
    assert 2 < len(grouped) <= 20 and all(" layers = " in line for line in grouped)
    assert grouped[0].startswith("[u1.conv")


def test_deep_blocks_are_drawn_from_afar() -> None:
    before = "block deep(n) { conv(4, 1) -> ( identity | relu ) -> add\n if n > 0 { deep(n - 1) -> bn } }"
    lines = drawn("deep(60)", before, depth=60)
    depth = max(len(line) - len(line.lstrip()) for line in lines) // 2
    assert 20 <= depth <= 30 and any("layers" in line for line in lines)


@pytest.mark.parametrize("loop", ["unit(4) * 3000", "for i in range(3000) { unit(4) }"])
def test_linear_time(loop: str) -> None:
    graph = graph_of(f"{UNIT}\nnetwork n {{ input x: [4, 8, 8]\n {loop}\n output y }}")
    start = time.process_time()
    assert len(view(graph).root.items) == 3
    assert time.process_time() - start < 60


@pytest.mark.pictures
@pytest.mark.slow
def test_a_hundred_thousand_layers() -> None:
    graph = graph_of(f"{UNIT}\nnetwork n {{ input x: [4, 8, 8]\n unit(4) * 14300\n output y }}")
    assert len(graph.nodes) > 100_000
    start = time.process_time()
    assert len(view(graph).root.items) == 3
    assert time.process_time() - start < 60
