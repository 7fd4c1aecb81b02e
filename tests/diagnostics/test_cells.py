"""How wide characters are on a terminal, and that marks stand under what they mark, with wcwidth as the oracle."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from wcwidth import wcwidth

from archdsl.diagnostics import Diagnostic, Label
from archdsl.diagnostics.cells import printable, shown, width
from archdsl.diagnostics.text import render
from archdsl.source import Source, Span

#: What people write: Latin, combining marks, Hangul composed and in pieces, other wide and half-width scripts, from right to
#: left, symbols, emoji with joiners, selectors, skin colors and flags; and what nobody should: controls of all kinds.
LETTERS = (
    "ab_(){}[]|->=\"'#\\, 09",
    "éßøŁ×³→…✓λЖ",
    "\u0301\u0308\u20dd\u0489",
    "한글층\u1112\u1161\u11ab\u1100\u1161\ua960\ud7b0\ud7cb\u115f\u1160\u3164",
    "合畳み込カタｶﾅＡｂ、　",
    "אבג\u05b8שלום عربي\u0651لا",
    "กำ\u0e34हि",
    "🙂🐍👩💻🏳🌈❤☺✔️🇰🇷👍🏽\u200d\ufe0e\ufe0f",
    "\t\r\x00\x07\x08\x1b\x7f\x85\x9b\u00ad\u200b\u200e\u202e\u2066\u2028\ufeff\ufff9\U000e0041\U000e0100",
    "\ud800\udfff",
)
TEXT = st.lists(st.sampled_from(LETTERS).flatmap(st.sampled_from), max_size=60).map("".join)


def cells(text: str) -> list[tuple[int, str]]:
    """Each character that takes room, and the column where a terminal puts it."""
    found, column = [], 0
    for char in text:
        size = max(wcwidth(char), 0) if unicodedata.category(char) != "Mc" else 1
        if size:
            found.append((column, char))
        column += size
    return found


def seen(text: str) -> str:
    return "".join(char for _, char in cells(text))


@pytest.mark.parametrize("letter", sorted({*"".join(LETTERS)}), ids=lambda c: f"U+{ord(c):04X}")
def test_a_character(letter: str) -> None:
    text = shown(letter)
    assert printable(letter) == text and printable(text) == text
    assert width(text) == sum(wcwidth(c) if unicodedata.category(c) != "Mc" else 1 for c in text)
    assert all(unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in text)


@given(st.characters())
@settings(deadline=None, max_examples=2000)
def test_nothing_that_a_terminal_obeys(char: str) -> None:
    text = shown(char)
    assert text and not re.search(
        r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text
    )
    assert text in (char, "    ", f"\\u{{{ord(char):x}}}")


@settings(deadline=None, max_examples=400)
@given(TEXT, st.data())
@example("한 = 글", None)
def test_marks_stand_under_what_they_mark(line: str, data: st.DataObject | None) -> None:
    """The characters above the carets are those of the place, whatever stands before them."""
    line = line.replace("\n", "")
    start, end = (
        sorted((data.draw(st.integers(0, len(line))), data.draw(st.integers(0, len(line)))))
        if data
        else (4, 5)
    )
    check(line, start, end)


@settings(deadline=None, max_examples=100)
@given(TEXT, TEXT, TEXT, st.integers(0, 40), st.integers(0, 40))
def test_marks_in_long_lines(before: str, place: str, after: str, left: int, right: int) -> None:
    """A line that is cut keeps the place, and the marks stay under it."""
    check(before * left + place + after * right, len(before) * left, len(before) * left + len(place))


def check(line: str, start: int, end: int) -> None:
    if not line or line.endswith("\r"):
        return  # nothing to show; a carriage return at the end of a line is none of its text
    rendered = render(Diagnostic("E201", "m", Span(Source("a.arch", line), start, end)))
    _, _, _, above, *marks = rendered.split("\n")
    assert above.startswith("1 |") and len(marks) == 1
    found = re.search(r"\^+", marks[0])
    assert found is not None
    under = "".join(char for column, char in cells(above) if found.start() <= column < found.end())
    wanted = seen(printable(line[start : max(end, start + 1)]))  # an empty place is shown by what follows
    if "…" in under and len(wanted) > 100:  # the place itself is cut
        assert under.strip("…") in wanted
    elif wanted:
        assert under.rstrip() == wanted.rstrip()
    else:
        assert found.end() - found.start() == 1


@given(TEXT, TEXT)
def test_two_places_in_one_line(first: str, second: str) -> None:
    line = f"{first}@@{second}@@"
    source, at = Source("a.arch", line), len(first)
    places = Span(source, at, at + 2), Span(source, len(line) - 2, len(line))
    rendered = render(Diagnostic("E201", "m", places[0], labels=(Label(places[1], ""),)))
    above, marks = rendered.split("\n")[3:5]
    if "…" not in above:
        assert [marks[column] for column, char in cells(above) if char == "@"] == list("^^--")


@given(TEXT, TEXT, TEXT, st.integers(0, 7))
def test_a_place_of_several_lines(before: str, inside: str, after: str, between: int) -> None:
    """Its arms end at its first and its last character."""
    text = f"{before}@\n" + "x\n" * between + f"{inside}@{after}"
    source = Source("a.arch", text)
    start = len(before)
    end = len(text) - len(after)
    rendered = render(Diagnostic("E201", "m", Span(source, start, end), "here")).split("\n")[3:]
    first, last = rendered[0], rendered[-2]
    if "…" in first or "…" in last or inside.endswith("\r"):
        return
    at = cells(first)
    if before.strip():
        arm = rendered[1]
        assert [char for column, char in at if column == arm.index("^")] == ["@"]
    else:
        assert first.startswith("1 | / ")
    arm = rendered[-1]
    assert arm.endswith("^ here")
    assert [char for column, char in cells(last) if column == arm.index("^")] == ["@"]
