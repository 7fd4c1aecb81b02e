"""Names that hide others where that is hardly meant."""

from __future__ import annotations

from collections.abc import Iterator

from archdsl.diagnostics import Diagnostic, Label
from archdsl.elaborate.builtins import FUNCTIONS
from archdsl.elaborate.free import bound_names, children, target_names, target_places
from archdsl.elaborate.program import Unit
from archdsl.layers import REGISTRY
from archdsl.source import Span
from archdsl.syntax import ast


def hidden_by_file(unit: Unit) -> Iterator[Diagnostic]:
    """W004 for what a file declares or imports under the name of a layer or function of the language."""
    tree = unit.tree
    assert tree is not None
    for declaration in tree.declarations:
        if isinstance(declaration, ast.Import):
            for item in declaration.names:
                yield from _builtin(item.alias or item.name, "imported name", item.span)
        elif isinstance(declaration, ast.Let):
            for name, span in target_places(declaration.target):
                yield from _builtin(name, "value", span)
        elif isinstance(declaration, ast.Function):
            yield from _builtin(declaration.name, "function", declaration.name_span)
        elif isinstance(declaration, (ast.Block, ast.Extern)):
            yield from _builtin(declaration.name, "block", declaration.name_span)


def _builtin(name: str, what: str, span: Span) -> Iterator[Diagnostic]:
    hidden = "layer" if name in REGISTRY else "function" if name in FUNCTIONS else ""
    if hidden:
        yield Diagnostic(
            "W004",
            f"the {what} `{name}` hides the {hidden} of that name in the whole file",
            span,
            help="give it a name of its own",
        )


def hidden_in_block(declaration: ast.Block | ast.Network, unit: Unit) -> Iterator[Diagnostic]:
    """W004 where a `let`, `def` or `share` that has the name of a layer, function or block is called or stands in a
    pipeline, and where an inner scope hides a name that is read behind it."""
    used = _applied(declaration)
    stack: list[ast.AstNode] = list(declaration.statements)
    while stack:
        node = stack.pop()
        for name, span, what in _values(node):
            hidden = (
                "block"
                if isinstance(unit.declaration(name), (ast.Block, ast.Network, ast.Extern))
                else "layer"
                if name in REGISTRY
                else "function"
                if name in FUNCTIONS or isinstance(unit.declaration(name), ast.Function)
                else ""
            )
            if hidden and name in used:
                yield Diagnostic(
                    "W004",
                    f"the {what} `{name}` hides the {hidden} of that name",
                    span,
                    labels=(Label(used[name], f"this is the {what}"),),
                    help="give it a name of its own",
                )
        stack.extend(children(node))
    yield from _inner(declaration)


def _values(node: ast.AstNode) -> Iterator[tuple[str, Span, str]]:
    if isinstance(node, ast.Let):
        for name, span in target_places(node.target):
            yield name, span, "value"
    elif isinstance(node, ast.Function):
        yield node.name, node.name_span, "function"
    elif isinstance(node, ast.Share):
        yield node.name, node.name_span, "shared layer"


def _applied(declaration: ast.AstNode) -> dict[str, Span]:
    """Names that are called, or stand inside a pipeline, with a place of each."""
    found: dict[str, Span] = {}
    stack: list[ast.AstNode] = [declaration]
    while stack:
        node = stack.pop()
        names: list[ast.Expr] = []
        if isinstance(node, ast.Call):
            names = [node.callee]
        elif isinstance(node, ast.Pipeline):
            names = list(node.elements[1:])
        for name in names:
            if isinstance(name, ast.Name):
                found.setdefault(name.id, name.span)
        stack.extend(children(node))
    return found


def _inner(declaration: ast.Block | ast.Network) -> Iterator[Diagnostic]:
    """Names that a `{ }` or a loop binds for itself, while the text behind it reads one outside of the same name."""
    first: dict[str, Span] = {p.name: p.span for p in declaration.parameters}
    last: dict[str, Span] = {}
    inner: list[tuple[str, Span, Span]] = []  # name, its place, the scope that ends with it
    stack: list[tuple[ast.AstNode, bool]] = [(s, True) for s in reversed(declaration.statements)]
    while stack:
        node, outside = stack.pop()
        if isinstance(node, ast.Name):
            if outside and (node.id not in last or last[node.id].start < node.span.start):
                last[node.id] = node.span
            continue
        if isinstance(node, ast.Body) and outside:
            inner += [(name, _place(node, name), node.span) for name in sorted(bound_names(node.statements))]
            outside = False
        elif isinstance(node, ast.ForElement) and outside:
            inner += [(name, span, node.span) for name, span in target_places(node.target)]
        elif outside and isinstance(node, (ast.Let, ast.Assign)):
            for target in node.targets if isinstance(node, ast.Assign) else (node.target,):
                for name, span in target_places(target):
                    first.setdefault(name, span)
        stack.extend((child, outside) for child in reversed(children(node)))
    for name, span, scope in inner:
        before, after = first.get(name), last.get(name)
        if before is None or after is None or name.startswith("_"):
            continue
        if before.start < scope.start and after.start >= scope.end:
            yield Diagnostic(
                "W004",
                f"`{name}` hides the one outside, which is there again behind it",
                span,
                labels=(Label(before, "bound here"), Label(after, "this reads the one outside")),
                help="give it a name of its own",
            )


def _place(body: ast.Body, name: str) -> Span:
    """Where a body binds a name."""
    stack: list[ast.AstNode] = list(reversed(body.statements))
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if name in target_names(target):
                    return target.span
        elif isinstance(node, (ast.Let, ast.ForElement)) and name in target_names(node.target):
            return node.target.span
        elif isinstance(node, (ast.Share, ast.Function)) and node.name == name:
            return node.name_span
        stack.extend(reversed(children(node)))
    return body.span
