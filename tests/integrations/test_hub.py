"""`--with hub`: `torch.hub` loads models from a folder with `hubconf.py`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

torch = pytest.importorskip("torch")

from archdsl.cli import main  # noqa: E402
from tests.integrations.made import ROOT, SIX  # noqa: E402

pytestmark = [pytest.mark.torch, pytest.mark.slow]


@pytest.fixture
def forget() -> Any:
    """What `torch.hub` imports is imported anew in each test."""
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name in {"hubconf", *SIX}:
            del sys.modules[name]


def compiled(*arguments: str) -> None:
    done = CliRunner().invoke(main, ["compile", *arguments])
    assert done.exit_code == 0, done.output


def entries(folder: Path) -> list[str]:
    """What `torch.hub.list` would list, which takes no folder: all that can be called."""
    probe = "import hubconf; print([n for n, f in vars(hubconf).items() if callable(f) and n[0] != '_'])"
    done = subprocess.run(
        [sys.executable, "-c", probe], cwd=folder, capture_output=True, text=True, check=True
    )
    return sorted(eval(done.stdout))


@pytest.mark.parametrize("model", SIX)
def test_load(model: str, tmp_path: Path, forget: None) -> None:
    spec = str(ROOT / "specs" / f"{SIX[model]}.arch")
    compiled(spec, "-m", model, "--with", "hub", "-o", str(tmp_path / f"{model}.py"))
    folder = str(tmp_path)
    assert entries(tmp_path) == [model]
    net = torch.hub.load(folder, model, source="local")
    channels = 1 if model == "unet256" else 3
    with torch.no_grad():
        assert net.eval()(torch.randn(1, channels, 64, 64)).shape[0] == 1


def test_all_models_of_a_spec_are_in_one_file(tmp_path: Path) -> None:
    compiled(str(ROOT / "specs/densenet.arch"), "--all", "--with", "hub", "-o", str(tmp_path))
    models = sorted(path.stem for path in tmp_path.glob("*.py") if path.stem != "hubconf")
    assert len(models) > 3
    assert entries(tmp_path) == models


def test_a_missing_package_is_named(tmp_path: Path, forget: None) -> None:
    """`dependencies` has what the modules need: torch.hub says which of it is not there."""
    compiled(str(ROOT / "specs/densenet121.arch"), "--with", "hub,hf", "-o", str(tmp_path / "densenet121.py"))
    path = tmp_path / "hubconf.py"
    text = path.read_text(encoding="utf-8")
    assert '\ndependencies = ["torch", "huggingface_hub"]\n' in text
    path.write_text(text.replace('"huggingface_hub"', '"not_a_package"'), encoding="utf-8")
    with pytest.raises(RuntimeError, match="Missing dependencies: not_a_package"):
        torch.hub.load(str(tmp_path), "densenet121", source="local")
