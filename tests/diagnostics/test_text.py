"""The rendered text of a diagnostic, whole, for every kind of place."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archdsl.diagnostics import Diagnostic, Label
from archdsl.diagnostics.cells import printable, width
from archdsl.diagnostics.text import render, render_all
from archdsl.source import Source, Span


@dataclass
class Case:
    """`at` and the keys of `labels` are pieces of the text, found from the left; a pair gives offsets."""

    name: str
    text: str
    at: str | tuple[int, int]
    expected: str
    code: str = "E502"
    label: str = ""
    labels: tuple[tuple[str | tuple[int, int], str], ...] = ()
    notes: tuple[str, ...] = ()
    help: str = ""
    message: str = "shapes differ"

    def diagnostic(self) -> Diagnostic:
        source = Source("net.arch", self.text)
        labels = tuple(Label(self.span(source, at), text) for at, text in self.labels)
        span = self.span(source, self.at)
        return Diagnostic(self.code, self.message, span, self.label, labels, self.notes, self.help)

    @staticmethod
    def span(source: Source, at: str | tuple[int, int]) -> Span:
        if isinstance(at, tuple):
            return Span(source, *at)
        start = source.text.index(at)
        return Span(source, start, start + len(at))


JOIN = """\
block b {
  ( conv(64, 3) | conv(128, 3) ) -> add
}
"""

CASES = [
    Case(
        "one place",
        JOIN,
        "add",
        """\
error[E502]: shapes differ
 --> net.arch:2:37
  |
2 |   ( conv(64, 3) | conv(128, 3) ) -> add
  |                                     ^^^""",
    ),
    Case(
        "labels on one line hang below",
        JOIN,
        "add",
        """\
error[E502]: shapes differ
 --> net.arch:2:37
  |
2 |   ( conv(64, 3) | conv(128, 3) ) -> add
  |     -----------   ------------      ^^^ joins both
  |     |             |
  |     |             this one has 128 channels
  |     this one has 64 channels
  |
  = note: `add` takes equal shapes
  = help: give both 64 channels""",
        label="joins both",
        labels=(("conv(64, 3)", "this one has 64 channels"), ("conv(128, 3)", "this one has 128 channels")),
        notes=("`add` takes equal shapes",),
        help="give both 64 channels",
    ),
    Case(
        "a place within the primary one, which is drawn over it",
        JOIN,
        "conv(64, 3)",
        """\
error[E502]: shapes differ
 --> net.arch:2:5
  |
2 |   ( conv(64, 3) | conv(128, 3) ) -> add
  |     ^^^^^^^^^^^
  |     |    |
  |     |    here
  |     the layer""",
        label="the layer",
        labels=(("64", "here"),),
    ),
    Case(
        "one of the labels is empty",
        JOIN,
        "conv(64, 3)",
        """\
error[E502]: shapes differ
 --> net.arch:2:5
  |
2 |   ( conv(64, 3) | conv(128, 3) ) -> add
  |     ^^^^^^^^^^^   ------------ the other""",
        labels=(("conv(128, 3)", "the other"),),
    ),
    Case(
        "distant lines",
        "def f(x) = x\n" + "# pad\n" * 9 + "let y = f(1, 2)\n",
        "f(1, 2)",
        """\
error[E205]: too many arguments
  --> net.arch:11:9
   |
 1 | def f(x) = x
   |     - declared here
...
11 | let y = f(1, 2)
   |         ^^^^^^^ takes 1""",
        code="E205",
        message="too many arguments",
        label="takes 1",
        labels=(((4, 5), "declared here"),),
    ),
    Case(
        "a gap of one line is filled",
        "let a = 1\n# between\nlet a = 2\n",
        "let a = 2",
        """\
warning[W004]: `a` hides `a`
 --> net.arch:3:1
  |
1 | let a = 1
  | --------- first
