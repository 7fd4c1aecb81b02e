"""Texts of a spec as docstrings: wrapped, and without a way out of the quotes."""

from __future__ import annotations

import re
from inspect import cleandoc

from archdsl.emit.code import WIDTH

_END = re.compile(r"[.!?] +(?=\S)")
#: What ends with a point and is no end of a sentence.
_ABBREVIATIONS = (
    "al.",
    "Fig.",
    "fig.",
    "Figs.",
    "eq.",
    "Eq.",
    "e.g.",
    "i.e.",
    "cf.",
    "vs.",
    "no.",
    "sec.",
    "Sec.",
)


def docstring(text: str, indent: int) -> list[str]:
    """The lines of a docstring, quotes included. A text that is not written by us is data to the last letter."""
    blank = " " * indent
    room = WIDTH - indent
    lines: list[str] = []
    for line in _summarised(cleandoc(text.strip()).split("\n"), room - 3):
        lines += _wrapped(line, room) if line.strip() else [""]
    while lines and not lines[-1]:
        lines.pop()
    while lines and not lines[0]:
        lines.pop(0)
    lines = lines or ["..."]
    if len(lines) == 1 and len(lines[0]) + 6 > room:  # quotes alone in a line are for texts of several
        lines = _wrapped(text.strip(), room - 3)
    if lines[0].startswith('"'):
        lines[0] = "\\" + lines[0]
    last = lines[-1]
    before = last[:-1]
    if last.endswith('"') and (len(before) - len(before.rstrip("\\"))) % 2 == 0:
        lines[-1] = before + '\\"'
    if len(lines) == 1 and len(lines[0]) + 6 <= room:
        return [f'{blank}"""{lines[0]}"""']
    first, *others = lines if len(lines[0]) + 3 <= room else ["", *lines]
    return [f'{blank}"""{first}', *(f"{blank}{line}" if line else "" for line in others), f'{blank}"""']


def _summarised(lines: list[str], room: int) -> list[str]:
    """The lines with the first sentence by itself, where more does not fit behind the quotes and it does."""
    first = lines[0]
    if len(first) + 3 <= room:
        return lines
    for end in _END.finditer(first):
        summary = first[: end.start() + 1]
        if not summary.endswith(_ABBREVIATIONS):
            return [summary, "", first[end.end() :], *lines[1:]] if len(summary) <= room else lines
    return lines


def _wrapped(line: str, room: int) -> list[str]:
    """A line cut at blanks to fit the room; its indentation stays."""
    words = line.split()
    margin = line[: len(line) - len(line.lstrip(" "))][: room // 2]
    lines: list[str] = []
    current = ""
    for word in words:
        for piece in _pieces(word, room - len(margin) - 6):
            if current and len(margin) + len(current) + 1 + len(piece) > room - 3:
                lines.append(margin + current)
                current = piece
            else:
                current = f"{current} {piece}" if current else piece
    lines.append(margin + current)
    return lines


def _pieces(word: str, room: int) -> list[str]:
    """A word, safe between triple quotes; cut where it is longer than a line."""
    pieces = [""]
    for letter in word:
        safe = _safe(letter)
        if len(pieces[-1]) + len(safe) > room:
            pieces.append("")
        pieces[-1] += safe
    return [piece.replace('"""', '\\"\\"\\"') for piece in pieces]


def _safe(letter: str) -> str:
    if letter == "\\":
        return "\\\\"
    return letter if letter.isprintable() else ascii(letter)[1:-1]
