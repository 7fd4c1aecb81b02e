"""Whether two texts say the same: their trees, but for places, and their comments."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

from archdsl.formatting.pen import BLANKS, Script
from archdsl.source import Source, Span
from archdsl.syntax import ast

_END = object()


def difference(one: ast.File, other: ast.File) -> str:
    """The first part in which two trees differ, or ""."""
    todo: list[tuple[Any, Any, str]] = [(one, other, "the file")]
    while todo:
        first, second, where = todo.pop()
        if first is second or isinstance(first, Span):
            continue
        if type(first) is not type(second):
            return where
        if isinstance(first, ast.AstNode):
            where = type(first).__name__
            if isinstance(first.span, Span) and not isinstance(first, ast.File):
                where = f"{where}, line {first.span.line}"
            names = reversed(first.__match_args__)
            todo += [(getattr(first, name), getattr(second, name), where) for name in names]
        elif isinstance(first, tuple):
            pairs = [*zip_longest(first, second, fillvalue=_END)]
            todo += [(a, b, where) for a, b in reversed(pairs)]
        elif first != second:
            return where
    return ""


def comments(source: Source, found: Script) -> list[str]:
    """The comments of a text in their order, from its words."""
    result: list[str] = []
    before, text = 0, source.text
    for _, start, end in found:
        if start - before > 1 and "#" in (between := text[before:start]):
            lines = between.split("\n")
            result += [line[line.index("#") :].rstrip(BLANKS) for line in lines if "#" in line]
        before = end
    return result
