"""Characters that make a text look other than it is read ("Trojan Source", Boucher and Anderson, 2021)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from archdsl.diagnostics.core import Diagnostic
from archdsl.source import Source, Span

_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_LINE = re.compile(f"{_TURNING.pattern}.*")
_SEPARATOR = re.compile("[\x85\u2028\u2029]")


def hidden(source: Source, told: Collection[int]) -> Iterator[Diagnostic]:
    """A mistake (E706) for each line with marks of direction, and one for all separators of lines that end none.

    In a comment or a string the grammar sees nothing odd in them; `told` are places where it has complained.
    """
    for rest in _LINE.finditer(source.text):
        at = rest.start()
        if at not in told:
            points = _points(_TURNING.findall(rest[0]))
            message = f"the direction of the text is turned, which hides what the line says ({points})"
            yield Diagnostic("E706", message, Span(source, at, at + 1), help="remove it")
    found = list(_SEPARATOR.finditer(source.text))
    if found and not any(match.start() in told for match in found):
        first, more = found[0], len(found) - 1
        message = f"an editor may show a new line here, and the language has none ({_points([first[0]])})"
        note = f"there are {more} more of the kind" if more > 1 else "there is one more of the kind"
        place = Span(source, *first.span())
        yield Diagnostic("E706", message, place, notes=(note,) if more else (), help="write a plain new line")


def _points(characters: list[str]) -> str:
    return ", ".join(f"U+{ord(char):04X}" for char in dict.fromkeys(characters))