2 | # between
3 | let a = 2
  | ^^^^^^^^^ second""",
        code="W004",
        message="`a` hides `a`",
        label="second",
        labels=(("let a = 1", "first"),),
    ),
    Case(
        "tabs",
        "block b {\n\tconv(64)\t-> oops\n}\n",
        "oops",
        """\
error[E502]: shapes differ
 --> net.arch:2:14
  |
2 |     conv(64)    -> oops
  |                    ^^^^ here""",
        label="here",
    ),
    Case(
        "Hangul and wide characters",
        'block b { "합성곱 층, 畳み込み" -> oops }\n',
        "oops",
        """\
error[E502]: shapes differ
 --> net.arch:1:28
  |
1 | block b { "합성곱 층, 畳み込み" -> oops }
  | """
        + " " * 35
        + "^^^^ 여기",
        label="여기",
    ),
    Case(
        "a wide place",
        "let 채널 = 한 # x\n",
        "채널",
        """\
error[E502]: shapes differ
 --> net.arch:1:5
  |
1 | let 채널 = 한 # x
  |     ^^^^   -- b
  |     |
  |     a""",
        label="a",
        labels=(("한", "b"),),
    ),
    Case(
        "combining marks take no column",
        'x "e\u0301e\u0301 \u1112\u1161\u11ab" oops\n',
        "oops",
        """\
error[E502]: shapes differ
 --> net.arch:1:14
  |
1 | x "e\u0301e\u0301 \u1112\u1161\u11ab" oops
  |           ^^^^""",
    ),
    Case(
        "nothing, in an empty text",
        "",
        (0, 0),
        """\
error[E804]: there is no model
 --> net.arch:1:1
  |
1 |
  | ^ expected `network`""",
        code="E804",
        message="there is no model",
        label="expected `network`",
    ),
    Case(
        "the end of a file with a newline",
        "block b {\n",
        (10, 10),
        """\
error[E102]: a bracket is not closed
 --> net.arch:2:1
  |
