"""Declarations of a file that no model reaches, and defaults that no call takes."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence, Set

from archdsl.diagnostics import Diagnostic
from archdsl.elaborate.free import children, target_places, used_names
from archdsl.elaborate.program import Unit, is_model, networks_of_models
from archdsl.source import Span
from archdsl.syntax import ast


def unreached(unit: Unit) -> Iterator[Diagnostic]:
    """W002 for the declarations of a file with models that none of them needs. A file without models is a library.

    Of declarations that need each other, the first is blamed, with those that only it needs in a note.
    """
    tree = unit.tree
    assert tree is not None
    used = networks_of_models(tree)
    declared = _declared(tree)
    needs: dict[str, frozenset[str]] = {}
    for name, (_, _, nodes) in declared.items():
        needs[name] = _declared_of(nodes, declared) - {name}
    roots: set[str] = set()
    for declaration in tree.declarations:
        if isinstance(declaration, ast.Model) or (
            isinstance(declaration, ast.Network) and is_model(declaration, used)
        ):
            roots |= _declared_of([declaration], declared)
            if isinstance(declaration, ast.Network):
                roots.add(declaration.name)
        elif isinstance(declaration, ast.Default):
            roots |= _declared_of(declaration.arguments, declared)
    reached = _closure(roots, needs, frozenset())
    left = [name for name in declared if name not in reached]
    wanted = {other for name in left for other in needs[name]}
    blamed = set(reached)  # and what is not to blame
    for name in [*(n for n in left if n not in wanted), *left]:
        if name in blamed or name.startswith("_"):
            continue
        with_it = _closure({name}, needs, blamed) - {name}
        blamed |= {name, *with_it}
        span, what, _ = declared[name]
        note = (
            f"nor is what it alone needs: {', '.join(f'`{n}`' for n in sorted(with_it)[:8])}"
            if with_it
            else ""
        )
        yield Diagnostic("W002", f"the {what} `{name}` is never used", span, notes=(note,) if note else ())


def _declared(tree: ast.File) -> dict[str, tuple[Span, str, list[ast.AstNode]]]:
    """Place, kind and text of each declaration that has a use, in the order of the text."""
    found: dict[str, tuple[Span, str, list[ast.AstNode]]] = {}
    for declaration in tree.declarations:
        if isinstance(declaration, ast.Import):
            for item in declaration.names:
                found.setdefault(item.alias or item.name, (item.span, "imported name", []))
        elif isinstance(declaration, ast.Let):
            for name, span in target_places(declaration.target):
                found.setdefault(name, (span, "value", []))[2].append(declaration)
        elif isinstance(declaration, (ast.Block, ast.Network, ast.Extern, ast.Function)):
            what = {ast.Block: "block", ast.Network: "network", ast.Extern: "block"}.get(
                type(declaration), "function"
            )
            found.setdefault(declaration.name, (declaration.name_span, what, [declaration]))
    return found


def _declared_of(nodes: Iterable[ast.AstNode], declared: Container[str]) -> frozenset[str]:
    """The declarations that nodes name: as many steps as these have names, however many there are."""
    return frozenset(name for node in nodes for name in used_names(node) if name in declared)


def _closure(roots: Set[str], needs: Mapping[str, frozenset[str]], but: Set[str]) -> set[str]:
    """What is reached from the roots, not through what is left out."""
    reached: set[str] = set()
    stack = list(roots)
    while stack:
        name = stack.pop()
        if name not in reached and name not in but:
            reached.add(name)
            stack.extend(needs.get(name, ()))
    return reached


def idle_defaults(statements: Sequence[ast.AstNode]) -> Iterator[Diagnostic]:
    """W002 for each `default` behind which, up to the end of its braces, nothing mentions the layer."""
    lists: list[Sequence[ast.AstNode]] = [statements]
    while lists:
        below = lists.pop()
        named: set[str] = set()
        for statement in reversed(below):
            if isinstance(statement, ast.Default):
                name = statement.callee.id
                if name not in named:
                    yield Diagnostic(
                        "W002",
                        f"the default of `{name}` is never used",
                        statement.span,
                        help=f"a default changes the calls of `{name}` below it, up to the end of the braces or the "
                        "file, and none is there",
                    )
                named |= frozenset().union(*(used_names(argument) for argument in statement.arguments))
            else:
                named |= used_names(statement)
            if not isinstance(statement, ast.Default):
                lists.extend(_inner(statement))


def _inner(statement: ast.AstNode) -> Iterator[Sequence[ast.AstNode]]:
    """The lists of statements directly inside a node, and inside those of its parts that have none."""
    stack: list[ast.AstNode] = [statement]
    while stack:
        node = stack.pop()
        lists = [value for value in _bodies(node) if value]
        yield from lists
        inside = {id(item) for value in lists for item in value}
        stack.extend(child for child in children(node) if id(child) not in inside)


def _bodies(node: ast.AstNode) -> Iterator[Sequence[ast.AstNode]]:
    if isinstance(node, (ast.Block, ast.Network, ast.Body, ast.IfArm, ast.ForElement)):
        yield node.statements
    elif isinstance(node, ast.IfElement) and node.otherwise is not None:
        yield node.otherwise
