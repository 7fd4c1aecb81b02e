"""The page that a picture is to fit."""

from __future__ import annotations

from archdsl.draw.options import DrawOptions
from archdsl.draw.palette import SIZE

#: The width of a text column and the height of a page's text, in points; a block alone may go over two columns.
COLUMN = (240.0, 650.0)
WIDE = (500.0, 650.0)
#: The size of letters, in points, that readers can still read.
LEGIBLE = 5.0


def room(options: DrawOptions) -> tuple[float, float]:
    """The width and height that a picture may have so that it is legible on its page, in points."""
    wide, high = options.page or (COLUMN if options.block is None else WIDE)
    return wide * SIZE / LEGIBLE, high * SIZE / LEGIBLE
