"""Pieces of an excerpt: a line cut to a window, its columns on a terminal, and rows of marks under it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate

from archdsl.diagnostics.cells import printable, shown, width
from archdsl.records import record

#: Columns of the terminal that a line of the text may take: at most, and where the terminal is narrow.
MOST, LEAST = 120, 40
#: Characters on either side of a mark that are looked at: enough to fill a window.
_NEAR = 4 * MOST
_CUT = "…"


@record
class Mark:
    """Something to underline: columns on its line, what to say of it."""

    start: int
    end: int
    text: str
    primary: bool

    def at(self, start: int, end: int) -> Mark:
        """The same in columns of the terminal, at least one wide."""
        return Mark(start, max(end, start + 1), self.text, self.primary)


@record
class View:
    """What of a line is shown. `columns` are those of the characters from number `first`, and of the end."""

    text: str
    first: int
    columns: Sequence[int]

    def column(self, at: int) -> int:
        """Column on the terminal of the `at`-th character of the line; places outside stand at the edge."""
        index = at - self.first
        if index < 0:
            return 0
        beyond = index - (len(self.columns) - 1)
        if beyond <= 0:
            return self.columns[index]
        return self.columns[-1] + (0 if self.text.endswith(_CUT) else beyond)


def crop(line: str, focus: Sequence[tuple[int, int]], limit: int = MOST) -> View:
    """The line; a long one is cut to `limit` columns around the places in focus, or the first if not all fit."""
    if len(line) <= limit:
        text = printable(line)
        if width(text) <= limit:
            return View(text, 0, _columns(line))
    start, end = focus[0] if focus else (0, 0)
    start, end = min(start, len(line)), min(end, len(line))
    low, high = max(0, start - _NEAR), min(len(line), min(end, start + _NEAR) + _NEAR)
    columns = _columns(line[low:high])
    left = columns[start - low]
    right = columns[min(end, high) - low]
    for a, b in focus[1:]:
        if low <= a and b <= high:
            outer = min(left, columns[a - low]), max(right, columns[b - low])
            if outer[1] - outer[0] <= limit - 20:
                left, right = outer
    if low == 0 and right <= limit - 2:
        origin = 0
    else:
        origin = max(left - max(10, (limit - (right - left)) // 2), 0)
        origin = max(min(origin, columns[-1] - limit + 2), 0)
    first = bisect_left(columns, origin)
    last = max(bisect_right(columns, origin + limit - 2) - 1, first)
    before = _CUT if low + first > 0 else ""
    after = _CUT if low + last < len(line) else ""
    shift = len(before) - columns[first]
    text = before + printable(line[low + first : low + last]) + after
    return View(text, low + first, [c + shift for c in columns[first : last + 1]])


def _columns(text: str) -> list[int]:
    if text.isascii() and text.isprintable():
        return list(range(len(text) + 1))
    return list(accumulate((width(shown(c)) for c in text), initial=0))


class Row:
    """A row of characters, each with a style; text of any width may stand at its end."""

    def __init__(self) -> None:
        self._cells: list[tuple[str, str]] = []

    def put(self, column: int, text: str, style: str) -> None:
        """Write from a column on, over what stands there."""
        self._cells.extend([(" ", "")] * (column + len(text) - len(self._cells)))
        self._cells[column : column + len(text)] = [(c, style) for c in text]

    def text(self, color: bool) -> str:
        """The row; with color, as few escape sequences as will do."""
        if not color:
            return "".join(c for c, _ in self._cells).rstrip()
        out: list[str] = []
        now = ""
        for char, style in self._cells:
            if style != now:
                out.append(("\x1b[0m" if now else "") + style)
                now = style
            out.append(char)
        return "".join(out) + ("\x1b[0m" if now else "")
