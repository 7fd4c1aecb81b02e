"""How wide characters are on a terminal, and how to show those that must never reach one."""

from __future__ import annotations

import re
from unicodedata import category, east_asian_width

TAB = "    "

# Control, format (bidirectional overrides, joiners), surrogate, line and paragraph separator characters.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_PLAIN = re.compile(r"[ -~]*")


def shown(char: str) -> str:
    """The character as it may be printed: hidden ones as `\\u{1b}`, a tab as blanks."""
    if " " <= char <= "~":
        return char
    if char == "\t":
        return TAB
    return f"\\u{{{ord(char):x}}}" if category(char) in _HIDDEN else char


def printable(text: str, *, newlines: bool = False) -> str:
    """The text without anything a terminal would obey. Newlines stay on demand."""
    if _PLAIN.fullmatch(text):
        return text
    return "".join(c if newlines and c == "\n" else shown(c) for c in text)


def width(text: str) -> int:
    """Columns that printable text takes on a terminal."""
    return len(text) if _PLAIN.fullmatch(text) else sum(map(_cell, text))


def _cell(char: str) -> int:
    if " " <= char <= "~":
        return 1
    if category(char) in ("Mn", "Me") or "\u1160" <= char <= "\u11ff" or "\ud7b0" <= char <= "\ud7ff":
        return 0  # combining marks, and the vowels and finals that complete a Hangul syllable
    return 2 if east_asian_width(char) in "WF" else 1
