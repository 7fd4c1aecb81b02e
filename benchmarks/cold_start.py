"""How long commands take from a cold start, as a share of `import torch` on the same machine.

Whole processes, alternating: in each round every command runs once, then `import torch`; the ratios are taken within
the round, one of seconds on the clock and one of the processor's (user and system), and their medians are shown, with
the quartiles of the latter. Byte code and the grammar's cache are warm, as on every run but the first of an
installation.

    python benchmarks/cold_start.py [--rounds 15] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
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
#: The command, in which each graph is made a NetworkX graph too.
WITH_GRAPH = """
import sys
from archdsl.cli import main
from archdsl.memory import growing
with growing():
    from archdsl.api.spec import Spec
    from archdsl.graph.view import to_networkx
elaborate = Spec._elaborate
def with_graph(*given):
    graph = elaborate(*given)
    assert len(to_networkx(graph)) == 427
    return graph
Spec._elaborate = with_graph
main(["check", sys.argv[1]])
"""
LOAD = "import sys, archdsl; archdsl.load(sys.argv[1]).graph"


def commands(folder: str) -> dict[str, list[str]]:
    start = [sys.executable, "-m", "archdsl"]
    return {
        "check": [*start, "check", str(SPEC)],
        "check + NetworkX graph": [sys.executable, "-c", WITH_GRAPH, str(SPEC)],
        "archdsl.load(…).graph": [sys.executable, "-c", LOAD, str(SPEC)],
        "summary": [*start, "summary", str(SPEC)],
        "compile": [*start, "compile", str(SPEC), "-o", f"{folder}/densenet121.py"],
        "draw (svg)": [*start, "draw", str(SPEC), "-o", f"{folder}/densenet121.svg"],
    }


def run(command: list[str]) -> tuple[float, float]:
    """Seconds of one process, and those of the processor."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=ENVIRONMENT)
    seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr}")
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        table = {**commands(folder), "import torch": [sys.executable, "-c", "import torch"]}
        for command in table.values():
            run(command)  # warm caches
        runs: dict[str, list[tuple[float, float]]] = {name: [] for name in table}
        for number in range(options.rounds):
            if sys.stderr.isatty():
                print(f"\rround {number + 1} of {options.rounds}", end="", file=sys.stderr)
            for name, command in table.items():
                runs[name].append(run(command))
        if sys.stderr.isatty():
            print(file=sys.stderr)
    rows = []
    for name, values in runs.items():
        pairs = list(zip(values, runs["import torch"], strict=True))
        low, middle, high = statistics.quantiles([ours[1] / theirs[1] for ours, theirs in pairs], n=4)
        rows.append(
            {
                "command": name,
                "ms": round(1000 * statistics.median(ours[0] for ours in values)),
                "processor_ms": round(1000 * statistics.median(ours[1] for ours in values)),
                "ratio": round(statistics.median(ours[0] / theirs[0] for ours, theirs in pairs), 3),
                "processor_ratio": round(middle, 3),
                "quartiles": [round(low, 3), round(high, 3)],
            }
        )
    versions = {name: version(name) for name in ("torch", "lark", "click", "networkx", "jinja2", "graphviz")}
    if options.json:
        print(json.dumps({"python": platform.python_version(), "versions": versions, "rows": rows}, indent=2))
        return
    print(f"Python {platform.python_version()}, " + ", ".join(f"{k} {v}" for k, v in versions.items()))
    print()
    print("| | ms | ms of the processor | share of `import torch` | of the processor | quartiles |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for row in rows:
        low, high = row["quartiles"]  # type: ignore[misc]
        print(
            f"| `{row['command']}` | {row['ms']} | {row['processor_ms']} | {row['ratio']:.3f} "
            f"| {row['processor_ratio']:.3f} | {low:.3f} – {high:.3f} |"
        )


if __name__ == "__main__":
    main()
