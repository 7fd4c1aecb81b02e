"""The zoo against torchvision and timm: our forms against theirs, as `archdsl bench` measures them.

    python benchmarks/zoo.py                               # CPU: 1 and 2 threads, batch 1 and 8, inference; days
    python benchmarks/zoo.py --target eager                # without compilers; hours
    python benchmarks/zoo.py --models densenet,resnet50    # those whose names begin so
    python benchmarks/zoo.py --device cuda                 # batch 1, 32, 256; float32, bfloat16; both purposes
    python benchmarks/zoo.py --table                       # what was measured, as Markdown for docs/performance.md

Each measurement is a process of its own, for its memory and its threads, and a line of the file of results. What is
there is not measured again: a run that was cut off goes on. One that takes longer than `--limit` is told as that.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.zoo_table import render
from tests.zoo.tables import read

Case = dict[str, Any]

RESULTS = Path(__file__).parent.parent / "build" / "bench" / "zoo.jsonl"

#: What is measured where nothing else is asked for.
_DEFAULTS: dict[str, dict[str, str]] = {
    "cpu": {"threads": "1,2", "batch": "1,8", "dtype": "float32", "purpose": "inference"},
    "cuda": {
        "threads": "0",
        "batch": "1,32,256",
        "dtype": "float32,bfloat16",
        "purpose": "inference,training",
    },
}


def cases(options: argparse.Namespace) -> Iterator[Case]:
    """All that is to be measured, the network's first setting first. Threads of 0 are PyTorch's own number."""
    chosen = {name: getattr(options, name) or value for name, value in _DEFAULTS[options.device].items()}
    ways = list(
        itertools.product(
            chosen["purpose"].split(","),
            chosen["dtype"].split(","),
            map(int, chosen["threads"].split(",")),
            map(int, chosen["batch"].split(",")),
        )
    )
    parts = tuple(options.models.split(",")) if options.models else ("",)
    peers = {(row["model"], row["peer"], row["settings"]): row for row in reversed(read("peers.csv"))}
    for row in reversed(peers.values()):
        if row["model"].startswith(parts):
            for purpose, dtype, threads, batch in ways:
                yield {
                    "spec": row["spec"],
                    "model": row["model"],
                    "peer": row["peer"],
                    "device": options.device,
                    "purpose": purpose,
                    "dtype": dtype,
                    "threads": threads,
                    "batch": batch,
                    "target": options.target,
                }


def load(path: Path) -> list[dict[str, Any]]:
    """The lines of a file of results; one that was cut off while it was written is left out."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        try:
            found.append(json.loads(line))
        except ValueError:
            print("a line of the results is not whole, and is left out", file=sys.stderr)
    return found


def add(line: dict[str, Any], path: Path) -> None:
    """Write a line behind the others, and behind what may have been cut off."""
    whole = not path.exists() or path.read_bytes()[-1:] in (b"", b"\n")
    with path.open("a", encoding="utf-8") as file:
        file.write("\n" * (not whole) + json.dumps(line) + "\n")


def measure(case: Case, options: argparse.Namespace) -> dict[str, Any]:
    """The line of results of a measurement, in a process of its own, which ends within the limit."""
    threads = {"OMP_NUM_THREADS": str(case["threads"])} if case["threads"] else {}
    command = [sys.executable, __file__, "--one", json.dumps(case), "--seconds", str(options.seconds)]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **threads},
        start_new_session=True,  # compilers start processes of their own, which end with it
    )
    try:
        out, err = process.communicate(timeout=options.limit)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return {"case": case, "failed": f"more than {options.limit:g} s"}
    except KeyboardInterrupt:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    if process.returncode:
        last = (err.strip().splitlines() or [f"exit status {process.returncode}"])[-1]
        return {"case": case, "failed": last}
    return {"case": case, "report": json.loads(out.splitlines()[-1])}


def one(case: Case, seconds: float) -> None:
    """Measure and print the report; in the process of a measurement."""
    from importlib.metadata import version

    from archdsl.bench import Settings, bench
    from archdsl.graph.plan import TARGETS
    from archdsl.verify import Peer
    from tests.zoo.peers import create
    from tests.zoo.support import architecture

    names = {name: case[name] for name in ("spec", "model", "peer")}
    row = next(row for row in read("peers.csv") if names.items() <= row.items())
    library = case["peer"].partition(":")[0]
    settings = Settings(
        case["device"],
        (case["batch"],),
        case["purpose"],
        TARGETS if case["target"] == "all" else (case["target"],),
        dtype=case["dtype"],
        threads=(case["threads"],) if case["threads"] else None,
        seconds=seconds,
    )
    peer = Peer(case["peer"], version(library), lambda: create(row))
    report = bench(architecture(case["spec"], case["model"]), [peer], settings)
    print(json.dumps(report.as_data()))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--models", metavar="NAME,…", help="those whose names begin so")
    parser.add_argument("--target", default="all", choices=["eager", "compile", "cuda-graph", "all"])
    parser.add_argument("--device", default="cpu", choices=list(_DEFAULTS))
    parser.add_argument("--for", dest="purpose", metavar="LIST", help="inference, training")
    parser.add_argument("--dtype", metavar="LIST", help="float32, bfloat16, float16")
    parser.add_argument("--threads", metavar="LIST")
    parser.add_argument("--batch", metavar="LIST")
    parser.add_argument("--seconds", type=float, default=20, help="of rounds, for each measurement")
    parser.add_argument("--limit", type=float, default=1800, help="seconds that a measurement may take")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--retry", action="store_true", help="measure again what failed")
    parser.add_argument("--table", action="store_true", help="print what was measured, as Markdown")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        one(json.loads(options.one), options.seconds)
        return
    results = load(options.results)
    if options.table:
        print(render(results))
        return
    known = [line["case"] for line in results if "report" in line or not options.retry]
    left = [case for case in cases(options) if case not in known]
    options.results.parent.mkdir(parents=True, exist_ok=True)
    for number, case in enumerate(left, 1):
        what = " ".join(str(case[name]) for name in ("model", "purpose", "dtype", "threads", "batch"))
        print(f"{number} of {len(left)}: {what}", end=" ", file=sys.stderr, flush=True)
        line = measure(case, options)
        add(line, options.results)
        print(line.get("failed", "done"), file=sys.stderr)


if __name__ == "__main__":
    main()
