"""`archdsl diff`."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Run

NET = "network n(width = 4) {\n  input image: [3, 8, 8]\n  conv(width, 3) -> relu\n  output y\n}\n"


def test_two_files(run: Run, folder: Path) -> None:
    (folder / "a.arch").write_text(NET)
    (folder / "b.arch").write_text(NET.replace("3) ->", "3, bias=false) -> bn ->"))
    result = run("diff", "a.arch", "b.arch")
    assert (
        result.stdout.startswith("a.arch (n) → b.arch (n)\n\nparameters")
        and "\n+ bn1: bn  [" in result.stdout
    )
    assert result.stderr == ""
    assert run("diff", "a.arch", "b.arch", "--exit-code", status=1).stdout == result.stdout
    assert (
        run("diff", "a.arch", "a.arch", "--exit-code").stdout
        == "a.arch (n) and a.arch (n) are the same network\n"
    )


def test_one_file_before_and_after(run: Run, folder: Path) -> None:
    (folder / "a.arch").write_text(NET)
    assert "conv1: channels 6 → 4" in run("diff", "a.arch", "--from-set", "width=6").stdout
    assert (
        "conv1: channels 6 → 8" in run("diff", "a.arch", "--from-set", "width=6", "--set", "width=8").stdout
    )
    assert "image: shape 3×16×16 → 3×8×8" in run("diff", "a.arch", "--from-input", "image=3x16x16").stdout
    assert "+" in run("diff", "pair.arch", "--from-model", "small", "-m", "large").stdout


def test_json(run: Run, folder: Path) -> None:
    (folder / "a.arch").write_text(NET)
    found = json.loads(run("diff", "a.arch", "--from-set", "width=6", "--format", "json").stdout)
    assert set(found) == {"archdsl", "old", "new", "params", "macs", "activations", "equal", "changes"}
    (change, shape) = found["changes"][:2]
    assert change["kind"] == "changed" and change["arguments"] == {"channels": [6, 4]}
    assert change["new"]["path"] == "conv1" and change["new"]["line"] == 3
    assert shape["kind"] == "shape"


def test_wrong_usage(run: Run, folder: Path) -> None:
    (folder / "a.arch").write_text(NET)
    (folder / "bad.arch").write_text(NET.replace("relu", "rulu"))
    assert "nothing to compare with" in run("diff", "a.arch", status=2).stderr
    assert "once only" in run("diff", "-", "-", status=2).stderr
    assert "rulu" in run("diff", "a.arch", "bad.arch", status=1).stderr
    assert "rulu" in run("diff", "bad.arch", "a.arch", status=1).stderr
    assert "choose one with" in run("diff", "a.arch", "pair.arch", status=2).stderr
    assert run("diff", "-", "a.arch", input=NET).stdout.startswith("<stdin> (n) and a.arch (n) are the same")


def test_drawing(run: Run, folder: Path) -> None:
    (folder / "a.arch").write_text(NET)
    (folder / "b.arch").write_text(NET.replace("relu", "silu"))
    run("draw", "--diff", "a.arch", "b.arch", "-o", "d.svg")
    assert "~ relu → silu" in (folder / "d.svg").read_text(encoding="utf-8")
    shown = run(
        "draw", "--diff", "a.arch", "a.arch", "--from-set", "width=6", "--format", "dot", "-o", "-"
    ).stdout
    assert "~ conv 3×3, 6 → 4" in shown


def test_wrong_usage_of_drawing(run: Run, folder: Path) -> None:
    (folder / "a.arch").write_text(NET)
    assert "are of `--diff`" in run("draw", "a.arch", "--from-set", "width=6", status=2).stderr
    assert "--all" in run("draw", "--diff", "a.arch", "a.arch", "--all", status=2).stderr
    assert "--kind figure" in run("draw", "--diff", "a.arch", "a.arch", "--kind", "figure", status=2).stderr
    assert "once only" in run("draw", "--diff", "-", "-", status=2, input=NET).stderr
    assert "no format of such" in run("draw", "--diff", "a.arch", "a.arch", "-o", "x.html", status=2).stderr
    assert not (folder / "x.html").exists()
