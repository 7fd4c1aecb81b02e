"""`make mutation`: every spec of the zoo with every kind of mistake, and the page of what came of it."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from time import perf_counter

from archdsl.version import __version__
from tests.mutation import lists, run, table
from tests.mutation.measure import SPECS

PAGE = SPECS.parent / "docs" / "mutation.md"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--places", type=int, default=2, help="places of each kind in each spec")
    parser.add_argument("--together", type=int, default=6, help="pairs and triples of each spec")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--specs", default=",".join(run.specs()), help="files of the zoo, with commas between them"
    )
    parser.add_argument("--kinds", default=",".join(run.all_kinds()))
    parser.add_argument("--lists", type=Path, help="a folder for lists of what missed the mark")
    parser.add_argument("--update", action="store_true", help="rewrite docs/mutation.md")
    asked = parser.parse_args()
    whole = (parser.get_default("specs"), parser.get_default("kinds"))
    if asked.update and (asked.specs, asked.kinds) != whole:
        parser.error("the page is that of all specs and all kinds")
    begin = perf_counter()
    outcomes, together = [], []
    for found, several in run.run(
        asked.specs.split(","),
        asked.kinds.split(","),
        asked.places,
        asked.together,
        asked.seed,
        asked.processes,
    ):
        outcomes += found
        together += several
        slowest = max(found, key=lambda outcome: outcome.seconds, default=None)
        if slowest is not None:
            print(f"{slowest.spec}: {len(found)} mutants, the slowest {slowest.seconds:.1f} s ({slowest.kind});"
                  f" {perf_counter() - begin:.0f} s so far", file=sys.stderr)  # fmt: skip
    facts = {"version": __version__, "places": asked.places, "together": asked.together, "seed": asked.seed}
    text = table.page(outcomes, together, facts)
    if asked.update:
        PAGE.write_text(text, encoding="utf-8")
    else:
        print(text)
    if asked.lists:
        lists.write(asked.lists, outcomes, together)


if __name__ == "__main__":
    main()
