"""Names of a declaration that are bound and never read, or bound anew before they are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from archdsl.diagnostics import Diagnostic, Label
from archdsl.elaborate.free import children, target_places, used_names
from archdsl.source import Span
from archdsl.syntax import ast

Owner = ast.Block | ast.Network | ast.Extern | ast.Function

_MENDS = {
    "tensor": "leave the name out, the flow goes on without it; or call it `_{name}`",
    "member of the bundle": "`_` takes what is not wanted",
    "tensor of `takes`": "call it `_{name}` if it is not wanted",
}


@dataclass(slots=True)
class _Uses:
    """What a declaration binds, first place and kind, and the names that it reads."""

    bound: dict[str, tuple[Span, str]] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    made: dict[str, Span] = field(default_factory=dict)  # statements that make tensors


def unused_names(declaration: Owner) -> Iterator[tuple[Diagnostic, Span | None]]:
    """W002 for what a declaration binds and never reads, unless its name begins with `_`; with the statement that
    makes it, if it is a tensor.

    A tensor that is given to an extern block reaches its module, whether an entry names it or not.
    """
    uses = _uses(declaration)
    for name, (span, what) in uses.bound.items():
        if name not in uses.read and not name.startswith("_"):
            help = _MENDS.get(what, "remove it, or call it `_{name}` if it is there to be read").format(
                name=name
            )
            warning = Diagnostic("W002", f"the {what} `{name}` is never used", span, help=help)
            yield warning, uses.made.get(name)


def _uses(declaration: Owner) -> _Uses:
    uses = _Uses()
    extern = isinstance(declaration, ast.Extern)
    if isinstance(declaration, ast.Block) and declaration.takes and _begins_apart(declaration):
        uses.bound.update({t.name: (t.span, "tensor of `takes`") for t in declaration.takes})
    stack: list[ast.AstNode] = [declaration]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Name):
            uses.read.add(node.id)
        elif isinstance(node, ast.Text):
            stack.extend(part for part in node.parts if not isinstance(part, str))
            continue
        elif isinstance(node, ast.Parameter):
            if node.annotation == "tensor" and extern:
                uses.read.add(node.name)
            uses.bound.setdefault(node.name, (node.span, "parameter"))
        elif isinstance(node, ast.Share):
            uses.bound.setdefault(node.name, (node.name_span, "shared layer"))
        elif isinstance(node, ast.Function) and node is not declaration:
            uses.bound.setdefault(node.name, (node.name_span, "function"))
        elif isinstance(node, ast.Let):
            for name, span in target_places(node.target):
                uses.bound.setdefault(name, (span, "value"))
        elif isinstance(node, ast.Assign):
            what = "tensor" if len(node.targets) == 1 else "member of the bundle"
            for target in node.targets:
                for name, span in target_places(target):
                    uses.bound.setdefault(name, (span, what))
                    uses.made.setdefault(name, node.span)
        stack.extend(children(node))
    return uses


def _begins_apart(block: ast.Block) -> bool:
    """Whether the flow of a block that `takes` several begins with some of them by their names.

    Else it begins with all of them as a bundle, which their names document.
    """
    taken = {t.name for t in block.takes or ()}
    for statement in block.statements:
        if isinstance(statement, (ast.Flow, ast.Assign)):
            heads = list(_heads(statement.expr))
            return bool(heads) and all(isinstance(head, ast.Name) and head.id in taken for head in heads)
        if isinstance(statement, ast.OutputStatement):
            return False
    return False


def _heads(expr: ast.Expr) -> Iterator[ast.Expr]:
    """What stands at the head of an element: of each branch of a fork."""
    stack: list[ast.Expr] = [expr]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Pipeline):
            stack.append(node.elements[0])
        elif isinstance(node, ast.Group):
            stack.append(node.inner)
        elif isinstance(node, ast.Labelled):
            stack.append(node.element)
        elif isinstance(node, ast.Fork):
            stack.extend(node.branches)
        else:
            yield node


def replaced_names(declaration: ast.Block | ast.Network) -> Iterator[Diagnostic]:
    """W005 for what is bound anew, in the same list of statements, before it is read."""
    given = {p.name: (p.span, "parameter") for p in declaration.parameters}
    lists: list[tuple[Sequence[ast.Statement], dict[str, tuple[Span, str]]]] = [
        (declaration.statements, given)
    ]
    while lists:
        statements, waiting = lists.pop()
        for statement in statements:
            lists.extend((inside, {}) for inside in _lists(statement))
            for name in used_names(statement):
                waiting.pop(name, None)
            for name, span, what in _binds(statement):
                if name in waiting and not name.startswith("_"):
                    first, kind = waiting[name]
                    yield Diagnostic(
                        "W005",
                        f"the {kind} `{name}` is replaced before it is read",
                        first,
                        labels=(Label(span, "replaced here"),),
                        help="remove the one that is not wanted, or give each a name of its own",
                    )
                waiting[name] = (span, what)


def _binds(statement: ast.Statement) -> Iterator[tuple[str, Span, str]]:
    if isinstance(statement, ast.Let):
        for name, span in target_places(statement.target):
            yield name, span, "value"
    elif isinstance(statement, ast.Assign):
        for target in statement.targets:
            for name, span in target_places(target):
                yield name, span, "tensor"
    elif isinstance(statement, ast.Share):
        yield statement.name, statement.name_span, "shared layer"
    elif isinstance(statement, ast.Function):
        yield statement.name, statement.name_span, "function"


def _lists(statement: ast.Statement) -> Iterator[Sequence[ast.Statement]]:
    """The lists of statements inside one."""
    stack: list[ast.AstNode] = [statement]
    while stack:
        node = stack.pop()
        if node is not statement and isinstance(node, (ast.Body, ast.ForElement, ast.IfArm)):
            yield node.statements
            outside = [node.iterable] if isinstance(node, ast.ForElement) else []
            stack.extend([node.condition] if isinstance(node, ast.IfArm) else outside)
            continue
        if isinstance(node, ast.IfElement):
            if node.otherwise is not None:
                yield node.otherwise
            stack.extend(node.arms)
            continue
        stack.extend(children(node))
