"""What to say of a word that the grammar does not allow where it stands."""

from __future__ import annotations

from collections.abc import Sequence

from archdsl.diagnostics.core import Diagnostic, Label
from archdsl.source import Source, Span
from archdsl.syntax.faults import Word


def unexpected(
    source: Source, base: int, opened: Sequence[Word], word: Word, expected: Sequence[str]
) -> Diagnostic:
    """The diagnostic for `word`; `opened` are the brackets still open before it."""
    if word.type == "$END":
        at = len(source.text.rstrip())
        span = Span(source, at, at)
        if opened:
            opener = opened[-1]
            start, end = opener.start_pos, opener.end_pos
            assert start is not None and end is not None
            return Diagnostic(
                "E102",
                f"`{opener.value}` is not closed",
                Span(source, start, end),
                "opened here",
                (Label(span, "the text ends here"),),
            )
        return Diagnostic("E101", "the text ends too early", span)
    assert word.start_pos is not None and word.end_pos is not None
    span = Span(source, word.start_pos, word.end_pos)
    return Diagnostic("E101", f"`{word.value}` is not expected here", span)
