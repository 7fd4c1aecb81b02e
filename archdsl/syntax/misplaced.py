"""Statements and declarations where others stand: E107 in place of an E101."""

from __future__ import annotations

import re

from archdsl.diagnostics.core import Diagnostic, Label
from archdsl.diagnostics.near import nearest
from archdsl.syntax.faults import Word, place, quoted
from archdsl.syntax.situation import Situation
from archdsl.syntax.words import CLOSER, DECLARATIONS, OPENER, STATEMENTS

_OF_FILES = ["block", "network", "model", "extern", "from", "def", "let", "default"]
_BEGIN_A_FLOW = frozenset(["{", "(", "[", "if", "for", "in", "it", "_", "true", "false", "-", "+", "not"])


def misplaced(here: Situation) -> Diagnostic | None:
    """A statement or declaration that has a place, but not this."""
    value, wanted = here.value, here.wanted
    if "network" in wanted:
        return _outside(here)
    if {"let", "share"} <= wanted and value in DECLARATIONS:
        message = f"`{value}` stands at the top of a file only"
        return Diagnostic("E107", message, here.span, help="move it out of the body")
    if value == ":" and not here.opened and [word.type for word in here.statement] == ["STRING"]:
        return _of_a_body(here, "a flow", here.statement[0])
    if value in STATEMENTS and {"NAME", "(", "{"} <= wanted and "let" not in wanted and not _is_name(here):
        message = f"`{value}` begins a statement, and an element is wanted here"
        mend = "among layers, statements stand in `{ }`"
        if value in ("input", "output") and here.bracket == "{":
            mend = f"`{value}` is a statement of its own, on a line of its own"
        return Diagnostic("E107", message, here.span, help=mend)
    in_model = "expect" in wanted and "let" not in wanted
    if (
        in_model
        and here.word.type not in ("SEPARATOR", "$END")
        and value not in CLOSER
        and value not in OPENER
    ):
        message = "only `expect` stands in the body of a model"
        return Diagnostic("E107", message, here.span, help="what a model computes is written in its network")
    return None


def _outside(here: Situation) -> Diagnostic | None:
    """A statement of a body at the top of a file."""
    value = here.value
    is_name = here.word.type == "NAME"
    if is_name and re.match(r"\s+\w", here.rest):
        close = nearest(value.lower(), _OF_FILES)
        if close:
            message = f"`{value}` is no word of the language"
            return Diagnostic("E101", message, here.span, help=f"`{close[0]}` is one")
        return None
    if is_name and re.match(r"[\w\s,]*:?=(?!=)", here.rest):
        message = f"{quoted(value + ' = …')} stands in the body of a block or network only"
        mend = f"a value of the file is written {quoted('let ' + value + ' = …')}"
        return Diagnostic("E107", message, here.span, help=mend)
    if value in STATEMENTS:
        what = f"`{value}`"
    elif is_name or here.word.type in ("STRING", "NUMBER", "EXTENTS") or value in _BEGIN_A_FLOW:
        what = "a flow"
    else:
        return None
    return _of_a_body(here, what, here.word)


def _of_a_body(here: Situation, what: str, at: Word) -> Diagnostic:
    labels: tuple[Label, ...] = ()
    before = next((word for word in reversed(here.words[:-1]) if word.type != "SEPARATOR"), None)
    if before is not None and before.value == "}" and here.indent(here.span.start):
        labels = (Label(place(here.source, before), "the body before ends here"),)
    message = f"{what} stands in the body of a block or network only"
    mend = "put it into `block name { … }` or `network name { … }`"
    return Diagnostic("E107", message, place(here.source, at), labels=labels, help=mend)


def _is_name(here: Situation) -> bool:
    """Is the word meant as a name, as in `f(input=3)`?"""
    return re.match(r"\s*[=:.]", here.rest) is not None
