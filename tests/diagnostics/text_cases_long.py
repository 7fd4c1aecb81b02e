"""Diagnostics in texts that are hard to show: long lines, CRLF, escape sequences."""

from __future__ import annotations

from tests.diagnostics.text_cases import JOIN, Case

CASES = [
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
