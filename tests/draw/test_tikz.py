"""TikZ: what Graphviz laid out, in LaTeX that cannot be broken by a spec."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from archdsl.draw import render
from archdsl.draw.latex import escaped
from archdsl.draw.tikz import tikz
from tests.draw.outline import graph_of

TINY = """network tiny {
  input image: [3, 8, 8]
  wide: conv(4, 3) -> ( identity | conv(4, 1) -> bn ) -> add -> relu
  output y
}"""
NASTY = "\\input{/etc/passwd} $x_1^2$ & 100 % #1 ~ <b>\"'`{| 日本 é ² 64→256 ‖ α"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("conv 3×3, 64", r"conv 3\ensuremath{\times}3, 64"),
        ("a_1 {x} $5 #2 & 50 %", r"a\_1 \{x\} \$5 \#2 \& 50 \%"),
        ("\\input{x}", r"\textbackslash{}input\{x\}"),
        ("^~<>|", r"\textasciicircum{}\textasciitilde{}\textless{}\textgreater{}\textbar{}"),
        ("--", "{-}{-}"),  # no dash of a sentence
        ("é", "é"),
        ("日", "[U+65E5]"),
        ("ﬁ", "fi"),
        ("a\x00\u0301", "a"),
    ],
)
def test_escaped(text: str, written: str) -> None:
    assert escaped(text) == written


def test_every_operation() -> None:
    """Areas, lines, curves, ellipses and words, as the manual of Graphviz lists them."""
    pen = [{"op": "c", "color": "#112233"}, {"op": "C", "color": "#aabbcc"}, {"op": "S", "style": "dashed"}]
    shapes = [
        {"op": "P", "points": [[0, 0], [1, 0], [1, 1]]},
        {"op": "p", "points": [[0, 0], [1, 0], [1, -0.001]]},
        {"op": "L", "points": [[0, 0], [2.5, 0]]},
        {"op": "b", "points": [[0, 0], [1, 1], [2, 2], [3, 3]]},
        {"op": "e", "rect": [5, 6, 2, 1]},
    ]
    words = [{"op": "F", "size": 9, "face": "x"}, {"op": "t", "fontchar": 1}]
    words += [{"op": "T", "pt": [1, 2], "align": "c", "width": 3, "text": "5 %"}]
    text = tikz(json.dumps({"objects": [{"_draw_": pen + shapes, "_ldraw_": words}]}).encode())
    line = "draw=arch112233, line width=1bp, dashed"
    assert [
        row.strip() for row in text.splitlines() if row.startswith("  ") and "definecolor" not in row
    ] == [
        f"\\filldraw[{line}, fill=archAABBCC] (0, 0) -- (1, 0) -- (1, 1) -- cycle;",
        f"\\draw[{line}] (0, 0) -- (1, 0) -- (1, 0) -- cycle;",
        f"\\draw[{line}] (0, 0) -- (2.5, 0);",
        f"\\draw[{line}] (0, 0) .. controls (1, 1) and (2, 2) .. (3, 3);",
        f"\\draw[{line}] (5, 6) ellipse [x radius=2, y radius=1];",
        r"\node[anchor=base, text=arch000000, font=\sffamily\fontsize{9bp}{9bp}\selectfont\bfseries] at (1, 2) {5 \%};",
    ]


def test_all_words_of_the_diagram_are_there() -> None:
    graph = graph_of(TINY)
    svg, text = render(graph, "svg").decode(), render(graph, "tikz").decode()
    words = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    assert "conv 3×3, 4" in words
    assert sorted(re.findall(r"\) \{(.*)\};$", text, re.MULTILINE)) == sorted(map(escaped, words))
    assert render(graph, "tikz").decode() == text


@pytest.mark.slow
def test_latex_takes_it(tmp_path: Path) -> None:
    """A diagram, and a label with all that LaTeX could stumble over."""
    if shutil.which("pdflatex") is None:
        pytest.skip("there is no pdflatex")
    node = {"op": "T", "pt": [0, 0], "align": "l", "width": 1, "text": NASTY}
    (tmp_path / "a.tex").write_bytes(render(graph_of(TINY), "tikz"))
    (tmp_path / "b.tex").write_text(tikz(json.dumps({"objects": [{"_ldraw_": [node]}]}).encode()))
    (tmp_path / "paper.tex").write_text(
        "\\documentclass{article}\\usepackage{tikz}\\begin{document}\\input{a}\\par\\input{b}\\end{document}"
    )
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-3000:]
    assert b"root:" not in (tmp_path / "paper.log").read_bytes()
