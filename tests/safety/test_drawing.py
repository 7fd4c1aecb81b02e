"""No name and no text of a spec becomes DOT, an HTML-like label or SVG: a diagram has what that of its twin has."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from xml.etree import ElementTree

import pygraphviz
import pytest
from hypothesis import given, settings

import archdsl
from archdsl.draw import DrawOptions, render
from archdsl.graph.model import Graph
from tests.draw.outline import graph_of
from tests.safety.test_module import POOL, QUICK
from tests.safety.twins import HOSTILE_TEXTS, Twin, twins

#: All blocks open and one column: how much is drawn may hang on how wide the words are.
WHOLE = DrawOptions(depth=99, columns=1)
#: Attributes of DOT that show a text.
SHOWN = ("label", "tooltip")
_TAG = re.compile(r"<[^>]*>")


def graph(spec: Twin) -> Graph:
    with TemporaryDirectory() as folder:
        (Path(folder) / f"{spec.module}.arch").write_text(spec.beside, encoding="utf-8", newline="")
        (Path(folder) / "main.arch").write_text(spec.main, encoding="utf-8", newline="")
        return archdsl.load(Path(folder) / "main.arch")._graph


def outline(dot: str) -> list[Any]:
    """All that is in a text of DOT but the words: nodes, edges and clusters with their attributes, and the tags in labels."""
    drawing = pygraphviz.AGraph(string=dot)
    found: list[Any] = [_attributes(drawing.graph_attr)]
    found += [(node, _attributes(node.attr)) for node in drawing.nodes()]
    found += [(edge, _attributes(edge.attr)) for edge in drawing.edges()]
    stack = [drawing]
    while stack:
        level = stack.pop()
        found.append((level.name, level.nodes(), _attributes(level.graph_attr)))
        stack += level.subgraphs()
    return found


def _attributes(attributes: Any) -> dict[str, Any]:
    found = dict(attributes)
    for name in SHOWN:
        found[name] = _TAG.findall(found.get(name) or "") if name == "label" else bool(found.get(name))
    return found


def svg(data: bytes) -> tuple[set[str], set[str], Counter[str]]:
    """Kinds of elements and of attributes, and how often those are there that no text needs."""
    root = ElementTree.fromstring(data)
    tags = [element.tag.rpartition("}")[2] for element in root.iter()]
    keys = {f"{element.tag.rpartition('}')[2]}.{key}" for element in root.iter() for key in element.attrib}
    return set(tags), keys, Counter(tag for tag in tags if tag != "text")


@settings(max_examples=25, **QUICK)
@given(twins(POOL))
def test_dot(pair: tuple[Twin, Twin]) -> None:
    evil, good = (render(graph(spec), "dot", WHOLE).decode() for spec in pair)
    assert outline(evil) == outline(good)


@settings(max_examples=6, **QUICK)
@given(twins(POOL))
def test_svg(pair: tuple[Twin, Twin]) -> None:
    evil, good = (svg(render(graph(spec), "svg", WHOLE)) for spec in pair)
    assert evil == good
    assert not any("href" in key or key.partition(".")[2].startswith("on") for key in evil[1])


@pytest.mark.parametrize("text", [text for text in HOSTILE_TEXTS if text.strip()])
def test_texts_in_places_that_only_a_graph_can_have(text: str) -> None:
    """Labels of a spec are names; the drawing does not rely on it."""

    def drawn(words: str) -> bytes:
        found = graph_of(
            "network n { input image: [3, 8, 8]\n a: { conv(4, 3); b: { relu; conv(4, 3) } }\n ( identity | relu ) -> add\n output y }"
        )
        for module in [found.root, *found.root.children]:
            module.name = module.path = words
            module.label = words if module.label else module.label
        found.outputs[0] = type(found.outputs[0])(**{**_fields(found.outputs[0]), "name": words})
        return render(found, "dot", WHOLE)

    assert outline(drawn(text).decode()) == outline(drawn("words").decode())


def _fields(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}
