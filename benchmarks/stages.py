"""Where the time of the compiler goes: milliseconds of the processor by stage, in processes of their own, medians.

python benchmarks/stages.py [--rounds 7]
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
ONE = """
import sys, time
at = time.process_time()
told = {"Python starts": at}
def stage(name):
    global at
    now = time.process_time()
    told[name], at = now - at, now
import json
from archdsl.memory import growing
with growing():
    import lark
    stage("import lark")
    import archdsl.api, archdsl.elaborate.models as models
    from archdsl.syntax import parser
    stage("import archdsl")
    parser._engines.append(parser._Engine())
    stage("load the grammar")
inner = {}
def timed(name):
    function = getattr(models, name)
    def wrapped(*given):
        start = time.process_time()
        try:
            return function(*given)
        finally:
            inner[name] = inner.get(name, 0) + time.process_time() - start
    setattr(models, name, wrapped)
for name in ("prune", "assign_names", "count"):
    timed(name)
if sys.argv[1] == "densenet121":
    spec = archdsl.api.open_spec(sys.argv[2] + "/specs/densenet121.arch")
else:
    sys.path.insert(0, sys.argv[2] + "/benchmarks")
    from archdsl.source import Source
    from elaboration import text
    at = time.process_time()
    spec = archdsl.api.Spec(Source("residual", text(100_000, "repeat")), None, archdsl.api.Options())
stage("parse, with imports")
found = spec.architecture()
stage("elaborate")
told["elaborate"] -= sum(inner.values())
told["… prune"], told["… name"], told["… count"] = (inner.get(n, 0) for n in ("prune", "assign_names", "count"))
found.macs
at = time.process_time()
if sys.argv[3] == "graph":
    with growing():
        import networkx
    stage("import networkx")
    found.graph
    stage("the NetworkX graph")
elif sys.argv[3] == "compile":
    import jinja2
    stage("import jinja2")
    import archdsl.emit
    stage("import archdsl.emit")
    from archdsl.emit.sizes import size_rule
    size_rule(found._graph)
    stage("whether sizes may vary")
    source = found.source()
    stage("write the module")
    told["write the module"] -= told["whether sizes may vary"]  # which it asks again
elif sys.argv[3] == "draw":
    import graphviz
    stage("import graphviz")
    import archdsl.draw
    stage("import archdsl.draw")
    found.dot()
    stage("choose and write the drawing")
print(json.dumps(told))
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    for network, ends in (
        ("densenet121", ("graph", "compile", "draw")),
        ("100,000 layers", ("graph", "compile")),
    ):
        runs: dict[str, dict[str, list[float]]] = {end: {} for end in ends}
        for _ in range(options.rounds):
            for end in ends:
                command = [sys.executable, "-c", ONE, network, str(ROOT), end]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
                for name, seconds in json.loads(done.stdout).items():
                    runs[end].setdefault(name, []).append(1000 * seconds)
        print(f"\n| {network} | {' | '.join(ends)} |\n| --- |{' ---: |' * len(ends)}")
        for name in dict.fromkeys(name for end in ends for name in runs[end]):
            cells = (
                f"{statistics.median(runs[end][name]):,.0f}" if name in runs[end] else "" for end in ends
            )
            print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
