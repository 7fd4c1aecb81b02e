"""Which statement each word of a text belongs to, by brackets and separators alone."""

from __future__ import annotations

from collections.abc import Sequence

from archdsl.syntax.faults import Word


class Outline:
    """Of words whose brackets match. A statement is known by the number of its first word.

    `statement` gives for each word, and for the end of the text, the innermost statement in which it stands; a
    separator and a `}` belong to the one that they end. `ends` are the numbers of the words behind statements,
    `closers` those of the `}` of each `{`, `inside` the number of bodies around a statement.
    """

    def __init__(self, words: Sequence[Word]) -> None:
        self.statement: list[int] = []
        self.ends: dict[int, int] = {}
        self.closers: dict[int, int] = {}
        self.inside: dict[int, int] = {}
        now = 0
        outer: list[tuple[int, int]] = []  # for each open body, its `{` and the statement in which it stands
        brackets: list[str] = []
        for at, word in enumerate(words):
            value = word.value
            if value == "}":
                self._end(now, at, len(outer))
                self.statement.append(now)
                brackets.pop()
                opener, now = outer.pop()
                self.closers[opener] = at
                continue
            self.statement.append(now)
            if word.type == "SEPARATOR":
                if not brackets or brackets[-1] == "{":
                    self._end(now, at, len(outer))
                    now = at + 1
            elif value == "{":
                brackets.append("{")
                outer.append((at, now))
                now = at + 1
            elif value == "(" or value == "[":
                brackets.append(value)
            elif value == ")" or value == "]":
                brackets.pop()
        self._end(now, len(words), 0)
        self.statement.append(now)

    def _end(self, statement: int, at: int, inside: int) -> None:
        if at > statement:
            self.ends[statement] = at
            self.inside[statement] = inside
