"""What `check` of a long spec takes beside its parse: seconds of the processor, alternating in one process.

python benchmarks/long_spec.py [--lines 2000 20000] [--rounds 3]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

from archdsl.api import Options, Spec
from archdsl.diagnostics import Collector
from archdsl.limits import Budget, Limits
from archdsl.source import Source
from archdsl.syntax.parser import parse

LIMITS = Limits(words=10**7, nodes=10**6, steps=10**8)
INPUT = "network n {\n  input image: [3, 32, 32]\n"
END = "  gap -> linear(10)\n  output y\n}\n"


def a_layer_a_line(lines: int) -> str:
    return INPUT + "  conv(16, 3, bias=false)\n  bn\n  relu\n  identity\n" * (lines // 4) + END


def a_unit_a_line(lines: int) -> str:
    units = (f"  t{i + 1} = t{i} -> conv(16, 3, bias=false) -> bn -> relu\n" for i in range(lines))
    return f"{INPUT}  t0 = image -> conv(16, 3)\n{''.join(units)}  t{lines} -> gap -> linear(10)\n  output y\n}}\n"


def many_blocks(lines: int) -> str:
    count = lines // 6
    blocks = "".join(f"block b{i}(c) {{\n  conv(c, 3, bias=false)\n  bn\n  relu\n}}\n" for i in range(count))
    return blocks + INPUT + "".join(f"  b{i}(16)\n" for i in range(count)) + END


def seconds(function: Callable[[Source], object], source: Source) -> float:
    start = time.process_time()
    function(source)
    return time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lines", type=int, nargs="+", default=[2_000, 20_000])
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print("| form | lines | parse, s | check, s | check / parse |\n| --- | ---: | ---: | ---: | ---: |")
    for form in (a_layer_a_line, a_unit_a_line, many_blocks):
        for lines in options.lines:
            source = Source("long.arch", form(lines))
            runs = []
            for _ in range(options.rounds):
                parsed = seconds(_parse, source)
                checked = seconds(_check, source)
                runs.append((parsed, checked, checked / parsed))
            a, b, ratio = (statistics.median(run[i] for run in runs) for i in range(3))
            name = form.__name__.replace("_", " ")
            print(
                f"| {name} | {source.text.count(chr(10)):,} | {a:.2f} | {b:.2f} | {ratio:.1f} |", flush=True
            )


def _parse(source: Source) -> None:
    assert parse(source, Collector(LIMITS), Budget(LIMITS)) is not None


def _check(source: Source) -> None:
    assert not Spec(source, None, Options(limits=LIMITS)).check()


if __name__ == "__main__":
    main()
