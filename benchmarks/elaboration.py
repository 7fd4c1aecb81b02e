"""How time and memory of elaboration grow: residual networks of 1,000, 10,000 and 100,000 layers.

Each measurement is a process of its own, and rounds alternate between the sizes. Shown are medians: seconds of the
processor from the text to the checked graph with its costs, memory beyond that of the smallest network, and the growth
exponent, the slope of log time over log layers between one size and the next (1 is linear).

    python benchmarks/elaboration.py [--rounds 5] [--sizes 1000 10000 100000]
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import resource
import statistics
import subprocess
import sys
import time

LAYERS_OF_A_UNIT = 7
TEXT = """
block unit(c) {{
  ( identity | conv(c, 3, bias=false) -> bn -> relu -> conv(c, 3, bias=false) -> bn ) -> add -> relu
}}
network residual {{
  input image: [3, 32, 32]
  conv(16, 3, bias=false) -> bn -> relu
  {units}
  gap -> linear(10)
  output logits
}}
"""


def text(layers: int, form: str) -> str:
    count = layers // LAYERS_OF_A_UNIT
    if form == "repeat":
        return TEXT.format(units=f"unit(16) * {count}")
    return TEXT.format(units=f"for i in range({count}) {{ unit(8 + 8) }}")


def measure(layers: int, form: str) -> dict[str, float]:
    """In this process: elaborate once."""
    import archdsl

    archdsl.loads(text(LAYERS_OF_A_UNIT, form))  # imports and the grammar
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    arch = archdsl.loads(text(layers, form))
    costs = (arch.params, arch.macs)
    seconds = time.process_time() - start
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert all(costs)
    return {"layers": len(arch), "seconds": seconds, "bytes": memory}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--form", choices=["repeat", "loop"], default="repeat")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.one, options.form)))
        return
    found: dict[int, list[dict[str, float]]] = {size: [] for size in options.sizes}
    for number in range(options.rounds):
        for size in options.sizes:
            if sys.stderr.isatty():
                print(
                    f"\rround {number + 1} of {options.rounds}, {size:,} layers   ", end="", file=sys.stderr
                )
            command = [sys.executable, __file__, "--form", options.form, "--one", str(size)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            found[size].append(json.loads(done.stdout))
    if sys.stderr.isatty():
        print(file=sys.stderr)
    print(f"Python {platform.python_version()}, form: {options.form}, {options.rounds} rounds")
    print()
    print("| layers | seconds | µs a layer | bytes a layer | growth exponent |")
    print("| ---: | ---: | ---: | ---: | ---: |")
    previous: tuple[float, float] | None = None
    for size in options.sizes:
        layers = found[size][0]["layers"]
        seconds = statistics.median(row["seconds"] for row in found[size])
        memory = statistics.median(row["bytes"] for row in found[size])
        exponent = "–"
        if previous is not None:
            exponent = f"{math.log(seconds / previous[1]) / math.log(layers / previous[0]):.2f}"
        previous = (layers, seconds)
        print(
            f"| {layers:,} | {seconds:.3f} | {1e6 * seconds / layers:.1f} | {memory / layers:,.0f} | {exponent} |"
        )


if __name__ == "__main__":
    main()
