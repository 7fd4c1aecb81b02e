"""`archdsl draw`: costs, direction, columns, page and dots per inch."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from tests.cli.conftest import Run

CHAIN = "network chain { input image: [3, 32, 32]\n" + "".join(
    f"( identity | conv(3, {kernel}) ) -> add -> relu\n" for kernel in (1, 3, 5, 7)
)


@pytest.fixture
def spec(folder: Path) -> str:
    (folder / "chain.arch").write_text(CHAIN + "output y }")
    return "chain.arch"


def dot(run: Run, spec: str, *words: str) -> str:
    return run("draw", spec, "--format", "dot", "-o", "-", *words).stdout


def test_cost(run: Run, spec: str) -> None:
    assert "share of MACs" not in dot(run, spec)
    shown = dot(run, spec, "--cost")
    assert "share of MACs" in shown and "12 · 9.22K" in shown


def test_direction(run: Run, spec: str) -> None:
    assert "rankdir=LR" in dot(run, spec, "--direction", "LR")
    assert "rankdir" not in dot(run, spec, "--direction", "TB")
    assert "'up' is not one of" in run("draw", spec, "--direction", "up", status=2).stderr


def test_columns(run: Run, spec: str) -> None:
    assert "array_it2" in dot(run, spec, "--columns", "2")
    assert "pack" not in dot(run, spec, "--columns", "1")
    assert "0 is not in the range" in run("draw", spec, "--columns", "0", status=2).stderr


def test_page(run: Run, spec: str) -> None:
    assert 'size="1,2"' in dot(run, spec, "--page", "1x2in")
    assert "`a9` is no page: there are a3, a4" in run("draw", spec, "--page", "a9", status=2).stderr
    assert "36 to 14,400 points" in run("draw", spec, "--page", "1x1", status=2).stderr


def test_dpi(run: Run, spec: str, folder: Path) -> None:
    wide = []
    for dots in ("72", "144"):
        run("draw", spec, "-o", "chain.png", "--dpi", dots)
        wide.append(struct.unpack(">I", (folder / "chain.png").read_bytes()[16:20])[0])
    assert wide[1] == pytest.approx(2 * wide[0], abs=3)
    assert "0 is not in the range" in run("draw", spec, "--dpi", "0", status=2).stderr
