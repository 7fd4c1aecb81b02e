"""The SVG as it is read aloud and followed to the text."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from archdsl.analysis.costs import count
from archdsl.draw import DrawOptions, render
from archdsl.draw.svg import accessible
from tests.draw.outline import graph_of, picture_of

SVG, XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"
TINY = """network tiny {
  input image: [3, 8, 8]
  conv(4, 3) -> bn -> relu
  -> tail: { conv(8, 3) -> conv(8, 1) -> dropout(0.5) -> conv(8, 3) } * 2
  output y
}"""


def drawn(links: object = None) -> ElementTree.Element:
    options = DrawOptions(links=links)  # type: ignore[arg-type]
    return ElementTree.fromstring(render(graph_of(TINY), "svg", options))


def test_name_and_description() -> None:
    root = drawn()
    title, description = root[0], root[1]
    assert root.get("role") == "img"
    assert (
        root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}" == "tiny-title tiny-desc"
    )
    assert title.text == "tiny"
    figures = graph_of(TINY)
    costs = count(figures)
    assert description.text == (
        f"Diagram of a neural network with {len(figures.nodes) - 1} layers, {costs.params:,} parameters and "
        f"{costs.macs:,} multiply-accumulates. Inputs and outputs: image 3×8×8, y 8×8×8."
    )


def test_every_box_says_what_it_is() -> None:
    titles = [g.find(f"{SVG}title") for g in drawn().iter(f"{SVG}g") if g.get("class") == "node"]
    words = [str(title.text) for title in titles if title is not None]
    assert words[0] == "image: 3×8×8"
    assert any("conv 3×3, 4" in word and "112 parameters" not in word and "line 3" in word for word in words)
    assert not any(word.startswith("n") and word[1:].isdigit() for word in words)


def test_boxes_lead_to_their_lines() -> None:
    anchors = [a.get("href") for a in drawn(lambda name: f"https://x.org/{name}").iter(f"{SVG}a")]
    assert "https://x.org/test.arch#L3" in anchors and "https://x.org/test.arch#L2" in anchors
    assert all(a.get("href") == a.get(f"{XLINK}href") for a in drawn(lambda name: name).iter(f"{SVG}a"))


@pytest.mark.parametrize("address", ["", "javascript:alert(1)//", "data:text/html,x"])
def test_no_address_or_a_harmful_one(address: str) -> None:
    assert not [a for a in drawn(lambda _: address).iter() if a.get("href") or a.get(f"{XLINK}href")]


@pytest.mark.parametrize("data", [b"drawn -Tsvg", b"<html/>"])
def test_what_is_no_svg_stays(data: bytes) -> None:
    assert accessible(data, picture_of(TINY)) == data
