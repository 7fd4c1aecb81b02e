"""Brackets: that they match, and that neither they nor the operators between them go too deep."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from archdsl.diagnostics.core import Diagnostic, Label
from archdsl.source import Source
from archdsl.syntax.faults import Fault, Word, place
from archdsl.syntax.words import CLOSER, OPENER, OPERATORS

#: Brackets within brackets. What walks the tree recurses on them.
MAX_BRACKETS = 200

#: Operators, calls, indices, attributes and brackets of one expression, along its deepest path.
MAX_OPERATORS = 500

# What a word does to the height of the expression in which it stands.
_RISE, _LEVEL, _BRANCH, _OPEN, _CLOSE = range(1, 6)
_ROLES = {
    **dict.fromkeys([*OPERATORS, "in", "if", "."], _RISE),
    **dict.fromkeys([",", "|", "->", "=", "for", "let"], _LEVEL),
    **dict.fromkeys(["else", "elif"], _BRANCH),
    **dict.fromkeys(CLOSER, _OPEN),
    **dict.fromkeys(OPENER, _CLOSE),
}


class Brackets:
    """Watches over the brackets of one text."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.opened: list[Word] = []

    def watched(self, stream: Iterable[Word]) -> Iterator[Word]:
        """The same words; raises Fault at one that is too much."""
        opened = self.opened
        outside: list[tuple[int, int]] = []  # for each open bracket, `now` and `highest` before it
        now = highest = 0  # the height of the expression so far, and of the highest before it
        role_of = _ROLES.get
        before = ""
        for word in stream:
            role = _LEVEL if word.type == "SEPARATOR" else role_of(word.value)
            if role is None:
                pass
            elif role == _BRANCH:
                if before == "}":
                    highest, now = max(highest, now), 0
            elif role == _RISE:
                now += 1
            elif role == _LEVEL:
                highest, now = max(highest, now), 0
            elif role == _OPEN:
                opened.append(word)
                outside.append((now, highest))
                now = highest = 0
                if len(opened) > MAX_BRACKETS:
                    raise Fault(self._too_deep(word))
            else:
                if not opened or opened[-1].value != OPENER[word.value]:
                    raise Fault(self._mismatched(word))
                opened.pop()
                inside = max(highest, now)
                now, highest = outside.pop()
                now += inside + 1
            if now > MAX_OPERATORS:
                raise Fault(self._too_high(word))
            before = word.value
            yield word

    def _mismatched(self, word: Word) -> Diagnostic:
        """For a closing bracket that is not the one wanted."""
        here = place(self.source, word)
        if not self.opened:
            return Diagnostic("E102", f"this `{word.value}` closes nothing", here)
        opener = self.opened[-1]
        if all(other.value != OPENER[word.value] for other in self.opened):
            wanted = Label(place(self.source, opener), f"a `{CLOSER[opener.value]}` is wanted for this")
            return Diagnostic("E102", f"this `{word.value}` closes nothing", here, labels=(wanted,))
        noticed = Label(here, f"a `{CLOSER[opener.value]}` is wanted before this")
        message = f"this `{opener.value}` is not closed"
        return Diagnostic("E102", message, place(self.source, opener), labels=(noticed,))

    def _too_deep(self, word: Word) -> Diagnostic:
        return Diagnostic(
            "E904",
            f"more than {MAX_BRACKETS} brackets are open at once",
            place(self.source, word),
            help="give the inner parts a name, with `block`, `def` or `let`",
        )

    def _too_high(self, word: Word) -> Diagnostic:
        return Diagnostic(
            "E904",
            f"an expression has more than {MAX_OPERATORS} operators",
            place(self.source, word),
            help="give its parts a name with `let`, or write a list and `sum`",
        )
