"""The properties of tests/property/, again and again, each time with another seed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from time import perf_counter

from tests.fuzz.session import ROOT, environment


def hold(seconds: float, seed: int, work: Path) -> list[Path]:
    """Rounds until the time is up; the log of one that failed, which says how to see it again."""
    work.mkdir(parents=True, exist_ok=True)
    begin, rounds = perf_counter(), 0
    while rounds == 0 or perf_counter() - begin < seconds:
        log = work / f"properties-{seed + rounds}.log"
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "tests/property",
            f"--hypothesis-seed={seed + rounds}",
        ]
        variables = {
            name: value for name, value in environment().items() if name != "CI"
        }  # there it is always the same
        with log.open("w", encoding="utf-8") as file:
            done = subprocess.run(command, cwd=ROOT, env=variables, stdout=file, stderr=file, check=False)
        rounds += 1
        if done.returncode:
            print(f"properties: failed with seed {seed + rounds - 1}")
            return [log]
        log.unlink()
    print(
        f"properties: {rounds} rounds in {perf_counter() - begin:.0f} s, seeds from {seed}, 0 found",
        flush=True,
    )
    return []
