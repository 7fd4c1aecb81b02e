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
from tests.passes.helpers import difference, randomise, tensors, values  # noqa: E402

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


def test_what_is_folded_is_not_folded_again(run: Run, folder: Path, theirs: Any) -> None:
    """Neither for the same module, nor for another, nor taken for the weights of a training."""
    run(*PORT, "-o", "ours.safetensors")
    ours = ["port", "tiny.arch", "--weights", "ours.safetensors", "-o", "again.pth"]
    done = run(*ours, "--for", "inference", status=2)
    assert (
        "error: `ours.safetensors` is folded already, for what `compile --for inference` writes"
        in done.stderr
    )
    assert "`load_state_dict` of that module takes the file as it is" in done.stderr
    done = run(*ours, "--for", "inference", "--passes", "none", status=2)
    assert "in another way than for what `compile --for inference --passes none` writes" in done.stderr
    assert "help: `--weights` names the checkpoint of the training" in done.stderr
    done = run(*ours, status=2)
    assert "`ours.safetensors` is folded for inference already" in done.stderr
    assert "are not in it" in done.stderr and "the checkpoint of the training" in done.stderr
    assert not (folder / "again.pth").exists()


def test_a_wrapped_file_that_is_folded(run: Run, folder: Path, theirs: Any) -> None:
    run(*PORT, "-o", "ours.pth")
    state = {f"module.{key}": value for key, value in torch.load("ours.pth", weights_only=True).items()}
    torch.save({"state_dict": state, "epoch": 3}, "wrapped.pth")
    done = run("port", "tiny.arch", "--weights", "wrapped.pth", "--for", "inference", status=2)
    assert "`wrapped.pth` is folded already, for what `compile --for inference` writes" in done.stderr


AUXILIARY = """
network tiny {
  input image: [3, 8, 8]
  x = image -> conv(4, 3, bias=true) -> bn -> relu
  output early = x -> classifier: { conv(4, 3, bias=true) -> bn -> relu -> gap -> linear(10) } when training
  output late = x -> gap -> last: linear(7) when training
  output logits = x -> conv(4, 3, bias=true) -> gap -> linear(10)
}
model tiny = tiny
"""


@pytest.fixture
def state(folder: Path) -> dict[str, Any]:
    """The state of a network with auxiliary classifiers that hold what its trunk holds."""
    (folder / "tiny.arch").write_text(AUXILIARY, encoding="utf-8")
    module = archdsl.load(folder / "tiny.arch").build().eval()
    randomise(module)
    return dict(module.state_dict())


@pytest.mark.parametrize("gone", [(), ("classifier.", "last."), ("last.",)], ids=["all", "none", "one"])
@pytest.mark.parametrize("renamed", [False, True])
def test_without_what_only_training_needs(
    run: Run, folder: Path, state: dict[str, Any], gone: tuple[str, ...], renamed: bool
) -> None:
    kept = {key: value for key, value in state.items() if not (gone and key.startswith(gone))}
    names = {key: key.replace("conv", "convolution").replace("linear", "dense") for key in kept if renamed}
    torch.save({names.get(key, key): value for key, value in kept.items()}, folder / "theirs.pth")
    done = run(*PORT, "-o", "ours.pth")
    absent = len(state) - len(kept)
    assert (f"{absent} keys that only training needs, not in the file" in done.stdout) == bool(gone)
    again = run(*PORT, *(f"--skip={name}*" for name in gone), "-o", "ours.pth", "--force")
    assert "only training needs" not in again.stdout
    run("compile", "tiny.arch", "--for", "inference", "-o", "fast.py")
    net = generated(folder / "fast.py")
    net.load_state_dict(torch.load("ours.pth", weights_only=True))
    image = values((3, 8, 8), torch.float32)
    module = archdsl.load(folder / "tiny.arch").build().eval()
    module.load_state_dict(state)
    with torch.no_grad():
        (expected,), (found,) = tensors(module(image)), tensors(net(image))
    assert difference(expected, found) <= 1e-5


def test_what_evaluation_needs_may_not_be_missing(run: Run, folder: Path, state: dict[str, Any]) -> None:
    less = ("classifier.", "last.", "linear1.")
    torch.save({key: value for key, value in state.items() if not key.startswith(less)}, "theirs.pth")
    done = run(*PORT, "-o", "ours.pth", status=1)
    assert "linear1.weight" in done.stdout and "classifier." not in done.stdout
    torch.save({key: value for key, value in state.items() if not key.startswith(less[:2])}, "theirs.pth")
    done = run(*PORT[:4], "-o", "ours.pth", status=1)  # the module as written needs them
    assert "classifier.0.weight" in done.stdout
    assert not (folder / "ours.pth").exists()
