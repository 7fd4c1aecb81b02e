"""What to say of a word that cannot stand where it stands."""

from __future__ import annotations

import re

from archdsl.diagnostics.core import Diagnostic
from archdsl.source import Span
from archdsl.syntax.expected import expected
from archdsl.syntax.faults import quoted
from archdsl.syntax.habits import habit
from archdsl.syntax.misplaced import misplaced
from archdsl.syntax.situation import Situation
from archdsl.syntax.words import RESERVED


def unexpected(here: Situation) -> Diagnostic:
    """The one diagnostic for a text that stops being one of the language."""
    return _number(here) or misplaced(here) or _reserved(here) or _plain(here)


def _number(here: Situation) -> Diagnostic | None:
    """`.5` and `5.`"""
    digits = re.match(r"[0-9][0-9A-Za-z_]*", here.rest)
    if here.value == "." and digits is not None:
        span = Span(here.source, here.span.start, here.span.end + digits.end())
        return Diagnostic("E105", "a number begins with a digit", span, help=f"write `0{span.text}`")
    before = here.words[-3:-1]
    if [word.type for word in before] == ["NUMBER", "DOT"] and here.word.type != "NAME":
        span = Span(here.source, before[0].start_pos or 0, before[1].end_pos or 0)
        return Diagnostic("E105", "a number ends with a digit", span, help=f"write `{span.text}0`")
    return None


def _reserved(here: Situation) -> Diagnostic | None:
    """A word of the language where a name is wanted."""
    value = here.value
    if value not in RESERVED or "NAME" not in here.wanted:
        return None
    if "(" in here.wanted and value in ("and", "or", "else", "elif", "for", "if", "when"):
        return None  # an operand is missing before it
    message = f"`{value}` is a word of the language and cannot be a name"
    return Diagnostic("E101", message, here.span, help=f"another name is free, as `{value}_`")


def _plain(here: Situation) -> Diagnostic:
    message = f"{_found(here)} where {expected(here.wanted)} is wanted"
    return Diagnostic("E101", message, here.span, help=habit(here))


def _found(here: Situation) -> str:
    word = here.word
    if word.type == "$END":
        return "the text ends"
    if here.at_line_end:
        return "the line ends"
    if word.type == "STRING":
        return "a string stands"
    return f"{quoted(word.value)} stands"
