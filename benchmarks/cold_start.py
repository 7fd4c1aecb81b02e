"""How long commands take from a cold start, as a share of `import torch` on the same machine.

Whole processes, alternating: in each round every command runs once, then `import torch`; the ratio is taken within
the round, and its median and quartiles over all rounds are shown. Byte code and the grammar's cache are warm, as on
every run but the first of an installation.

    python benchmarks/cold_start.py [--rounds 15] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

#: Byte code is written, as on any machine where nobody forbids it.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
SPEC = Path(__file__).parent.parent / "specs" / "densenet121.arch"


def commands(folder: str) -> dict[str, list[str]]:
    start = [sys.executable, "-m", "archdsl"]
    return {
        "check": [*start, "check", str(SPEC)],
        "summary": [*start, "summary", str(SPEC)],
        "compile": [*start, "compile", str(SPEC), "-o", f"{folder}/densenet121.py"],
        "draw (svg)": [*start, "draw", str(SPEC), "-o", f"{folder}/densenet121.svg"],
    }


def run(command: list[str]) -> float:
    """Seconds of one process."""
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=ENVIRONMENT)
    seconds = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr}")
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        table = commands(folder)
        torch = [sys.executable, "-c", "import torch"]
        for command in (*table.values(), torch):
            run(command)  # warm caches
        seconds: dict[str, list[float]] = {name: [] for name in (*table, "import torch")}
        for number in range(options.rounds):
            if sys.stderr.isatty():
                print(f"\rround {number + 1} of {options.rounds}", end="", file=sys.stderr)
            for name, command in table.items():
                seconds[name].append(run(command))
            seconds["import torch"].append(run(torch))
        if sys.stderr.isatty():
            print(file=sys.stderr)
    rows = []
    for name, values in seconds.items():
        ratios = [a / b for a, b in zip(values, seconds["import torch"], strict=True)]
        low, middle, high = statistics.quantiles(ratios, n=4)
        rows.append(
            {
                "command": name,
                "ms": round(1000 * statistics.median(values)),
                "ratio": round(middle, 3),
                "quartiles": [round(low, 3), round(high, 3)],
            }
        )
    versions = {name: version(name) for name in ("torch", "lark", "click", "networkx", "jinja2", "graphviz")}
    if options.json:
        print(json.dumps({"python": platform.python_version(), "versions": versions, "rows": rows}, indent=2))
        return
    print(f"Python {platform.python_version()}, " + ", ".join(f"{k} {v}" for k, v in versions.items()))
    print()
    print("| command | median, ms | share of `import torch` | quartiles |")
    print("| --- | ---: | ---: | ---: |")
    for row in rows:
        low, high = row["quartiles"]  # type: ignore[misc]
        print(f"| `{row['command']}` | {row['ms']} | {row['ratio']:.3f} | {low:.3f} – {high:.3f} |")


if __name__ == "__main__":
    main()
