"""What stops a parse: a fault carries the one diagnostic that says why."""

from __future__ import annotations

from typing import Protocol

from archdsl.diagnostics.core import Diagnostic
from archdsl.source import Source, Span


class Word(Protocol):
    """A token as the lexer makes it: a text with its kind and its place."""

    type: str
    value: str
    start_pos: int | None
    end_pos: int | None


class Fault(Exception):
    """The text cannot be read beyond this place."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def quoted(text: str, limit: int = 40) -> str:
    """A piece of the text within a message, shortened if it is long."""
    return f"`{text if len(text) <= limit else text[: limit - 1] + '…'}`"


def place(source: Source, word: Word) -> Span:
    """The place of a word."""
    assert word.start_pos is not None and word.end_pos is not None
    return Span(source, word.start_pos, word.end_pos)
