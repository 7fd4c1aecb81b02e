"""Tables in plain text, Markdown and CSV."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

from archdsl.diagnostics.cells import width


def plain(head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int], limit: int | None) -> str:
    """Columns side by side, those in `right` flush right. The first gives way to keep within a limit."""
    table = [head, *rows]
    widths = [max(width(row[i]) for row in table) for i in range(len(head))]
    gaps = 2 * (len(head) - 1)
    if limit is not None and sum(widths) + gaps > limit:
        widths[0] = max(limit - gaps - sum(widths[1:]), min(widths[0], 12))
    lines = []
    for row in table:
        cells = [_keep_end(row[0], widths[0]), *row[1:]]
        padded = [_pad(cell, widths[i], i in right) for i, cell in enumerate(cells)]
        lines.append("  ".join(padded).rstrip())
    return "\n".join(lines)


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int]) -> str:
    """A table of Markdown."""
    rule = ["---:" if i in right else "---" for i in range(len(head))]
    cells = [[cell.replace("|", "\\|") for cell in row] for row in (head, rule, *rows)]
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)


def escaped(text: str) -> str:
    """A text as Markdown that shows it; it becomes neither markup nor HTML."""
    return re.sub(r"([\\`*<>&\[\]|])", r"\\\1", text)


def comma_separated(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A CSV table with a header."""
    import csv

    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([head, *rows])
    return out.getvalue().rstrip("\n")


def _pad(text: str, size: int, right: bool) -> str:
    blanks = " " * (size - width(text))
    return blanks + text if right else text + blanks


def _keep_end(text: str, size: int) -> str:
    """The end of a text that is too long: of a path, what tells its parts apart."""
    if width(text) <= size:
        return text
    at = len(text)
    room = size - 1
    while at and (step := width(text[at - 1])) <= room:
        at -= 1
        room -= step
    return "…" + text[at:]
