"""`archdsl verify`: what it says and how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

from tests.cli.conftest import Run

pytestmark = pytest.mark.torch

#: The same as `tiny` in other words.
EXTERN = """\
extern block body(c) { python = "torch.nn.Conv2d({in.channels}, {c}, 3)"; shape = [c, in.height, in.width] }
network net { input x: [3, 8, 8]; body(4); output y }
"""


def test_text(run: Run) -> None:
    done = run("verify", "tiny.arch")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("tiny of tiny.arch on cpu (torch ")
    assert lines[-1] == "tiny: holds"
    assert all(line.startswith("  ok  ") for line in lines[1:-1])
    assert done.stderr == ""


def test_json(run: Run) -> None:
    found = json.loads(run("verify", "tiny.arch", "--format", "json").stdout)
    assert (found["spec"], found["model"], found["holds"], found["against"]) == (
        "tiny.arch",
        "tiny",
        True,
        None,
    )
    assert {"what": "outputs", "found": "1×10", "expected": "1×10"}.items() <= found["checks"][2].items()


def test_all(run: Run) -> None:
    found = json.loads(run("verify", "pair.arch", "--all", "--format", "json").stdout)
    assert [one["model"] for one in found] == ["small", "large"]
    assert run("verify", "pair.arch", "--all").stdout.count(": holds") == 2


def test_standard_input(run: Run, folder: Path) -> None:
    text = (folder / "tiny.arch").read_text(encoding="utf-8")
    assert (
        "tiny: holds" in run("verify", "-", "--set", "width=8", "--input", "image=3x6x10", input=text).stdout
    )


def test_a_difference(run: Run, folder: Path) -> None:
    (folder / "net.arch").write_text(EXTERN, encoding="utf-8")
    said = run("verify", "net.arch", status=1).stdout
    assert "DIFFERS  outputs" in said and "1×4×6×6, not 1×4×8×8" in said
    assert said.rstrip().endswith("net: 3 of 6 differ")
    found = json.loads(run("verify", "net.arch", "--format", "json", status=1).stdout)
    assert found["holds"] is False


def test_mistakes_of_the_text(run: Run) -> None:
    done = run("verify", "bad.arch", status=1)
    assert "E502" in done.stderr and done.stdout == ""


def test_an_extern_block_is_refused(run: Run, folder: Path) -> None:
    (folder / "net.arch").write_text(EXTERN, encoding="utf-8")
    assert run("verify", "net.arch", "--no-extern", status=1).stdout == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["pair.arch"], "2 models, and none is chosen"),
        (["pair.arch", "--all", "-m", "small"], "`--model` chooses one model"),
        (["pair.arch", "--all", "--against", "timm:resnet18"], "`--against` is for one model"),
        (["tiny.arch", "--against", "resnet18"], "`resnet18` names no module"),
        (["tiny.arch", "--against", "keras:resnet18"], "`keras:resnet18` names no module"),
        (["tiny.arch", "--against", "timm:"], "`timm:` names no module"),
        (["tiny.arch", "--against", "torchvision:resnet5O"], "did you mean `resnet50`"),
        (["tiny.arch", "--device", "toaster"], "there is no device `toaster`"),
        (["tiny.arch", "--device", "meta"], "there is no device `meta`"),
        (["tiny.arch", "--tolerance", "0"], "tolerance"),
        (["tiny.arch", "--tolerance", "nan"], "`--tolerance` is a number more than 0"),
        (["tiny.arch", "--tolerance", "inf"], "`--tolerance` is a number more than 0"),
    ],
)
def test_wrong_usage(run: Run, arguments: list[str], message: str) -> None:
    done = run("verify", *arguments, status=2)
    assert message in done.stderr and done.stdout == ""


def test_against(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole way, with a small module in place of a library's."""
    from torch import nn

    import archdsl.verify as room
    from archdsl.verify import Peer

    def find(text: str) -> Any:
        return Peer(text, "1.2", lambda: nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU()))

    monkeypatch.setattr(room, "find_peer", find)
    lines = run("verify", "pair.arch", "-m", "small", "--against", "timm:any", status=1).stdout.splitlines()
    assert "against timm:any" in lines and lines[-1] == "small: 4 of 13 differ"

    (folder / "same.arch").write_text("network same { input x: [3, 8, 8]; conv(4, 3) -> relu; output y }")
    done = run("verify", "same.arch", "--against", "timm:any")
    assert "holds; the largest relative difference is " in done.stdout
    found = json.loads(run("verify", "same.arch", "--against", "timm:any", "--format", "json").stdout)[
        "against"
    ]
    assert (found["peer"], found["mapping"]) == ("timm:any", "order")
    assert 0 <= found["difference"] < 1e-5

    (folder / "fixed.arch").write_text(
        "network fixed { input x: [3, 8, 8]; conv(4, 3) -> [4, 8, 8] -> relu; output y }"
    )
    done = run("verify", "fixed.arch", "--against", "timm:any")
    assert done.stdout.endswith(" (1 skipped)\n") and "  skipped  other sizes " in done.stdout


def test_progress_on_a_terminal_alone(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("verify", "tiny.arch").stderr == ""
    from archdsl.cli import verify

    said: list[str] = []
    monkeypatch.setattr(verify.sys.stderr.__class__, "isatty", lambda self: True, raising=False)
    monkeypatch.setattr(verify.click, "echo", lambda text="", **how: said.append(text))
    verify._progress("tiny: running")
    assert said == ["\r\x1b[Ktiny: running"]
