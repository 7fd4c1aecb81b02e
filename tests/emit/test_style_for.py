"""Modules for inference pass the linters and the type checker as those of the network as written do."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from archdsl.api import open_spec
from archdsl.graph.plan import TARGETS, Plan
from tests.emit.generated import ZOO, each_model
from tests.emit.test_style import OTHERWISE, RULES

#: One of each family of rewrites.
MODELS = {
    "alexnet": "alexnet",
    "densenet": "densenet121",
    "googlenet": "googlenet",
    "mobilevit": "mobilevit_xxs",
    "preact_resnet": "resnetv2_18",
    "resnet": "resnet18",
    "shufflenet": "se_shufflenet_g3",
    "unet": "unet256",
    "vit": "vit_b_32",
}
PATHS = {path.stem: path for path in ZOO}
REST = (pytest.mark.slow, pytest.mark.zoo)


def written(folder: Path, path: Path, model: str) -> None:
    arch = open_spec(path).architecture(model)
    for target in TARGETS:
        text = arch.source(plan=Plan(target=target))
        assert max(map(len, text.split("\n"))) <= 100
        (folder / f"{path.stem}_{model}_{target.replace('-', '_')}.py").write_text(text, encoding="utf-8")


@pytest.fixture(scope="module", params=["some", pytest.param("sample", marks=REST)])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inference")
    if request.param == "some":
        for stem, model in MODELS.items():
            written(folder, PATHS[stem], model)
    else:
        for case in each_model():
            if not case.marks:
                written(folder, *case.values)
    return folder


def run(folder: Path, *arguments: str) -> None:
    if find_spec(arguments[0]) is None:
        pytest.skip(f"{arguments[0]} is not installed")
    names = sorted(path.name for path in folder.glob("*.py"))
    command = [sys.executable, "-m", *arguments, *names]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_ruff(folder: Path) -> None:
    run(folder, "ruff", "check", "--isolated", "--quiet")
    run(folder, "ruff", "format", "--isolated", "--line-length", "100", "--diff", "--quiet")


def test_ruff_of_a_reviewer(folder: Path) -> None:
    given = ["--line-length", "100", "--select", RULES, "--ignore", OTHERWISE]
    run(folder, "ruff", "check", "--isolated", "--quiet", *given)


@pytest.mark.slow
def test_mypy(folder: Path) -> None:
    run(folder, "mypy", "--strict", "--python-version", "3.11")
