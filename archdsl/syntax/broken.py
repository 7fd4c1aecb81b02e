"""What can still be known of a statement that cannot be read: the names that it binds and those that it reads."""

from __future__ import annotations

import re
from collections.abc import Sequence

from archdsl.source import Source, Span
from archdsl.syntax import ast
from archdsl.syntax.faults import Word
from archdsl.syntax.words import DECLARATIONS

#: Statements after which the flow is where it was before.
_ASIDE = frozenset(["let", "share", "def", "expect", "output"])
_BINDERS = frozenset(["let", "share", "def", "input", "output", "block", "network", "model", "extern"])
_BRACED = re.compile(r"\{([^{}\"]*)\}")
_NAME = re.compile(r"[A-Za-z_]\w*")


def broken(source: Source, words: Sequence[Word], at: Span, top: bool) -> ast.Broken:
    """The node for the words of a statement, or of a declaration (`top`), without those of bodies behind a mistake."""
    if not words:
        return ast.Broken(at, "", nameless=top)
    span = Span(source, words[0].start_pos or 0, max(words[-1].end_pos or 0, (words[0].start_pos or 0) + 1))
    first = str(words[0].value)
    reads = _reads(words)
    binds = dict.fromkeys(_declared(words) if top else _bound(words))
    one_line = "\n" not in span.text
    flows = not (one_line and first in _ASIDE)
    behind = words[2].value if len(words) > 2 and words[1].type == "NAME" else ""
    if first in ("let", "share", "input", "output", "def"):
        named = len(words) > 1 and (words[1].type == "NAME" or words[1].value in ("(", "_"))
    else:
        named = True
    run_on = not named or (
        top and first in ("block", "network", "def") and behind not in ("(", "{", "takes", "")
    )
    nameless = run_on or (
        not binds and (top or _binds_something(words)) and first not in ("default", "expect")
    )
    nameless = nameless or (
        first in ("import", "from") and not any(word.value == "import" for word in words[1:])
    )
    return ast.Broken(span, first, tuple(binds), reads, (), nameless, flows)


def _reads(words: Sequence[Word]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for word in words:
        if word.type == "NAME":
            found[str(word.value)] = None
        elif word.type == "STRING":
            for piece in _BRACED.findall(str(word.value)):
                found.update(dict.fromkeys(_NAME.findall(piece)))
    return tuple(found)


def _binds_something(words: Sequence[Word]) -> bool:
    """Does the statement look like one that gives something a name?"""
    return words[0].value in ("=", "in") or words[0].value in _BINDERS or any(w.value == "for" for w in words)


def _bound(words: Sequence[Word]) -> list[str]:
    """Names before `=`, between `for` and `in`, behind words that declare, and one before another word at the head."""
    found: list[str] = []
    run: list[str] = []  # names in a row, with commas and parentheses between
    binder = in_for = False
    for at, word in enumerate(words):
        value, following = word.value, words[at + 1] if at + 1 < len(words) else None
        if word.type == "NAME":
            called = following is not None and following.value in ("(", "[", ".")
            if in_for and not called:
                found.append(value)
            elif binder:
                found.append(value)
                binder = False
            else:
                run.append(value)
        elif value in ("=", "in", ":="):
            found.extend(run)
            run, in_for, binder = [], False, False
        elif value in _BINDERS:
            binder, run = True, []
        elif value == "for":
            in_for, run = True, []
        elif value == "{":
            in_for, run = False, []
        elif value not in (",", "(", ")", "_"):
            run = []
            binder = False
    if words[0].type == "NAME" and any(word.value == "=" for word in words[1:3]):
        found.append(str(words[0].value))  # `n += 1`
    if words[0].type == "NAME" and len(words) > 1 and words[1].type not in ("ARROW", "LPAR"):
        head = [word for word in words[:2] if word.type == "NAME"]
        if len(head) == 2 or words[1].value in (":", ","):
            found.extend(str(word.value) for word in head)
    return found


def _declared(words: Sequence[Word]) -> list[str]:
    """The names that a declaration may give: those before its parameters, value or body; all that an import lists."""
    values = [word.value for word in words]
    if values[0] in ("from", "import"):
        start = values.index("import") + 1 if "import" in values else 1
        return [str(word.value) for word in words[start:] if word.type == "NAME"]
    found: list[str] = []
    for word in words:
        if word.type == "NAME":
            found.append(str(word.value))
        elif word.value in ("(", "{", "=", "takes"):
            break
    if found or values[0] in DECLARATIONS:
        return found
    return _bound(words)
