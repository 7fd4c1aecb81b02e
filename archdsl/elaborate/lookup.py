"""What a name means where it stands, and what is said when it means nothing; `it` and `in`."""

from __future__ import annotations

from typing import Any

from archdsl.elaborate.environment import Environment
from archdsl.elaborate.faults import Fault, Silence
from archdsl.elaborate.free import Binding, bindings
from archdsl.elaborate.session import Session
from archdsl.elaborate.unknown import Sort, unbound_name, unknown_name
from archdsl.elaborate.values import POISON, BlockValue, BuiltinFunction, FunctionValue, Value, is_layer
from archdsl.graph.model import Tensor
from archdsl.source import Span
from archdsl.syntax import ast

Arrival = Any  # a bundle (list of Tensor), POISON, or None where nothing arrives


class Lookup:
    """Finds the values of names."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._bindings: dict[int, tuple[Any, dict[str, list[Binding]]]] = {}  # of bodies, by their id
        self._unbound: set[tuple[int, str]] = set()  # names of bodies that are told of

    def name(self, expr: ast.Name, env: Environment, it: Arrival) -> Value:
        value = env.find(expr.id)
        if value is None:
            raise self.unknown(expr, env)
        if value is POISON:
            raise Silence
        if type(value) is BlockValue:
            entry = env.defaults.get(expr.id)
            if entry is not None and entry.target is value.target:
                return value.with_defaults(entry.arguments)
        return value

    def unknown(self, expr: ast.Name, env: Environment) -> Fault | Silence:
        """E202 if some other path binds the name, else E201; Silence if the check of names reported it."""
        if env.outer.reported(expr.span):
            return Silence()
        if env.frame is not None:
            statements = env.frame.statements
            # a walk through the body: once, however many names are missing
            if id(statements) not in self._bindings:
                self._bindings[id(statements)] = (statements, bindings(statements))
            places = self._bindings[id(statements)][1].get(expr.id)
            if places:
                if (id(statements), expr.id) in self._unbound:  # once, however often it is read
                    return Silence()
                self._unbound.add((id(statements), expr.id))
                return unbound_name(expr.id, expr.span, places)
        known = dict(env.outer.names())
        scope: Environment | None = env
        while scope is not None:
            known.update({name: _sort(value) for name, value in scope.variables.items()})
            scope = scope.parent
        return unknown_name(expr.id, expr.span, known)

    def it(self, expr: ast.It, env: Environment, it: Arrival) -> Value:
        return self._arrival(it, expr.span, "it", env)

    def input(self, expr: ast.In, env: Environment, it: Arrival) -> Value:
        frame = env.frame
        return self._arrival(None if frame is None else frame.input, expr.span, "in", env)

    def _arrival(self, arrival: Arrival, span: Span, word: str, env: Environment) -> Value:
        if arrival is POISON:
            raise Silence
        if arrival is None:
            raise Fault(
                "E208",
                f"`{word}` stands where no tensor arrives",
                span,
                help="a function and a file have no flow of their own: give what is read as an argument"
                if env.frame is None
                else "in a network of several inputs, name the tensor",
            )
        return arrival[0] if len(arrival) == 1 else arrival


def _sort(value: Value) -> Sort:
    if type(value) is Tensor:
        return Sort.TENSOR
    if type(value) in (FunctionValue, BuiltinFunction):
        return Sort.FUNCTION
    return Sort.LAYER if is_layer(value) else Sort.VALUE
