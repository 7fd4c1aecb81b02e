"""Trees without a text are written, and read back as they were."""

from __future__ import annotations

from pathlib import Path

import pytest

from archdsl.diagnostics import Collector
from archdsl.formatting.formatting import formatted, layout
from archdsl.formatting.sameness import difference
from archdsl.source import Source, Span
from archdsl.syntax import ast
from archdsl.syntax.parser import parse
from tests.formatting.texts import SPECS, named

NOWHERE = Span(Source("", ""), 0, 0)


def read(text: str) -> ast.File:
    collector = Collector()
    tree = parse(Source("<text>", text), collector)
    assert tree is not None and not collector.diagnostics, text
    return tree


@pytest.mark.parametrize("path", SPECS, ids=named)
def test_without_its_text(path: Path) -> None:
    """A spec of which the tree alone is left: what an importer would write."""
    tree = read(path.read_text(encoding="utf-8"))
    text = layout(tree)
    assert difference(tree, read(text)) == ""
    assert formatted(Source("<text>", text)) == text


def name(id: str) -> ast.Name:
    return ast.Name(NOWHERE, id)


def binary(op: str, left: ast.Expr, right: ast.Expr) -> ast.Expr:
    return ast.Binary(NOWHERE, op, left, right)


A, B, C = name("a"), name("b"), name("c")
CHAIN = ast.Pipeline(NOWHERE, (A, B))
CHOICE = ast.Conditional(NOWHERE, A, B, C)
BOTH = ast.Logical(NOWHERE, "and", (A, B))
NOT = ast.Unary(NOWHERE, "not", A)
TREES = [
    (binary("*", binary("+", A, B), C), "(a + b) * c"),
    (binary("+", A, binary("+", B, C)), "a + (b + c)"),
    (binary("-", binary("-", A, B), C), "a - b - c"),
    (binary("**", binary("**", A, B), C), "(a ** b) ** c"),
    (binary("**", A, binary("**", B, C)), "a ** b ** c"),
    (binary("**", ast.Unary(NOWHERE, "-", A), B), "(-a) ** b"),
    (ast.Unary(NOWHERE, "-", binary("+", A, B)), "-(a + b)"),
    (ast.Logical(NOWHERE, "or", (BOTH, C)), "a and b or c"),
    (ast.Logical(NOWHERE, "and", (ast.Logical(NOWHERE, "or", (A, B)), C)), "(a or b) and c"),
    (ast.Compare(NOWHERE, ("not in",), (NOT, B)), "(not a) not in b"),
    (ast.Conditional(NOWHERE, CHOICE, B, CHOICE), "(a if b else c) if b else a if b else c"),
    (ast.Call(NOWHERE, CHAIN, ()), "(a -> b)()"),
    (ast.Pipeline(NOWHERE, (CHAIN, C)), "(a -> b) -> c"),
    (binary("*", ast.Body(NOWHERE, (ast.Flow(NOWHERE, A),)), B), "{ a } * b"),
    (ast.Labelled(NOWHERE, ast.Text(NOWHERE, "for", ("for",)), CHAIN), '"for": (a -> b)'),
    (ast.Labelled(NOWHERE, ast.Text(NOWHERE, 'a"{i}\n', ()), A), '"a\\"{i}\\n": a'),
    (ast.Text(NOWHERE, "\\t\t", ()), '"\\\\t\\t"'),
]


@pytest.mark.parametrize(("tree", "text"), TREES, ids=[text for _, text in TREES])
def test_parentheses_where_they_are_needed(tree: ast.Expr, text: str) -> None:
    let = ast.Let(NOWHERE, ast.Target(NOWHERE, "x"), tree)
    assert layout(ast.File(NOWHERE, "", (let,))) == f"let x = {text}\n"


def test_free_lines_between_declarations() -> None:
    tree = read("let a = 1; let b = 2; block c { relu }; block d { relu; bn }; model e = f; model g = f")
    assert layout(tree) == (
        "let a = 1\nlet b = 2\n\nblock c { relu }\n\nblock d {\n  relu\n  bn\n}\n\nmodel e = f\nmodel g = f\n"
    )
