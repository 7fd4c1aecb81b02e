"""`archdsl port --for inference`: a checkpoint of somebody's training for the module that `compile --for inference` writes."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("safetensors")

import archdsl  # noqa: E402
from archdsl.checkpoints import read_checkpoint  # noqa: E402
from tests.cli.conftest import Run  # noqa: E402
from tests.passes.helpers import difference, randomise, values  # noqa: E402

pytestmark = pytest.mark.torch
PORT = ["port", "tiny.arch", "--weights", "theirs.pth", "--for", "inference"]


@pytest.fixture
def theirs(folder: Path) -> Any:
    """The network as trained, in a file with other keys."""
    module = archdsl.load(folder / "tiny.arch").build().eval()
    randomise(module)
    state = {f"module.{key.replace('bn', 'norm')}": value for key, value in module.state_dict().items()}
    torch.save({"state_dict": state, "epoch": 3}, folder / "theirs.pth")
    return module


def generated(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.tiny()


@pytest.mark.parametrize("target", ["eager", "compile"])
@pytest.mark.parametrize("output", ["ours.safetensors", "ours.pth"])
def test_the_module_loads_what_is_written(
    run: Run, folder: Path, theirs: Any, target: str, output: str
) -> None:
    done = run(*PORT, "--target", target, "-o", output)
    words = "--for inference" + f" --target {target}" * (target != "eager")
    assert f"folded for inference: what `compile {words}` writes takes it" in done.stdout
    run("compile", "tiny.arch", "--for", "inference", "--target", target, "-o", "fast.py")
    net = generated(folder / "fast.py")
    written = read_checkpoint(output).tensors
    mark = written.pop("folds_mark")
    assert (mark.dtype, mark.shape) == ("U8", (8,))
    assert {one.dtype for one in written.values()} == {"F32"}
    state = archdsl_state(output)
    net.load_state_dict(state, strict=True)
    net._compiled_call_impl = None
    image = values((3, 8, 8), torch.float32)
    with torch.no_grad():
        assert difference(theirs(image), net(image)) <= 1e-5


def archdsl_state(path: str) -> dict[str, Any]:
    if path.endswith(".pth"):
        state: dict[str, Any] = torch.load(path, weights_only=True)
        return state
    from safetensors.torch import load_file

    return load_file(path)


@pytest.mark.parametrize(("kind", "written"), [("half", "F32"), ("double", "F64")])
def test_precision(run: Run, folder: Path, theirs: Any, kind: str, written: str) -> None:
    """Half precision is too little for what is folded: the module has single precision."""
    torch.save(getattr(theirs, kind)().state_dict(), folder / "theirs.pth")
    run(*PORT, "-o", "ours.pth")
    found = read_checkpoint("ours.pth").tensors
    assert {one.dtype for key, one in found.items() if key != "folds_mark"} == {written}


def test_all_weights_are_needed(run: Run, folder: Path, theirs: Any) -> None:
    done = run(*PORT, "--partial", "--skip", "*linear*", "-o", "ours.pth", status=1)
    assert "keys of the module are left over, and those for inference are folded from all" in done.stderr
    assert not (folder / "ours.pth").exists()


def test_json(run: Run, theirs: Any) -> None:
    found = json.loads(run(*PORT, "--format", "json", "-o", "ours.pth").stdout)
    assert (found["for"], found["target"], found["written"]) == ("inference", "eager", "ours.pth")


def test_wrong_options(run: Run, theirs: Any) -> None:
    done = run("port", "tiny.arch", "--weights", "theirs.pth", "--target", "compile", status=2)
    assert "`--for inference` gives one" in done.stderr
    run("port", "tiny.arch", "--weights", "theirs.pth", "--for", "training", status=2)
