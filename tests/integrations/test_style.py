"""Modules that fit other libraries pass the linters, as those do that need torch alone."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.integrations.made import SIX, architecture

#: Networks beside the six that have something that these have not.
MORE = {
    "vit_b_16": "vit",
    "nin_imagenet": "nin",
    "attention56": "residual_attention",
    "vgg11_bn": "vgg",
    "inception_v4": "inception_v4",
}
WAYS = (("timm",), ("hf",), ("hf", "timm"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("generated")
    for model, spec in {**SIX, **MORE}.items():
        for with_ in WAYS:
            text = architecture(model, spec).source(with_=with_)
            assert text == architecture(model, spec).source(with_=with_[::-1])
            assert max(map(len, text.split("\n"))) <= 100
            (folder / f"{model}_{'_'.join(with_)}.py").write_text(text, encoding="utf-8")
    return folder


def run(folder: Path, *arguments: str) -> None:
    if any(find_spec(name) is None for name in (arguments[0], "timm", "huggingface_hub")):
        pytest.skip("something is not installed")
    names = sorted(path.name for path in folder.glob("*.py"))
    command = [sys.executable, "-m", *arguments, *names]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_ruff_check(folder: Path) -> None:
    run(folder, "ruff", "check", "--isolated", "--quiet")


def test_ruff_format(folder: Path) -> None:
    run(folder, "ruff", "format", "--isolated", "--line-length", "100", "--diff", "--quiet")


@pytest.mark.slow
@pytest.mark.ecosystem
def test_mypy(folder: Path) -> None:
    run(folder, "mypy", "--strict", "--python-version", "3.11")
