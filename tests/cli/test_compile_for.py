"""`archdsl compile --for`: what is compiled for a purpose, what says so, and what is refused."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import archdsl
from archdsl.passes import NAMES, PASSES, Plan, PlanError, chosen
from tests.cli.conftest import Run


def test_a_module_for_inference(run: Run, folder: Path) -> None:
    assert run("compile", "tiny.arch", "--for", "inference").stderr == "wrote tiny.py\n"
    text = (folder / "tiny.py").read_text(encoding="utf-8")
    assert "def load_trained(" in text and "BatchNorm" not in text
    ast.parse(text)
    assert text == archdsl.load("tiny.arch").source(plan=Plan())
    assert run("compile", "tiny.arch", "--for", "INFERENCE", "--target", "Eager", "-o", "-").stdout == text


def test_all_models(run: Run, folder: Path) -> None:
    (folder / "out").mkdir()
    run("compile", "pair.arch", "--all", "--for", "inference", "-o", "out")
    assert sorted(path.name for path in (folder / "out").iterdir()) == ["large.py", "small.py"]


@pytest.mark.parametrize(
    ("options", "said", "help"),
    [
        (["--for", "inferense"], "there is no purpose 'inferense'", "did you mean `inference`?"),
        (
            ["--for", "inference", "--target", "cuda"],
            "there is no target 'cuda'",
            "did you mean `cuda-graph`?",
        ),
        (["--for", "inference", "--passes", "fuze"], "there is no pass `fuze`", "did you mean `fuse`?"),
        (["--for", "inference", "--passes", "fuse,-fuze"], "there is no pass `fuze`", "did you mean `fuse`?"),
        (["--for", "inference", "--passes", "fuse,"], "a name is empty", "`none` leaves out every pass"),
        (
            ["--for", "inference", "--passes", "-training-only"],
            "cannot be left out",
            "inference means no less",
        ),
        (["--for", "training", "--passes", "fuse"], "the pass `fuse` is not for training", ""),
        (["--target", "eager"], "`--target` says how", "`--for inference` or `--for training` gives one"),
        (["--passes", "none"], "`--passes` says how", "`--for inference` or `--for training` gives one"),
        (["--checkpoint", "a"], "`--checkpoint` says how", "`--for training` gives one"),
        (
            ["--for", "inference", "--checkpoint", "a"],
            "`--checkpoint` is for training",
            "`--for training` takes it",
        ),
    ],
)
def test_what_there_is_not(options: list[str], said: str, help: str, run: Run, folder: Path) -> None:
    result = run("compile", "tiny.arch", *options, status=2)
    assert said in result.stderr and help in result.stderr
    assert not (folder / "tiny.py").exists()


def _ran(*passes: str, target: str = "eager") -> set[str]:
    return {name for name, why in chosen(Plan(target=target, passes=passes or None)).items() if not why}


def test_which_passes_run() -> None:
    eager = _ran()
    assert {"training-only", "fold-norm", "fuse"} <= eager
    assert "fuse" not in _ran(target="compile")
    assert _ran("none") == {"training-only"}
    assert _ran("fuse") == _ran("none", "fuse") == {"training-only", "fuse"}
    assert _ran("-fuse") == eager - {"fuse"}
    assert _ran("all", target="compile") == _ran("all") >= eager
    assert _ran("all", "-fuse") == _ran("all") - {"fuse"}
    assert _ran("fuse", "-fuse") == _ran("none")
    assert "clamp" in eager - _ran("-channels-last") and "clamp" in _ran("clamp")  # without it, it is slower
    assert set(chosen(Plan())) == set(NAMES)
    with pytest.raises(PlanError, match="there is no target 'gpu'"):
        Plan(target="gpu")


def test_torch_is_not_imported(folder: Path) -> None:
    code = (
        "import sys\nfrom archdsl.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit as stop: print(stop.code, sorted({'torch', 'numpy'} & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, "compile", "tiny.arch", "--for", "inference"],
        cwd=folder, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ran.stdout == "0 []\n"


# --- what passes did -----------------------------------------------------------------------------------------------


def test_passes_are_explained(run: Run, folder: Path) -> None:
    result = run("compile", "--explain-passes", "tiny.arch", "--for", "inference", "--passes", "fold-norm")
    assert result.stdout == ""
    wrote, about, *lines = result.stderr.splitlines()
    assert (wrote, about) == (
        "wrote tiny.py",
        "tiny of tiny.arch, for inference, target eager, passes fold-norm",
    )
    assert "fold-norm: 1 change, -2.05 kB, -1 kernel" in lines
    assert any(line.startswith("not done, not among those named: ") for line in lines)
    piped = run(
        "compile", "tiny.arch", "--for", "inference", "--passes", "fold-norm", "--explain-passes", "-o", "-"
    )
    assert piped.stdout == (folder / "tiny.py").read_text(encoding="utf-8")
    assert piped.stderr.splitlines() == [about, *lines]


def test_passes_are_explained_to_programs(run: Run, folder: Path) -> None:
    result = run("compile", "tiny.arch", "--for", "inference", "--explain-passes=json")
    assert result.stderr == "wrote tiny.py\n"
    data = json.loads(result.stdout)
    assert (data["model"], data["for"], data["target"]) == ("tiny", "inference", "eager")
    assert [entry["name"] for entry in data["passes"]] == [p.name for p in PASSES if p.purpose == "inference"]
    (change,) = next(entry for entry in data["passes"] if entry["name"] == "fold-norm")["changes"]
    assert change == {"path": "bn1", "what": "folded into conv1", "macs": 0, "bytes": 2048, "calls": 1}
    (folder / "out").mkdir()
    options = ("--all", "--for", "inference", "--explain-passes=json", "-o", "out")
    assert [one["model"] for one in json.loads(run("compile", "pair.arch", *options).stdout)] == [
        "small",
        "large",
    ]


def test_explanations_that_cannot_be(run: Run, folder: Path) -> None:
    said = run("compile", "tiny.arch", "--explain-passes", status=2).stderr
    assert "tells what is done for a purpose" in said and "`--for inference` gives one" in said
    said = run(
        "compile", "tiny.arch", "--for", "inference", "--explain-passes=json", "-o", "-", status=2
    ).stderr
    assert "cannot both go to standard output" in said
    said = run("compile", "tiny.arch", "--for", "inference", "--explain-passes=yaml", status=2).stderr
    assert "'yaml' is not one of" in said
    assert not (folder / "tiny.py").exists()


# --- beside --with -------------------------------------------------------------------------------------------------


def test_libraries(run: Run, folder: Path) -> None:
    text = run("compile", "tiny.arch", "--for", "inference", "--with", "hf", "-o", "-").stdout
    assert "class Tiny(nn.Module, PyTorchModelHubMixin" in text and "def load_trained(" in text
    text = run(
        "compile", "tiny.arch", "--for", "inference", "--target", "cuda-graph", "--with", "hf", "-o", "-"
    ).stdout
    assert "class Tiny(CudaGraphed, PyTorchModelHubMixin" in text
    run("compile", "tiny.arch", "--for", "inference", "--with", "hub")
    assert "\nfrom tiny import tiny\n" in (folder / "hubconf.py").read_text(encoding="utf-8")


def test_timm_takes_no_network_for_inference(run: Run, folder: Path) -> None:
    said = run("compile", "tiny.arch", "--for", "inference", "--with", "timm,hf", status=2).stderr
    assert (
        "error[E810]: timm gives out networks to be trained, and this one is rewritten for inference" in said
    )
    assert (
        "--> tiny.arch:2:9" in said and "= help: `--with timm` goes with the network as it is written" in said
    )
    assert not (folder / "tiny.py").exists()
