"""`archdsl export`: what it writes and says, and how it ends."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
pytest.importorskip("onnxscript")

import onnx
import onnxruntime
import torch

import archdsl
from tests.cli.conftest import Run

pytestmark = pytest.mark.torch

TINY_ONNX = ["export", "tiny.arch", "--onnx"]
TINY_TORCH = ["export", "tiny.arch", "--torch-export"]


def module_of(folder: Path, seed: int = 0) -> torch.nn.Module:
    torch.manual_seed(seed)
    return archdsl.load(folder / "tiny.arch").build().eval()


def onnx_result(data: bytes | str, image: torch.Tensor) -> torch.Tensor:
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    return torch.from_numpy(session.run(["logits"], {"image": image.numpy()})[0])


def test_onnx(run: Run, folder: Path) -> None:
    done = run(*TINY_ONNX)
    assert done.stdout == ""
    assert done.stderr.splitlines()[:2] == ["wrote tiny.onnx", "image [batch, 3, 8, 8] -> logits; opset 20"]
    assert f"onnxruntime {onnxruntime.__version__} gives what the module gives" in done.stderr
    image = torch.randn(5, 3, 8, 8)
    found = onnx_result((folder / "tiny.onnx").read_bytes(), image)
    torch.testing.assert_close(found, module_of(folder)(image).detach())


def test_torch_export(run: Run, folder: Path) -> None:
    done = run(*TINY_TORCH)
    assert done.stdout == ""
    assert done.stderr.splitlines()[:2] == ["wrote tiny.pt2", "image [batch, 3, 8, 8] -> logits"]
    about = {"archdsl.json": ""}
    program = torch.export.load(folder / "tiny.pt2", extra_files=about)
    assert '"model": "tiny"' in about["archdsl.json"]
    image = torch.randn(5, 3, 8, 8)
    assert torch.equal(program.module()(image), module_of(folder)(image))


def test_what_the_file_says_of_itself(run: Run, folder: Path) -> None:
    run(*TINY_ONNX, "--set", "width=8", "--seed", "3")
    model = onnx.load(folder / "tiny.onnx")
    assert (model.producer_name, model.producer_version) == ("archdsl", archdsl.__version__)
    assert (model.graph.name, model.graph.doc_string) == ("tiny", "Its docstring.")
    said = {entry.key: entry.value for entry in model.metadata_props}
    assert said == {
        "archdsl": archdsl.__version__,
        "spec": "tiny.arch",
        "model": "tiny",
        "network": "tiny(width=8, classes=10)",
        "set": "width=8",
        "weights": "initialised with the seed 3",
        "torch": torch.__version__,
    }
    assert str(folder).encode() not in (folder / "tiny.onnx").read_bytes()


def test_nodes_have_the_names_of_modules(run: Run, folder: Path) -> None:
    run("export", "pair.arch", "-m", "small", "--onnx")
    graph = onnx.load(folder / "small.onnx").graph
    assert [node.name for node in graph.node][:2] == ["/body/0/Conv", "/body/1/Relu"]
    assert [tensor.name for tensor in graph.initializer][:2] == ["body.0.weight", "body.0.bias"]


@pytest.mark.parametrize("name", ["w.pth", "w.safetensors"])
@pytest.mark.parametrize("arguments", [TINY_ONNX, TINY_TORCH])
def test_weights(run: Run, folder: Path, name: str, arguments: list[str]) -> None:
    from archdsl.checkpoints import encode_checkpoint
    from archdsl.checkpoints.pytorch import stored

    net = module_of(folder, seed=7)
    state = {key: stored(tensor) for key, tensor in net.state_dict().items()}
    (folder / name).write_bytes(encode_checkpoint(name, state))
    run(*arguments, "--weights", name, "-o", "out")
    image = torch.randn(2, 3, 8, 8)
    data = (folder / "out").read_bytes()
    if arguments is TINY_ONNX:
        found = onnx_result(data, image)
        said = {entry.key: entry.value for entry in onnx.load_from_string(data).metadata_props}
        assert said["weights"] == name
    else:
        found = torch.export.load(io.BytesIO(data)).module()(image)
    torch.testing.assert_close(found, net(image))
    assert not torch.allclose(found, module_of(folder)(image))


def test_weights_that_do_not_fit(run: Run, folder: Path) -> None:
    state = module_of(folder).state_dict()
    state["linear1.weights"] = state.pop("linear1.weight")
    torch.save(state, folder / "w.pth")
    said = run(*TINY_ONNX, "--weights", "w.pth", status=2).stderr
    assert said == (
        "error: `w.pth` does not fit: the module's `linear1.weight` are not in it, and its `linear1.weights` are not "
        "in the module\n"
        "help: `linear1.weights` may be the module's `linear1.weight`; `archdsl port` maps checkpoints with other keys\n"
    )
    torch.save(module_of(folder).state_dict(), folder / "w.pth")
    said = run(*TINY_ONNX, "--weights", "w.pth", "--set", "classes=7", status=2).stderr
    assert "`linear1.weight` is 7×4 in the module and 10×4 in the file" in said
    assert not (folder / "tiny.onnx").exists()


class Bad:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (os.mkdir, ("made",))


def test_a_pickle_is_not_run(run: Run, folder: Path) -> None:
    torch.save({"conv1.weight": Bad()}, folder / "w.pth")
    said = run(*TINY_TORCH, "--weights", "w.pth", status=2).stderr
    assert said.startswith("error: `w.pth` holds more than tensors, and nothing of it is run")
    assert not (folder / "made").exists()


def test_sizes_that_vary(run: Run, folder: Path) -> None:
    said = run(*TINY_ONNX, "--dynamic", "batch,height, width").stderr
    assert "image [batch, 3, height, width] -> logits" in said and ", and with 3×10×10: the largest" in said
    (image,) = onnx.load(folder / "tiny.onnx").graph.input
    assert [dim.dim_param or dim.dim_value for dim in image.type.tensor_type.shape.dim] == [
        "batch",
        3,
        "height",
        "width",
    ]
    arrived = torch.randn(2, 3, 11, 6)
    found = onnx_result((folder / "tiny.onnx").read_bytes(), arrived)
    other = archdsl.load(folder / "tiny.arch").with_inputs(image=(3, 11, 6)).build().eval()
    other.load_state_dict(module_of(folder).state_dict())
    torch.testing.assert_close(found, other(arrived).detach())


def test_sizes_that_do_not(run: Run, folder: Path) -> None:
    text = "network flat { input x: [3, H=8, W=8]; flatten -> linear(4); output y }"
    (folder / "flat.arch").write_text(text, encoding="utf-8")
    said = run("export", "flat.arch", "--torch-export", "--dynamic", "width", status=2).stderr
    assert said == (
        "error: the program cannot take another width\n"
        "note: for 3×8×10 the module is another one\n"
        "help: leave it out of `--dynamic`\n"
    )
    said = run("export", "flat.arch", "--torch-export", "--dynamic", "depth", status=2).stderr
    assert said.splitlines() == [
        "error: no input has an axis `depth`",
        "help: axes that may vary are `batch`, `height`, `width`",
    ]


@pytest.mark.parametrize("opset", [18, 21, onnx.defs.onnx_opset_version()])
def test_opset(run: Run, folder: Path, opset: int) -> None:
    run(*TINY_ONNX, "--opset", str(opset))
    found = {entry.domain: entry.version for entry in onnx.load(folder / "tiny.onnx").opset_import}
    assert found[""] == opset


def test_an_opset_that_is_not_there(run: Run) -> None:
    last = onnx.defs.onnx_opset_version()
    for opset in (5, 17, last + 1, 2**31 - 1):
        said = run(*TINY_ONNX, "--opset", str(opset), status=2).stderr
        assert said == (
            f"error: `tiny` has no form in opset {opset}\nhelp: it is written in opsets 18 to {last}\n"
        )


def test_standard_output(run: Run, folder: Path) -> None:
    done = run(*TINY_ONNX, "-o", "-")
    onnx.checker.check_model(done.stdout_bytes)
    assert "wrote" not in done.stderr
    run(*TINY_ONNX)
    assert done.stdout_bytes == (folder / "tiny.onnx").read_bytes()


def test_its_own_files_are_overwritten(run: Run, folder: Path) -> None:
    for arguments in (TINY_ONNX, TINY_TORCH):
        run(*arguments, "-o", "out")
        run(*arguments, "-o", "out")
    foreign = onnx.load_from_string(run(*TINY_ONNX, "-o", "-").stdout_bytes)
    foreign.producer_name = "pytorch"
    onnx.save(foreign, folder / "tiny.onnx")
    torch.save({}, folder / "tiny.pt2")
    for arguments, name in ((TINY_ONNX, "tiny.onnx"), (TINY_TORCH, "tiny.pt2")):
        before = (folder / name).read_bytes()
        assert "exists and was not written by archdsl" in run(*arguments, status=2).stderr
        assert (folder / name).read_bytes() == before
        run(*arguments, "--force")
        assert (folder / name).read_bytes() != before


def test_weights_in_a_file_of_their_own(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As those of a model that is larger than 2 GiB."""
    from archdsl.export import as_onnx

    whole = run(*TINY_ONNX, "-o", "-").stdout_bytes
    monkeypatch.setattr(as_onnx, "LARGEST", 1000)
    monkeypatch.setattr(as_onnx, "SMALL", 100)
    assert "need a file of their own" in run(*TINY_ONNX, "-o", "-", status=2).stderr
    (folder / "big.onnx.data").write_bytes(b"mine")
    assert "`big.onnx.data` exists" in run(*TINY_ONNX, "-o", "big.onnx", status=2).stderr
    assert not (folder / "big.onnx").exists()
    run(*TINY_ONNX, "-o", "big.onnx", "--force")
    run(*TINY_ONNX, "-o", "big.onnx")
    outside = [
        tensor.name
        for tensor in onnx.load(folder / "big.onnx", load_external_data=False).graph.initializer
        if tensor.external_data
    ]
    assert outside == ["conv1.weight", "conv2.weight", "linear1.weight"]
    image = torch.randn(4, 3, 8, 8)
    assert torch.equal(onnx_result(str(folder / "big.onnx"), image), onnx_result(whole, image))


