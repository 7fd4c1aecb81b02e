"""`archdsl export` of networks with classes of extern blocks that do what a network may not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
pytest.importorskip("onnxscript")

import archdsl
from tests.cli.conftest import Run

pytestmark = pytest.mark.torch

#: Classes that do what a network may not, each in a network `net` of its own.
CLASSES = """\
import sys, warnings
import torch
from torch import nn

class Chooses(nn.Module):
    def forward(self, x):
        return x if x.sum() > 0 else -x

class FixesItsBatch(nn.Module):
    def forward(self, x):
        return x.reshape(2, 3, 8, 8) * 2

class FixesItsHeight(nn.Module):
    def forward(self, x):
        return x * 2 if x.shape[2] == 8 else x * 3

class Unwritten(nn.Module):
    def forward(self, x):
        return torch.special.bessel_j0(x)

class Pretends(nn.Module):
    def forward(self, x):
        return x + 1 if torch.compiler.is_exporting() else x

class Quits(nn.Module):
    def forward(self, x):
        raise SystemExit(0)

class Talks(nn.Module):
    def forward(self, x):
        print("forward!")
        print("forward!", file=sys.stderr)
        warnings.warn("forward!")
        return x * 2
"""


@pytest.fixture
def odd(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A spec `<Class>.arch` for each of CLASSES."""
    (folder / "odd_parts.py").write_text(CLASSES, encoding="utf-8")
    for name in [line[6:].partition("(")[0] for line in CLASSES.splitlines() if line.startswith("class ")]:
        text = (
            f'extern block part() {{ python = "odd_parts.{name}()"; shape = in.shape; params = 0; macs = 0 }}\n'
            "network net { input x: [3, 8, 8]; part; output y }\n"
        )
        (folder / f"{name}.arch").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, "odd_parts", raising=False)


@pytest.mark.usefixtures("odd")
def test_a_size_that_the_program_fixes(run: Run) -> None:
    said = run("export", "FixesItsHeight.arch", "--torch-export", "--dynamic", "height", status=1).stderr
    assert said == (
        "error: the network takes no other height of `x` than 8\n"
        "help: leave it out of `--dynamic`; `--input` chooses the size that the program has\n"
    )


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("Chooses", ["--torch-export"], "error: `net` cannot be exported\nnote: "),
        ("Chooses", ["--onnx"], "error: `net` cannot be exported\nnote: "),
        ("FixesItsBatch", ["--torch-export"], "specialized it to be a constant (2)"),
        ("Quits", ["--onnx"], "error: `net` cannot be exported\nnote: SystemExit: 0\n"),
        ("Unwritten", ["--onnx"], "error: `net` has no form in ONNX\nnote: "),
        ("Pretends", ["--onnx"], "gives another `y` than the module\nnote: at a batch of 1 the largest"),
        ("Pretends", ["--torch-export"], "error: the program gives another `y` than the module\nnote: "),
    ],
)
@pytest.mark.usefixtures("odd")
def test_networks_that_cannot_be_exported(
    run: Run, folder: Path, name: str, arguments: list[str], said: str
) -> None:
    done = run("export", f"{name}.arch", *arguments, status=1)
    assert said in done.stderr and len(done.stderr.splitlines()) <= 3 and done.stdout == ""
    assert not list(folder.glob("net.*"))


@pytest.mark.usefixtures("odd")
def test_no_check(run: Run, folder: Path) -> None:
    said = run("export", "Pretends.arch", "--onnx", "--no-check").stderr
    assert said == "wrote net.onnx\nx [batch, 3, 8, 8] -> y; opset 20\n"


@pytest.mark.parametrize("form", ["--onnx", "--torch-export"])
@pytest.mark.usefixtures("odd")
def test_nothing_else_is_said(run: Run, form: str) -> None:
    done = run("export", "Talks.arch", form, "-o", "out")
    assert "forward!" not in done.output
    assert [line.split()[0] for line in done.stderr.splitlines()] == [
        "wrote",
        "x",
        "onnxruntime" if form == "--onnx" else "the",
    ]


@pytest.mark.usefixtures("odd")
def test_extern_blocks_are_refused(run: Run) -> None:
    assert "E614" in run("export", "Talks.arch", "--onnx", "--no-extern", status=1).stderr
    assert "odd_parts" not in sys.modules


def test_a_signal_ends_it(folder: Path) -> None:
    """In the midst of tracing, with nothing left behind."""
    text = "import os, signal\nfrom torch import nn\n\n\nclass Part(nn.Module):\n    def forward(self, x):\n"
    text += "        os.kill(os.getpid(), signal.SIGTERM)\n        return x * 2\n"
    (folder / "signalled.py").write_text(text, encoding="utf-8")
    spec = 'extern block part() { python = "signalled.Part()"; shape = in.shape; params = 0; macs = 0 }\n'
    (folder / "net.arch").write_text(
        spec + "network net { input x: [3, 8, 8]; part; output y }\n", encoding="utf-8"
    )
    before = sorted(path.name for path in folder.iterdir())
    done = subprocess.run(
        [sys.executable, "-m", "archdsl", "export", "net.arch", "--torch-export"],
        env={
            **os.environ,
            "PYTHONPATH": f"{Path(archdsl.__file__).parents[1]}:{folder}",
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (143, "", "")
    assert sorted(path.name for path in folder.iterdir()) == before
