"""From the lexer's tokens to the parser's: which newlines end a statement, which brackets match, and the limits.

A newline or `;` ends a statement. A newline is a blank inside `( )` and `[ ]`; after `->`, `|`, `,`, `=` or an
operator; and before `->`, `else` or `elif`. A `{` makes newlines end statements again until its `}`.
"""

from __future__ import annotations

from collections.abc import Iterator

from archdsl.diagnostics.core import Diagnostic, Label
from archdsl.source import Source, Span
from archdsl.syntax.faults import Fault, Word

#: Brackets within brackets. What walks the tree recurses on them.
MAX_BRACKETS = 200

#: Operators, calls, indices, attributes and brackets of one expression, counted along its deepest path.
MAX_OPERATORS = 500

CLOSER = {"(": ")", "[": "]", "{": "}"}
OPENER = {")": "(", "]": "[", "}": "{"}

#: Kinds of words that end an operand, so that an `in` or a bracket behind them continues the expression.
_ENDS_OPERAND = frozenset(
    {
        "NAME",
        "NUMBER",
        "STRING",
        "EXTENTS",
        "RPAR",
        "RSQB",
        "RBRACE",
        "IT",
        "IN",
        "TRUE",
        "FALSE",
        "UNDERSCORE",
    }
)
_OPERATORS = frozenset(["+", "-", "*", "/", "//", "%", "**", "==", "!=", "<", "<=", ">", ">=", "~", "and", "or", "not"])
_CONTINUES = _OPERATORS | {"->", "|", ",", "="}
_JOINS_LINES = frozenset({"->", "else", "elif"})
_SEPARATES = frozenset({",", "|", "->", "=", "for", "let"})
_DEEPENS = (_OPERATORS - {"~"}) | {".", "if", "in"}


class Newlines:
    """The stage between lexer and parser. One object serves one text at a time."""

    always_accept = ("SEPARATOR", "UNCLOSED_STRING", "STRANGE")

    def __init__(self) -> None:
        self.source = Source("", "")
        self.base = 0
        self.open: list[Word] = []

    def process(self, stream: Iterator[Word]) -> Iterator[Word]:
        """The tokens of `stream` with the separators that count, and with offsets from `base` on."""
        source, base = self.source, self.base
        opened: list[Word] = []
        self.open = opened
        heights: list[
            list[int]
        ] = []  # per open bracket: height of the expression now, and the highest so far
        now = highest = 0
        pending: Word | None = None
        previous = "{"  # the text of the word before; at the start as after a `{`
        ends_operand = False
        not_in = False  # the word before is the `not` of `not in`
        for word in stream:
            kind, value = word.type, word.value
            if base:
                assert word.start_pos is not None and word.end_pos is not None
                word.start_pos += base
                word.end_pos += base
            if kind == "SEPARATOR":
                if opened and opened[-1].value != "{":
                    if value != ";":
                        continue
                    yield word  # the parser says that it does not belong here
                elif value == ";" or (pending is None and previous not in _CONTINUES):
                    pending = word
                continue
            if pending is not None:
                if (value in _JOINS_LINES and pending.value != ";") or value == "}" or previous == "{":
                    pass
                else:
                    yield pending
                    now = highest = 0
                pending = None
            if kind == "STRANGE" or kind == "UNCLOSED_STRING":
                raise Fault(strange(source, word))
            if value in _SEPARATES:
                highest, now = max(highest, now), 0
            elif value in _DEEPENS:
                now += 1
                if now > MAX_OPERATORS:
                    raise Fault(_too_many(source, word))
            elif value in CLOSER and kind != "STRING":
                opened.append(word)
                if len(opened) > MAX_BRACKETS:
                    raise Fault(_too_deep(source, word))
                heights.append([now, highest])
                now = highest = 0
            elif value in OPENER and kind != "STRING":
                if not opened or opened[-1].value != OPENER[value]:
                    raise Fault(mismatched(source, word, opened))
                opened.pop()
                inner = max(highest, now)
                now, highest = heights.pop()
                now += inner + 1
                if now > MAX_OPERATORS:
                    raise Fault(_too_many(source, word))
            yield word
            if value == "in":
                value = "+" if ends_operand or not_in else "it"  # an operator, or the input
                kind = "PLUS" if value == "+" else "IN"
            not_in = ends_operand and value == "not"
            ends_operand = kind in _ENDS_OPERAND
            previous = value


def place(source: Source, word: Word) -> Span:
    """The place of a word."""
    assert word.start_pos is not None and word.end_pos is not None
    return Span(source, word.start_pos, word.end_pos)


def strange(source: Source, word: Word) -> Diagnostic:
    """For what the lexer does not know."""
    span = place(source, word)
    if word.type == "UNCLOSED_STRING":
        return Diagnostic("E104", "this string is not closed", span, help='end it with `"` on the same line')
    return Diagnostic("E103", f"`{word.value}` is no part of the language", span)


def mismatched(source: Source, word: Word, opened: list[Word]) -> Diagnostic:
    """For a closing bracket that does not close what is open."""
    span = place(source, word)
    if not opened:
        return Diagnostic("E102", f"this `{word.value}` closes nothing", span)
    opener = opened[-1]
    return Diagnostic(
        "E102",
        f"`{opener.value}` is not closed",
        place(source, opener),
        "opened here",
        (Label(span, f"`{CLOSER[opener.value]}` is wanted before this `{word.value}`"),),
    )


def _too_deep(source: Source, word: Word) -> Diagnostic:
    return Diagnostic(
        "E904",
        f"more than {MAX_BRACKETS} brackets are open at once",
        place(source, word),
        help="give the inner parts names: a `block`, a `let` or a `def`",
    )


def _too_many(source: Source, word: Word) -> Diagnostic:
    return Diagnostic(
        "E904",
        f"this expression has more than {MAX_OPERATORS} operators",
        place(source, word),
        help="give its parts names with `let`, or write a list and `sum`",
    )
