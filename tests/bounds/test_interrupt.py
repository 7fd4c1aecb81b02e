"""Ctrl-C while a text is worked out: the command ends at once, says nothing of itself and leaves no file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENDLESS = "".join(
    [
        "block b0 { relu }\n",
        *(f"block b{i} {{ b{i - 1} -> b{i - 1} }}\n" for i in range(1, 61)),
        "network n { input x: [3, 8, 8]; b60; output y }\n",
    ]
)
#: The program with a line of its own once the text is being worked out.
BEGUN = """
from archdsl.cli import main
from archdsl.elaborate.session import Session
step = Session.step
def told(self, *args, **more):
    Session.step = step
    print("begun", flush=True)
    step(self, *args, **more)
Session.step = told
main()
"""


def heeding() -> None:
    """What a shell starts in the background heeds no Ctrl-C, and hands that on."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
@pytest.mark.parametrize("command", ["check", "compile", "draw", "summary"])
def test_interrupt(command: str, tmp_path: Path) -> None:
    (tmp_path / "endless.arch").write_text(ENDLESS)
    out = [] if command in ("check", "summary") else ["-o", "out.svg" if command == "draw" else "out.py"]
    limits = ["--limit", "steps=1000000000", "--limit", "nodes=1000000000"]
    with subprocess.Popen(
        [sys.executable, "-c", BEGUN, command, "endless.arch", *out, *limits],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heeding,
    ) as process:
        try:
            assert process.stdout is not None and process.stderr is not None
            assert process.stdout.readline() == "begun\n"
            time.sleep(0.3)
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 130
            assert "Traceback" not in process.stderr.read()
        finally:
            process.kill()
    assert [path.name for path in tmp_path.iterdir()] == ["endless.arch"]
