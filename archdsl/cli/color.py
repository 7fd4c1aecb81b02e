"""Colors on terminals: the option, and whether a stream gets them."""

from __future__ import annotations

import os
import sys
from typing import TextIO

import click

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
