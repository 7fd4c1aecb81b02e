"""Commands on specs with `extern` blocks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import archdsl
from archdsl.draw.palette import FILLS
from tests.cli.conftest import Run

SPEC = """\
extern block blur(stride = 2, mode = "a") {
  python = "leaves_a_trace.Blur({in.channels}, {stride}, mode='{mode}')"
  shape = [in.channels, in.height // stride, in.width // stride]
  params = 12
}
extern block halves {
  python = "leaves_a_trace.Halves()"
  shape = [[in.channels // 2, *in.shape[1:]] for _ in range(2)]
  macs = 0
}
network blurred {
  input image: [4, 8, 8]
  stem: { conv(4, 1) -> blur }
  share s = blur(1, mode="b")
  ( s | relu -> s ) -> add
  a, b = halves
  ( a | b ) -> concat
  output y
}
"""


@pytest.fixture(autouse=True)
def trace(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that the package of the spec makes when it is imported."""
    trace = folder / "trace"
    (folder / "leaves_a_trace.py").write_text(f"open({str(trace)!r}, 'w').close()\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    (folder / "blurred.arch").write_text(SPEC, encoding="utf-8")
    return trace


@pytest.mark.parametrize("command", [["check"], ["compile", "-o", "-"], ["draw", "-o", "n.dot"], ["summary"]])
def test_commands(run: Run, trace: Path, command: list[str]) -> None:
    """None imports the package, and each refuses extern blocks if it is told to."""
    run(*command, "blurred.arch")
    result = run(*command, "blurred.arch", "--no-extern", status=1)
    assert result.stderr.count("error[E614]") == 2
    assert " --> blurred.arch:1:14\n" in result.stderr and " --> blurred.arch:6:14\n" in result.stderr
    assert not trace.exists()
    run(*command, "tiny.arch", "--no-extern", *(["--force"] if "n.dot" in command else []))


def test_refused_as_json(run: Run) -> None:
    found = json.loads(run("check", "blurred.arch", "--no-extern", "--format", "json", status=1).stdout)
    assert [(d["code"], d["line"], d["column"], d["end_column"]) for d in found] == [
        ("E614", 1, 14, 18),
        ("E614", 6, 14, 20),
    ]


def test_summary_as_json(run: Run) -> None:
    summary = json.loads(run("summary", "blurred.arch", "--format", "json").stdout)
    assert (summary["params"], summary["macs"]) == (20 + 12 + 12, 4 * 4 * 64)
    assert summary["uncounted"] == {"params": ["halves"], "macs": ["blur"]}
    rows = [
        (r["path"], r["layer"], r["output"], r["params"], r.get("shared"), r.get("uncounted"))
        for r in summary["layers"]
    ]
    assert rows == [
        ("stem.0", "conv", [4, 8, 8], 20, None, None),
        ("stem.1", "blur", [4, 4, 4], 12, None, ["macs"]),
        ("s", "blur", [4, 4, 4], 12, None, ["macs"]),
        ("relu1", "relu", [4, 4, 4], 0, None, None),
        ("s", "blur", [4, 4, 4], 0, True, ["macs"]),
        ("", "add", [4, 4, 4], 0, None, None),
        ("halves1", "halves", [2, 4, 4], 0, None, ["params"]),
        ("", "concat", [4, 4, 4], 0, None, None),
    ]
    assert summary["layers"][6]["outputs"] == [[2, 4, 4], [2, 4, 4]]


def test_summary_as_a_table(run: Run) -> None:
    text = run("summary", "blurred.arch").stdout
    rows = {
        line.split()[0]: line.split()[2:]
        for line in text.splitlines()
        if line.startswith(("stem.1", "halves1"))
    }
    assert rows == {"stem.1": ["4×4×4", "12", "?", "-"], "halves1": ["2×4×4", "?", "-", "-"]}
    assert text.endswith(
        "parameters without those of halves, which states none\nMACs without those of blur, which states none\n"
    )
    folded = run("summary", "blurred.arch", "--depth", "1").stdout
    assert "1.02K + ?" in next(line for line in folded.splitlines() if line.startswith("stem"))
    total = next(line for line in text.splitlines() if line.startswith("total"))
    assert "44 + ?" in total and "1.02K + ?" in total


def test_summary_as_csv(run: Run) -> None:
    """What is not stated is empty, and what is 0 is 0."""
    rows = [line.split(",") for line in run("summary", "blurred.arch", "--format", "csv").stdout.splitlines()]
    assert [row[4:6] for row in rows if row[1] == "stem.1"] == [["12", ""]]
    assert [row[4:6] for row in rows if row[1] == "halves1"] == [["", "0"]]


def test_all_is_stated(run: Run) -> None:
    text = SPEC.replace("params = 12", "params = 12\nmacs = 3").replace("macs = 0", "macs = 0\nparams = 0")
    assert "?" not in run("summary", "-", input=text).stdout
    assert "uncounted" not in run("summary", "-", "--format", "json", input=text).stdout


def test_drawing(run: Run, folder: Path) -> None:
    """The name, the main arguments, and a look of its own."""
    run("draw", "blurred.arch", "-o", "n.dot")
    dot = (folder / "n.dot").read_text(encoding="utf-8")
    assert "blur stride=2, mode=a" in dot and "halves" in dot
    assert FILLS["extern"] in dot and list(FILLS.values()).count(FILLS["extern"]) == 1


def test_python() -> None:
    arch = archdsl.loads(SPEC, filename="<text>")
    assert arch.uncounted == {"params": ["halves"], "macs": ["blur"]}
    assert repr(arch) == "<Architecture blurred of <text>: 44 + ? parameters, 1,024 + ? MACs>"


def test_graph() -> None:
    graph = archdsl.loads(SPEC).graph
    blur = next(data for _, data in graph.nodes(data=True) if data["op"] == "blur")
    assert blur["layer"].values() == {"stride": 2, "mode": "a"}
    assert blur["layer"].package == "leaves_a_trace"
    assert (blur["params"], blur["macs"], blur["uncounted"], blur["module"]) == (12, 0, ["macs"], "stem.1")
    halves = next(data for _, data in graph.nodes(data=True) if data["op"] == "halves")
    assert halves["outputs"] == [[2, 4, 4], [2, 4, 4]] and halves["uncounted"] == ["params"]


@pytest.mark.parametrize("name", ["leaves_a_trace", "torch"])
def test_a_model_with_the_name_of_what_it_imports(run: Run, folder: Path, name: str) -> None:
    """Its file would hide the package from the module in it: another name is asked for."""
    text = SPEC.replace("network blurred", f"network {name}")
    before = sorted(folder.iterdir())
    result = run("compile", "-", input=text, status=2)
    assert f"`{name}.py` would import `{name}`, and find itself" in result.stderr
    assert f"-o {name}_model.py" in result.stderr and sorted(folder.iterdir()) == before
    run("compile", "-", "--all", input=text, status=2)
    run("compile", "-", "-o", f"{name}_model.py", input=text)
    assert "import leaves_a_trace" in (folder / f"{name}_model.py").read_text(encoding="utf-8")


def test_a_model_with_a_name_that_its_docstring_imports(run: Run, folder: Path) -> None:
    text = 'network numpy {\n"Of old:\\n\\nimport numpy\\n"\ninput x: [3]\nlinear(2)\noutput y }'
    run("compile", "-", input=text)
    assert "\nimport numpy\n" in (folder / "numpy.py").read_text(encoding="utf-8")
