"""Calls as they are written: what of their arguments is wrong whatever reaches them."""

from __future__ import annotations

from collections.abc import Container
from math import isnan

from archdsl.diagnostics import Collector, Diagnostic
from archdsl.diagnostics.near import did_you_mean
from archdsl.elaborate.attributes import unknown_attribute
from archdsl.elaborate.builtins import FUNCTIONS, check_count
from archdsl.elaborate.faults import Fault, Silence
from archdsl.elaborate.free import children
from archdsl.elaborate.matching import (
    Given,
    Signature,
    check_annotation,
    initialiser_signature,
    keyword_of_function,
    match_arguments,
    signature_of,
)
from archdsl.elaborate.program import Unit
from archdsl.elaborate.values import POISON, Value
from archdsl.layers import INITIALISERS, REGISTRY, Word
from archdsl.layers.kinds import Mismatch
from archdsl.source import Span
from archdsl.syntax import ast


class WrittenCalls:
    """Checks the calls of one file, as far as the callee and the arguments are known from the text."""

    def __init__(self, unit: Unit, collector: Collector) -> None:
        self.unit = unit
        self.collector = collector
        self.words: set[ast.Name] = set()  # words that no layer offers, already reported
        self.completed: set[int] = set()  # calls that may get more arguments from outside: those of models
        self.defaults = _defaults(unit)
        self.lenient = False

    def element(self, node: ast.Name) -> None:
        """A layer or block that stands without arguments."""
        takes, declared = self._callee(node.id)
        if takes is not None and not isinstance(declared, ast.Function) and not self.lenient:
            self._match(takes, (), node.span, self.defaults.get(node.id, ()))

    def attribute(self, node: ast.Attribute) -> None:
        fault = unknown_attribute(node)
        if fault is not None:
            self.collector.add(fault.diagnostic)

    def call(
        self, node: ast.Call | ast.Default, bound: Container[str], outer: Container[str], lenient: bool
    ) -> None:
        """`bound` are the names of the block, `outer` those of the file and the language.

        Where it is `lenient`, any name may be bound, and any argument given, by what cannot be read.
        """
        self.lenient = lenient
        callee = node.callee
        if not isinstance(callee, ast.Name) or callee.id in bound:
            return
        if callee.id in FUNCTIONS and self.unit.declaration(callee.id) is None:
            if callee.id not in self.unit.imported:
                self._function(node, callee.id)
            return
        takes, declared = self._callee(callee.id)
        if takes is None or (id(node) in self.completed and not isinstance(declared, ast.Network)):
            return
        given = [
            self._given(takes, argument, number, bound, outer)
            for number, argument in enumerate(node.arguments)
        ]
        if isinstance(node, ast.Default):
            given = [argument for argument in given if argument.name is not None]
            free: Container[str] = takes.names
        else:
            complete = lenient or id(node) in self.completed
            free = takes.names if complete else self.defaults.get(callee.id, ())
        if any(argument.star for argument in node.arguments):  # how many there are is not known
            named = [argument for argument in given if argument.name is not None]
            known = {a.name for a in named if a.name in takes.names}
            self._match(takes, named, node.span, takes.names)
            given = [a for a in named if a.name in known]
        else:
            self._match(takes, given, node.span, free)
        self._values(takes, declared, given)

    def _callee(self, name: str) -> tuple[Signature | None, ast.AstNode | None]:
        """What a name of the file or the language takes when it is called."""
        if name in self.unit.declared or name in self.unit.imported:
            declared = self.unit.declaration(name)
            if isinstance(declared, (ast.Block, ast.Network, ast.Extern, ast.Function)):
                return signature_of(declared), declared
            return None, None
        if name in REGISTRY:
            return signature_of(REGISTRY[name]), None
        return (initialiser_signature(name) if name in INITIALISERS else None), None

    def _match(
        self, takes: Signature, given: tuple[Given, ...] | list[Given], span: Span, free: Container[str]
    ) -> None:
        try:
            for fault in match_arguments(takes, given, span, free).faults:
                self.collector.add(fault.diagnostic)
        except Silence:
            pass

    def _function(self, node: ast.Call | ast.Default, name: str) -> None:
        """A function of the language: how many arguments, none of them by name."""
        star = False
        for argument in node.arguments:
            star = star or argument.star
            if argument.name is not None:
                given = Given(argument.name, POISON, argument.value.span, argument.name_span)
                self.collector.add(keyword_of_function(name, given).diagnostic)
                return
        if not star and isinstance(node, ast.Call):
            try:
                check_count(name, len(node.arguments), node.span)
            except Fault as fault:
                self.collector.add(fault.diagnostic)

    def _given(
        self,
        takes: Signature,
        argument: ast.Argument,
        number: int,
        bound: Container[str],
        outer: Container[str],
    ) -> Given:
        """An argument with its value, POISON where that is not a literal."""
        name = argument.name
        if name is None and number < len(takes.names):
            name = takes.names[number]
        param = takes.params.get(name or "")
        expr, value = argument.value, literal(argument.value)
        if param is not None and isinstance(expr, ast.Name):
            kind = param.kind
            if expr.id in kind.words or (kind.is_init and expr.id in INITIALISERS):
                value = Word(expr.id)
            elif kind.words and expr.id not in bound and expr.id not in outer:
                self._word(takes.callee, name or "", kind.words, expr)
        return Given(argument.name, value, expr.span, argument.name_span)

    def _word(self, callee: str, name: str, words: tuple[str, ...], expr: ast.Name) -> None:
        """E601 for an unknown name where a layer or an initialiser offers words to choose from."""
        offered = ", ".join(f"`{w}`" for w in words)
        message = f"`{name}` of `{callee}` offers {offered}, and not `{expr.id}`"
        self.words.add(expr)
        if self.lenient:
            return
        self.collector.add(Diagnostic("E601", message, expr.span, help=did_you_mean(expr.id, words)))

    def _values(self, takes: Signature, declared: ast.AstNode | None, given: list[Given]) -> None:
        """E601 and E306 of literals."""
        parameters = {p.name: p for p in getattr(declared, "parameters", ())}
        for number, argument in enumerate(given):
            name = argument.name
            if name is None:
                name = takes.names[number] if number < len(takes.names) else ""
            if argument.value is POISON:
                continue
            if name in parameters:
                try:
                    check_annotation(parameters[name], argument.value, argument.span)
                except Fault as fault:
                    self.collector.add(fault.diagnostic)
            elif name in takes.params:
                param = takes.params[name]
                if argument.name is None and type(argument.value) is int and param.by_name:
                    continue  # the elaboration has a word to say of it
                try:
                    param.kind.convert(argument.value)
                except Mismatch as found:
                    message = f"`{name}` of `{takes.callee}` is {found.expected}, not {found.found}"
                    self.collector.add(Diagnostic("E601", message, argument.span, help=found.help))


