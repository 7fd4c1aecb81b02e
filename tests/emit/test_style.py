"""Generated modules pass the linters as their authors' own code would."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.emit.generated import OWN, ZOO, label, models, source_of

EVERY = models(OWN) + models(ZOO)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All of them as files."""
    folder = tmp_path_factory.mktemp("generated")
    for path, model in EVERY:
        (folder / f"{path.stem}_{model}.py").write_text(source_of(path, model), encoding="utf-8")
    return folder


def run(folder: Path, *arguments: str) -> None:
    if find_spec(arguments[0]) is None:
        pytest.skip(f"{arguments[0]} is not installed")
    result = subprocess.run(
        [sys.executable, "-m", *arguments, *sorted(path.name for path in folder.glob("*.py"))],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_ruff_check(folder: Path) -> None:
    run(folder, "ruff", "check", "--isolated", "--quiet")


def test_ruff_format(folder: Path) -> None:
    run(folder, "ruff", "format", "--isolated", "--line-length", "100", "--diff", "--quiet")


@pytest.mark.slow
def test_mypy(folder: Path) -> None:
    run(folder, "mypy", "--strict", "--python-version", "3.11")


@pytest.mark.parametrize(("path", "model"), EVERY, ids=label)
def test_text(path: Path, model: str) -> None:
    source = source_of(path, model)
    assert source == source_of(path, model)
    assert max(map(len, source.split("\n"))) <= 100
    assert source.endswith("\n") and not source.endswith("\n\n")
    assert "inplace" not in source
