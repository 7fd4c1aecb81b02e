"""Comments behind code, which are aligned.

Those of one paragraph that stand on lines one after another, of not too different lengths, or that the author had in
one column, stand in one column again, if all of them fit there; it is the first that leaves every line its gap. So an
aligned table stays one, and a comment here and there stays behind its code.
"""

from __future__ import annotations

from collections.abc import Sequence

from archdsl.formatting.page import Row
from archdsl.formatting.style import COMMENT_GAP, MOST_MOVED, WIDTH


def with_remarks(rows: Sequence[Row]) -> list[str]:
    """The text of each line."""
    lines = [row.code for row in rows]
    paragraph: list[int] = []  # lines that have a comment
    for number, line in enumerate([*lines, ""]):
        if not line:
            _align(rows, lines, paragraph)
            paragraph = []
        elif rows[number].comment is not None:
            paragraph.append(number)
    return lines


def _align(rows: Sequence[Row], lines: list[str], paragraph: Sequence[int]) -> None:
    """Put the comments of a paragraph behind its lines."""
    members: list[int] = []
    columns: set[int] = set()  # where the author had the comments of the members
    column = longest = 0  # where they stand, and the length of the longest of them
    for number in paragraph:
        comment = rows[number].comment
        assert comment is not None
        least, length = len(lines[number]) + COMMENT_GAP, len(comment.text)
        together = max(column, least)
        linked = bool(members) and (
            comment.column in columns
            or (abs(least - column) <= MOST_MOVED and _follows(lines, members[-1], number))
        )
        if linked and together + max(longest, length) <= WIDTH:
            column, longest = together, max(longest, length)
        else:
            _put(rows, lines, members, column)
            members, columns, column, longest = [], set(), least, length
        members.append(number)
        columns.add(comment.column)
    _put(rows, lines, members, column)


def _follows(lines: Sequence[str], one: int, other: int) -> bool:
    """Are there only comments on the lines between two?"""
    return all(line.lstrip().startswith("#") for line in lines[one + 1 : other])


def _put(rows: Sequence[Row], lines: list[str], members: Sequence[int], column: int) -> None:
    for number in members:
        comment = rows[number].comment
        assert comment is not None
        lines[number] = lines[number].ljust(column) + comment.text
