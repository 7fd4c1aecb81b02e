"""What stops a parse: a fault carries the one diagnostic that says why."""

from __future__ import annotations

from typing import Protocol

from archdsl.diagnostics.core import Diagnostic


class Word(Protocol):
    """A token as the lexer makes it: a text with its kind and its place in the source."""

    type: str
    value: str
    start_pos: int | None
    end_pos: int | None


class Fault(Exception):
    """The text cannot be read beyond this place."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic
