"""Generated modules pass the linters as their authors' own code would."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.emit.generated import ZOO, each_model, models, source_of

#: Our own specs and the sample of the zoo; the zoo's other models are for `make zoo`.
PARTS = {
    "sample": [case.values for case in each_model() if not case.marks],
    "rest": [case.values for case in each_model() if case.marks],
}


@pytest.fixture(
    scope="module", params=["sample", pytest.param("rest", marks=(pytest.mark.slow, pytest.mark.zoo))]
)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All modules of a part as files."""
    folder = tmp_path_factory.mktemp("generated")
    for path, model in PARTS[request.param]:
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


#: What a careful reviewer would have: names, modern forms, simple ones, docstrings that are sentences.
RULES = "E,F,W,I,N,UP,B,C4,SIM,RET,PIE,PERF,FURB,RUF,D2,D3,D4"
#: `F` is what everyone calls torch.nn.functional (N812). `x = f(x)` before `return x` is what tells a type checker that
#: x is a tensor (RET504). × in a docstring is meant (RUF002). Docstrings begin on their first line (D203, D213), and say
#: what something is (D401). The sizes that a support function zips are as many as its text says (B905).
OTHERWISE = "N812,RET504,RUF002,D203,D213,D401,B905"


def test_ruff_check_of_a_reviewer(folder: Path) -> None:
    """The zoo; the specs of these tests have odd names and docstrings on purpose."""
    zoo = {f"{path.stem}_{model}.py" for path, model in models(ZOO)}
    names = sorted(path.name for path in folder.glob("*.py") if path.name in zoo)
    result = subprocess.run(
        [*(sys.executable, "-m", "ruff", "check", "--isolated", "--quiet", "--line-length", "100"),
         *("--select", RULES, "--ignore", OTHERWISE), *names],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr


def test_ruff_format(folder: Path) -> None:
    run(folder, "ruff", "format", "--isolated", "--line-length", "100", "--diff", "--quiet")


@pytest.mark.slow
def test_mypy(folder: Path) -> None:
    run(folder, "mypy", "--strict", "--python-version", "3.11")


@pytest.mark.parametrize(("path", "model"), each_model())
def test_text(path: Path, model: str) -> None:
    source = source_of(path, model)
    assert source == source_of(path, model)
    assert max(map(len, source.split("\n"))) <= 100
    assert source.endswith("\n") and not source.endswith("\n\n")
    assert "inplace" not in source
