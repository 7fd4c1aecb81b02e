"""Where artefacts go: standard output or a file, whole or not at all."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from archdsl.cli.program import fail
from archdsl.diagnostics.cells import printable
from archdsl.resources import OutputError, write_bytes

STDOUT = "-"


def write(path: str | Path, data: bytes, *, force: bool) -> None:
    """Write an artefact, and say so on standard error where it is a file. Raises OutputError."""
    if str(path) == STDOUT:
        try:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            os.dup2(
                os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
            )  # what waits is not tried again at exit
            raise OutputError(f"standard output cannot be written: {error.strerror}") from None
    else:
        write_bytes(path, data, force)
        click.echo(f"wrote {printable(str(path))}", err=True)


def targets(names: list[str], suffix: str, output: str | None, *, all_models: bool) -> list[str]:
    """The file of each model: `<model><suffix>` here or in the folder given, or the one file given."""
    files = [f"{name}{suffix}" for name in names]
    if output is None:
        return files
    if not all_models:
        return [output]
    if not Path(output).is_dir():
        if output == STDOUT:
            fail("with `--all`, `-o` names a folder: each model makes a file of its own")
        fail(
            f"there is no folder `{printable(output)}`",
            "with `--all`, `-o` names a folder; make it: mkdir -p",
        )
    return [str(Path(output) / file) for file in files]
