"""What hostile programs take: seconds and memory of each command, for the table of tests/bounds.

    python benchmarks/hostile.py [--commands check,compile] [--worst 15] [NAME]...

Each measurement is a process of its own. `--worst` shows those that take longest; NAMEs are parts of names.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.bounds.programs import table
from tests.bounds.running import COMMANDS, run, write


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--commands", default="check")
    parser.add_argument("--worst", type=int, default=0)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    rows: list[tuple[float, str]] = []
    for program in table:
        if options.names and not any(name in program.name for name in options.names):
            continue
        for command in options.commands.split(","):
            with tempfile.TemporaryDirectory() as folder:
                write(program, Path(folder))
                ran = run((*COMMANDS[command], *program.arguments), Path(folder))
            memory = f"{ran.memory / 1024**2:.0f}"
            answer = ran.err.split("]", 1)[0].partition("[")[2] if ran.err.startswith("error[") else "ends"
            row = f"| {program.name} | `{command}` | {ran.seconds:.1f} | {ran.processor:.1f} | {memory} | {answer} |"
            rows.append((ran.processor, row))
            if sys.stderr.isatty():
                print(f"\r{len(rows)}", end="", file=sys.stderr)
    if options.worst:
        rows = sorted(rows, key=lambda row: -row[0])[: options.worst]
    print("| program | command | s | s of the processor | MiB | answer |")
    print("| --- | --- | ---: | ---: | ---: | --- |")
    print("\n".join(row for _, row in rows))


if __name__ == "__main__":
    main()
