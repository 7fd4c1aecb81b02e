"""Texts in canonical layout, held against what they are made from."""

from __future__ import annotations

import gc
import sys
from itertools import zip_longest

from archdsl.diagnostics import ArchError, Collector, Diagnostic
from archdsl.formatting.declarations import FileWriter
from archdsl.formatting.page import lay_out
from archdsl.formatting.pen import Copy, Mismatch, Pen, Script, script
from archdsl.formatting.remarks import with_remarks
from archdsl.formatting.sameness import comments, difference
from archdsl.limits import DEFAULT_LIMITS, Budget, Limits
from archdsl.source import Source, Span
from archdsl.syntax import ast
from archdsl.syntax.parser import parse

#: Frames of Python for each bracket or operator in another, of a tree that is written.
_FRAMES = 12


class Unfaithful(Exception):
    """What the formatter made does not say what the text said: a mistake of the formatter."""


def formatted(source: Source, limits: Limits = DEFAULT_LIMITS) -> str:
    """The text in canonical layout. Raises ArchError for mistakes of syntax, Unfaithful for those of the formatter."""
    tree, found = _read(source, limits), script(source)
    text = _written(tree, Copy(source, found), limits)
    if text != source.text:
        _hold(source, tree, found, Source(source.name, text), limits)
    return text


def layout(tree: ast.File, limits: Limits = DEFAULT_LIMITS) -> str:
    """The text of a tree that code has made. Places and comments it has none. Raises Unfaithful for one that no text
    could be."""
    return _written(tree, Pen(), limits)


def _written(tree: ast.File, pen: Pen, limits: Limits) -> str:
    recursion, collecting = sys.getrecursionlimit(), gc.isenabled()
    sys.setrecursionlimit(max(recursion, _FRAMES * (limits.brackets + limits.operators)))
    gc.disable()  # it would walk the growing document again and again
    try:
        lines = with_remarks(lay_out(FileWriter(pen).file(tree)))
    except Mismatch as error:
        raise Unfaithful(str(error)) from None
    finally:
        sys.setrecursionlimit(recursion)
        if collecting:
            gc.enable()
    return "".join(f"{line}\n" for line in lines)


def _read(source: Source, limits: Limits) -> ast.File:
    collector = Collector(limits)
    tree = parse(source, collector, Budget(limits))
    if tree is None or collector.has_errors:
        raise ArchError(collector.diagnostics)
    return tree


def _hold(source: Source, tree: ast.File, found: Script, made: Source, limits: Limits) -> None:
    """Raises Unfaithful if a text that was made does not say the same, or would be laid out in another way; ArchError
    if the ends of its lines are words too many."""
    try:
        other = _read(made, limits)
    except ArchError as error:
        first = error.diagnostics[0]
        if first.code == "E904":
            message, start = f"formatted, {first.message}", Span(source, 0, 0)
            raise ArchError([Diagnostic("E904", message, start, help=first.help)]) from None
        raise Unfaithful(f"line {first.span.line} would be wrong: {first.message}") from None
    if where := difference(tree, other):
        raise Unfaithful(f"it would say something else: {where}")
    words = script(made)
    if comments(source, found) != comments(made, words):
        raise Unfaithful("a comment would be lost")
    again = _written(other, Copy(made, words), limits)
    pairs = zip_longest(made.text.split("\n"), again.split("\n"))
    for number, (line, second) in enumerate(pairs, 1):
        if line != second:
            raise Unfaithful(f"formatted again, line {number} would be another")
