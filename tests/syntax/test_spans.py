"""Every node knows its place: exactly its text, without the blanks around it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from archdsl.diagnostics.core import Collector
from archdsl.source import Source, Span
from archdsl.syntax import ast
from archdsl.syntax.parser import parse, parse_expression
from tests.syntax.sexpr import sexpr
from tests.syntax.test_algebra import BODIES, LABELS, PIPELINES
from tests.syntax.test_declarations import DECLARATIONS
from tests.syntax.test_expressions import ATOMS, COMPREHENSIONS, POSTFIX, PRECEDENCE
from tests.syntax.test_statements import STATEMENTS

EXAMPLES = sorted((Path(__file__).parent / "data").glob("*.arch"))
EXPRESSIONS = [
    text for text, _ in ATOMS + COMPREHENSIONS + POSTFIX + PRECEDENCE + BODIES + LABELS + PIPELINES
]


def children(node: ast.AstNode) -> Iterator[ast.AstNode]:
    for field in fields(node):
        yield from _nodes(getattr(node, field.name))


def _nodes(value: object) -> Iterator[ast.AstNode]:
    if isinstance(value, ast.AstNode):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _nodes(item)


def everything(node: ast.AstNode) -> Iterator[ast.AstNode]:
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(children(node))


def check(tree: ast.AstNode, source: Source) -> None:
    for node in everything(tree):
        text = node.span.text
        assert node.span.source is source
        if not isinstance(node, ast.File):
            assert text
            assert text == text.strip()
        at = node.span.start
        for child in children(node):
            assert node.span.start <= child.span.start <= child.span.end <= node.span.end, (node, child)
            if not isinstance(node, ast.Default | ast.Network | ast.Block | ast.Extern):
                assert at <= child.span.start or isinstance(node, ast.Conditional), (node, child)
            at = child.span.start
        for name, field in (("name_span", "name"), ("name_span", "id")):
            place = getattr(node, name, None)
            if isinstance(place, Span) and hasattr(node, field):
                assert place.text == getattr(node, field)


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_span_of_an_expression(text: str) -> None:
    source = Source("test", f" # before\n  {text}  # behind\n")
    tree = parse_expression(source, Collector())
    assert tree is not None
    assert tree.span.text == text
    check(tree, source)


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_the_text_of_every_part_means_that_part(text: str) -> None:
    tree = parse_expression(Source("test", text), Collector())
    assert tree is not None
    for part in everything(tree):
        is_name = isinstance(part, ast.Text) and not part.span.text.startswith('"')
        if isinstance(part, ast.Expr) and not is_name:
            again = parse_expression(Source("test", part.span.text), Collector())
            assert sexpr(again) == sexpr(part)


@pytest.mark.parametrize("text", [text for text, _ in STATEMENTS if text and ";" not in text])
def test_span_of_a_statement(text: str) -> None:
    source = Source("test", f"network n {{ a\n {text} # behind\n b }}")
    tree = parse(source, Collector())
    assert tree is not None
    (network,) = tree.declarations
    assert isinstance(network, ast.Network)
    assert [statement.span.text for statement in network.statements] == ["a", text, "b"]
    check(tree, source)


@pytest.mark.parametrize(
    "text", [text for text, tree in DECLARATIONS if tree and "doc" not in tree and ";" not in text]
)
def test_span_of_a_declaration(text: str) -> None:
    source = Source("test", f"\n\n  {text}  # behind\n\nlet last = 1")
    tree = parse(source, Collector())
    assert tree is not None
    assert [declaration.span.text for declaration in tree.declarations] == [text, "let last = 1"]
    assert tree.span.text == source.text
    check(tree, source)


def spans(text: str) -> list[tuple[str, str]]:
    tree = parse(Source("test", text), Collector())
    assert tree is not None
    return [(type(node).__name__, node.span.text) for node in everything(tree)]


@pytest.mark.parametrize(
    ("text", "kind", "at"),
    [
        ("block a(x: int = 3, y) { }", "Parameter", ["x: int = 3", "y"]),
        ("block a(x: int) { }", "Parameter", ["x: int"]),
        ("block a takes b, *c { }", "Taken", ["b", "*c"]),
        ("from a import b, c as d", "ImportedName", ["b", "c as d"]),
        ("network n { input x: [3, H=2 * 4] }", "Dimension", ["3", "H=2 * 4"]),
        ("let x = [a for b, (c, _) in d if e]", "Target", ["x", "b, (c, _)", "b", "(c, _)", "c", "_"]),
        ("let x = [a for b, (c, _) in d if e]", "ForClause", ["for b, (c, _) in d"]),
        ("let x = [a for b, (c, _) in d if e]", "IfClause", ["if e"]),
        ("block a { f(b, *c, d = e) }", "Argument", ["b", "*c", "d = e"]),
        ("block a { if b { c } elif d { e } else { f } }", "IfArm", ["if b { c }", "elif d { e }"]),
        ("block a { x, _ = b }", "Target", ["x", "_"]),
        ("let x = [*a]", "Star", ["*a"]),
        ('block a { "x{i + 1}": b }', "Binary", ["i + 1"]),
    ],
)
def test_span_of_a_part(text: str, kind: str, at: list[str]) -> None:
    found = sorted((text.index(part), part) for part in at)
    assert sorted((text.index(part), part) for name, part in spans(text) if name == kind) == found


def test_spans_in_strings_are_those_of_the_source() -> None:
    source = Source("test", 'let a = 1\nlet b = ["x", "yy{in.channels + 2}z{c}"]')
    tree = parse(source, Collector())
    assert tree is not None
    found = [
        node.span for node in everything(tree) if isinstance(node, ast.Attribute | ast.Binary | ast.Name)
    ]
    assert [span.text for span in found] == ["c", "in.channels + 2", "in.channels"]
    check(tree, source)


def test_places_of_names() -> None:
    text = "from .a.b import c\nextern block e { shape = t.shape }\nnetwork n { share s = f(k=1)\n output o\n input i: [1]\n}"
    tree = parse(Source("test", text), Collector())
    assert tree is not None
    (imported, *_) = tree.declarations
    assert isinstance(imported, ast.Import)
    assert imported.module_span.text == ".a.b"
    names = [node.name_span.text for node in everything(tree) if getattr(node, "name_span", None)]  # type: ignore[attr-defined]
    assert sorted(names) == ["e", "i", "k", "n", "o", "s", "shape", "shape"]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_spans_of_the_examples(path: Path) -> None:
    source = Source(path.name, path.read_text(encoding="utf-8"))
    collector = Collector()
    tree = parse(source, collector)
    assert not collector.diagnostics
    assert tree is not None
    check(tree, source)
