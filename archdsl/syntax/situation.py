"""Where a parse has stopped: the word that cannot follow, what stands before it, and what could follow."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from archdsl.source import Source, Span
from archdsl.syntax.faults import Word, place
from archdsl.syntax.words import CLOSER, OPENER

_BLANK = re.compile(r"[ \t]*")


@dataclass(frozen=True)
class Situation:
    """`words` end with the one that cannot follow, and begin somewhat before its statement. `wanted` holds what could
    follow: the words of the language themselves, and the kinds of the others (NAME, NUMBER, EXTENTS, STRING,
    SEPARATOR, $END). `opened` are the brackets that are open before the last word."""

    source: Source
    words: Sequence[Word]
    wanted: frozenset[str]
    opened: Sequence[Word]

    @property
    def word(self) -> Word:
        return self.words[-1]

    @property
    def value(self) -> str:
        return str(self.word.value)

    @property
    def before(self) -> Word | None:
        """The word before, if any."""
        return self.words[-2] if len(self.words) > 1 else None

    @property
    def bracket(self) -> str:
        """The innermost open bracket, or nothing."""
        return str(self.opened[-1].value) if self.opened else ""

    @cached_property
    def at_line_end(self) -> bool:
        """Does the line, or the text, end too early? A `}` on the next line is not to blame."""
        if self.word.type == "$END" or (self.word.type == "SEPARATOR" and self.value != ";"):
            return True
        if self.value != "}" or self.before is None:
            return False
        return "\n" in self.source.text[self.before.end_pos or 0 : self.word.start_pos or 0]

    @cached_property
    def span(self) -> Span:
        """Where to point: at the word, or behind the last one if the line or the text ends."""
        if self.at_line_end:
            end = place(self.source, self.before).end if self.before else len(self.source.text)
            return Span(self.source, end, end)
        return place(self.source, self.word)

    @cached_property
    def statement(self) -> list[Word]:
        """The words of the statement or declaration that is not finished, without the last one."""
        closed = 0
        start = len(self.words) - 1
        while start > 0:
            word = self.words[start - 1]
            if word.value in OPENER:
                closed += 1
            elif word.value in CLOSER:
                if not closed and word.value == "{":
                    break
                closed = max(0, closed - 1)
            elif word.type == "SEPARATOR" and not closed:
                break
            start -= 1
        return list(self.words[start:-1])

    @property
    def header(self) -> str:
        """The first word of that statement, or nothing."""
        return str(self.statement[0].value) if self.statement else ""

    @cached_property
    def in_call(self) -> bool:
        """Is the innermost open bracket that of a call, or of an index?"""
        if not self.opened:
            return False
        opener = self.opened[-1].start_pos or 0
        before = next((word for word in reversed(self.words) if (word.end_pos or 0) <= opener), None)
        return before is not None and (before.type == "NAME" or before.value in (")", "]", "it", "in"))

    @property
    def first_on_line(self) -> bool:
        return not self.source.text[self.line_start(self.span.start) : self.span.start].strip()

    @property
    def rest(self) -> str:
        """What follows on the line."""
        end = self.source.text.find("\n", self.span.end)
        return self.source.text[self.span.end : end if end >= 0 else None]

    def line_start(self, at: int) -> int:
        return self.source.text.rfind("\n", 0, at) + 1

    def indent(self, at: int) -> int:
        """How far the line of an offset is indented."""
        start = self.line_start(at)
        match = _BLANK.match(self.source.text, start)
        assert match is not None
        return match.end() - start
