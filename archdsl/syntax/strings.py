"""Strings: their escapes, and the expressions in their braces."""

from __future__ import annotations

import re
from typing import NamedTuple

_ESCAPES = {'"': '"', "\\": "\\", "n": "\n", "t": "\t"}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_BRACE = re.compile(r"[{}]")


class Braced(NamedTuple):
    """The text between a `{` and its `}`, from `start` to `end`."""

    start: int
    end: int


class BraceFault(NamedTuple):
    """Why the braces of a string do not hold expressions, and where."""

    message: str
    start: int
    end: int


def unescape(raw: str) -> tuple[str, int | None]:
    """What the text between the quotes stands for, and the offset of the first unknown escape."""
    if "\\" not in raw:
        return raw, None
    bad: list[int] = []

    def one(match: re.Match[str]) -> str:
        known = _ESCAPES.get(match[1])
        if known is None:
            bad.append(match.start())
            return match[0]
        return known

    value = _ESCAPE.sub(one, raw)
    return value, bad[0] if bad else None


def cut(raw: str) -> list[str | Braced] | BraceFault:
    """Cuts the text between the quotes at its braces; `{{` and `}}` are one brace of the literal pieces."""
    pieces: list[str | Braced] = []
    literal = ""
    at = 0
    while (match := _BRACE.search(raw, at)) is not None:
        here = match.start()
        literal += raw[at:here]
        if raw.startswith(match[0] * 2, here):
            literal += match[0]
            at = here + 2
            continue
        if match[0] == "}":
            return BraceFault("a `}` that closes nothing is written `}}`", here, here + 1)
        end = raw.find("}", here)
        if end < 0:
            return BraceFault("this `{` is not closed; as a character it is written `{{`", here, here + 1)
        if literal:
            pieces.append(unescape(literal)[0])
            literal = ""
        inner = raw[here + 1 : end]
        if not inner.strip():
            return BraceFault("an expression is wanted in the braces", here, end + 1)
        if "\\" in inner:
            return BraceFault("an escape cannot stand in braces", here + 1 + inner.index("\\"), end)
        pieces.append(Braced(here + 1, end))
        at = end + 1
    literal += raw[at:]
    if literal:
        pieces.append(unescape(literal)[0])
    return pieces
