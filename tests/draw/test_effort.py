"""Dense networks are drawn in bounded time: with less care, from farther away, or not at all and with a reason."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from archdsl.draw import DrawError, digraph
from archdsl.draw.effort import BOUNDS, MOST_AT_BEST
from archdsl.draw.options import DrawOptions
from archdsl.draw.view import view
from archdsl.graph.model import Graph
from archdsl.limits import DEFAULT_LIMITS, Limits
from tests.draw.outline import graph_of, outline

ROOT = Path(__file__).parent.parent.parent
SVG = "{http://www.w3.org/2000/svg}"


def loop(layers: int) -> str:
    """Layers that each read all before."""
    return (
        f"let seen = [in]\n for i in range({layers}) {{\n seen -> concat -> conv(4, 3) -> relu\n"
        " let seen = seen + [it]\n }\n"
    )


def network(body: str, before: str = "") -> str:
    return f"{before}\nnetwork n {{ input image: [4, 16, 16]\n {body}\n output y }}"


def bipartite(layers: int) -> str:
    """Layers side by side that each read all of as many side by side: no arrow is long, and many cross."""
    return network(
        f"let x = in\n let a = []\n for i in range({layers}) {{\n x -> conv(4 + i * i % 7, 3)\n let a = a + [it]\n }}\n"
        f"let b = []\n for i in range({layers}) {{\n a -> concat -> conv(4 + i * i % 7, 3)\n let b = b + [it]\n }}\n"
        "b -> concat"
    )


ALL = DrawOptions(depth=9)


def bounds(graph: Graph) -> dict[str, str]:
    attributes = digraph(graph, ALL).graph_attr
    return {name: attributes[name] for name in BOUNDS if name in attributes}


def test_rows_that_arrows_lead_through() -> None:
    chain = view(graph_of(network("conv(4, 3) -> relu")))
    assert chain.effort == len(chain.arrows) == 2
    skipping = view(graph_of(network("let x = in\n conv(4, 3)\n let a = it\n [a, x] -> add -> conv(4, 3)")))
    assert len(skipping.arrows) == 5 and skipping.effort == 6  # `x` is added in the second row below it


@pytest.mark.parametrize(("text", "bounded"), [(network(loop(24)), False), (network(loop(32)), True)])
def test_dense_networks_are_laid_out_with_less_care(text: str, bounded: bool) -> None:
    graph = graph_of(text)
    assert (view(graph, ALL).effort > MOST_AT_BEST) == bounded
    assert bounds(graph) == (BOUNDS if bounded else {})


def test_crossings_count_too() -> None:
    graph = graph_of(bipartite(50))
    assert len(view(graph, ALL).arrows) < MOST_AT_BEST < view(graph, ALL).effort
    assert bounds(graph) == BOUNDS


@pytest.mark.parametrize(("text", "layers"), [(network(loop(100)), 297), (bipartite(110), 331)])
def test_too_dense_for_arrows(text: str, layers: int) -> None:
    assert f"[dense: {layers} layers = " in outline(text)


def test_too_dense_still() -> None:
    limits = Limits(drawing_effort=1)
    with pytest.raises(DrawError, match=r"arrows between .* too dense to be laid out: put .* into blocks"):
        view(graph_of(network("conv(4, 3) -> relu")), limits=limits)


def test_a_dense_block_is_drawn_as_one_box() -> None:
    text = network("conv(4, 3) -> dense()", f"block dense() {{\n {loop(100)} }}")
    assert view(graph_of(text)).effort <= DEFAULT_LIMITS.drawing_effort
    assert "dense: 299 layers = 4×16×16" in outline(text)


def test_a_dense_network_is_drawn(tmp_path: Path) -> None:
    (tmp_path / "dense.arch").write_text(network(loop(40)))
    done = subprocess.run(
        [sys.executable, "-m", "archdsl", "draw", "dense.arch", "--depth", "9", "-o", "dense.svg"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=100,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    root = ElementTree.parse(tmp_path / "dense.svg")
    drawn = [group.get("class") for group in root.iter(f"{SVG}g")]
    assert drawn.count("node") == 81
    assert drawn.count("edge") == 860
