"""`archdsl draw --kind figure`."""

from __future__ import annotations

from pathlib import Path

from archdsl.cli.draw import SCALES
from archdsl.draw.figure import SCALES as KNOWN
from tests.cli.conftest import Run


def test_figure(run: Run, folder: Path) -> None:
    assert run("draw", "tiny.arch", "--kind", "figure").stderr == "wrote tiny.svg\n"
    text = (folder / "tiny.svg").read_text()
    assert "3×8×8" in text and "∝ √size" in text and 'href="tiny.arch#L' in text
    assert "∝ √size" not in run("draw", "tiny.arch", "-o", "-").stdout


def test_scale(run: Run) -> None:
    assert set(SCALES) == set(KNOWN)
    log = run("draw", "tiny.arch", "--kind", "figure", "--scale", "log", "-o", "-").stdout
    assert "∝ log₂(1 + size)" in log


def test_scale_of_a_diagram(run: Run) -> None:
    said = run("draw", "tiny.arch", "--scale", "log", status=2).stderr
    assert said == "error: `--scale` is of `--kind figure`, whose boxes have sides\n"


def test_formats_of_diagrams_alone(run: Run) -> None:
    said = run("draw", "tiny.arch", "--kind", "figure", "--format", "html", status=2).stderr
    assert said == "error: a figure is not written as `html`: take one of svg, png, pdf, dot, tikz\n"


def test_a_block_that_is_not_there(run: Run) -> None:
    said = run("draw", "tiny.arch", "--kind", "figure", "--block", "nowhere", status=2).stderr
    assert "nowhere" in said and "Traceback" not in said