1 | block b {
  |         - opened here
2 |
  | ^ expected `}`""",
        code="E102",
        message="a bracket is not closed",
        label="expected `}`",
        labels=(("{", "opened here"),),
    ),
    Case(
        "the end of a file without one",
        "conv(64",
        (7, 7),
        """\
error[E502]: shapes differ
 --> net.arch:1:8
  |
1 | conv(64
  |        ^ expected `)`""",
        label="expected `)`",
    ),
    Case(
        "an empty place in a line",
        "a -> -> b\n",
        (5, 5),
        """\
error[E502]: shapes differ
 --> net.arch:1:6
  |
1 | a -> -> b
  |      ^""",
    ),
    Case(
        "a newline",
        "let a\nb\n",
        (5, 6),
        """\
error[E502]: shapes differ
 --> net.arch:1:6
  |
1 | let a
  |      ^ expected `=`""",
        label="expected `=`",
    ),
    Case(
        "a line with its newline",
        "let a\nb\n",
        (0, 6),
        """\
error[E502]: shapes differ
 --> net.arch:1:1
  |
1 | let a
  | ^^^^^""",
    ),
    Case(
        "offsets outside the text",
        "let a",
        (90, 99),
        """\
error[E502]: shapes differ
 --> net.arch:1:6
  |
1 | let a
  |      ^""",
    ),
    Case(
        "several lines from the first column",
        JOIN,
        (0, len(JOIN) - 1),
        """\
error[E502]: shapes differ
 --> net.arch:1:1
  |
1 | / block b {
2 | |   ( conv(64, 3) | conv(128, 3) ) -> add
3 | | }
  | |_^ all of it""",
        label="all of it",
    ),
    Case(
        "several lines from within a line",
        "a -> ( b\n| c ) -> add\n",
        "( b\n| c )",
        """\
error[E502]: shapes differ
 --> net.arch:1:6
  |
1 |   a -> ( b
  |  ______^
2 | | | c ) -> add
  | |_____^ a bundle""",
        label="a bundle",
    ),
    Case(
        "several lines with another place between",
        "a -> ( b\n| c ) -> add\n",
        "( b\n| c )",
        """\
error[E502]: shapes differ
 --> net.arch:1:6
  |
1 |   a -> ( b
  |  ______^
2 | | | c ) -> add
  | |   -      --- joins
  | |   |
  | |   one
  | |_____^ a bundle""",
        label="a bundle",
        labels=(("c", "one"), ("add", "joins")),
    ),
    Case(
        "many lines are shown by their ends",
        "network n {\n" + "  relu\n" * 20 + "}\n",
        (8, 12 + 7 * 20 + 1),
        """\
error[E502]: shapes differ
  --> net.arch:1:9
   |
 1 |   network n {
   |  _________^
 2 | |   relu
...
22 | | }
   | |_^""",
    ),
    Case(
        "a secondary place over several lines is shown by its first",
        "( a\n| b )\n-> add\n",
        "add",
        """\
error[E502]: shapes differ
 --> net.arch:3:4
  |
1 | ( a
  | --- this bundle
2 | | b )
3 | -> add
  |    ^^^ joins""",
        label="joins",
        labels=(("( a\n| b )", "this bundle"),),
    ),
    Case(
        "CRLF",
        "let a = 1\r\nlet b = oops\r\n",
        "oops",
        """\
error[E502]: shapes differ
 --> net.arch:2:9
  |
2 | let b = oops
  |         ^^^^""",
    ),
    Case(
        "the end of a CRLF line",
        "let a =\r\n",
        (7, 9),
        """\
error[E502]: shapes differ
 --> net.arch:1:8
  |
1 | let a =
  |        ^""",
    ),
    Case(
        "a long line, far in",
        "x" * 300 + "oops" + "y" * 300,
        "oops",
        "error[E502]: shapes differ\n --> net.arch:1:301\n  |\n"
        f"1 | …{'x' * 58}oops{'y' * 56}…\n  | {' ' * 59}^^^^ here",
        label="here",
    ),
    Case(
        "a long line, near its start",
        "oops" + "y" * 300,
        "oops",
        f"error[E502]: shapes differ\n --> net.arch:1:1\n  |\n1 | oops{'y' * 114}…\n  | ^^^^",
    ),
    Case(
        "a long line, at its end",
        "x" * 300 + "oops",
        (304, 304),
        f"error[E502]: shapes differ\n --> net.arch:1:305\n  |\n1 | …{'x' * 114}oops\n  | {' ' * 119}^",
    ),
    Case(
        "a place within a secondary one",
        JOIN,
        "64",
        """\
error[E502]: shapes differ
 --> net.arch:2:10
  |
2 |   ( conv(64, 3) | conv(128, 3) ) -> add
  |     -----^^----
  |     |    |
  |     |    here
  |     the layer""",
        label="here",
        labels=(("conv(64, 3)", "the layer"),),
    ),
    Case(
        "a long place",
        "x" * 50 + "y" * 500,
        "y" * 500,
        "error[E502]: shapes differ\n --> net.arch:1:51\n  |\n"
        f"1 | …{'x' * 10}{'y' * 108}…\n  | {' ' * 11}{'^' * 108}",
    ),
    Case(
        "escape sequences of the text do not reach the terminal",
        'let a = "\x1b[31m\x07\u202e\u200b" oops\n',
        "oops",
        """\
error[E502]: no `\\u{1b}[2J` in \\u{9b}x
 --> net.arch:1:20
  |
1 | let a = "\\u{1b}[31m\\u{7}\\u{202e}\\u{200b}" oops
  |                                           ^^^^ \\u{1b}
  |
  = note: a
          b \\u{d}c
  = help: \\u{1b}""",
        message="no `\x1b[2J` in \x9bx",
        label="\x1b",
        notes=("a\nb \rc",),
        help="\x1b",
    ),
]


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
