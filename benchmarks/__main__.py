"""`make bench`: how long the compiler takes for the models of `specs/`, stage by stage.

`python -m benchmarks [PART]...` takes the models whose names begin with one of the parts. Times are the best of
several runs in one process.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from archdsl.analysis.figures import human
from archdsl.api import Architecture, Options, open_spec
from archdsl.cli.table import plain
from archdsl.resources import specs_root

RUNS = 3
HEAD = ("model", "layers", "params", "parse", "elaborate", "emit", "draw")


def best(function: Callable[[], object]) -> float:
    """Seconds of the fastest of some calls."""
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.1f} ms"


def row(path: Path, model: str) -> list[str]:
    """The figures of one model."""
    spec = open_spec(path, options=Options())
    architecture = spec.architecture(model)

    def fresh() -> Architecture:
        return spec.architecture(model)

    return [
        model,
        str(len(architecture.summary()["layers"])),
        human(architecture.params),
        milliseconds(best(lambda: open_spec(path, options=Options()))),
        milliseconds(best(fresh)),
        milliseconds(best(architecture.source)),
        milliseconds(best(architecture.dot)),
    ]


def main(parts: list[str]) -> None:
    rows = [
        row(path, model)
        for path in sorted(specs_root().glob("*.arch"))
        for model in open_spec(path, options=Options()).models
        if not parts or model.startswith(tuple(parts))
    ]
    print(plain(HEAD, rows, range(1, len(HEAD)), None))


main(sys.argv[1:])
