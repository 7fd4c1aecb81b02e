"""Diagnostics and the text they are rendered as."""

from __future__ import annotations

from dataclasses import dataclass

from archdsl.diagnostics import Diagnostic, Label
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
warning[W002]: `a` hides `a`
 --> net.arch:3:1
  |
1 | let a = 1
  | --------- first
2 | # between
3 | let a = 2
  | ^^^^^^^^^ second""",
        code="W002",
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
]
