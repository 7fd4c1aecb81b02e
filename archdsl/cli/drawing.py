"""The options of `archdsl draw` that say what a diagram shows, and how: each of the name of a field of DrawOptions."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import click

from archdsl.cli.program import one_of

F = TypeVar("F", bound=Callable[..., Any])


class _Page(click.ParamType[Any]):
    """A page by name or size."""

    name = "page"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        from archdsl.draw.page import page_of  # not before it is asked for

        try:
            return page_of(value) if isinstance(value, str) else value
        except ValueError as error:
            self.fail(str(error), param, ctx)


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
    click.option(
        "--cost",
        is_flag=True,
        help="Write parameters and MACs on layers and blocks, and shade them by their share.",
    ),
    click.option(
        "--direction",
        type=one_of(("TB", "LR")),
        default="TB",
        show_default=True,
        help="Where the flow goes: to the bottom or to the right.",
    ),
    click.option(
        "--columns",
        metavar="N",
        type=click.IntRange(1, 50),
        help="Wrap a long chain into so many columns, or rows if it goes to the right. By default as the page wants.",
    ),
    click.option(
        "--page",
        metavar="SIZE",
        type=_Page(),
        help="The page to fit: a3, a4, a5, letter, column, wide, or WxH in points, mm, cm or in, as in 120x90mm.",
    ),
    click.option(
        "--dpi",
        metavar="N",
        type=click.IntRange(20, 1200),
        default=144,
        show_default=True,
        help="Dots per inch of a PNG.",
    ),
)


_NAMES = ("depth", "expand", "collapse", "block", "cost", "direction", "columns", "page", "dpi")


def draw_options(command: F) -> F:
    """The options, which come to the command as `seen`, arguments of DrawOptions."""

    @functools.wraps(command)
    def wrapped(*args: Any, **given: Any) -> Any:
        seen = {name: given.pop(name) for name in _NAMES}
        return command(*args, seen=seen, **given)

    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped  # type: ignore[return-value]
