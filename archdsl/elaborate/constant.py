"""Parts of a text that no model reaches, whatever its parameters are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from archdsl.diagnostics import Collector, Diagnostic, Label
from archdsl.elaborate.arithmetic import compare
from archdsl.elaborate.faults import Fault, Silence
from archdsl.elaborate.free import children
from archdsl.elaborate.session import Session
from archdsl.elaborate.values import POISON
from archdsl.elaborate.written import literal
from archdsl.limits import DEFAULT_LIMITS
from archdsl.source import Span
from archdsl.syntax import ast


def unreachable(nodes: Iterable[ast.AstNode]) -> Iterator[Diagnostic]:
    """W006 where a condition of literals, a loop through nothing or no copy leaves a part out, always."""
    stack = list(nodes)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.IfElement):
            yield from _arms(node)
        elif isinstance(node, ast.Conditional):
            known = always(node.condition)
            if known is not None:
                dead = node.otherwise if known else node.then
                yield _dead(dead.span, node.condition, known)
        elif isinstance(node, ast.IfClause) and always(node.condition) is False:
            yield _warning("the members are always left out", node.condition.span)
        elif isinstance(node, (ast.ForElement, ast.ForClause)) and _empty(node.iterable):
            yield _warning("the loop has nothing to run through", node.iterable.span)
        for element in _elements(node):
            if isinstance(element, ast.Binary) and element.op == "*" and literal(element.right) == 0:
                yield _warning("the layer is repeated 0 times: it is never there", element.span)
        stack.extend(children(node))


def _arms(node: ast.IfElement) -> Iterator[Diagnostic]:
    """What of an `if` is never chosen: an arm that is always false, and all behind one that is always true."""
    for number, arm in enumerate(node.arms):
        known = always(arm.condition)
        if known is False:
            yield _dead(_whole(arm.statements) or arm.span, arm.condition, known)
        elif known is True:
            dead = [_whole(later.statements) or later.span for later in node.arms[number + 1 :]]
            rest = _whole(node.otherwise or ())
            dead += [rest] if rest is not None else []
            if dead:
                yield _dead(dead[0].to(dead[-1]), arm.condition, known)
            return


def _whole(statements: tuple[ast.Statement, ...]) -> Span | None:
    return statements[0].span.to(statements[-1].span) if statements else None


def _dead(span: Span, condition: ast.Expr, known: bool) -> Diagnostic:
    label = Label(condition.span, f"this is always {'true' if known else 'false'}")
    return Diagnostic("W006", "this part is never reached", span, labels=(label,))


def _warning(message: str, span: Span) -> Diagnostic:
    return Diagnostic("W006", message, span)


def always(expr: ast.Expr, depth: int = 0) -> bool | None:
    """The value of a condition of literals; None where it depends on anything else."""
    if depth > 50:
        return None
    if isinstance(expr, ast.Boolean):
        return expr.value
    if isinstance(expr, ast.Group):
        return always(expr.inner, depth + 1)
    if isinstance(expr, ast.Unary) and expr.op == "not":
        inner = always(expr.operand, depth + 1)
        return None if inner is None else not inner
    if isinstance(expr, ast.Logical):
        sides = [always(operand, depth + 1) for operand in expr.operands]
        stop = expr.op == "or"
        return stop if stop in sides else None if None in sides else not stop
    if isinstance(expr, ast.Compare) and len(expr.operands) == 2:
        left, right = (literal(operand) for operand in expr.operands)
        if left is POISON or right is POISON:
            return None
        try:
            return compare(expr.ops[0], left, right, expr.span, Session(Collector(), DEFAULT_LIMITS))
        except (Fault, Silence):
            return None
    return None


def _empty(expr: ast.Expr) -> bool:
    """Whether this is `[]` or `range(0)`."""
    if isinstance(expr, ast.ListExpr):
        return not expr.items
    if isinstance(expr, ast.Call) and isinstance(expr.callee, ast.Name) and expr.callee.id == "range":
        values = [argument.value for argument in expr.arguments]
        return len(values) == 1 and isinstance(values[0], ast.Number) and values[0].value == 0
    return False


def _elements(node: ast.AstNode) -> Iterator[ast.Expr]:
    """The elements of a flow that a node holds, without the parentheses around them."""
    found: Iterable[ast.Expr] = ()
    if isinstance(node, ast.Pipeline):
        found = node.elements
    elif isinstance(node, ast.Fork):
        found = node.branches
    elif isinstance(node, (ast.Flow, ast.Assign, ast.Share)):
        found = (node.expr,)
    elif isinstance(node, ast.Labelled):
        found = (node.element,)
    for expr in found:
        while isinstance(expr, ast.Group):
            expr = expr.inner
        yield expr
