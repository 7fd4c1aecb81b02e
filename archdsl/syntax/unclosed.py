"""Brackets that are not closed, where the parser notices it: E102 in place of an E101 further on."""

from __future__ import annotations

import re

from archdsl.diagnostics.core import Diagnostic, Label
from archdsl.source import Source, Span
from archdsl.syntax.faults import place
from archdsl.syntax.situation import Situation
from archdsl.syntax.words import CLOSER, DECLARATIONS

_BRACKET = re.compile(r'"(?:[^"\\\n]|\\.)*"|#[^\n]*|[()\[\]{}]')


def unclosed(here: Situation) -> Diagnostic | None:
    """A bracket is open, and the text goes on as if it were closed."""
    if not here.opened:
        return None
    if here.word.type == "$END":
        return _not_closed(here, "the text ends here")
    opener = here.opened[-1]
    start, end = opener.start_pos or 0, here.span.start
    if "\n" not in here.source.text[start:end] or _balanced(here.source, opener.value):
        return None
    outdented = here.indent(end) <= here.indent(start)
    if opener.value == "{":
        if outdented and here.first_on_line and here.value in DECLARATIONS:
            return _not_closed(here, "a declaration begins here")
    elif outdented or here.first_on_line:
        return _not_closed(here, f"a `{CLOSER[opener.value]}` is wanted before this")
    return None


def _not_closed(here: Situation, why: str) -> Diagnostic:
    opener = here.opened[-1]
    span = place(here.source, opener)
    if opener.value == "{":
        span = _suspect(here) or span
    return Diagnostic("E102", f"this `{opener.value}` is not closed", span, labels=(Label(here.span, why),))


def _balanced(source: Source, opener: str) -> bool:
    """Has the text as many closing brackets of a kind as opening ones?"""
    found = _BRACKET.findall(source.text)
    return found.count(opener) == found.count(CLOSER[opener])


def _suspect(here: Situation) -> Span | None:
    """A `{` whose `}` stands further left than the line that opens it: the likely one to lack its own."""
    opened: list[int] = []
    for match in _BRACKET.finditer(here.source.text, 0, here.span.start):
        if match[0] == "{":
            opened.append(match.start())
        elif match[0] == "}" and opened:
            start, end = opened.pop(), match.start()
            alone = not here.source.text[here.line_start(end) : end].strip()
            if alone and here.indent(end) < here.indent(start):
                return Span(here.source, start, start + 1)
    return None
