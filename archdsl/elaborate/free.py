"""Which names an expression uses and does not bind itself."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields

from archdsl.source import Span
from archdsl.syntax import ast

_FIELDS: dict[type, tuple[str, ...]] = {}
_BROKEN: dict[int, tuple[ast.AstNode, bool]] = {}
_USED: dict[int, tuple[ast.AstNode, frozenset[str]]] = {}


def children(node: ast.AstNode) -> list[ast.AstNode]:
    """The nodes directly below one, in the order of the text."""
    kind = type(node)
    names = _FIELDS.get(kind)
    if names is None:
        names = _FIELDS[kind] = tuple(
            f.name for f in fields(kind) if f.name not in ("span", "name_span", "fault")
        )
    found: list[ast.AstNode] = []
    for name in names:
        value = getattr(node, name)
        if type(value) is tuple:
            found += [item for item in value if isinstance(item, ast.AstNode)]
        elif isinstance(value, ast.AstNode):
            found.append(value)
    return found


def target_names(target: ast.Target) -> Iterator[str]:
    if target.name is not None:
        if target.name != "_":
            yield target.name
    for part in target.parts:
        yield from target_names(part)


def target_places(target: ast.Target) -> Iterator[tuple[str, Span]]:
    """The names of a target, each with its place."""
    if target.name is not None and target.name != "_":
        yield target.name, target.span
    for part in target.parts:
        yield from target_places(part)


def used_names(expr: ast.AstNode) -> frozenset[str]:
    """Every name that stands in an expression (also those that it binds: a superset of the free ones)."""
    cached = _USED.get(id(expr))
    if cached is not None and cached[0] is expr:
        return cached[1]
    found: set[str] = set()
    stack: list[ast.AstNode] = [expr]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Text):
            stack.extend(part for part in node.parts if isinstance(part, ast.AstNode))
        else:
            if isinstance(node, ast.Broken):
                found.update(node.reads)
            stack.extend(children(node))
    names = frozenset(found)
    if len(_USED) > 100_000:
        _USED.clear()
    _USED[id(expr)] = (expr, names)
    return names


def bound_names(statements: tuple[ast.Statement, ...]) -> set[str]:
    """Every name that statements of one scope bind, in whatever branch; not those of `{ }` and comprehensions."""
    found: set[str] = set()
    stack: list[ast.AstNode] = list(statements)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Assign):
            for target in node.targets:
                found.update(target_names(target))
        elif isinstance(node, (ast.Let, ast.ForElement)):
            found.update(target_names(node.target))
        elif isinstance(node, (ast.Share, ast.Function, ast.InputStatement)):
            found.add(node.name)
            if isinstance(node, ast.Function):
                continue
        elif isinstance(node, ast.Dimension) and node.symbol is not None:
            found.add(node.symbol)
        elif isinstance(node, ast.Broken):
            found.update(node.binds)
        elif isinstance(node, ast.Body):
            continue
        stack.extend(children(node))
    return found


def free_names(node: ast.AstNode) -> frozenset[str]:
    """The names that an expression takes from outside. What a `{ }` or a comprehension binds is its own."""
    if isinstance(node, ast.Name):
        return frozenset((node.id,))
    if isinstance(node, ast.Broken):
        return frozenset(node.reads) | _free(node.statements)
    if isinstance(node, ast.Text):
        return _free(part for part in node.parts if isinstance(part, ast.AstNode))
    if isinstance(node, (ast.ForkComprehension, ast.ListComprehension)):
        inside = free_names(node.element)
        for clause in reversed(node.clauses):
            if isinstance(clause, ast.ForClause):
                inside = (inside - set(target_names(clause.target))) | free_names(clause.iterable)
            else:
                inside |= free_names(clause.condition)
        return inside
    if isinstance(node, ast.Body):
        return _free(node.statements) - bound_names(node.statements)
    if isinstance(node, (ast.IfElement, ast.ForElement)):
        return _free(children(node)) - bound_names((ast.Flow(node.span, node),))
    if isinstance(node, ast.Function):
        return free_names(node.expr) - {p.name for p in node.parameters}
    return _free(children(node))


def _free(nodes: Iterable[ast.AstNode]) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    for node in nodes:
        found |= free_names(node)
    return found


def broken_inside(node: ast.AstNode) -> bool:
    """Whether a mistake of syntax stands in a declaration: then what it lacks may be what could not be read."""
    cached = _BROKEN.get(id(node))
    if cached is not None and cached[0] is node:
        return cached[1]
    found = False
    stack = [node]
    while stack and not found:
        node_ = stack.pop()
        found = isinstance(node_, ast.Broken)
        stack.extend(children(node_))
    if len(_BROKEN) > 10_000:
        _BROKEN.clear()
    _BROKEN[id(node)] = (node, found)
    return found


Binding = tuple[ast.AstNode, tuple[ast.IfArm, ...]]


def bindings(statements: tuple[ast.Statement, ...]) -> dict[str, list[Binding]]:
    """The nodes that bind each name of one scope, in the order of the text, with the `if` arms around them."""
    found: dict[str, list[Binding]] = {}
    stack: list[Binding] = [(s, ()) for s in reversed(statements)]
    while stack:
        node, arms = stack.pop()
        if isinstance(node, ast.Body):
            continue
        names: list[str] = []
        if isinstance(node, ast.Assign):
            names = [name for target in node.targets for name in target_names(target)]
        elif isinstance(node, (ast.Let, ast.ForElement)):
            names = list(target_names(node.target))
        elif isinstance(node, (ast.Share, ast.Function, ast.InputStatement)):
            names = [node.name]
        elif isinstance(node, ast.Dimension) and node.symbol is not None:
            names = [node.symbol]
        elif isinstance(node, ast.Broken):
            names = list(node.binds)
        for name in dict.fromkeys(names):
            found.setdefault(name, []).append((node, arms))
        if isinstance(node, ast.Function):
            continue
        around = (*arms, node) if isinstance(node, ast.IfArm) else arms
        stack.extend((child, around) for child in reversed(children(node)))
    return found


def loops_in(statements: tuple[ast.Statement, ...]) -> list[Span]:
    """The places of the outermost loops, in the order of the text."""
    found: list[Span] = []
    stack: list[ast.AstNode] = list(reversed(statements))
    while stack:
        node = stack.pop()
        if isinstance(node, ast.ForElement):
            found.append(node.span)
        else:
            stack.extend(reversed(children(node)))
    return found


def begins(node: ast.AstNode, loops: Sequence[Span]) -> int:
    """Before which place a name is certainly not bound by this: what a loop binds is there in its next round."""
    at = bisect_right(loops, node.span.start, key=lambda span: span.start) - 1
    if at >= 0 and node.span.end <= loops[at].end:
        return loops[at].start
    return node.span.end if isinstance(node, (ast.Let, ast.Assign)) else node.span.start
