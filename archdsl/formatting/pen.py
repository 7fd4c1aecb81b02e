"""The words of a text with what stands between them, taken one by one as a tree is written again.

`Pen` writes a tree that code has made: there is no text, so it has no comments, and lines break where they must.
`Copy` writes one that was read from a text, and takes from there the comments and the lines of the author.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from archdsl.formatting.algebra import NOTHING, Cat, Comment, Doc, Remark, Text
from archdsl.source import Source
from archdsl.syntax.parser import words

#: Blanks, which are no part of a comment where they end it.
BLANKS = " \t\r\f\ufeff"
_COMMENT = re.compile(r"#[^\n]*")
#: Comments on lines one after another, of which there may be millions.
_COMMENTS = re.compile(rf"#[^\n]*(?:\n[{BLANKS}]*#[^\n]*)*+")
_END = re.compile(rf"[{BLANKS}]*\n[{BLANKS}]*")


class Gap(NamedTuple):
    """What stands between two words: comments, whether a line ends there, and whether a free line is before the next
    word."""

    comments: tuple[Comment, ...] = ()
    broken: bool = False
    blank: bool = False


class Mismatch(Exception):
    """The words of a text are not those of its tree: a mistake of the formatter."""


class Pen:
    """Writes words. Without a text, they are those that it is told to write."""

    @property
    def next(self) -> str:
        """The next word of the text; "" if there is none."""
        return ""

    def broken(self) -> bool:
        """Does the author end a line before the next word?"""
        return False

    def gap(self) -> Gap:
        """What stands before the next word. It is taken: `word` does not write it any more."""
        return Gap()

    def remarks(self) -> Doc:
        """The comments before the next word, which are taken."""
        comments = self.gap().comments
        return Cat(*map(Remark, comments)) if comments else NOTHING

    def word(self, text: str) -> Doc:
        """A word, with the comments before it."""
        return Text(text)

    def spelled(self, text: str) -> Doc:
        """A number, string or name, as the author wrote it."""
        return Text(text)

    def skip(self, text: str) -> None:
        """Leave out the next word if it is this. Its comments come before the one behind it."""

    def skip_empty(self) -> None:
        """Leave out a pair of parentheses with nothing in it, not even a comment."""

    def before(self, offset: int, sign: str) -> list[Doc]:
        """The signs of one kind that come next and begin before a place of the text."""
        return []

    def stands_at(self, offset: int) -> bool:
        """Does the next word begin at a place?"""
        return True

    def wants_lines(self, statements: int) -> bool:
        """Is a body of so many statements on lines of its own, whatever the author has?"""
        return statements > 1


Script = list[tuple[str, int, int]]


def script(source: Source) -> Script:
    """The words of a text that is in the grammar, with their places; "" at its end."""
    found = [word for word in words(source) if word.type != "SEPARATOR"]
    end = len(source.text)
    return [*((str(word.value), word.start_pos or 0, word.end_pos or 0) for word in found), ("", end, end)]


class Copy(Pen):
    """Writes the words of a text again."""

    def __init__(self, source: Source, found: Script) -> None:
        self._text = source.text
        self._words = found
        self._at = 0
        self._taken = -1  # the word before which the gap has been taken
        self._kept: list[Comment] = []  # of words that are left out

    @property
    def next(self) -> str:
        return self._words[self._at][0]

    def _between(self) -> str:
        end = self._words[self._at - 1][2] if self._at else 0
        return self._text[end : self._words[self._at][1]]

    def broken(self) -> bool:
        return "\n" in self._between() or bool(self._kept)

    def gap(self) -> Gap:
        if self._taken == self._at:
            return Gap(broken=self.broken())
        self._taken = self._at
        between = self._between()
        comments, self._kept = self._kept, []
        if "#" not in between:
            if "\n" not in between:
                return Gap(tuple(comments), bool(comments))
            return Gap(tuple(comments), True, between.count("\n") > 1)
        start = self._words[self._at - 1][2] if self._at else 0
        at = 0
        while True:
            begin = between.find("#", at)
            if begin < 0:
                break
            ends = between.count("\n", at, begin)
            own = ends > 0 or bool(comments) or start == 0
            match = (_COMMENTS if own else _COMMENT).match(between, begin)
            assert match is not None
            first = start + begin
            column = first - (self._text.rfind("\n", 0, first) + 1)
            text = _END.sub("\n", match[0].rstrip(BLANKS)) if own else match[0].rstrip(BLANKS)
            comments.append(Comment(text, column, own, ends > 1))
            at = match.end()
        return Gap(tuple(comments), True, between.count("\n", at) > 1)

    def word(self, text: str) -> Doc:
        if self.next != text:
            raise Mismatch(f"`{text}` is to be written where the text has `{self.next}`")
        return self._take()

    def spelled(self, text: str) -> Doc:
        return self._take()

    def _take(self) -> Doc:
        remarks = self.remarks()
        made = Text(self._words[self._at][0])
        self._at += 1
        return made if remarks is NOTHING else Cat(remarks, made)

    def skip(self, text: str) -> None:
        if text and self.next == text:
            self._kept = list(self.gap().comments)
            self._at += 1

    def skip_empty(self) -> None:
        (_, _, end), (closing, start, _) = self._words[self._at : self._at + 2]
        if self.next == "(" and closing == ")" and "#" not in self._text[end:start]:
            self._at += 2

    def before(self, offset: int, sign: str) -> list[Doc]:
        found = []
        while self.next == sign and self._words[self._at][1] < offset:
            found.append(self._take())
        return found

    def wants_lines(self, statements: int) -> bool:
        return False

    def stands_at(self, offset: int) -> bool:
        return self._words[self._at][1] == offset
