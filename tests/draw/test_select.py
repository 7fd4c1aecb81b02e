"""Blocks that are opened, closed or drawn alone, by name or path."""

from __future__ import annotations

import pytest

from archdsl.draw import DrawError
from archdsl.draw.options import DrawOptions
from archdsl.draw.view import view
from tests.draw.outline import graph_of, outline

TEXT = """
block unit(c, s = 1) {
  ( if s > 1 { conv(c, 1, stride=s) -> bn } | conv(c, 3, stride=s) -> bn -> relu -> conv(c, 3) -> bn ) -> add -> relu
}
block gate takes x, g { ( x | g -> conv(x.channels, 1) -> sigmoid ) -> mul }
network n {
  input image: [4, 8, 8]
  stem: conv(4, 3) -> relu
  let skip = it
  one: { unit(4) * 3 -> maxpool(1) }
  two: { unit(8, 2) -> unit(8) -> unit(8) }
  ( identity | skip -> conv(8, 1, stride=2) ) -> gate
  output y
}
"""
CLOSED = ["one: 22 layers = 4×8×8", "two: 23 layers = 8×4×4", "gate: 3 layers = 8×4×4"]


def boxes(**options: object) -> list[str]:
    """The titles of what is drawn as one box."""
    return [line.strip().strip("[]") for line in outline(TEXT, **options).splitlines() if " layers" in line]


def test_depth() -> None:
    assert boxes() == [] == boxes(depth=9)
    assert boxes(depth=0) == CLOSED
    assert boxes(depth=1) == [
        "unit x3: 7 layers = 4×8×8",
        "unit: 9 layers = 8×4×4",
        "unit x2: 7 layers = 8×4×4",
    ]


def test_expand() -> None:
    assert boxes(depth=0, expand=("gate",)) == CLOSED[:2]
    assert boxes(depth=0, expand=("one",)) == ["unit x3: 7 layers = 4×8×8", *CLOSED[1:]]
    inside = boxes(depth=0, expand=("two.2",))  # with what it stands in, and what it is drawn together with
    assert inside == [CLOSED[0], "unit: 9 layers = 8×4×4", CLOSED[2]]
    assert boxes(depth=0, expand=("unit",)) == [CLOSED[2]]


def test_expand_what_holds_nothing_else() -> None:
    text = TEXT.replace(" -> maxpool(1)", "")
    assert "one/ unit x3:" in outline(text, depth=0, expand=("one",))


def test_collapse() -> None:
    assert boxes(collapse=("one",)) == CLOSED[:1]
    assert boxes(collapse=("gate", "two")) == CLOSED[1:]
    assert boxes(collapse=("two.0",)) == ["unit: 9 layers = 8×4×4"]


def test_both() -> None:
    assert boxes(depth=0, expand=("two",), collapse=("two.0",)) == [
        CLOSED[0],
        "unit: 9 layers = 8×4×4",
        "unit x2: 7 layers = 8×4×4",
        CLOSED[2],
    ]
    with pytest.raises(DrawError, match="`one` cannot be one box and open"):
        boxes(expand=("one",), collapse=("one",))
    with pytest.raises(DrawError, match="`one` cannot be one box and open"):
        boxes(expand=("one.0",), collapse=("one",))  # it would not be seen


def test_a_frame_that_says_nothing_can_be_one_box() -> None:
    text = (
        "block c(n) { conv(n, 3) -> bn -> relu }\nnetwork n { input x: [4, 8, 8]\n c(8) -> c(16)\n output y }"
    )
    assert "c: 3 layers" not in outline(text)
    assert outline(text, collapse=("c",)).count("c: 3 layers") == 2


def test_a_block_alone() -> None:
    lines = outline(TEXT, block="unit").splitlines()
    assert lines == [
        "{in} 4×8×8",
        "[conv 3×3, 4 = 4×8×8 | bn & relu | conv 3×3, 4 = 4×8×8 | bn]",
        "<+> 4×8×8",
        "[relu]",
        "{out} 4×8×8",
    ]
    assert outline(TEXT, block="one.0") == outline(TEXT, block="unit") != outline(TEXT, block="two.0")
    assert "[conv 1×1, 8, /2 = 8×4×4 | bn]" in outline(TEXT, block="two.0")


def test_what_enters_a_block_has_the_names_of_the_text() -> None:
    lines = outline(TEXT, block="gate").splitlines()
    assert lines[:2] == ["{x} 8×4×4", "{g} 8×4×4"] and lines[-1] == "{out} 8×4×4"


def test_what_enters_a_block_says_its_shape_itself() -> None:
    arrows = view(graph_of(TEXT), DrawOptions(block="gate")).arrows
    assert arrows and not any(arrow.shape or arrow.name for arrow in arrows)


def test_a_label_alone() -> None:
    assert outline(TEXT, block="two").splitlines()[0] == "{in} 4×8×8"
    assert "unit x2:" in outline(TEXT, block="two")


@pytest.mark.parametrize("option", ["block", "expand", "collapse"])
@pytest.mark.parametrize(
    ("name", "message", "help"),
    [
        ("unti", "there is no block `unti`", "did you mean `unit`?"),
        ("two_1", "there is no block `two_1`", "did you mean `two` or `two.1`?"),
        ("stem", "`stem` is a layer, not a block", ""),
        ("nothing_like_it", "there is no block", "there are: unit, gate; or a path"),
        ("", "there is no block ``", "there are: unit, gate"),
        ("../../etc\n\x1b[31m", "there is no block", "there are: unit, gate"),
    ],
)
def test_names_that_are_not_there(option: str, name: str, message: str, help: str) -> None:
    with pytest.raises(DrawError) as raised:
        outline(TEXT, **{option: name if option == "block" else (name,)})
    assert message in str(raised.value) and help in raised.value.help


def test_a_network_without_blocks() -> None:
    with pytest.raises(DrawError) as raised:
        outline("network n { input x: [4, 8, 8]\n conv(4, 3)\n output y }", block="unit")
    assert raised.value.help == "there are none"
