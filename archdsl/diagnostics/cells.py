"""How wide characters are on a terminal, and how to show those that must never reach one."""

from __future__ import annotations

import re
from unicodedata import category, east_asian_width

TAB = "    "

# Control, format (bidirectional overrides, joiners), surrogate, line and paragraph separator characters.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# Letters and marks that nobody sees: joiners and fillers, such as those of Hangul.
_UNSEEN = "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0"
# Variation selectors, colors of skin and letters of flags: how wide they and their neighbours are differs by terminal.
_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef\U0001f3fb-\U0001f3ff\U0001f1e6-\U0001f1ff"
_SPELLED = re.compile(f"[{_UNSEEN}{_SELECTORS}]")
_PLAIN = re.compile(r"[ -~]*")


def shown(char: str) -> str:
    """The character as it may be printed: those that nobody sees as `\\u{1b}`, a tab as blanks."""
    if " " <= char <= "~":
        return char
    if char == "\t":
        return TAB
    spelled = category(char) in _HIDDEN or _SPELLED.match(char)
    return f"\\u{{{ord(char):x}}}" if spelled else char


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
