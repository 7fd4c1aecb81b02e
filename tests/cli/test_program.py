"""The group of commands: help, and what becomes of whatever goes wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from archdsl.cli import explain, main
from archdsl.version import __version__
from tests.cli.conftest import Run

ROOT = Path(__file__).parent.parent.parent


def process(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "archdsl", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_help(run: Run) -> None:
    text = run("--help").stdout
    for name in main.about:
        assert f"\n  {name} " in text
    assert run("-h").stdout == text
    assert run("--version").stdout == f"archdsl {__version__}\n"


@pytest.mark.parametrize("name", main.about)
def test_help_of_each_command(name: str, run: Run) -> None:
    text = run(name, "--help").stdout
    assert text.startswith(f"Usage: archdsl {name}")


def test_unknown_command(run: Run) -> None:
    result = run("chek", status=2)
    assert result.stderr == "error: there is no command `chek`\nhelp: did you mean `check`?\n"
    assert result.stdout == ""


@pytest.mark.parametrize(
    "arguments", [["check"], ["compile"], ["check", "--nope"], ["compile", "a", "b"], []]
)
def test_wrong_usage(arguments: list[str], run: Run) -> None:
    result = run(*arguments, status=2)
    assert result.stderr.startswith("Usage: archdsl")


def test_internal_error_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: str) -> str:
        raise KeyError("oops\x1b[2J\nnext")

    monkeypatch.setattr(explain, "page", fail)
    monkeypatch.delenv("ARCHDSL_DEBUG", raising=False)
    result = run("explain", "E502", status=2)
    assert result.stderr == (
        "error: internal error: KeyError: 'oops\\x1b[2J\\nnext'\n"
        "help: `ARCHDSL_DEBUG=1` in the environment shows where\n"
    )
    monkeypatch.setenv("ARCHDSL_DEBUG", "1")
    assert run("explain", "E502", status=2).stderr.startswith("Traceback")


@pytest.mark.parametrize("error", [RecursionError("deep"), MemoryError()])
def test_exhaustion_is_no_traceback(error: Exception, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: str) -> str:
        raise error

    monkeypatch.setattr(explain, "page", fail)
    assert run("explain", "E502", status=2).stderr.startswith(
        f"error: internal error: {type(error).__name__}"
    )


def test_interrupt(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(explain, "page", fail)
    assert "Traceback" not in run("explain", "E502", status=130).output


def test_closed_pipe(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "archdsl", "explain"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)
    assert done.stderr == ""
    assert done.returncode == 141


def test_terminal_without_unicode(tmp_path: Path) -> None:
    done = process("layers", "kaiming_normal", cwd=tmp_path, PYTHONIOENCODING="latin-1", PYTHONUTF8="0")
    assert done.returncode == 0, done.stderr
    assert "\\u221a" in done.stdout
