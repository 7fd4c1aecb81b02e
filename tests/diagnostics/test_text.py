"""The rendered text of a diagnostic, whole, for every kind of place."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archdsl.diagnostics import Call, Diagnostic, Label
from archdsl.diagnostics.cells import printable, width
from archdsl.diagnostics.text import render, render_all
from archdsl.source import Source, Span
from tests.diagnostics import text_cases, text_cases_long
from tests.diagnostics.text_cases import Case

CASES = text_cases.CASES + text_cases_long.CASES


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_text(case: Case) -> None:
    assert render(case.diagnostic()) == case.expected


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_color_changes_nothing_but_the_color(case: Case) -> None:
    painted = render(case.diagnostic(), color=True)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", painted)
    assert [line.rstrip() for line in plain.split("\n")] == case.expected.split("\n")
    assert painted.startswith("\x1b[1;3")


def test_color() -> None:
    source = Source("a.arch", "x y")
    text = render(
        Diagnostic("E201", "m", Span(source, 2, 3), "l", (Label(Span(source, 0, 1), ""),)), color=True
    )
    assert text == (
        "\x1b[1;31merror[E201]\x1b[0m\x1b[1m: m\x1b[0m\n"
        " \x1b[1;34m-->\x1b[0m a.arch:1:3\n"
        "\x1b[1;34m  |\x1b[0m\n"
        "\x1b[1;34m1 |\x1b[0m x y\n"
        "\x1b[1;34m  |\x1b[0m \x1b[1;34m-\x1b[0m \x1b[1;31m^\x1b[0m \x1b[1;31ml\x1b[0m"
    )


def test_other_file() -> None:
    here, there = Source("a.arch", "use(f)\n"), Source("lib/b.arch", "\n" * 99 + "block f {}\n")
    diagnostic = Diagnostic(
        "E204", "m", Span(here, 4, 5), "here", (Label(Span(there, 105, 106), "declared here"),)
    )
    assert (
        render(diagnostic)
        == """\
error[E204]: m
   --> a.arch:1:5
    |
  1 | use(f)
    |     ^ here
    |
   ::: lib/b.arch:100:7
    |
100 | block f {}
    |       - declared here"""
    )


def test_all_are_separated_by_an_empty_line() -> None:
    source = Source("a.arch", "x")
    one = Diagnostic("E201", "m", Span(source, 0, 1))
    assert render_all([one, one]) == render(one) + "\n\n" + render(one)
    assert render_all([]) == ""


@given(st.text(max_size=400), st.data())
def test_any_place_of_any_text(text: str, data: st.DataObject) -> None:
    """No text and no place makes the renderer fail, and nothing a terminal obeys comes out."""
    source = Source("a.arch", text)
    places = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(sorted)
    span, *others = [Span(source, *data.draw(places)) for _ in range(3)]
    diagnostic = Diagnostic("E201", text, span, text[:5], tuple(Label(o, "l") for o in others), (text,), text)
    rendered = render(diagnostic)
    assert all(printable(line) == line for line in rendered.split("\n"))
    excerpt = [line for line in rendered.split("\n") if re.match(r" *\d+ \|", line)]
    assert excerpt and all(width(line) < 140 for line in excerpt)


def test_a_huge_line_is_quick() -> None:
    text = "conv(1) -> " * 400_000
    for at in (0, len(text) // 2, len(text)):
        assert len(render(Diagnostic("E201", "m", Span(Source("a", text), at, len(text))))) < 1000


CHAIN = Source(
    "net.arch", "block c { conv(8, 5) }\nblock b(n) { b(n - 1) }\nnetwork n { a -> d -> e -> f }\n"
)


def called(text: str, times: int = 1) -> Call:
    start = CHAIN.text.index(text)
    return Call(Span(CHAIN, start, start + len(text)), text, times)


def test_calls_that_led_there() -> None:
    calls = (called("b(n - 1)", 99), called("a"))
    assert render(Diagnostic("E503", "m", called("conv(8, 5)").span, notes=("n",), calls=calls)) == (
        "error[E503]: m\n"
        " --> net.arch:1:11\n"
        "  |\n"
        "1 | block c { conv(8, 5) }\n"
        "  |           ^^^^^^^^^^\n"
        "2 | block b(n) { b(n - 1) }\n"
        "  |              -------- in `b(n - 1)`, called here, 99 calls deep\n"
        "3 | network n { a -> d -> e -> f }\n"
        "  |             - in `a`, called here\n"
        "  |\n"
        "  = note: n"
    )


@pytest.mark.parametrize(
    ("names", "told", "note"),
    [
        ("adef", "adef", None),
        ("badef", "baef", "1 more call lies between `e` and `a`"),
        ("bcadef", "bcef", "2 more calls lie between `e` and `c`"),
    ],
)
def test_of_many_calls_both_ends_are_told(names: str, told: str, note: str | None) -> None:
    place = Span(CHAIN, 0, 1)
    diagnostic = Diagnostic("E503", "m", place, calls=tuple(Call(place, name) for name in names))
    assert "".join(call.text for call in diagnostic.told_calls) == told
    assert diagnostic.told_notes == ((note,) if note else ())
    assert ("note:" in render(diagnostic)) == (note is not None)


@pytest.mark.parametrize("columns", [30, 46, 60, 80, 200])
@pytest.mark.parametrize("at", [0, 7, 150, 290])
def test_lines_fit_the_terminal(columns: int, at: int) -> None:
    """Of a narrow one 40 columns of the text are shown all the same."""
    text = "conv(64, 3) -> 층 -> " * 20
    rendered = render(Diagnostic("E201", "m", Span(Source("a.arch", text), at, at + 11)), width=columns)
    source, marks = rendered.split("\n")[3:5]
    assert width(source) <= (max(columns, 44) if columns < 125 else 124)
    start, end = marks.index("^"), marks.rindex("^") + 1
    assert end <= width(source)
    assert width(text[at : at + 11]) == end - start
