"""Commands on hostile programs: each a process of its own, with so much memory and time and no more."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.bounds.hostile import Program

ROOT = Path(__file__).parents[2]
#: What a process may take: bytes of resident memory, as the house promises, and of address space, in which much is
#: reserved and never used; and seconds, wide, since machines are busy.
MEMORY, ADDRESSES, SECONDS = 1024**3, 3 * 1024**3, 120

COMMANDS = {
    "check": ("check", "main.arch"),
    "check --format json": ("check", "--format", "json", "main.arch"),
    "check --format sarif": ("check", "--format", "sarif", "main.arch"),
    "fmt": ("fmt", "main.arch", "--check"),
    "summary": ("summary", "main.arch"),
    "summary --format json": ("summary", "--format", "json", "main.arch"),
    "compile": ("compile", "main.arch", "-o", "-"),
    "compile --for inference": ("compile", "main.arch", "--for", "inference", "--explain-passes", "-o", "-"),
    "compile --for training": ("compile", "main.arch", "--for", "training", "--checkpoint", "*", "-o", "-"),
    "draw --format dot": ("draw", "main.arch", "--format", "dot", "-o", "-"),
    "draw": ("draw", "main.arch", "-o", "-"),
}


@dataclass(frozen=True)
class Ran:
    """How a process ended. `status` is negative if it was killed; `memory` is in bytes, times are in seconds."""

    status: int
    out: str
    err: str
    seconds: float
    processor: float
    memory: int


def write(program: Program, folder: Path) -> None:
    """The files of a program."""
    for name, content in program.files().items():
        data = content if isinstance(content, bytes) else content.encode("utf-8")
        (folder / name).write_bytes(data)


def run(arguments: tuple[str, ...], folder: Path) -> Ran:
    """`archdsl` with these arguments, in a folder."""

    def hold() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))

    paths = folder / "out.txt", folder / "err.txt"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with paths[0].open("wb") as out, paths[1].open("wb") as err:
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "archdsl", *arguments],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            preexec_fn=hold,
        )
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in paths]
    unit = 1 if sys.platform == "darwin" else 1024
    return Ran(process.returncode, *texts, seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * unit)
