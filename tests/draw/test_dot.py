from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from archdsl.draw import digraph, render
from archdsl.draw.markup import clean, text
from archdsl.graph.model import Graph
from tests.draw.outline import graph_of
from tests.graph.builder import Builder

TINY = "network tiny { input image: [3, 8, 8]\n conv(4, 3) -> bn -> relu\n output y }"
EVIL = [
    "</TD></TR></TABLE>><IMG SRC='/etc/passwd'/>",
    '<B onload="x">bold</B>',
    '"]; evil [shape=box, URL="javascript:alert(1)"',
    "<<TABLE><TR><TD>x</TD></TR></TABLE>>",
    "\\N \\G \\L back\\",
    "line\nbreak\ttab\x00nul\x1b[31m",
    "&amp; &lt;script&gt; &#60; ]]>",
    "\u202egnp.exe",
    "x" * 5000,
]


def evil(words: str) -> Graph:
    """A graph with these words in every place that a drawing shows."""
    b = Builder(words)
    x = b.input(words, 4, 8, 8)
    with b.block(words, words):
        y = b("conv", x, channels=4, kernel=3, label=words)
        y = b("add", b("relu", y), y)
    shared = b.share("bn", words)
    shared.name = words
    for _ in range(2):
        with b.group(words):
            y = b("mul", b("bn", y, module=shared), y)
    for module in [b.graph.root, *b.graph.root.children]:
        module.path = module.name = words
    b.output(words, y)
    b.output(words, y, training=True)
    return b.graph


@pytest.mark.parametrize("words", EVIL)
def test_nothing_in_a_spec_becomes_markup(words: str) -> None:
    svg = render(evil(words), "svg").decode()
    root = ElementTree.fromstring(svg)
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags <= {"svg", "g", "title", "desc", "polygon", "path", "polyline", "text", "ellipse", "a"}
    keys = {key for element in root.iter() for key in element.attrib}
    assert not any(key.startswith("on") or "href" in key for key in keys)
    shown = "".join("".join(element.itertext()) for element in root.iter() if element.tag.endswith("text"))
    plain = "".join(clean(words).split())
    assert plain in "".join(shown.split())


def test_text() -> None:
    assert text("a<b & 'c'") == "a&lt;b &amp; &#x27;c&#x27;"
    assert text("a\nb") == "a\ufffdb"
    assert text(r"\N") == r"\\N"
    assert len(clean("x" * 5000)) == 80


def test_the_same_network_gives_the_same_bytes() -> None:
    code = (
        "from archdsl.api import loads; from archdsl.draw import render; import sys; "
        f"g = loads({TINY!r}, 'x')._graph; "
        "sys.stdout.buffer.write(render(g, 'dot') + render(g, 'svg'))"
    )
    root = Path(__file__).parent.parent.parent
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=root,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(root), "HOME": "/nonexistent"},
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(outputs) == 1


def test_the_digraph_is_what_is_rendered() -> None:
    graph = graph_of(TINY)
    assert digraph(graph).source.encode() == render(graph, "dot")


def test_add_of_one_tensor_twice_has_two_arrows() -> None:
    b = Builder()
    x = b("conv", b.input("x", 3, 8, 8), channels=4, kernel=3)
    b.output("y", b("add", x, x))
    source = digraph(b.graph).source
    arrows = [line.partition("[")[0].strip() for line in source.splitlines() if "->" in line]
    assert len(arrows) == 4 and len(set(arrows)) == 3


def test_titles_stand_in_the_flow() -> None:
    block = "block b { ( conv(4, 3) | conv(4, 1) ) -> add }"
    source = digraph(graph_of(f"{block}\nnetwork n {{ input x: [3, 8, 8]\n b\n output y }}")).source
    assert 'label=""' in source  # the cluster's title is a node, so that no arrow crosses it
    assert source.count("arrowhead=none") == 1
