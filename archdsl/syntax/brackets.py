"""Brackets: that they match, and that neither they nor the operators between them go too deep."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from archdsl.diagnostics.core import Diagnostic
from archdsl.limits import Limits
from archdsl.source import Source
from archdsl.syntax.faults import Fault, Mistaken, Word, place
from archdsl.syntax.words import CLOSER, OPENER, OPERATORS

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
    """Watches over the brackets of one text.

    What walks the tree recurses on brackets within brackets, and on the operators, calls, indices, attributes and
    brackets of one expression, along its deepest path.
    """

    def __init__(self, source: Source, limits: Limits) -> None:
        self.source = source
        self.limits = limits
        self.opened: list[Word] = []

    def watched(self, stream: Iterable[Word]) -> Iterator[Word]:
        """The same words; raises Fault at one that is too much, Mistaken at one that closes nothing."""
        opened = self.opened
        outside: list[tuple[int, int]] = []  # for each open bracket, `now` and `highest` before it
        now = highest = 0  # the height of the expression so far, and of the highest before it
        role_of = _ROLES.get
        most_brackets, most_operators = self.limits.brackets, self.limits.operators
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
                if word.value == "for" and opened and opened[-1].value != "{":
                    highest += 1  # a clause of a comprehension is inside those before it
            elif role == _OPEN:
                opened.append(word)
                outside.append((now, highest))
                now = highest = 0
                if len(opened) > most_brackets:
                    raise Fault(too_deep(self.source, word, self.limits))
            else:
                if not opened or opened[-1].value != OPENER[word.value]:
                    raise Mistaken
                opened.pop()
                inside = max(highest, now)
                now, highest = outside.pop()
                now += inside + 1
            if now > most_operators:
                raise Fault(self._too_high(word))
            before = word.value
            yield word

    def _too_high(self, word: Word) -> Diagnostic:
        return Diagnostic(
            "E904",
            f"an expression has more than {self.limits.operators} operators",
            place(self.source, word),
            notes=("its parts may have a name, by `let`; a list has a `sum`",),
            help=self.limits.mend("operators"),
        )


def too_deep(source: Source, word: Word, limits: Limits) -> Diagnostic:
    """E904 for an opening bracket."""
    return Diagnostic(
        "E904",
        f"more than {limits.brackets} brackets are open at once",
        place(source, word),
        notes=("the inner parts may have a name, by `block`, `def` or `let`",),
        help=limits.mend("brackets"),
    )
