"""What the terminal can: colors, with the option for them, and columns."""

from __future__ import annotations

import os
import sys
from typing import TextIO

import click

from archdsl.cli.streams import is_terminal

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
        is_terminal(stream or sys.stderr)
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") != "dumb"
    )


def terminal_columns(stream: TextIO) -> int | None:
    """Columns of the terminal that a stream leads to, None if it leads to none."""
    if not is_terminal(stream):
        return None
    if (told := os.environ.get("COLUMNS", "")).isdecimal() and int(told):
        return int(told)
    try:
        return os.get_terminal_size(stream.fileno()).columns or _USUAL
    except (OSError, ValueError):  # no terminal of this system, as in a notebook
        return _USUAL


def columns() -> int:
    """Columns for a page on standard output: those of the terminal, within limits."""
    return max(_LEAST, min(terminal_columns(sys.stdout) or _USUAL, _MOST))
