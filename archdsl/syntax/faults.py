"""What a parse meets: words, the places of words, and mistakes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from archdsl.diagnostics.core import Diagnostic
from archdsl.records import record
from archdsl.source import Source, Span


class Word(Protocol):
    """A token as the lexer makes it: a text with its kind and its place."""

    type: str
    value: Any
    start_pos: int | None
    end_pos: int | None


@dataclass(slots=True, eq=False)
class Made:
    """A word that no lexer made: it is put in or changed after a mistake."""

    type: str
    value: Any
    start_pos: int | None
    end_pos: int | None


class Fault(Exception):
    """The text cannot be read beyond this place."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


class Mistaken(Exception):
    """There is a mistake somewhere in the text; what it is, is for the recovery to find."""


@record
class Finding:
    """A mistake that shows before the parser reads the words, at an offset of the text.

    It excuses what the parser then says of its statement. One that is `certain` is told in any case, of the others
    the first in a statement. Of a statement that is `lost` nothing is read but its bodies. One that is `doubtful` is
    read for a mistake further left, and then put aside; so is one inside a body that has a doubtful `brace`.
    """

    at: int
    diagnostic: Diagnostic
    certain: bool = False
    lost: bool = False
    doubtful: bool = False
    brace: bool = False


def quoted(text: str, limit: int = 40) -> str:
    """A piece of the text within a message, shortened if it is long."""
    return f"`{text if len(text) <= limit else text[: limit - 1] + '…'}`"


def place(source: Source, word: Word) -> Span:
    """The place of a word."""
    assert word.start_pos is not None and word.end_pos is not None
    return Span(source, word.start_pos, word.end_pos)
