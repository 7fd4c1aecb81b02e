from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from archdsl.draw import FORMATS, DrawError, render
from tests.draw.outline import graph_of

ROOT = Path(__file__).parent.parent.parent
TINY = "network tiny { input image: [3, 8, 8]\n conv(4, 3) -> bn -> relu\n output y }"


STARTS = {
    "svg": b"<?xml",
    "png": b"\x89PNG",
    "pdf": b"%PDF",
    "dot": b"digraph",
    "tikz": b"% In a document",
    "mermaid": b"flowchart TB\n",
    "html": b"<!DOCTYPE html>\n",
}


@pytest.fixture
def no_dot(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without the program."""
    monkeypatch.setenv("PATH", str(tmp_path))


def program(folder: Path, script: str) -> None:
    """A program `dot` of our own."""
    path = folder / "dot"
    path.write_text(f"#!{sys.executable}\n{script}")
    path.chmod(path.stat().st_mode | stat.S_IEXEC)


@pytest.mark.usefixtures("no_dot")
@pytest.mark.parametrize("format", FORMATS)
def test_formats_without_the_program(format: str, capfd: pytest.CaptureFixture[str]) -> None:
    drawn = render(graph_of(TINY), format)
    assert drawn.startswith(STARTS[format])
    assert capfd.readouterr() == ("", "")


@pytest.mark.usefixtures("no_dot")
def test_svg() -> None:
    root = ElementTree.fromstring(render(graph_of(TINY), "svg"))
    words = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text") if element.text != " "]
    assert words == ["tiny", "image", "3×8×8", "conv 3×3, 4", "bn", "relu", "y", "4×8×8"]


def test_the_program_is_taken_where_it_is(no_dot: None, tmp_path: Path) -> None:
    program(tmp_path, "import sys; sys.stdout.write(f'drawn {sys.argv[2]}')")
    assert render(graph_of(TINY), "svg") == b"drawn -Tsvg"


def test_the_program_fails(no_dot: None, tmp_path: Path) -> None:
    program(tmp_path, "import sys; sys.exit('Format: \"svg\" not recognized')")
    with pytest.raises(DrawError, match="not recognized"):
        render(graph_of(TINY), "svg")


@pytest.mark.usefixtures("no_dot")
def test_neither_program_nor_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    with pytest.raises(DrawError, match=r"apt install graphviz.*pip install 'pygraphviz>=2'"):
        render(graph_of(TINY), "png")
    assert render(graph_of(TINY), "dot")


def test_unknown_format() -> None:
    with pytest.raises(DrawError, match="svg, png, pdf, dot, tikz, mermaid, html"):
        render(graph_of(TINY), "bmp")


def test_no_font(tmp_path: Path) -> None:
    (tmp_path / "fonts.conf").write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">'
        f"<fontconfig><dir>{tmp_path}</dir><cachedir>{tmp_path}</cachedir></fontconfig>"
    )
    code = (
        "import sys; from archdsl.api import loads; from archdsl.draw import render\n"
        f"g = loads({TINY!r}, 'x')._graph\n"
        "assert b'conv' in render(g, 'svg')\n"
        "try: render(g, 'png')\n"
        "except Exception as e: print(e)"
    )
    env = {**os.environ, "FONTCONFIG_FILE": str(tmp_path / "fonts.conf"), "PATH": "", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    assert "no font" in done.stdout and done.stderr == ""


def test_drawing_needs_no_torch() -> None:
    code = (
        "import sys; sys.modules['torch'] = None; from archdsl.api import loads; from archdsl.draw import render; "
        f"render(loads({TINY!r}, 'x')._graph, 'svg')"
    )
    subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True
    )


def test_a_pdf_has_no_date() -> None:
    """Equal input gives equal bytes, whenever it is drawn."""
    data = render(graph_of(TINY), "pdf")
    dates = re.findall(rb"/(?:CreationDate|ModDate) \(D:([^)]*)\)", data)
    assert all(set(date) == {ord("0")} for date in dates)
