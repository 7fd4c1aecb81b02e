"""How long texts are: lines that say something, without blank ones, comments and docstrings."""

from __future__ import annotations

import ast as python
import io
import tokenize
from collections.abc import Iterator
from typing import NamedTuple

from archdsl.api import Spec
from archdsl.elaborate.free import children
from archdsl.elaborate.program import Unit
from archdsl.source import Span
from archdsl.syntax import ast


class Lines(NamedTuple):
    """Those of the spec itself, and of the files that it imports."""

    own: int
    imported: int


def spec_lines(spec: Spec, model: str) -> Lines:
    """What a model is made of: its line, its network, the blocks and values that these use, defaults and imports."""
    found: dict[Unit, set[int]] = {}
    seen: set[int] = set()

    def read(unit: Unit, declaration: ast.AstNode) -> None:
        if id(declaration) in seen:
            return
        seen.add(id(declaration))
        if unit not in found:
            found[unit] = set()
            for default in declarations(unit):
                if isinstance(default, ast.Default):
                    read(unit, default)
        found[unit] |= set(lines_of(declaration.span)) - set(docstring(declaration))
        for name in {node.id for node in walk(declaration) if isinstance(node, ast.Name)}:
            look_up(unit, name)

    def look_up(unit: Unit, name: str) -> None:
        if name in unit.declared:
            read(unit, unit.declared[name])
        elif name in unit.imported:
            line, item = unit.imported[name]
            found.setdefault(unit, set()).update(lines_of(line.span))
            other = unit.imports[id(line)]
            assert other is not None
            look_up(other, item.name)

    main = spec._unit
    for declaration in declarations(main):
        if isinstance(declaration, ast.Model | ast.Network) and declaration.name == model:
            read(main, declaration)
            break
    return Lines(len(found.pop(main)), sum(map(len, found.values())))


def declarations(unit: Unit) -> tuple[ast.Declaration, ...]:
    assert unit.tree is not None
    return unit.tree.declarations


def walk(node: ast.AstNode) -> Iterator[ast.AstNode]:
    yield node
    for child in children(node):
        yield from walk(child)


def lines_of(span: Span) -> Iterator[int]:
    """Numbers of the lines of a piece of a spec that say something."""
    first, _ = span.source.position(span.start)
    for number, line in enumerate(span.source.text[span.start : span.end].splitlines(), first):
        if line.strip() and not line.strip().startswith("#"):
            yield number


def docstring(declaration: ast.AstNode) -> Iterator[int]:
    """Numbers of the lines of its docstring, which stands alone on them."""
    doc = getattr(declaration, "doc", "")
    text = declaration.span.source.text
    at = text.find(f'"{doc}"', declaration.span.start, declaration.span.end) if doc else -1
    if at >= 0:
        line, _ = declaration.span.source.position(at)
        yield from range(line, line + doc.count("\n") + 1)


def python_lines(source: str) -> int:
    """Those of a module in Python."""
    kept: set[int] = set()
    quiet = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in quiet and token.string:
            kept.update(range(token.start[0], token.end[0] + 1))
    for node in python.walk(python.parse(source)):
        if isinstance(node, python.Module | python.ClassDef | python.FunctionDef):
            if python.get_docstring(node) is not None:
                kept.difference_update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    return len(kept)
