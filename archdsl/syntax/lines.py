"""The words of a text by its lines: which is first on one, and how far that is indented."""

from __future__ import annotations

from collections.abc import Sequence

from archdsl.records import record
from archdsl.source import Source
from archdsl.syntax.faults import Made, Word
from archdsl.syntax.words import CLOSES_OPERAND, DECLARATIONS, OPENER, OPERANDS, OPERATORS

CONTINUES = OPERATORS | {"->", "|", ",", "=", "~"}
_BEGINS_OPERAND = frozenset(["it", "_", "true", "false", "if", "for", "not", "("])


@record
class Line:
    """A line that has words. `end` is the separator behind it, None at the end of the text."""

    words: Sequence[Word]
    indent: int
    end: Word | None

    @property
    def first(self) -> Word:
        return self.words[0]

    @property
    def begins_declaration(self) -> bool:
        """Does it begin with `block name`, `model name`, …?"""
        if self.first.value not in DECLARATIONS or len(self.words) < 2:
            return False
        following = self.words[1]
        return following.type == "NAME" or following.value in ("block", ".")


def lines_of(source: Source, words: Sequence[Word]) -> list[Line]:
    """The lines, in order. A `;` is a word like others."""
    found: list[Line] = []
    line: list[Word] = []
    text = source.text

    def ended(by: Word | None) -> None:
        if line or by is not None:
            indent = 0
            if line:
                start = line[0].start_pos or 0
                indent = start - (text.rfind("\n", 0, start) + 1)
                if found and found[-1].end is None:
                    indent = found[-1].indent
            found.append(Line(tuple(line), indent, by))
            line.clear()

    for word in words:
        if word.type == "SEPARATOR" and word.value != ";":
            ended(word)
        else:
            line.append(word)
    ended(None)
    return found


def ends_operand(word: Word | None) -> bool:
    return word is not None and (word.type in OPERANDS or word.value in CLOSES_OPERAND)


def begins_operand(word: Word) -> bool:
    return word.type in OPERANDS or word.value in _BEGINS_OPERAND


def balanced(words: Sequence[Word]) -> bool:
    """Do the brackets match?"""
    opened: list[str] = []
    for word in words:
        if word.type == "STRING":
            continue
        if word.value in OPENER.values():
            opened.append(word.value)
        elif word.value in OPENER and (not opened or opened.pop() != OPENER[word.value]):
            return False
    return not opened


def made(kind: str, value: object, at: int) -> Made:
    """A word put in, without a place of its own."""
    return Made(kind, value, at, at)
