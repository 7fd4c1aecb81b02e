"""Figures as files: the same bytes each time, and nothing in a spec becomes markup or a command."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from archdsl.draw import DrawError
from archdsl.draw.figure import FORMATS, render_figure
from archdsl.draw.markup import clean
from archdsl.draw.options import DrawOptions
from tests.draw.outline import graph_of
from tests.draw.test_dot import EVIL, evil

ROOT = Path(__file__).parents[3]
TINY = "network tiny { input image: [3, 16, 16]\n conv(4, 3) -> maxpool(2) -> conv(8, 3) * 2 -> gap -> linear(5)\n output y }"
STARTS = {
    "svg": b"<?xml",
    "png": b"\x89PNG",
    "pdf": b"%PDF",
    "dot": b"graph figure {",
    "tikz": b"% In a document",
}
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("format", FORMATS)
def test_formats(format: str) -> None:
    drawn = render_figure(graph_of(TINY), format)
    assert drawn.startswith(STARTS[format]) and len(drawn) > 1000
    assert drawn == render_figure(graph_of(TINY), format)


def test_other_formats() -> None:
    with pytest.raises(
        DrawError, match="a figure is not written as `html`: take one of svg, png, pdf, dot, tikz"
    ):
        render_figure(graph_of(TINY), "html")


@pytest.mark.parametrize(
    ("options", "name"),
    [
        (DrawOptions(cost=True), "--cost"),
        (DrawOptions(columns=2), "--columns"),
        (DrawOptions(direction="LR"), "--direction LR"),
    ],
)
def test_choices_of_diagrams(options: DrawOptions, name: str) -> None:
    with pytest.raises(DrawError, match=f"`{name}` is of diagrams"):
        render_figure(graph_of(TINY), "svg", options=options)


def test_the_same_bytes_in_other_processes() -> None:
    code = (
        "from archdsl.api import loads; from archdsl.draw.figure import render_figure; import sys; "
        f"g = loads({TINY!r}, 'x')._graph; "
        "sys.stdout.buffer.write(b''.join(render_figure(g, f) for f in ('svg', 'dot', 'tikz')))"
    )
    made = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "HOME": "/nonexistent"},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(made) == 1


def test_svg_is_read_aloud_and_leads_to_the_text() -> None:
    options = DrawOptions(links=lambda name: f"https://example.org/{name}")
    root = ElementTree.fromstring(render_figure(graph_of(TINY), "svg", options=options))
    assert root.get("role") == "img" and root.get("aria-labelledby") == "tiny-title tiny-desc"
    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None and title.text == "tiny"
    assert desc is not None and desc.text == (
        "Feature maps of a neural network as boxes to scale, 6 of them. From image 3×16×16 to y 5."
    )
    words = [element.text for element in root.iter(f"{SVG}text")]
    assert {"3×16×16", "image", "4×16×16", "8×8×8", "5", "y"} <= set(words)
    links = {element.get("href") for element in root.iter(f"{SVG}a")}
    assert links == {"https://example.org/test.arch#L1", "https://example.org/test.arch#L2"}


def test_no_script_behind_a_link() -> None:
    svg = render_figure(graph_of(TINY), "svg", options=DrawOptions(links=lambda name: "javascript:alert(1)"))
    assert b"javascript" not in svg


def test_page() -> None:
    root = ElementTree.fromstring(
        render_figure(graph_of(TINY), "svg", options=DrawOptions(page=(100.0, 900.0)))
    )
    assert root.get("width") == "100pt"


@pytest.mark.parametrize("words", EVIL)
def test_nothing_in_a_spec_becomes_markup(words: str) -> None:
    root = ElementTree.fromstring(render_figure(evil(words), "svg"))
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags <= {"svg", "g", "title", "desc", "rect", "polygon", "path", "text"}
    assert not any(key.startswith("on") or "href" in key for element in root.iter() for key in element.attrib)
    shown = "".join("".join(element.itertext()) for element in root.iter(f"{SVG}text"))
    assert clean(words)[:20] in shown


@pytest.mark.parametrize("words", EVIL)
def test_nothing_in_a_spec_becomes_dot(words: str) -> None:
    assert render_figure(evil(words), "png").startswith(STARTS["png"])


def test_long_figures_are_dot_that_graphviz_reads() -> None:
    """It reads no string of more than 16,384 bytes."""
    row = " -> ".join(f"conv({c}, 3) -> maxpool(2)" for c in range(4, 12))
    text = f"network long {{ input image: [3, 4096, 4096]\n {row}\n output y }}"
    source = render_figure(graph_of(text), "dot").decode()
    assert max(len(piece) for piece in source.split('"')) < 16_384
    assert render_figure(graph_of(text), "pdf").startswith(STARTS["pdf"])


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="there is no pdflatex")
@pytest.mark.parametrize("words", ["plain", EVIL[0], EVIL[4]])
def test_tikz_compiles(words: str, tmp_path: Path) -> None:
    (tmp_path / "figure.tex").write_bytes(render_figure(evil(words), "tikz"))
    (tmp_path / "paper.tex").write_text(
        "\\documentclass{article}\n\\usepackage{tikz}\n\\begin{document}\n\\input{figure}\n\\end{document}\n"
    )
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "paper.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "paper.pdf").is_file()


def test_tikz_escapes() -> None:
    tikz = render_figure(evil("\\input{/etc/passwd} $x_1$ %"), "tikz").decode()
    assert "\\input{/etc" not in tikz and "\\textbackslash{}input\\{/etc/passwd\\}" in tikz
