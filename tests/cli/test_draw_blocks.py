"""`archdsl draw`: which blocks are open, and which is drawn alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run

BLOCKS = """
block unit(c) { ( identity | conv(c, 3) -> relu -> conv(c, 3) ) -> add -> relu }
network blocks { input image: [4, 8, 8]
 stage: { unit(4) * 3 -> maxpool(2) }
 head: { gap -> linear(10) -> relu -> linear(2) }
 output y }
"""


@pytest.fixture
def spec(folder: Path) -> str:
    (folder / "blocks.arch").write_text(BLOCKS)
    return "blocks.arch"


def test_blocks(run: Run, spec: str) -> None:
    whole = run("draw", spec, "--format", "dot", "-o", "-").stdout
    closed = run("draw", spec, "--format", "dot", "-o", "-", "--depth", "0").stdout
    assert "layers" not in whole and whole.count("linear") == 2
    assert closed.count(" layers") == 2 and "linear" not in closed
    head = run(
        "draw",
        spec,
        "--format",
        "dot",
        "-o",
        "-",
        "--depth",
        "0",
        "--expand",
        "head",
        "--collapse",
        "stage.0",
    ).stdout
    assert head.count(" layers") == 1 and head.count("linear") == 2


def test_one_block(run: Run, spec: str) -> None:
    drawn = run("draw", spec, "--block", "unit", "--format", "dot", "-o", "-").stdout
    assert "stage.0" in drawn and "linear" not in drawn and "c=4" in drawn


@pytest.mark.parametrize("option", ["--block", "--expand", "--collapse"])
def test_a_block_that_is_not_there(run: Run, spec: str, option: str) -> None:
    result = run("draw", spec, option, "unut", "--format", "dot", "-o", "-", status=2)
    assert result.stdout == ""
    assert result.stderr == "error: there is no block `unut`\nhelp: did you mean `unit`?\n"


def test_depth_is_a_number(run: Run, spec: str) -> None:
    assert "-1 is not in the range" in run("draw", spec, "--depth", "-1", status=2).stderr
