"""The figures of the layout."""

from __future__ import annotations

#: Columns that code may fill: the specs of the repository are written to it. A comment may go beyond.
WIDTH = 120

#: Blanks by which the statements of a body are indented, and what continues a line.
INDENT = 2

#: Blanks between code and the comment behind it, at least.
COMMENT_GAP = 2

#: Columns by which a comment moves at most to stand under that of the line before, if the author had it elsewhere.
MOST_MOVED = 40

#: Where brackets open further right, what is in them does not stand under each other but on lines of its own.
MOST_ALIGNED = 60
