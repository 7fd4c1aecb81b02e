"""The same text in another layout: other blanks and ends of lines, and comments wherever they may stand."""

from __future__ import annotations

from random import Random

from archdsl.source import Source
from archdsl.syntax.newlines import separated
from archdsl.syntax.parser import words as words_of
from archdsl.syntax.words import CLOSER, OPENER

_BEFORE_ANYTHING = frozenset(["->", "|", ",", "=", "{", "+", "-", "*", "/", "//", "%", "**", "==", "!=", "<", "<=", ">", ">=", "~", "and", "or", "not"])  # fmt: skip
_BEHIND_ANYTHING = frozenset(["->", "else", "elif", "}"])


def relaid(text: str, random: Random, comments: float = 0.1, lines: float = 0.3) -> str:
    """The text with other blanks between its words. It says the same; comments are added, none is kept.

    `comments` and `lines` are how often a comment, and the end of a line, stand where they may.
    """
    words = list(separated(words_of(Source("<text>", text))))
    made: list[str] = []
    opened: list[str] = []
    count = 0

    def blanks() -> str:
        return random.choice(["", " ", " ", "  ", "\t", " " * random.randrange(60)])

    def line() -> str:
        nonlocal count
        found = blanks()
        while True:
            if random.random() < comments:
                count += 1
                found += f"#{random.choice(['', ' '])}c{count}{random.choice(['', ' ' * 3, ' x' * random.randrange(40)])}"
            found += "\n" + blanks()
            if random.random() < 0.7:
                return found

    before = ""
    at = 0
    for word in words:
        value = str(word.value)
        if word.type == "SEPARATOR":
            made.append(random.choice([line(), line(), f"{blanks()};{blanks()}", f" ;{line()}"]))
            before, at = "\n", -1
            continue
        inside = bool(opened) and opened[-1] != "{"
        free = inside or before in _BEFORE_ANYTHING or value in _BEHIND_ANYTHING or before == ""
        start = word.start_pos or 0
        if free and before != "\n" and random.random() < lines:
            made.append(line())
        elif free and before == "\n" and value not in _BEHIND_ANYTHING:
            made.append(blanks())
        elif at >= 0 and start > at:
            made.append(blanks() or " ")
        elif at >= 0 and (value in "()[]{}|,=:" or before in "()[]{}|,=:") and random.random() < 0.5:
            made.append(blanks())
        made.append(value)
        if value in CLOSER:
            opened.append(value)
        elif value in OPENER:
            opened.pop()
        before, at = value, word.end_pos or 0
    made.append(random.choice([line(), ""]))
    return "".join(made)
