"""A tree in one short line, for tables of tests."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from archdsl.diagnostics.core import Collector, Diagnostic
from archdsl.source import Source
from archdsl.syntax import ast
from archdsl.syntax.parser import parse, parse_expression


def expression(text: str) -> str:
    """The tree of an expression; asserts that nothing is wrong with it."""
    collector = Collector()
    tree = parse_expression(Source("test", text), collector)
    assert not collector.diagnostics, collector.diagnostics
    assert tree is not None
    return sexpr(tree)


def file(text: str) -> ast.File:
    """The tree of a file; asserts that nothing is wrong with it."""
    collector = Collector()
    tree = parse(Source("test", text), collector)
    assert not collector.diagnostics, collector.diagnostics
    assert tree is not None
    return tree


def body(text: str) -> str:
    """The trees of statements, in a network."""
    (network,) = file(f"network n {{ {text} }}").declarations
    assert isinstance(network, ast.Network)
    return " ; ".join(sexpr(statement) for statement in network.statements)


def faults(text: str) -> list[Diagnostic]:
    """What the parser says of a file."""
    collector = Collector()
    parse(Source("test", text), collector)
    return collector.diagnostics


def fault(text: str) -> Diagnostic:
    """The one thing that the parser says of a file."""
    (found,) = faults(text)
    return found


def all_of(nodes: Iterable[Any]) -> str:
    return " ".join(sexpr(node) for node in nodes)


def sexpr(node: Any) -> str:
    """Words for leaves, `(kind …)` for the rest, `.` for what is not there."""
    if node is None:
        return "."
    if isinstance(node, str):
        return f"'{node}'"
    show = _SHOW.get(type(node))
    assert show is not None, type(node)
    return show(node)


def _text(n: ast.Text) -> str:
    if n.fault is not None:
        return f"(fault {n.fault[0]} at {n.fault[1].text})"
    plain = not n.parts or (len(n.parts) == 1 and n.parts[0] == n.value)
    return f'"{n.value}"' if plain else f"(text {all_of(n.parts)})"


def _number(n: ast.Number) -> str:
    return repr(n.value)


def _compare(n: ast.Compare) -> str:
    rest = " ".join(f"{op} {sexpr(x)}" for op, x in zip(n.ops, n.operands[1:], strict=True))
    return f"({sexpr(n.operands[0])} {rest})"


def _argument(n: ast.Argument) -> str:
    return ("*" if n.star else "") + (f"{n.name}=" if n.name else "") + sexpr(n.value)


def _target(n: ast.Target) -> str:
    return n.name if n.name is not None else f"({all_of(n.parts)})"


def _if(n: ast.IfElement) -> str:
    arms = " ".join(f"{sexpr(arm.condition)} {{{all_of(arm.statements)}}}" for arm in n.arms)
    otherwise = "" if n.otherwise is None else f" else {{{all_of(n.otherwise)}}}"
    return f"(when {arms}{otherwise})"


def _expect(n: ast.Expect) -> str:
    about = f" ~ {n.about.text}" if n.about else ""
    message = f" {sexpr(n.message)}" if n.message else ""
    return f"(expect {sexpr(n.condition)}{about}{message})"


def _dimension(n: ast.Dimension) -> str:
    return f"{n.symbol}={sexpr(n.value)}" if n.symbol else sexpr(n.value)


def _output(n: ast.OutputStatement) -> str:
    expr = f" {sexpr(n.expr)}" if n.expr else ""
    return f"(output {n.name}{expr}{' training' if n.training else ''})"


def _parameter(n: ast.Parameter) -> str:
    annotation = f":{n.annotation}" if n.annotation else ""
    return n.name + annotation + (f"={sexpr(n.default)}" if n.default else "")


def _header(n: Any) -> str:
    takes = ""
    if getattr(n, "takes", None) is not None:
        takes = f" takes {' '.join(('*' if t.star else '') + t.name for t in n.takes)}"
    doc = f" doc '{n.doc}'" if n.doc else ""
    return f"{n.name} ({all_of(n.parameters)}){takes}{doc}"


def _import(n: ast.Import) -> str:
    names = " ".join(x.name + (f" as {x.alias}" if x.alias else "") for x in n.names)
    return f"(from {'.' * n.dots}{'.'.join(n.module)} {names})"


_SHOW: dict[type, Any] = {
    ast.Number: _number,
    ast.Boolean: lambda n: str(n.value).lower(),
    ast.Text: _text,
    ast.Extents: lambda n: "x".join(str(size) for size in n.sizes),
    ast.Name: lambda n: n.id,
    ast.It: lambda n: "it",
    ast.In: lambda n: "in",
    ast.Blank: lambda n: "_",
    ast.Star: lambda n: f"*{sexpr(n.value)}",
    ast.ListExpr: lambda n: f"[{all_of(n.items)}]",
    ast.Target: _target,
    ast.ForClause: lambda n: f"(for {sexpr(n.target)} {sexpr(n.iterable)})",
    ast.IfClause: lambda n: f"(if {sexpr(n.condition)})",
    ast.ListComprehension: lambda n: f"(list {sexpr(n.element)} {all_of(n.clauses)})",
    ast.Unary: lambda n: f"({n.op} {sexpr(n.operand)})",
    ast.Binary: lambda n: f"({n.op} {sexpr(n.left)} {sexpr(n.right)})",
    ast.Logical: lambda n: f"({n.op} {all_of(n.operands)})",
    ast.Compare: _compare,
    ast.Conditional: lambda n: f"(if {sexpr(n.condition)} {sexpr(n.then)} {sexpr(n.otherwise)})",
    ast.Index: lambda n: f"(index {sexpr(n.target)} {sexpr(n.index)})",
    ast.Slice: lambda n: f"(slice {sexpr(n.target)} {sexpr(n.start)} {sexpr(n.stop)} {sexpr(n.step)})",
    ast.Attribute: lambda n: f"{sexpr(n.target)}.{n.name}",
    ast.Argument: _argument,
    ast.Call: lambda n: f"({' '.join([sexpr(n.callee), 'of', *map(sexpr, n.arguments)])})",
    ast.Pipeline: lambda n: f"(-> {all_of(n.elements)})",
    ast.Group: lambda n: f"(group {sexpr(n.inner)})",
    ast.Fork: lambda n: f"(fork {all_of(n.branches)})",
    ast.ForkComprehension: lambda n: f"(fork {sexpr(n.element)} {all_of(n.clauses)})",
    ast.Labelled: lambda n: f"({sexpr(n.label)}: {sexpr(n.element)})",
    ast.Body: lambda n: f"{{{all_of(n.statements)}}}",
    ast.IfElement: _if,
    ast.ForElement: lambda n: f"(for {sexpr(n.target)} {sexpr(n.iterable)} {{{all_of(n.statements)}}})",
    ast.Flow: lambda n: sexpr(n.expr),
    ast.Assign: lambda n: f"({' '.join(map(sexpr, n.targets))} = {sexpr(n.expr)})",
    ast.Let: lambda n: f"(let {sexpr(n.target)} {sexpr(n.expr)})",
    ast.Share: lambda n: f"(share {n.name} {sexpr(n.expr)})",
    ast.Default: lambda n: f"(default {sexpr(n.callee)} {all_of(n.arguments)})",
    ast.Expect: _expect,
    ast.Dimension: _dimension,
    ast.InputStatement: lambda n: f"(input {n.name} [{all_of(n.dimensions)}])",
    ast.OutputStatement: _output,
    ast.Parameter: _parameter,
    ast.Function: lambda n: f"(def {n.name} ({all_of(n.parameters)}) {sexpr(n.expr)})",
    ast.Import: _import,
    ast.Block: lambda n: f"(block {_header(n)} {{{all_of(n.statements)}}})",
    ast.Network: lambda n: f"(network {_header(n)} {{{all_of(n.statements)}}})",
    ast.Model: lambda n: f"(model {n.name} {sexpr(n.expr)} {{{all_of(n.expects)}}})",
    ast.Entry: lambda n: f"{n.name}={sexpr(n.value)}",
    ast.Extern: lambda n: f"(extern {_header(n)} {{{all_of(n.entries)}}})",
    ast.Broken: lambda n: f"(broken {n.span.text!r} {all_of(n.statements)})".replace(" )", ")"),
    ast.File: lambda n: (f"doc '{n.doc}' " if n.doc else "") + all_of(n.declarations),
}
