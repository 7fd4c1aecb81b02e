"""The options of `archdsl draw` that say what a diagram shows, and how: each of the name of a field of DrawOptions."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--depth",
        metavar="N",
        type=click.IntRange(0),
        help="Draw blocks deeper than this as one box; 0 draws all blocks so. By default as deep as a page has room.",
    ),
    click.option(
        "--expand",
        metavar="PATH",
        multiple=True,
        help="Open this block, by its path or by its name for all of that name. Repeatable.",
    ),
    click.option(
        "--collapse",
        metavar="PATH",
        multiple=True,
        help="Draw this block as one box, by its path or by its name. Repeatable.",
    ),
    click.option(
        "--block", metavar="NAME", help="Draw this block alone: the first of its name, or that of a path."
    ),
)


_NAMES = ("depth", "expand", "collapse", "block")


def draw_options(command: F) -> F:
    """The options, which come to the command as `seen`, arguments of DrawOptions."""

    @functools.wraps(command)
    def wrapped(*args: Any, **given: Any) -> Any:
        seen = {name: given.pop(name) for name in _NAMES}
        return command(*args, seen=seen, **given)

    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped  # type: ignore[return-value]
