"""The page that a picture is to fit."""

from __future__ import annotations

import re

from archdsl.draw.options import DrawOptions
from archdsl.draw.palette import SIZE

#: The width of a text column and the height of a page's text, in points; a block alone may go over two columns.
COLUMN = (240.0, 650.0)
WIDE = (500.0, 650.0)
ACROSS = (650.0, 500.0)
#: The size of letters, in points, that readers can still read.
LEGIBLE = 5.0


def room(options: DrawOptions) -> tuple[float, float]:
    """The width and height that a picture may have so that it is legible on its page, in points."""
    wide, high = options.page or (COLUMN if options.block is None else WIDE)
    if options.page is None and options.direction == "LR":
        wide, high = ACROSS  # a page that is turned
    return wide * SIZE / LEGIBLE, high * SIZE / LEGIBLE


#: Points in each unit of length.
_UNITS = {"pt": 1.0, "mm": 72 / 25.4, "cm": 720 / 25.4, "in": 72.0}
#: Around a sheet of paper.
_MARGIN = 20 * _UNITS["mm"]
_SHEETS = {"a3": (297.0, 420.0), "a4": (210.0, 297.0), "a5": (148.0, 210.0), "letter": (215.9, 279.4)}
#: Pages that have names: sheets of paper less their margins, and the widths of figures in papers.
PAGES = {
    **{
        name: (wide * _UNITS["mm"] - 2 * _MARGIN, high * _UNITS["mm"] - 2 * _MARGIN)
        for name, (wide, high) in _SHEETS.items()
    },
    "column": COLUMN,
    "wide": WIDE,
}
#: The sides of a page, in points: less than an inch is no picture, and more than 200 inches no PDF.
_LEAST, _MOST = 36.0, 14_400.0
_SIZE = re.compile(r"(\d+(?:\.\d+)?)[x×](\d+(?:\.\d+)?)(pt|mm|cm|in)?", re.ASCII)


def page_of(text: str) -> tuple[float, float]:
    """Width and height in points of a page by name, or as `300x400` in points, `120x90mm`. Raises ValueError."""
    named = PAGES.get(text.lower())
    if named is not None:
        return named
    found = _SIZE.fullmatch(text.lower()[:40])
    if found is None:
        raise ValueError(
            f"`{text[:40]}` is no page: there are {', '.join(PAGES)}, and sizes such as 300x400 or 120x90mm"
        )
    wide, high = (float(found[i]) * _UNITS[found[3] or "pt"] for i in (1, 2))
    if not all(_LEAST <= side <= _MOST for side in (wide, high)):
        raise ValueError(f"the sides of a page are {_LEAST:g} to {_MOST:,.0f} points long")
    return wide, high
