"""What is shown on a terminal, and what in a pipe: a process with a terminal of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from archdsl.diagnostics.cells import width
from tests.cli.conftest import BAD, WARNED

pty = pytest.importorskip("pty", reason="terminals as POSIX has them")
ROOT = Path(__file__).parents[2]

LONG = BAD.replace("convv(4, 3)", "-> ".join(["relu "] * 30) + "-> convv(4, 3)")


def on_terminal(folder: Path, *arguments: str, **environment: str) -> str:
    """What a command shows on a terminal of 70 columns that is its standard error."""
    terminal, stream = pty.openpty()
    inherited = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS")}
    with subprocess.Popen(
        [sys.executable, "-m", "archdsl", *arguments],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=stream,
        env={**inherited, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "70", **environment},
    ) as process:
        os.close(stream)
        shown = b""
        try:
            while chunk := os.read(terminal, 65536):
                shown += chunk
        except OSError:  # the other end is closed
            pass
        process.wait()
    os.close(terminal)
    return shown.decode().replace("\r\n", "\n")


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    for name, text in {"bad": BAD, "long": LONG, "warned": WARNED}.items():
        (tmp_path / f"{name}.arch").write_text(text, encoding="utf-8")
    return tmp_path


def test_a_terminal_has_colors_and_is_told_more(specs: Path) -> None:
    shown = on_terminal(specs, "check", "bad.arch")
    assert shown.startswith("\x1b[1;31merror[E502]\x1b[0m\x1b[1m: ")
    assert shown.endswith("\n1 file, 1 model: 2 errors\n`archdsl explain E502 E201` says more\n")


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [((), {"NO_COLOR": "1"}), ((), {"TERM": "dumb"}), (("--color", "never"), {})],
    ids=["NO_COLOR", "dumb", "never"],
)
def test_a_terminal_without_colors(
    specs: Path, arguments: tuple[str, ...], environment: dict[str, str]
) -> None:
    shown = on_terminal(specs, "check", "long.arch", *arguments, **environment)
    assert "\x1b" not in shown
    lines = [line for line in shown.split("\n") if line[1:3] == " |"]
    assert any("…" in line and "convv" in line for line in lines)
    assert all(width(line) <= 70 for line in lines)


def test_other_commands_count_errors_only(specs: Path) -> None:
    shown = on_terminal(specs, "compile", "bad.arch", "--color", "never")
    assert shown.endswith("\n\n2 errors\n`archdsl explain E502 E201` says more\n")
    shown = on_terminal(specs, "summary", "warned.arch", "--color", "never")
    assert shown.startswith("warning[W001]") and shown.endswith("\n\n`archdsl explain W001` says more\n")


def test_a_pipe_is_plain(specs: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "archdsl", "check", "bad.arch"],
        cwd=specs,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "\x1b" not in done.stderr
    assert done.stderr.endswith("\n\n1 file, 1 model: 2 errors\n")
