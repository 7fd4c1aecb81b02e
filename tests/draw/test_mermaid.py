"""Mermaid: frames, boxes and arrows, and nothing of a spec that Mermaid would read as its own."""

from __future__ import annotations

import re

import pytest

from archdsl.draw import DrawError
from archdsl.draw.mermaid import _text, mermaid
from tests.draw.outline import picture_of

NETWORK = """
block unit(c: int) { ( identity | conv(c, 3) -> bn ) -> add -> relu }
network n {
  input image: [3, 8, 8]
  conv(8, 3) -> body: { unit(8) * 3 } -> gap -> linear(5)
  output y
}
"""


def test_flowchart() -> None:
    lines = mermaid(picture_of(NETWORK)).splitlines()
    assert lines[0] == "flowchart TB"
    said = "\n".join(lines)
    assert '(["image 3×8×8"])' in said and '(["y 5"])' in said
    assert re.search(r'subgraph n\d+ \[".*×3"\]', said)
    assert said.count("subgraph") == said.count("\n" + " " * 2 + "end") + len(re.findall(r"\n {4,}end", said))
    drawn = set(re.findall(r"^ *(n\d+)[\[(]", said, re.MULTILINE))
    arrows = re.findall(r"^  (n\d+) -.*> (n\d+)$", said, re.MULTILINE)
    assert arrows and {end for arrow in arrows for end in arrow} <= drawn
    readers = {head for _, head in arrows}
    assert len(drawn - readers) == 1, "all but the input are read into"


def test_direction() -> None:
    assert mermaid(picture_of(NETWORK), "LR").startswith("flowchart LR\n")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("conv 3×3, 64", "conv 3×3, 64"),
        ('"]; click n1 "x', "#34;#93;#59; click n1 #34;x"),
        ("<script>", "#60;script#62;"),
        ("`a` #1 {b} & c", "#96;a#96; #35;1 #123;b#125; #38; c"),
        ("a\nend\u202e", "a\N{REPLACEMENT CHARACTER}end\N{REPLACEMENT CHARACTER}".replace("�", "#65533;")),
        ("x" * 90, "x" * 79 + "…"),
    ],
)
def test_text(text: str, written: str) -> None:
    assert _text(text) == written


@pytest.mark.parametrize("limit", ["MOST_ARROWS", "MOST_CHARACTERS"])
def test_too_large_for_mermaid(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archdsl.draw.mermaid." + limit, 3)
    with pytest.raises(DrawError, match="and Mermaid takes") as error:
        mermaid(picture_of(NETWORK))
    assert "--depth" in error.value.help
