"""The drawing of a difference: one picture of two networks, every part with its sign."""

from __future__ import annotations

from pathlib import Path

import pytest

from archdsl.api import load, loads
from archdsl.diff.picture import difference, merge, render_difference
from archdsl.draw import DrawError, DrawOptions
from archdsl.draw.palette import CHANGED_LINES, CHANGES
from archdsl.draw.picture import Box, Cluster, End, Mark, Picture
from archdsl.draw.view import view
from archdsl.graph.model import Graph

SPECS = Path(__file__).parents[2] / "specs"
NET = """network n(width = 8) {
  input image: [3, 16, 16]
  conv(width, 3) -> bn -> relu -> maxpool(2, stride=2) -> tail: { ( identity | conv(width, 1) ) -> add -> relu }
  output y
}"""


def graph(text: str = NET, **settings: object) -> Graph:
    return loads(text, "n.arch", **settings)._graph


def items(picture: Picture) -> list[Box | Mark | End | Cluster]:
    found: list[Box | Mark | End | Cluster] = [picture.root]
    for item in found:  # grows while it is walked
        if isinstance(item, Cluster):
            found.extend(item.items)
    return found


def said(picture: Picture) -> list[str]:
    """All cells, joins and ends, in order."""
    words = []
    for item in items(picture):
        if isinstance(item, Box):
            words += [cell.text for row in item.rows for cell in row.cells]
        elif isinstance(item, Mark):
            words.append(item.symbol)
    return words


def check(picture: Picture) -> None:
    """Numbers are those of one thing each, and all arrows lead from thing to thing."""
    drawn = items(picture)
    points = [p for item in drawn if isinstance(item, Cluster) for p in (item.head, *item.forks) if p]
    numbers = [item.id for item in drawn] + points
    assert len(numbers) == len(set(numbers))
    ends = {end for arrow in picture.arrows for end in (arrow.tail, arrow.head)}
    assert ends <= set(numbers)
    assert {end for pair in picture.stacked for end in pair} <= set(numbers)


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ("conv(width, 3) ->", "conv(width, 5) ->", ["~ conv 3×3 → 5×5, 8"]),
        ("-> bn", "-> bn -> dropout(0.5)", ["+ dropout 0.5"]),
        ("-> bn", "-> bn(eps=0.1)", ["~ bn"]),
        (" -> bn", "", ["− bn"]),
        ("relu -> maxpool", "silu -> maxpool", ["~ relu → silu"]),
        ("-> add", "-> mul", ["− +", "+ ×"]),
    ],
)
def test_signs(before: str, after: str, lines: list[str]) -> None:
    assert before in NET
    merged = difference(graph(), graph(NET.replace(before, after, 1)), DrawOptions(depth=2))
    check(merged)
    assert [word for word in said(merged) if word[:2] in ("+ ", "− ", "~ ")] == lines
    if lines[0] == "~ bn":
        (cell,) = (
            c for i in items(merged) if isinstance(i, Box) for r in i.rows for c in r.cells if c.group == "~"
        )
        assert cell.tag == "other arguments"


def test_the_same_is_all_as_it_was() -> None:
    merged = difference(graph(), graph(), DrawOptions(depth=2))
    plain = view(graph(), DrawOptions(depth=2, digests=True))
    assert {item.change for item in items(merged)} == {"="}
    assert {arrow.change for arrow in merged.arrows} == {"="}
    assert len(merged.arrows) == len(plain.arrows) and said(merged) == said(plain)


def test_what_went_is_dashed_and_what_came_is_led_to() -> None:
    merged = difference(graph(), graph(NET.replace("-> add", "-> mul")))
    arrows = [arrow.change for arrow in merged.arrows]
    assert "−" in arrows and "+" in arrows
    dot = render_difference(graph(), graph(NET.replace("-> add", "-> mul")), "dot").decode()
    assert "dashed" in dot and CHANGED_LINES["−"] in dot and CHANGES["+"] in dot


PAIRS = [
    ("resnet:resnet50", "se_resnet:se_resnet50"),
    ("densenet:densenet121", "densenet:densenet201"),
    ("vgg:vgg11", "vgg:vgg13_bn"),
    ("unet:unet256", "unet_plus_plus:unet_plus_plus"),
    ("googlenet:googlenet", "inception_v3:inception_v3"),
]


@pytest.mark.parametrize(("one", "other"), PAIRS)
@pytest.mark.parametrize("depth", [0, 1, 2, None])
def test_zoo(one: str, other: str, depth: int | None) -> None:
    old, new = (
        load(SPECS / f"{spec}.arch", model)._graph for spec, model in (p.split(":") for p in (one, other))
    )
    options = DrawOptions(depth=depth, digests=True)
    check(difference(old, new, options))
    check(difference(new, old, options))
    check(merge(view(new, options), view(new, options)))


def test_formats() -> None:
    old, new = graph(), graph(width=16)
    for format, start in (
        ("svg", b"<?xml"),
        ("mermaid", b"flowchart"),
        ("tikz", b"% In a"),
        ("png", b"\x89PNG"),
    ):
        assert render_difference(old, new, format).startswith(start)
    assert render_difference(old, new, "dot") == render_difference(old, new, "dot")
    with pytest.raises(DrawError, match="`html` is no format of such a drawing"):
        render_difference(old, new, "html")
