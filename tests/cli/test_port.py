"""`archdsl port`: what it says, what it writes, and when it does not."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("safetensors")

from archdsl.checkpoints import Stored, read_checkpoint
from archdsl.checkpoints.safetensors import encode
from tests.cli.conftest import Run

pytestmark = pytest.mark.torch

#: The shapes of `tiny`, under names that others might give them, in an order of theirs.
THEIRS = {
    "classifier.weight": (10, 4),
    "classifier.bias": (10,),
    "body.0.conv.weight": (4, 3, 3, 3),
    "body.0.conv.bias": (4,),
    "body.0.norm.weight": (4,),
    "body.0.norm.bias": (4,),
    "body.0.norm.running_mean": (4,),
    "body.0.norm.running_var": (4,),
    "body.1.conv.weight": (4, 4, 3, 3),
    "body.1.conv.bias": (4,),
}


def save(path: str, shapes: dict[str, tuple[int, ...]]) -> None:
    """A safetensors file; each tensor is filled with the number of its key."""

    def one(shape: tuple[int, ...], number: int) -> Stored:
        count = 1
        for size in shape:
            count *= size
        return Stored("F16", shape, lambda: memoryview(number.to_bytes(2, "little") * count))

    tensors = {key: one(shape, number) for number, (key, shape) in enumerate(shapes.items(), 1)}
    data = encode(tensors).replace(b'"archdsl":"', b'"someone":"')  # not written by archdsl
    Path(path).write_bytes(data)


def first(path: str) -> dict[str, tuple[tuple[int, ...], str, int]]:
    """Shape, precision and first element of each tensor of a file."""
    return {
        key: (one.shape, one.dtype, int.from_bytes(bytes(one.raw()[:2]), "little"))
        for key, one in read_checkpoint(path).tensors.items()
    }


def test_a_checkpoint_is_written(run: Run, folder: Path) -> None:
    save("in.safetensors", THEIRS)
    done = run("port", "tiny.arch", "--weights", "in.safetensors", "-o", "out.safetensors")
    assert done.stdout.splitlines() == [
        "tiny of tiny.arch from in.safetensors",
        "  10 of 11 keys are in the file: 10 by shape",
        "  1 counter `num_batches_tracked`, not in the file, at 0",
    ]
    assert done.stderr == "wrote out.safetensors\n"
    assert first("out.safetensors") == {
        "conv1.weight": ((4, 3, 3, 3), "F16", 3),
        "conv1.bias": ((4,), "F16", 4),
        "bn1.weight": ((4,), "F16", 5),
        "bn1.bias": ((4,), "F16", 6),
        "bn1.running_mean": ((4,), "F16", 7),
        "bn1.running_var": ((4,), "F16", 8),
        "bn1.num_batches_tracked": ((), "I64", 0),
        "conv2.weight": ((4, 4, 3, 3), "F16", 9),
        "conv2.bias": ((4,), "F16", 10),
        "linear1.weight": ((10, 4), "F16", 1),
        "linear1.bias": ((10,), "F16", 2),
    }
    before = Path("out.safetensors").read_bytes()
    run("port", "tiny.arch", "--weights", "in.safetensors", "-o", "out.safetensors")  # over its own
    assert Path("out.safetensors").read_bytes() == before


@pytest.mark.parametrize("suffix", ["pth", "pt", "bin", "safetensors"])
def test_the_module_loads_it(run: Run, folder: Path, suffix: str) -> None:
    torch = pytest.importorskip("torch")
    import archdsl

    torch.manual_seed(0)
    wanted = archdsl.load("tiny.arch").build().state_dict()
    names = {"conv1": "a", "bn1": "b", "conv2": "c", "linear1": "d"}
    theirs = {
        f"module.{names[key.partition('.')[0]]}.{key.partition('.')[2]}": one for key, one in wanted.items()
    }
    torch.save({"epoch": 3, "state_dict": theirs}, "in.pth")
    done = run("port", "tiny.arch", "--weights", "in.pth", "-o", f"out.{suffix}")
    assert done.stdout.splitlines()[1:] == [
        "  the weights are those of the entry `state_dict`",
        "  `module.` is taken off the front of the keys",
        "  11 of 11 keys are in the file: 11 by shape",
    ]
    net = archdsl.load("tiny.arch").build()
    if suffix == "safetensors":
        load_file = pytest.importorskip("safetensors.torch").load_file
        net.load_state_dict(load_file(f"out.{suffix}"), strict=True)
    else:
        net.load_state_dict(torch.load(f"out.{suffix}", weights_only=True), strict=True)
    assert all(torch.equal(one, wanted[key]) for key, one in net.state_dict().items())


def test_without_an_output_it_only_tells(run: Run, folder: Path) -> None:
    save("in.safetensors", THEIRS)
    run("port", "tiny.arch", "--weights", "in.safetensors")
    assert sorted(p.name for p in folder.iterdir() if p.suffix != ".arch") == ["in.safetensors"]


def test_what_is_left_over_is_told_with_its_place(run: Run, folder: Path) -> None:
    theirs = {key: shape for key, shape in THEIRS.items() if key != "body.0.norm.bias"}
    save("in.safetensors", {**theirs, "extra.weight": (7, 2)})
    done = run("port", "tiny.arch", "--weights", "in.safetensors", "-o", "out.safetensors", status=1)
    assert done.stdout.splitlines()[3:] == [
        "keys of the module that are not in the file (1)",
        "  bn1.bias  4  tiny.arch:5:32",
        "keys of the file that are not in the module (1)",
        "  extra.weight  7×2",
    ]
    assert done.stderr.splitlines() == [
        "error: keys are left over: nothing is written",
        "help: `--skip PATTERN` leaves out keys, `--partial` all that is left over",
    ]
    assert not Path("out.safetensors").exists()
    done = run("port", "tiny.arch", "--weights", "in.safetensors", "-o", "out.safetensors", "--partial")
    assert "load it with `strict=False`" in done.stdout
    assert len(first("out.safetensors")) == 10


def test_another_number_of_classes(run: Run, folder: Path) -> None:
    save("in.safetensors", {**THEIRS, "classifier.weight": (3, 4), "classifier.bias": (3,)})
    arguments = ["port", "tiny.arch", "--weights", "in.safetensors", "-o", "out.safetensors"]
    Path("keys.map").write_text("classifier.* -> linear1.*")
    assert (
        "`classifier.bias` is 3, and `linear1.bias` is 10"
        in run(*arguments, "--map", "keys.map", status=2).stderr
    )
    run(*arguments, "--map", "keys.map", "--set", "classes=3")
    assert first("out.safetensors")["linear1.weight"][0] == (3, 4)
    done = run(*arguments, "--skip", "linear1.*", "--skip", "classifier.*")
    assert "2 keys of the module left out as asked" in done.stdout
    assert "linear1.weight" not in first("out.safetensors")


def test_a_classifier_of_the_same_name(run: Run, folder: Path) -> None:
    save("in.safetensors", {"linear1.weight": (3, 4), "linear1.bias": (3,), **dict(list(THEIRS.items())[2:])})
    done = run("port", "tiny.arch", "--weights", "in.safetensors", status=1)
    assert "  linear1.weight  10×4, in the file 3×4  tiny.arch:7:10" in done.stdout.splitlines()
    assert "help: `--set classes=3` makes the network as the checkpoint has it" in done.stderr
    run("port", "tiny.arch", "--weights", "in.safetensors", "--set", "classes=3")


TWICE = """\
network twice { input x: [4, 8, 8]; ( left: conv(4, 3) | right: conv(4, 3) ) -> add; output y }
"""


def test_what_only_the_order_tells(run: Run, folder: Path) -> None:
    Path("twice.arch").write_text(TWICE)
    shapes = {"weight": (4, 4, 3, 3), "bias": (4,)}
    save(
        "in.safetensors",
        {f"{name}.{role}": shape for name in ("up", "down") for role, shape in shapes.items()},
    )
    arguments = ["port", "twice.arch", "--weights", "in.safetensors", "-o", "out.safetensors"]
    done = run(*arguments, "--save-map", "keys.map", status=1)
    assert done.stdout.splitlines()[1:] == [
        "  4 of 4 keys are in the file: 4 by order",
        "only their order tells which is which (2 of weight 4×4×3×3, bias 4)",
        "  down -> left",
        "  up -> right",
    ]
    assert done.stderr.splitlines() == [
        "wrote keys.map",
        "error: only the order of some keys tells which is which: nothing is written",
        "help: `--by-order` accepts that, `--save-map FILE` writes a map to correct",
    ]
    assert not Path("out.safetensors").exists()
    run(*arguments, "--by-order")
    assert first("out.safetensors")["left.weight"][2] == 3  # safetensors has no order: that of the names
    text = Path("keys.map").read_text()
    Path("keys.map").write_text(text.replace("down", "?").replace("up", "down").replace("?", "up"))
    assert "4 by map" in run(*arguments, "--map", "keys.map").stdout
    assert first("out.safetensors")["left.weight"][2] == 1


def test_json(run: Run, folder: Path) -> None:
    save("in.safetensors", {**THEIRS, "extra.weight": (7, 2)})
    done = run("port", "tiny.arch", "--weights", "in.safetensors", "--format", "json", status=1)
    found: dict[str, Any] = json.loads(done.stdout)
    assert {key: found[key] for key in ("spec", "model", "weights", "written", "complete", "strict")} == {
        "spec": "tiny.arch",
        "model": "tiny",
        "weights": "in.safetensors",
        "written": None,
        "complete": False,
        "strict": True,
    }
    assert found["unused"] == [{"key": "extra.weight", "shape": [7, 2], "reason": None}]
    assert found["pairs"][0] == {
        "theirs": "body.0.conv.weight",
        "ours": "conv1.weight",
        "how": "shape",
        "mend": None,
    }
    assert found["filled"] == ["bn1.num_batches_tracked"]
    done = run(
        "port",
        "tiny.arch",
        "--weights",
        "in.safetensors",
        "--format",
        "json",
        "--skip",
        "extra.*",
        "-o",
        "o.safetensors",
    )
    assert json.loads(done.stdout)["written"] == "o.safetensors"


def test_a_map_in_json(run: Run, folder: Path) -> None:
    save("in.safetensors", THEIRS)
    run("port", "tiny.arch", "--weights", "in.safetensors", "--save-map", "keys.json")
    assert json.loads(Path("keys.json").read_text())["map"]["classifier.bias"] == "linear1.bias"
    run("port", "tiny.arch", "--weights", "in.safetensors", "--save-map", "keys.json")  # over its own
    assert "10 by map" in run("port", "tiny.arch", "--weights", "in.safetensors", "--map", "keys.json").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--weights", "no.pth"], "`no.pth` cannot be read: there is no such file"),
        (["--weights", "tiny.arch"], "`tiny.arch` is no checkpoint"),
        (["--weights", "in.safetensors", "-o", "out.npz"], "`out.npz` does not say what to write"),
        (["--weights", "in.safetensors", "-o", "-"], "`-` does not say what to write"),
        (["--weights", "in.safetensors", "--map", "no.map"], "`no.map` cannot be read: no such file"),
        (["--weights", "in.safetensors", "--entry", "ema"], "`in.safetensors` has no entries"),
        (["--weights", "in.safetensors", "--skip", "nothing"], "no key of either side is `nothing`"),
        (["--weights", "in.safetensors", "-o", "in.safetensors", "--force"], "is read by this command"),
        (["--weights", "in.safetensors", "-o", "theirs.safetensors"], "was not written by archdsl"),
        ([], "Missing option '--weights'"),
    ],
)
def test_wrong_usage(run: Run, folder: Path, arguments: list[str], message: str) -> None:
    save("in.safetensors", THEIRS)
    save("theirs.safetensors", THEIRS)
    before = Path("theirs.safetensors").read_bytes()
    assert message in run("port", "tiny.arch", *arguments, status=2).stderr
    assert Path("theirs.safetensors").read_bytes() == before


def test_mistakes_of_the_text_come_first(run: Run, folder: Path) -> None:
    done = run("port", "bad.arch", "--weights", "no.pth", status=1)
    assert "E502" in done.stderr and "no.pth" not in done.stderr


def test_packages_are_named_where_they_are_missing(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib.util

    save("in.safetensors", THEIRS)
    Path("in.pth").write_bytes(b"PK\x03\x04")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    for package, arguments in (
        ("torch", ["--weights", "in.pth"]),
        ("torch", ["--weights", "in.safetensors", "-o", "out.pth"]),
        ("torch", ["--weights", "in.safetensors", "-o", "out.safetensors"]),
        ("safetensors", ["--weights", "in.safetensors"]),
    ):
        monkeypatch.delitem(sys.modules, package, raising=False)
        said = run("port", "tiny.arch", *arguments, status=2).stderr
        assert f"error: {package} is not installed, and " in said
        assert said.endswith("help: pip install 'archdsl[torch]'\n")


def test_keys_are_paired_without_torch(folder: Path) -> None:
    import subprocess

    save("in.safetensors", THEIRS)
    probe = (
        "import sys; from archdsl.cli import main\n"
        "try: main(['port', 'tiny.arch', '--weights', 'in.safetensors', '--save-map', 'keys.map'])\n"
        "except SystemExit as stop: print(stop.code, sorted({'torch', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == "0 []", done.stderr


def test_nothing_of_a_checkpoint_is_run(run: Run, folder: Path) -> None:
    torch = pytest.importorskip("torch")
    import argparse

    torch.save({"model": {"a": torch.ones(2)}, "args": argparse.Namespace()}, "in.pth")
    said = run("port", "tiny.arch", "--weights", "in.pth", status=2).stderr
    assert "nothing of it is run: it calls `argparse.Namespace`" in said
    torch.save({"a": torch.eye(3).to_sparse(), "b": torch.ones(2), "epoch": 3}, "in.pth")
    said = run("port", "tiny.arch", "--weights", "in.pth", status=1).stdout
    assert "  a  it is sparse (sparse_coo)" in said and "`epoch` is no tensor, but int" in said
