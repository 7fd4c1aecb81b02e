"""What could stand at a place, in words of the language."""

from __future__ import annotations

from collections.abc import Iterable

from archdsl.syntax.words import OPERATORS

# Where one of these can follow, all can: an operand has just ended. They say little.
_BEHIND_OPERAND = OPERATORS | {"in", "if", ".", "(", "["}
_SELDOM = frozenset(["=", ":", "else", "elif", "for", "if"])  # not worth naming where a statement may end
_ORDER = ["else", "->", "|", ",", ")", "]", "=", ":", "{", "}", "for", "import", "as", "elif", "~", "when"]
_KINDS = {
    "NAME": "a name",
    "NUMBER": "a number",
    "STRING": "a string",
    "EXTENTS": "an extent",
    "SEPARATOR": "a new line",
    "$END": "the end of the text",
}


def expected(wanted: frozenset[str], limit: int = 4) -> str:
    """The alternatives as a phrase: "`,` or `)`"."""
    return _either(_names(wanted)[:limit])


def _names(wanted: frozenset[str]) -> list[str]:
    if "network" in wanted:
        return ["a declaration"]
    if {"NAME", "let", "share"} <= wanted:
        return ["a statement"] + (["`}`"] if "}" in wanted else [])
    if {"NAME", "NUMBER", "("} <= wanted:
        what = "an element" if "{" in wanted else "an expression"
        return [what, *(f"`{end}`" for end in (")", "]", ":") if end in wanted)]
    if "NAME" in wanted:
        what = "a type" if "block" in wanted else "a name"
        return [what, *(f"`{other}`" for other in ("*", ")") if other in wanted)]
    if {"+", "*"} <= wanted:
        wanted -= _BEHIND_OPERAND
    if {"SEPARATOR", "=", ","} <= wanted:
        wanted -= {","}  # the first name of a statement: `a, b = …`
    if wanted & {"SEPARATOR", ")", "]"}:
        wanted -= _SELDOM | {"$END"}
    elif "$END" in wanted:
        wanted -= _SELDOM
    words = [f"`{word}`" for word in _ORDER if word in wanted]
    words += [f"`{word}`" for word in sorted(wanted - {*_ORDER, *_KINDS})]
    return words + [name for kind, name in _KINDS.items() if kind in wanted]


def _either(names: Iterable[str]) -> str:
    *most, last = names or ["something else"]
    return f"{', '.join(most)} or {last}" if most else last
