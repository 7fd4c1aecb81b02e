"""Programs with a mistake in them: specs of the repository, changed as hands and editors change them by accident."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from hypothesis import strategies as st

ROOT = Path(__file__).parents[2]
FOLDERS = (ROOT / "specs", ROOT / "tests" / "language" / "examples")

#: `choose(n)` gives one of 0 … n - 1.
Choose = Callable[[int], int]
Mutation = Callable[[str, Choose], str]

TOKEN = re.compile(r'"[^"\n]*"|#[^\n]*|->|//|\*\*|[<>=!]=|[0-9][\w.]*|\w+|\S')
WORD = re.compile(r"[A-Za-z_]\w*")
NUMBER = re.compile(r"(?<![\w.])[0-9][0-9_]*(?:\.[0-9]+)?\w*")
CALL = re.compile(r"\([^()\n]*,[^()\n]*\)")

NUMBERS = [
    "0",
    "-1",
    "0.5",
    "1e999",
    "1e-9",
    "10**9",
    "99999999999999999999",
    "1x7",
    '"three"',
    "true",
    "[]",
    "it",
]
_WORDS = """
    block network model def let share default input output expect from import as takes extern if elif else for in it
    and or not true false when training _ params macs relu conv identity concat range len zip
"""
WORDS = _WORDS.split()
SIGNS = ["->", "//", "**", "==", *"()[]{}|*~=,;:.+-/<"]
PIECES = [
    *SIGNS,
    *WORDS,
    *NUMBERS,
    '"',
    '"{',
    '"{in.channels}"',
    "( | )",
    "( relu for _ in [] )",
    "* 0",
    "[_, 1]",
    "{ }",
    "when training",
    "x: relu",
    "in -> relu",
    "share s = relu",
    "let it = 3",
    "output y = relu",
    "for in in it { }",
    "if true { } else { }",
    "-> split(2)",
    "**kwargs",
    "lambda x: x",
    "@",
    "\\",
]
CHARACTERS = [
    "\0",
    "\a",
    "\t",
    "\r",
    "\r\n",
    "\v",
    "\f",
    "\x1b[31m",
    "\x7f",
    "\x85",
    "\u00a0",
    "\u00ad",
    "\u00b2",
    "\u00d7",
    "\u0301",
    "\u0660",
    "\u200b",
    "\u200d",
    "\u2028",
    "\u202e",
    "\u2192",
    "\u3000",
    "\u4e2d",
    "\ud800",
    "\ufeff",
    "\uff08",
    "\U0001d7d8",
    "\U0001f469\u200d\U0001f4bb",
    "\U0010ffff",
]


def _spans(pattern: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    return [match.span() for match in pattern.finditer(text)]


def _replace(text: str, span: tuple[int, int], new: str) -> str:
    return text[: span[0]] + new + text[span[1] :]


def _one(items: list[str], choose: Choose) -> str:
    return items[choose(len(items))]


def _token(text: str, choose: Choose, pattern: re.Pattern[str] = TOKEN) -> tuple[int, int]:
    spans = _spans(pattern, text)
    return spans[choose(len(spans))] if spans else (0, 0)


def drop_token(text: str, choose: Choose) -> str:
    return _replace(text, _token(text, choose), "")


def double_token(text: str, choose: Choose) -> str:
    start, end = _token(text, choose)
    return f"{text[:end]} {text[start:end]}{text[end:]}"


def insert_piece(text: str, choose: Choose) -> str:
    _, end = _token(text, choose)
    return f"{text[:end]} {_one(PIECES, choose)} {text[end:]}"


def replace_token(text: str, choose: Choose) -> str:
    return _replace(text, _token(text, choose), _one(PIECES, choose))


def swap_tokens(text: str, choose: Choose) -> str:
    first, second = sorted((_token(text, choose), _token(text, choose)))
    if first[1] > second[0]:
        return text
    return _replace(_replace(text, second, text[slice(*first)]), first, text[slice(*second)])


def swap_arguments(text: str, choose: Choose) -> str:
    start, end = _token(text, choose, CALL)
    parts = text[start + 1 : end - 1].split(",")
    if len(parts) < 2:
        return text
    at = choose(len(parts) - 1)
    parts[at], parts[at + 1] = parts[at + 1], parts[at]
    return _replace(text, (start, end), f"({','.join(parts)})")


def rename(text: str, choose: Choose) -> str:
    span = _token(text, choose, WORD)
    other = text[slice(*_token(text, choose, WORD))]
    return _replace(text, span, [f"{text[slice(*span)]}x", other, "in", "it", "_"][choose(5)])


def change_number(text: str, choose: Choose) -> str:
    span = _token(text, choose, NUMBER)
    return _replace(text, span, _one(NUMBERS, choose)) if span != (0, 0) else text


def drop_line(text: str, choose: Choose) -> str:
    lines = text.split("\n")
    del lines[choose(len(lines))]
    return "\n".join(lines)


def double_line(text: str, choose: Choose) -> str:
    lines = text.split("\n")
    at = choose(len(lines))
    return "\n".join([*lines[:at], lines[at], *lines[at:]])


def swap_lines(text: str, choose: Choose) -> str:
    lines = text.split("\n")
    a, b = choose(len(lines)), choose(len(lines))
    lines[a], lines[b] = lines[b], lines[a]
    return "\n".join(lines)


def cut(text: str, choose: Choose) -> str:
    """The text ends, or begins, somewhere in its middle."""
    at = choose(len(text) + 1)
    return text[:at] if choose(2) else text[at:]


def brackets(text: str, choose: Choose) -> str:
    spans = _spans(re.compile(r"[()\[\]{}]"), text)
    if not spans:
        return text
    return _replace(
        text, spans[choose(len(spans))], _one(["", "(", ")", "[", "]", "{", "}", "((", "}}"], choose)
    )


def insert_character(text: str, choose: Choose) -> str:
    at = choose(len(text) + 1)
    return text[:at] + _one(CHARACTERS, choose) + text[at:]


def all_line_ends(text: str, choose: Choose) -> str:
    return text.replace("\n", _one(["\r\n", "\r", "\n\n", ";", " "], choose))


MUTATIONS: tuple[Mutation, ...] = (
    drop_token,
    double_token,
    insert_piece,
    replace_token,
    swap_tokens,
    swap_arguments,
    rename,
    change_number,
    drop_line,
    double_line,
    swap_lines,
    cut,
    brackets,
    insert_character,
    all_line_ends,
)


@cache
def originals() -> dict[str, str]:
    """The specs by path, in a fixed order."""
    paths = sorted(path for folder in FOLDERS for path in folder.rglob("*.arch"))
    return {str(path): path.read_text(encoding="utf-8") for path in paths}


def mutated(choose: Choose) -> tuple[str, str]:
    """The path of a spec, and its text after one to three mutations."""
    paths = list(originals())
    path = paths[choose(len(paths))]
    text = originals()[path]
    for _ in range(1 + choose(3)):
        text = MUTATIONS[choose(len(MUTATIONS))](text, choose)
    return path, text


@st.composite
def broken(draw: st.DrawFn) -> tuple[str, str]:
    """The path of a spec of the repository, and its text with mistakes in it."""
    return mutated(lambda n: draw(st.integers(0, n - 1)))
