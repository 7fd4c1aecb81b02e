"""Mistakes that are evident from the text alone, told also where another mistake keeps a network from being worked out.

Elaboration says more of each, so these are looked for behind it, and only where it ended in errors: what it has told
already is not told again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from archdsl.diagnostics import Collector, Diagnostic
from archdsl.elaborate import arithmetic
from archdsl.elaborate.ends import missing_end
from archdsl.elaborate.expressions import blank_read
from archdsl.elaborate.faults import Fault, Silence
from archdsl.elaborate.flow import no_element
from archdsl.elaborate.free import children, used_names
from archdsl.elaborate.program import Unit
from archdsl.elaborate.values import POISON
from archdsl.elaborate.written import literal
from archdsl.graph.naming import cannot_name, same_name
from archdsl.layers import REGISTRY
from archdsl.syntax import ast

_DIVISIONS = frozenset(("/", "//", "%"))


def check_evident(unit: Unit, collector: Collector) -> None:
    """Report what stands in a file and is wrong whatever its names mean, beside what the collector has."""
    if unit.tree is None or not collector.has_errors:
        return
    told = {(d.span.source, d.span.start, d.span.end) for d in collector.diagnostics if d.is_error}
    for found in _evident(unit, unit.tree):
        if (found.span.source, found.span.start, found.span.end) not in told:
            collector.add(found)


def _evident(unit: Unit, tree: ast.File) -> Iterator[Diagnostic]:
    stack: list[ast.AstNode] = [tree]
    while stack:
        node = stack.pop()
        for fault in _faults(node):
            yield fault.diagnostic
        if isinstance(node, ast.Labelled) and _is_name(unit, node):
            label = cannot_name(node.label.value, node.label.span)
            if label is not None:
                yield label
        if isinstance(node, (ast.Block, ast.Network)) or (
            isinstance(node, ast.Labelled) and isinstance(node.element, ast.Body)
        ):
            yield from _labels(unit, node)
        below = children(node)
        if isinstance(node, ast.ListExpr):  # where `_` is a member, it matches anything
            below = [child for child in below if not isinstance(child, ast.Blank)]
        stack.extend(below)


def _faults(node: ast.AstNode) -> Iterator[Fault]:
    if isinstance(node, ast.Network):
        lacks = missing_end(node)
        if lacks is not None:
            yield lacks
    elif isinstance(node, ast.Blank):
        yield blank_read(node)
    elif isinstance(node, ast.Binary):
        yield from _of_operands(node)
    elif isinstance(node, (ast.IfArm, ast.IfClause, ast.Conditional)):
        try:
            arithmetic.truth(literal(node.condition), node.condition.span, "a condition")
        except Fault as fault:
            yield fault
        except Silence:
            pass
    elif isinstance(node, (ast.Pipeline, ast.Fork, ast.Flow)):
        parts: Iterable[ast.Expr] = (
            (node.expr,)
            if isinstance(node, ast.Flow)
            else (node.elements if isinstance(node, ast.Pipeline) else node.branches)
        )
        for part in parts:
            if isinstance(part, (ast.Number, ast.Boolean, ast.Text)) and literal(part) is not POISON:
                yield no_element(literal(part), part.span)


def _of_operands(node: ast.Binary) -> Iterator[Fault]:
    """E302 and E303 of literals. Where only one operand is one, the other is thought to be a number."""
    left, right = literal(node.left), literal(node.right)
    if node.op in _DIVISIONS and type(right) in (int, float) and right == 0 and type(left) is not str:
        yield Fault("E303", f"`{node.op}` divides by zero", node.span)
    elif node.op != "+" and str in (type(left), type(right)):
        known = [0 if value is POISON else value for value in (left, right)]
        yield arithmetic.mismatch(node.op, known[0], known[1], node.span)


def _labels(unit: Unit, level: ast.AstNode) -> Iterator[Diagnostic]:
    """E409 of labels that name modules of one level, where no choice and no loop stands around them."""
    first: dict[str, ast.Text] = {}
    stack = children(level.element if isinstance(level, ast.Labelled) else level)[::-1]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Labelled):
            label = node.label
            if _is_name(unit, node):
                before = first.setdefault(label.value, label)
                if before is not label:
                    yield same_name(label.value, before.span, label.span)
        elif isinstance(node, _IN_THE_LEVEL):
            stack.extend(children(node)[::-1])


#: Where an element stands that is applied once for each time that the level is.
_IN_THE_LEVEL = (ast.Flow, ast.Assign, ast.OutputStatement, ast.Pipeline, ast.Fork, ast.Group, ast.Body)


def _is_name(unit: Unit, node: ast.Labelled) -> bool:
    """Whether a label is known from the text, and its element has modules: it holds a layer that is one, or a block."""
    label = node.label
    return (
        label.fault is None
        and all(isinstance(part, str) for part in label.parts)
        and any(
            REGISTRY[name].is_module if name in REGISTRY else isinstance(unit.declaration(name), ast.Block)
            for name in used_names(node.element)
        )
    )