def literal(expr: ast.Expr, depth: int = 0) -> Value:
    """The value of an expression of literals; POISON of any other."""
    if isinstance(expr, ast.Number):
        return POISON if isnan(expr.value) else expr.value
    if isinstance(expr, ast.Boolean):
        return expr.value
    if isinstance(expr, ast.Text):
        return POISON if expr.fault is not None else expr.value
    if isinstance(expr, ast.Extents):
        return list(expr.sizes) if expr.sizes else POISON
    if isinstance(expr, ast.Unary) and expr.op in ("-", "+"):
        value: Value = literal(expr.operand, depth + 1) if depth < 3 else POISON
        if type(value) is not int and type(value) is not float:
            return POISON
        return -value if expr.op == "-" else value
    if isinstance(expr, ast.ListExpr) and depth < 3:
        items = [
            literal(item, depth + 1) if not isinstance(item, ast.Star) else POISON for item in expr.items
        ]
        return POISON if any(item is POISON for item in items) else items
    return POISON


def _defaults(unit: Unit) -> dict[str, set[str]]:
    """For each layer or block, the arguments that some `default` of the file gives it."""
    found: dict[str, set[str]] = {}
    stack: list[ast.AstNode] = [] if unit.tree is None else [unit.tree]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Default):
            names = {argument.name for argument in node.arguments if argument.name is not None}
            found.setdefault(node.callee.id, set()).update(names)
        stack.extend(children(node))
    return found
