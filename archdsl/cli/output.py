"""Where artefacts go: standard output or a file, whole or not at all."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from archdsl.cli.program import fail
from archdsl.cli.streams import is_terminal
from archdsl.diagnostics.cells import printable
from archdsl.resources import Content, OutputError, write_files

STDOUT = "-"


def write(path: str, data: bytes, *, force: bool, keep: Iterable[Path] = ()) -> None:
    """Write an artefact, as `write_all` does."""
    write_all([(path, data)], force=force, keep=keep)


def write_all(artefacts: Sequence[tuple[str, Content]], *, force: bool, keep: Iterable[Path] = ()) -> None:
    """Write artefacts, and say so on standard error of those that are files. Raises OutputError.

    Nothing is replaced before all of them lie on the disk, and no file of `keep`.
    """
    for path, data in artefacts:
        if path == STDOUT:
            _to_stdout(data)
    files: list[tuple[str | Path, Content]] = [(path, data) for path, data in artefacts if path != STDOUT]
    write_files(files, force, keep)
    for file, _ in files:
        click.echo(f"wrote {printable(str(file))}", err=True)


def progress(text: str) -> None:
    """What is going on, in one line that the next one replaces; nothing in a pipe."""
    if is_terminal(sys.stderr):
        click.echo(f"\r\x1b[K{text}", nl=False, err=True)


def _to_stdout(data: Content) -> None:
    if sys.stdout is None:
        raise OutputError("standard output is closed", "`-o` names a file")
    for piece in (data,) if isinstance(data, bytes) else data:
        sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()


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
            f"with `--all`, `-o` names a folder; make it: mkdir -p {printable(output)}",
        )
    return [str(Path(output) / file) for file in files]
