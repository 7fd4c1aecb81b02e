"""What the terminal can: colors, with the option for them, and columns."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TextIO

import click

#: columns of a page: at least, where there is no terminal, and at most
_LEAST, _USUAL, _MOST = 40, 88, 100

color_option = click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="Colors in text for people; `auto` also honours NO_COLOR.",
)


def colored(choice: str, stream: TextIO | None = None) -> bool:
    """Whether what goes to a stream, standard error, is colored: `auto` looks at it, NO_COLOR and TERM."""
    if choice != "auto":
        return choice == "always"
    return (
        (stream or sys.stderr).isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") != "dumb"
    )


def columns() -> int:
    """Columns for a page on standard output: those of the terminal, within limits."""
    if not sys.stdout.isatty():
        return _USUAL
    return max(_LEAST, min(shutil.get_terminal_size().columns, _MOST))
