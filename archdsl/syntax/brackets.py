"""Brackets: that they match, and that neither they nor the operators between them go too deep."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from archdsl.diagnostics.core import Diagnostic
from archdsl.source import Source
from archdsl.syntax.faults import Fault, Mistaken, Word, place
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
        """The same words; raises Fault at one that is too much, Mistaken at one that closes nothing."""
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
                    raise Fault(too_deep(self.source, word))
            else:
                if not opened or opened[-1].value != OPENER[word.value]:
                    raise Mistaken
                opened.pop()
                inside = max(highest, now)
                now, highest = outside.pop()
                now += inside + 1
            if now > MAX_OPERATORS:
                raise Fault(self._too_high(word))
            before = word.value
            yield word

    def _too_high(self, word: Word) -> Diagnostic:
        return Diagnostic(
            "E904",
            f"an expression has more than {MAX_OPERATORS} operators",
            place(self.source, word),
            help="give its parts a name with `let`, or write a list and `sum`",
        )


def too_deep(source: Source, word: Word) -> Diagnostic:
    """E904 for an opening bracket."""
    return Diagnostic(
        "E904",
        f"more than {MAX_BRACKETS} brackets are open at once",
        place(source, word),
        help="give the inner parts a name, with `block`, `def` or `let`",
    )
