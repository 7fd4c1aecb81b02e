"""Calls: arguments, functions, initialisers, and the `default` arguments of layers and blocks."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from archdsl.elaborate.environment import DefaultArguments, Environment
from archdsl.elaborate.expressions import Evaluator
from archdsl.elaborate.faults import Fault, Silence
from archdsl.elaborate.lookup import Arrival
from archdsl.elaborate.matching import (
    Given,
    check_annotation,
    match_arguments,
    missing_argument,
    parameter_names,
    unknown_argument,
)
from archdsl.elaborate.values import (
    POISON,
    BlockValue,
    BuiltinFunction,
    Closure,
    FunctionValue,
    Value,
    is_layer,
    type_name,
)
from archdsl.layers import INITIALISERS, ArgumentError, Init, Param, Word, make_init
from archdsl.syntax import ast

#: of a callee that offers no words
NO_PARAMS: Mapping[str, Param[Any]] = MappingProxyType({})


class Calls(Evaluator):
    """Evaluates calls. Those of blocks and layers stay closed until something arrives."""

    def call(self, expr: ast.Call, env: Environment, it: Arrival) -> Value:
        callee = self.lazy(expr.callee, env, it)
        kind = type(callee)
        if kind is BlockValue:
            return Closure(expr, env)
        if kind is BuiltinFunction:
            given = self.arguments(expr.arguments, env, it)
            for argument in given:
                if argument.name is not None:
                    raise Fault(
                        "E203",
                        f"`{callee.name}` takes no keyword arguments",
                        argument.name_span or argument.span,
                    )
            return callee.call([argument.value for argument in given], expr.span)
        if kind is FunctionValue:
            return self.call_function(callee, expr, self.arguments(expr.arguments, env, it))
        if kind is Word and callee.name in INITIALISERS:
            return self.initialiser(callee.name, expr, env, it)
        if is_layer(callee):
            raise Fault(
                "E308",
                "this is already a layer, and it cannot be called again",
                expr.callee.span,
                help="write it without the arguments, or annotate the parameter `block` and pass the block itself",
            )
        raise Fault(
            "E308", f"{type_name(callee)} cannot be called", expr.callee.span, notes=hidden(expr.callee, env)
        )

    def arguments(
        self,
        arguments: tuple[ast.Argument, ...],
        env: Environment,
        it: Arrival,
        params: Mapping[str, Param[Any]] = NO_PARAMS,
    ) -> list[Given]:
        """The arguments of a call, evaluated in the order of the text, stars spread.

        With the `params` of a layer or an initialiser, words that one offers win over names in scope. Raises the
        first Fault after all arguments were looked at; the other Faults are reported.
        """
        given: list[Given] = []
        problem: Fault | Silence | None = None
        names = list(params)
        for argument in arguments:
            try:
                if argument.star:
                    for value in self.members(argument.value, env, it, "`*` spreads"):
                        given.append(Given(None, value, argument.span, None))
                    continue
                parameter = argument.name
                if parameter is None and len(given) < len(names):
                    parameter = names[len(given)]
                value = self._word(argument.value, params, parameter)
                if value is None:
                    value = self.value(argument.value, env, it)
                given.append(Given(argument.name, value, argument.value.span, argument.name_span))
            except (Fault, Silence) as found:
                if isinstance(problem, Fault):
                    self.session.report(problem, env.frame)
                problem = found if problem is None or isinstance(found, Fault) else problem
        if problem is not None:
            raise problem
        return given

    def _word(self, expr: ast.Expr, params: Mapping[str, Param[Any]], parameter: str | None) -> Value | None:
        if parameter is None or type(expr) is not ast.Name:
            return None
        declared = params.get(parameter)
        if declared is None:
            return None
        kind = declared.kind
        if expr.id in kind.words or (kind.is_init and expr.id in INITIALISERS):
            return Word(expr.id)
        return None

    def initialiser(self, name: str, expr: ast.Call, env: Environment, it: Arrival) -> Init:
        params = INITIALISERS[name].params
        given = self.arguments(expr.arguments, env, it, params)
        bound = match_arguments(name, list(params), given, expr.callee.span)
        for parameter, declared in params.items():
            if declared.required and parameter not in bound:
                raise missing_argument(name, parameter, expr.span)
        if any(argument.value is POISON for argument in bound.values()):
            raise Silence
        try:
            return make_init(name, {parameter: argument.value for parameter, argument in bound.items()})
        except ArgumentError as error:
            blamed = bound[error.parameter].span if error.parameter in bound else expr.span
            raise Fault(error.code, error.message, blamed, help=error.help) from None

    def call_function(self, function: FunctionValue, expr: ast.Call, given: list[Given]) -> Value:
        declaration = function.declaration
        limit = self.session.limits.function_depth
        if self.function_depth >= limit:
            raise Fault("E901", f"functions call each other more than {limit} deep", expr.span)
        scope = Environment(
            function.environment.outer, None, function.environment.defaults, function.environment
        )
        bound = match_arguments(
            declaration.name, [p.name for p in declaration.parameters], given, expr.callee.span
        )
        self.session.step(expr.span)
        self.function_depth += 1
        try:
            for parameter in declaration.parameters:
                argument = bound.get(parameter.name)
                if argument is not None:
                    value = argument.value
                elif parameter.default is not None:
                    value = self.value(parameter.default, scope, None)
                else:
                    raise missing_argument(declaration.name, parameter.name, expr.span)
                check_annotation(parameter, value, expr.span if argument is None else argument.span)
                scope.variables[parameter.name] = value
            return self.value(declaration.expr, scope, None)
        finally:
            self.function_depth -= 1

    # --- defaults ----------------------------------------------------------------------------------------------------

    def default(self, statement: ast.Default, env: Environment, it: Arrival) -> None:
        """`default conv(bias=false)`: from here on, in this scope and those inside."""
        value = self.name(statement.callee, env, it)
        if type(value) is not BlockValue:
            raise Fault("E308", f"`default` changes arguments of a layer or block, and this is {type_name(value)}",
                        statement.callee.span)  # fmt: skip
        params = value.target.params if isinstance(value.target, type) else NO_PARAMS
        names = parameter_names(value)
        changed: dict[str, Value] = {}
        for argument in self.arguments(statement.arguments, env, it, params):
            if argument.name is None:
                raise Fault("E205", "`default` takes keyword arguments only", argument.span,
                            help="name the argument: `default conv(bias=false)`")  # fmt: skip
            if argument.name not in names:
                raise unknown_argument(value.name, argument, names)
            changed[argument.name] = argument.value
        entry = env.defaults.get(statement.callee.id)
        if entry is not None and entry.target is value.target:
            changed = {**entry.arguments, **changed}
        env.defaults = {**env.defaults, statement.callee.id: DefaultArguments(value.target, changed)}


def hidden(expr: ast.Expr, env: Environment) -> tuple[str, ...]:
    """A note, if a name in scope hides a layer or block that was perhaps meant."""
    if not isinstance(expr, ast.Name) or env.local(expr.id) is None:
        return ()
    outer = env.outer.find(expr.id)
    if type(outer) is BlockValue or type(outer) is BuiltinFunction:
        return (f"`{expr.id}` is bound in this block, which hides {type_name(outer)} of the same name",)
    return ()
