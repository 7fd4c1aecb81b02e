"""What changed from one network to another: each kind of change, told once, where it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archdsl.api import load, loads
from archdsl.diff import Difference, as_dict, compare, words
from archdsl.graph.model import Graph

SPECS = Path(__file__).parents[2] / "specs"

BASE = """
block unit(c: int, k = 3) {
  ( identity | conv1: conv(c, k) -> bn -> relu -> conv2: conv(c, 3) ) -> add -> relu
}
network n(width = 8, depth = 2) {
  input image: [3, 16, 16]
  stem: conv(width, 3)
  body: { unit(width) * depth }
  gap -> head: linear(10)
  output y
}
"""


def graph(text: str = BASE, **settings: object) -> Graph:
    return loads(text, "n.arch", **settings)._graph


def difference(before: str, after: str) -> Difference:
    """Of the base with one text in place of another."""
    assert before in BASE
    return compare(graph(), graph(BASE.replace(before, after)))


def told(found: Difference) -> list[str]:
    """The lines that say what changed, without the figures."""
    lines = words(found).split("\n")
    return [line.split("  [")[0] for line in lines[lines.index("", 2) + 1 :]] if found.changes else []


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ("stem: conv(width, 3)", "stem: conv(width, 5)", ["~ stem: kernel 3 → 5"]),
        ("stem: conv(width, 3)", "stem: conv(width, 3) -> bn", ["+ bn1: bn"]),
        ("gap -> head", "gap -> dropout(0.5) -> head", ["+ dropout1: dropout 0.5"]),
        ("(c, k) -> bn -> relu", "(c, k) -> relu", ["− body.0.bn1 … body.1.bn1 (× 2): bn"]),
        (
            "bn -> relu ->",
            "bn -> silu ->",
            ["~ body.0.silu1 … body.1.silu1 (× 2): layer relu → silu"],
        ),
        ("depth = 2", "depth = 4", ["+ body.2 … body.3 (× 2): unit (6 layers)"]),
        ("depth = 2", "depth = 1", ["− body.1: unit (6 layers)"]),
        (
            "linear(10)",
            "linear(5)",
            ["~ head: features 10 → 5", "  1 more has another size and no other change"],
        ),
        (
            "input image: [3,",
            "input image: [1,",
            ["~ image: shape 3×16×16 → 1×16×16", "  1 more has another size and no other change"],
        ),
        ("output y", "output z", ["− y: output", "+ z: output"]),
    ],
)
def test_changes(before: str, after: str, lines: list[str]) -> None:
    assert told(difference(before, after)) == lines


def test_the_same() -> None:
    found = compare(graph(), graph(BASE.replace("  stem", "\n  # a comment\n  stem")))
    assert found.changes == ()
    assert words(found) == "n.arch (n) and n.arch (n) are the same network"
    assert as_dict(found, "1")["equal"] is True
    assert len(found.pairs) == len(found.old.nodes)


def test_another_wiring() -> None:
    """The order of what is subtracted, and a skip from elsewhere: no layer came or went."""
    text = """network n {
      input a: [4, 8, 8]
      input b: [4, 8, 8]
      x = a -> one: conv(4, 1)
      z = b -> two: conv(4, 1)
      SUB -> relu
      output y
    }"""
    old, new = (graph(text.replace("SUB", sub)) for sub in ("( x | z ) -> sub", "( z | x ) -> sub"))
    assert [line[0] for line in told(compare(old, new))] == ["⇄"]
    assert told(compare(old, old)) == []


def test_what_came_in_between_is_no_other_wiring() -> None:
    assert {
        c.kind for c in difference("stem: conv(width, 3)", "stem: conv(width, 3) -> bn -> relu").changes
    } == {"added"}
    assert "rewired" not in {c.kind for c in difference("( identity |", "( conv(c, 1) |").changes}


def test_a_join_of_more() -> None:
    text = "network n { input x: [4, 8, 8]\n ( conv(4, 1) | conv(4, 3) ) -> add -> relu\n output y }"
    found = compare(graph(text), graph(text.replace("conv(4, 3) )", "conv(4, 3) | identity )")))
    assert "⇄ add: reads 3 tensors, not 2" in told(found)


def test_figures_are_those_of_both() -> None:
    old, new = graph(), graph(depth=5, width=16)
    found = as_dict(compare(old, new), "1")
    assert found["params"] == found["new"]["params"] - found["old"]["params"] > 0
    assert found["macs"] == found["new"]["macs"] - found["old"]["macs"] > 0
    parts = [sum(c[side]["params"] for c in found["changes"] if c[side]) for side in ("old", "new")]
    assert found["params"] == parts[1] - parts[0], "the changes account for all of it"
    json.dumps(found)


def test_backwards() -> None:
    """What came is what went."""
    old, new = (
        graph(),
        graph(BASE.replace("gap ->", "dropout(0.1) -> gap ->").replace("depth = 2", "depth = 3")),
    )
    there, back = (compare(a, b).changes for a, b in ((old, new), (new, old)))
    assert (
        sorted(c.kind for c in there) == ["added", "added"]
        and sorted(c.kind for c in back) == ["removed"] * 2
    )


@pytest.mark.parametrize(
    ("one", "other", "lines"),
    [
        (
            ("resnet", "resnet50"),
            ("resnet", "resnet101"),
            ["+ layer3.6 … layer3.22 (× 17): bottleneck (10 layers)"],
        ),
        (
            ("resnet", "resnet50"),
            ("resnet", "resnet50_v1"),
            [
                "~ layer1.0 … layer4.2 (× 16): block bottleneck → bottleneck_v1",
                "~ layer2.0.conv1 … layer4.0.conv1 (× 3): stride 1 → 2",
                "~ layer2.0.conv2 … layer4.0.conv2 (× 3): stride 2 → 1",
                "  6 more have another size and no other change",
            ],
        ),
        (("densenet", "densenet121"), ("densenet121", "densenet121"), []),
    ],
)
def test_zoo(one: tuple[str, str], other: tuple[str, str], lines: list[str]) -> None:
    old, new = (load(SPECS / f"{spec}.arch", model)._graph for spec, model in (one, other))
    assert told(compare(old, new)) == lines


def test_a_hundred_thousand_layers() -> None:
    """One of them changed: it is found, and nothing else, without looking at all pairs."""
    text = "network n { input x: [4]\n for i in range(COUNT) { linear(4) -> relu }\n last: linear(WIDTH)\n output y }"
    text = text.replace("COUNT", "20000")
    found = compare(graph(text.replace("WIDTH", "5")), graph(text.replace("WIDTH", "6")))
    assert told(found)[0] == "~ last: features 5 → 6"