@pytest.mark.parametrize(
    ("package", "arguments", "extra"),
    [
        ("torch", TINY_ONNX, "onnx"),
        ("torch", TINY_TORCH, "torch"),
        ("onnx", TINY_ONNX, "onnx"),
        ("onnxscript", TINY_ONNX, "onnx"),
    ],
)
def test_a_package_that_is_missing(
    run: Run, monkeypatch: pytest.MonkeyPatch, package: str, arguments: list[str], extra: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    said = run(*arguments, status=2).stderr
    assert said == (
        f"error: {package} is not installed, and `export {arguments[-1]}` needs it\n"
        f"help: pip install 'archdsl[{extra}]'\n"
    )


def test_programs_of_pytorch_need_pytorch_alone(folder: Path) -> None:
    program = (
        "import sys\n"
        "for name in ('onnx', 'onnx_ir', 'onnxscript', 'onnxruntime', 'safetensors'): sys.modules[name] = None\n"
        "from archdsl.cli import main; main(sys.argv[1:])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *TINY_TORCH],
        env={**os.environ, "PYTHONPATH": str(Path(archdsl.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0 and done.stderr.startswith("wrote tiny.pt2\n"), done.stderr


def test_without_onnxruntime_nothing_is_compared(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    said = run(*TINY_ONNX).stderr
    assert "valid ONNX; not compared with the module: onnxruntime is not installed" in said


def test_mistakes_of_the_text_come_first(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    said = run("export", "bad.arch", "--onnx", "--weights", "nowhere.pth", status=1).stderr
    assert said == run("check", "bad.arch", status=1).stderr.replace("1 file, 1 model: ", "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["tiny.arch"], "`--onnx` or `--torch-export` says what to write\n"),
        (
            ["tiny.arch", "--onnx", "--torch-export"],
            "`--onnx` or `--torch-export` says what to write, one of",
        ),
        (["tiny.arch", "--torch-export", "--opset", "18"], "`--opset` is for `--onnx`"),
        (["tiny.arch", "--onnx", "--seed", "1", "--weights", "w.pth"], "`--seed` is for fresh weights"),
        (["pair.arch", "--onnx"], "2 models, and none is chosen"),
        (["tiny.arch", "--onnx", "-o", "there"], "`there` is a folder"),
        (["tiny.arch", "--onnx", "-o", "pipe"], "`pipe` is no regular file"),
        (["tiny.arch", "--onnx", "-o", "nowhere/x.onnx"], "there is no folder `nowhere`"),
        (["spec.onnx", "--onnx", "-o", "spec.onnx", "--force"], "`spec.onnx` is read by this command"),
        (["tiny.arch", "--torch-export", "-o", "w.pt2", "--weights", "w.pt2", "--force"], "`w.pt2` is read"),
        (["tiny.arch", "--onnx", "-o", "x.txt"], "`-o` names a file in `.onnx`\n"),
        (["tiny.arch", "--onnx", "-o", "x.pt2"], "`.pt2` is no suffix of an ONNX model"),
        (["tiny.arch", "--torch-export", "-o", "x.onnx"], "file in `.pt2`; `--onnx` writes `.onnx`"),
        (["tiny.arch", "--onnx", "--weights", "nowhere.pth"], "`nowhere.pth` cannot be read"),
        (["tiny.arch", "--onnx", "--weights", "there"], "`there` cannot be read: it is a folder"),
        (["tiny.arch", "--onnx", "--weights", "pipe"], "`pipe` cannot be read: it is no regular file"),
        (["tiny.arch", "--onnx", "--weights", "tiny.arch"], "`tiny.arch` is no checkpoint"),
        (["tiny.arch", "--onnx", "--weights", "w.pth"], "`w.pth` holds no weights"),
        (["tiny.arch", "--onnx", "--opset", "0"], "0 is not in the range"),
        (["tiny.arch", "--onnx", "--opset", str(10**20)], "100000000000000000000 is not in the range"),
    ],
)
def test_wrong_usage(run: Run, folder: Path, arguments: list[str], message: str) -> None:
    for name in ("w.pth", "w.pt2"):
        torch.save({}, folder / name)
    (folder / "spec.onnx").write_bytes((folder / "tiny.arch").read_bytes())
    (folder / "there").mkdir()
    os.mkfifo(folder / "pipe")
    before = {path.name for path in folder.iterdir()}
    done = run("export", *arguments, status=2)
    assert message in done.stderr and done.stdout == ""
    assert {path.name for path in folder.iterdir()} == before


def test_a_terminal_gets_no_program(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from archdsl.cli import export

    monkeypatch.setattr(export, "is_terminal", lambda stream: stream is sys.stdout)
    assert "a program is nothing for a terminal" in run(*TINY_TORCH, "-o", "-", status=2).stderr


def test_progress_on_a_terminal_alone(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from archdsl.cli import output

    said: list[str] = []
    monkeypatch.setattr(output, "is_terminal", lambda stream: stream is sys.stderr)
    monkeypatch.setattr(output.click, "echo", lambda text="", **how: said.append(text))
    run(*TINY_TORCH, "--no-check")
    shown = [text.removeprefix("\r\x1b[K") for text in said if text.startswith("\r\x1b[K")]
    assert shown == ["tiny: building", "tiny: tracing", "tiny: writing it", ""]
    monkeypatch.undo()


def test_for_inference(run: Run, folder: Path) -> None:
    """A training checkpoint is folded."""
    torch.manual_seed(3)
    module = archdsl.load(folder / "tiny.arch").build().eval()
    torch.save(module.state_dict(), folder / "trained.pth")
    run(*TINY_TORCH, "--for", "inference", "--weights", "trained.pth")
    about = {"archdsl.json": ""}
    program = torch.export.load(folder / "tiny.pt2", extra_files=about)
    assert '"for": "inference, compile"' in about["archdsl.json"]
    image = torch.randn(5, 3, 8, 8)
    torch.testing.assert_close(program.module()(image), module(image).detach())
