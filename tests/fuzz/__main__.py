"""`make fuzz`: each target under atheris, and the properties with other seeds, for a given time.

What a target dies of is made short and kept in tests/fuzz/regressions/, which the tests replay. With `--runs` the
same is done each time: as CI wants it. `--corpus` makes the corpus anew.
"""

from __future__ import annotations

import argparse
import sys
from importlib.util import find_spec
from pathlib import Path

from tests.fuzz import corpus, properties
from tests.fuzz.kept import REGRESSIONS
from tests.fuzz.session import Session
from tests.fuzz.targets import HIDDEN, TARGETS

ROOT = Path(__file__).parents[2]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument(
        "targets", nargs="*", help=f"of {', '.join(TARGETS)}, properties; all of them if none"
    )
    parser.add_argument("--seconds", type=float, default=600, help="for all together")
    parser.add_argument("--runs", type=int, help="so many inputs for each target, instead of a time")
    parser.add_argument("--every", type=int, default=1, help="begin with every so-manieth file of the corpus")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=REGRESSIONS, help="where to keep what is found")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "fuzz", help="for what grows, and logs")
    parser.add_argument("--corpus", action="store_true", help="make the corpus anew, and nothing else")
    asked = parser.parse_args()
    if find_spec("atheris") is None:
        sys.exit("atheris is not installed: pip install atheris (Linux and macOS, Python 3.11 to 3.13)")
    if asked.corpus:
        corpus.renew(asked.work)
        return
    names = asked.targets or [*TARGETS, *([] if asked.runs else ["properties"])]
    if unknown := set(names) - {*TARGETS, *HIDDEN, "properties"}:
        parser.error(f"no such target: {', '.join(sorted(unknown))}")
    found: list[Path] = []
    each = asked.seconds / len(names)
    for name in names:
        if name == "properties":
            found += properties.hold(each, asked.seed, asked.work)
        else:
            session = Session(name, asked.seed, asked.work, asked.keep, asked.every)
            found += session.run(None if asked.runs else each, asked.runs)
    for path in found:
        print(f"found: {path}")
    sys.exit(1 if found else 0)


main()
