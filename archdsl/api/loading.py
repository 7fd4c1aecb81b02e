"""Specs and models out of files and texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from archdsl import resources
from archdsl.api.architecture import Architecture
from archdsl.api.spec import Options, Spec
from archdsl.limits import Budget
from archdsl.memory import growing
from archdsl.source import Source, one_newline


def open_spec(path: str | Path, *, stdin_filename: str | None = None, options: Options | None = None) -> Spec:
    """Read and parse a spec; `-` is standard input. Raises ArchError if the file cannot be read."""
    options = options or Options()
    if str(path) == "-":
        source = resources.read_stdin(stdin_filename or "<stdin>", Budget(options.limits))
        return Spec(source, resources.place_of(stdin_filename or "stdin.arch"), options)
    source = resources.read_source(path, used=Budget(options.limits))
    return Spec(source, resources.place_of(path), options)


def load(
    path: str | Path,
    /,
    model: str | None = None,
    *,
    inputs: dict[str, tuple[int, ...]] | None = None,
    options: Options | None = None,
    **settings: Any,
) -> Architecture:
    """One model of a spec file. Raises ArchError.

    `inputs` are other shapes for its inputs, channels first and without the batch; `settings` are parameters of its
    network; `options` say where imports look, what the limits are, and whether extern blocks are allowed.
    """
    with growing():
        return open_spec(path, options=options).architecture(model, settings, inputs)


def loads(
    text: str,
    /,
    filename: str = "<string>",
    model: str | None = None,
    *,
    inputs: dict[str, tuple[int, ...]] | None = None,
    options: Options | None = None,
    **settings: Any,
) -> Architecture:
    """One model of a text. Raises ArchError.

    Imports look beside `filename`, if it names a file in a folder, and in the library. `inputs`, `options` and
    `settings` are those of `load`.
    """
    place = None if filename.startswith("<") else resources.place_of(filename)
    source = Source(filename, one_newline(text))
    with growing():
        return Spec(source, place, options or Options()).architecture(model, settings, inputs)
