"""`archdsl check`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import TINY, Run


def test_clean(run: Run) -> None:
    result = run("check", "tiny.arch", "pair.arch")
    assert result.stdout == ""
    assert result.stderr == "2 files, 3 models: clean\n"


def test_every_mistake_is_told_once(run: Run) -> None:
    result = run("check", "bad.arch", "bad.arch", "tiny.arch", status=1)
    assert result.stdout == ""
    assert result.stderr.count("error[E502]") == 1
    assert result.stderr.count("error[E201]") == 1
    assert " --> bad.arch:3:" in result.stderr and " --> bad.arch:4:3" in result.stderr
    assert result.stderr.endswith("2 files, 2 models: 2 errors\n")
    assert "\x1b" not in result.stderr


def test_json(run: Run) -> None:
    result = run("check", "bad.arch", "--format", "json", status=1)
    assert result.stderr == ""
    found = json.loads(result.stdout)
    assert [(d["code"], d["severity"], d["file"], d["line"]) for d in found] == [
        ("E502", "error", "bad.arch", 3),
        ("E201", "error", "bad.arch", 4),
    ]
    keys = {
        "code",
        "severity",
        "message",
        "file",
        "line",
        "column",
        "end_line",
        "end_column",
        "labels",
        "notes",
    }
    assert all(set(d) == keys | {"help"} for d in found)
    for label in found[0]["labels"]:
        assert set(label) == {"message", "file", "line", "column", "end_line", "end_column"}
    assert json.loads(run("check", "tiny.arch", "--format", "json").stdout) == []


def test_concise(run: Run) -> None:
    lines = run("check", "bad.arch", "--format", "concise", status=1).stdout.splitlines()
    assert [line.split(" ")[0] for line in lines] == ["bad.arch:3:34:", "bad.arch:4:3:"]
    assert run("check", "tiny.arch", "--format", "concise").stdout == ""


def test_github(run: Run) -> None:
    lines = run("check", "bad.arch", "--format", "github", status=1).stdout.splitlines()
    assert lines[1].startswith("::error file=bad.arch,line=4,col=3,endLine=4,endColumn=")
    assert run("check", "tiny.arch", "--format", "github").stdout == ""


def test_sarif(run: Run) -> None:
    log = json.loads(run("check", "bad.arch", "--format", "sarif", status=1).stdout)
    assert [r["ruleId"] for r in log["runs"][0]["results"]] == ["E502", "E201"]
    assert json.loads(run("check", "tiny.arch", "--format", "sarif").stdout)["runs"][0]["results"] == []


def test_unreadable_files_do_not_stop_the_others(run: Run, folder: Path) -> None:
    (folder / "latin.arch").write_bytes(b"# \xe9\n")
    result = run("check", "nope.arch", "latin.arch", "bad.arch", ".", "--format", "concise", status=1)
    codes = [line.split("[")[1][:4] for line in result.stdout.splitlines()]
    assert sorted(codes) == ["E201", "E502", "E701", "E701", "E705"]


def test_stdin(run: Run) -> None:
    assert run("check", "-", input=TINY).stderr == "1 file, 1 model: clean\n"
    result = run(
        "check", "-", "--stdin-filename", "a/b.arch", "--format", "concise", input="network {\n", status=1
    )
    assert result.stdout.startswith("a/b.arch:1:")
    assert run("check", "-", "--format", "concise", input="network {\n", status=1).stdout.startswith(
        "<stdin>:1:"
    )
    run("check", "-", "-", input=TINY, status=2)


def test_model(run: Run) -> None:
    assert run("check", "pair.arch", "-m", "small").stderr == "1 file, 1 model: clean\n"
    assert "[E802]" in run("check", "pair.arch", "-m", "smal", status=2).stderr


def test_set_and_input(run: Run) -> None:
    run("check", "tiny.arch", "--set", "width=16", "--input", "image=3x32x32")
    assert "[E806]" in run("check", "tiny.arch", "--set", "widht=16", status=2).stderr
    assert "[E807]" in run("check", "tiny.arch", "--input", "imag=3x32x32", status=2).stderr
    run("check", "tiny.arch", "--set", "width=", status=2)
    run("check", "tiny.arch", "--set", "width='", status=2)
    run("check", "tiny.arch", "--set", 'width="a"', status=2)
    unquoted = run("check", "tiny.arch", "--set", "width=wide_one", status=2).stderr
    assert "[E201]" in unquoted and """a text stands in quotes: `--set 'width="wide_one"'`""" in unquoted


@pytest.mark.parametrize(
    "text", ["image", "image=", "image=3x", "image=axb", "=3", "image=-1", "image=3,8,8"]
)
def test_bad_input_option(text: str, run: Run) -> None:
    assert "--input" in run("check", "tiny.arch", "--input", text, status=2).stderr


@pytest.mark.parametrize("text", ["width", "=3"])
def test_bad_set_option(text: str, run: Run) -> None:
    assert "is not NAME=VALUE" in run("check", "tiny.arch", "--set", text, status=2).stderr


def test_color(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[1;31merror[E201]" in run("check", "bad.arch", "--color", "always", status=1).stderr
    assert "\x1b" not in run("check", "bad.arch", "--color", "never", status=1).stderr
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in run("check", "bad.arch", status=1).stderr
    assert "\x1b[1;31merror[E201]" in run("check", "bad.arch", "--color", "always", status=1).stderr


def test_search_path(run: Run, folder: Path) -> None:
    (folder / "lib").mkdir()
    (folder / "lib" / "mine.arch").write_text("block unit { relu }\n")
    (folder / "user.arch").write_text(
        "from mine import unit\nnetwork n { input x: [3]\n unit\n output y }\n", encoding="utf-8"
    )
    run("check", "user.arch", "-I", "lib")
    assert "[E70" in run("check", "user.arch", status=1).stderr
    run("check", "user.arch", "-I", "nope", status=2)


def test_limits(run: Run) -> None:
    assert "[E902]" in run("check", "tiny.arch", "--limit", "nodes=3", status=1).stderr
    run("check", "tiny.arch", "--limit", "nodes=0", status=2)
    run("check", "tiny.arch", "--limit", "depth=1")


def test_warnings_do_not_fail(run: Run) -> None:
    result = run("check", "warned.arch")
    assert "warning[W001]" in result.stderr
    assert result.stderr.endswith("1 file, 1 model: 1 warning\n")


def test_control_characters_do_not_reach_the_terminal(run: Run, folder: Path) -> None:
    (folder / "evil.arch").write_text('network n { input x: [3]\n "\x1b[2J" -> \x1b[31m\x07 }\n')
    for name in ("text", "concise", "json", "sarif", "github"):
        output = run("check", "evil.arch", "--format", name, status=1).output
        assert "\x1b" not in output and "\x07" not in output


def test_sizes_that_are_none(run: Run) -> None:
    result = run("check", "tiny.arch", "--input", "image=3x0x8", status=1)
    assert "error[E808]" in result.stderr and "`--input` gives 0" in result.stderr
