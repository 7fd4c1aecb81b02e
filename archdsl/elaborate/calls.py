"""Calls: arguments, functions, initialisers, and the `default` arguments of layers and blocks."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from archdsl.elaborate.endless import UnderWay, same, through
from archdsl.elaborate.environment import DefaultArguments, Environment
from archdsl.elaborate.expressions import Evaluator
from archdsl.elaborate.faults import Fault, Silence
from archdsl.elaborate.lookup import Arrival
from archdsl.elaborate.matching import (
    Given,
    by_arrow,
    check_annotation,
    initialiser_signature,
    keyword_of_function,
    match_arguments,
    signature_of,
    unknown_argument,
)
from archdsl.elaborate.measured import Size, measured
from archdsl.elaborate.values import (
    POISON,
    BlockValue,
    BuiltinFunction,
    Closure,
    FunctionValue,
    Value,
    is_layer,
    show,
    type_name,
)
from archdsl.layers import INITIALISERS, REGISTRY, ArgumentError, Init, Param, Word, make_init
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
                    raise keyword_of_function(callee.name, argument)
            return callee.call([argument.value for argument in given], expr.span, self.session)
        if kind is FunctionValue:
            return self.call_function(callee, expr, self.arguments(expr.arguments, env, it))
        if kind is Word and callee.name in INITIALISERS:
            return self.initialiser(callee.name, expr, env, it)
        if is_layer(callee):
            raise Fault(
                "E308",
                "this is already a layer, and it cannot be called again",
                expr.callee.span,
                help=by_arrow(
                    expr.callee.span.text, [argument.value.span.text for argument in expr.arguments]
                )
                if isinstance(expr.callee, ast.Call)
                else "write it without the arguments, or annotate the parameter `block` and pass the block itself",
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

        With the `params` of a layer or an initialiser, words that one offers win over names in scope. A mistake in an
        argument is reported, and the argument is POISON. Raises Silence where that leaves open how many there are.
        """
        given: list[Given] = []
        open_ended = False
        names = list(params)
        for argument in arguments:
            if argument.star:
                try:
                    for value in self.members(argument.value, env, it, "`*` spreads"):
                        given.append(Given(None, value, argument.span, None))
                except (Fault, Silence) as found:
                    self.session.report(found, env.frame)
                    open_ended = True
                continue
            parameter = argument.name
            if parameter is None and len(given) < len(names):
                parameter = names[len(given)]
            try:
                value = self._word(argument.value, params, parameter)
                if value is None:
                    value = self.value(argument.value, env, it)
            except (Fault, Silence) as found:
                self.session.report(found, env.frame)
                value = POISON
            size = self._size(argument.value, env, it)
            given.append(Given(argument.name, value, argument.value.span, argument.name_span, size))
        if open_ended:
            raise Silence
        return given

    def _size(self, expr: ast.Expr, env: Environment, it: Arrival) -> Size | None:
        if type(expr) not in (ast.Slice, ast.Attribute, ast.ListExpr, ast.Group):
            return None
        return measured(expr, lambda target: self.value(target, env, it))

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
        given = self.arguments(expr.arguments, env, it, INITIALISERS[name].params)
        bound = match_arguments(initialiser_signature(name), given, expr.span).check()
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
            shown = ", ".join(f"`{show(argument.value, 30)}`" for argument in given[:4])
            note = (f"the last of the calls is given {shown}",) if shown else ()
            raise Fault(
                "E901",
                f"functions call each other more than {limit} deep",
                expr.span,
                notes=note,
                help=self.session.limits.mend("function_depth"),
            )
        scope = Environment(
            function.environment.outer, None, function.environment.defaults, function.environment
        )
        bound = match_arguments(signature_of(declaration), given, expr.span).check()
        self.session.step(expr.span, 4 + len(declaration.parameters))
        values = {name: argument.value for name, argument in bound.items()}
        called = UnderWay.of(declaration, values)
        self._check_end(called, expr)
        self.under_way.append(called)
        self.function_depth += 1
        try:
            for parameter in declaration.parameters:
                argument = bound.get(parameter.name)
                if argument is not None:
                    value = argument.value
                else:
                    assert parameter.default is not None
                    value = self.value(parameter.default, scope, None)
                check_annotation(parameter, value, expr.span if argument is None else argument.span)
                scope.variables[parameter.name] = value
            return self.value(declaration.expr, scope, None)
        finally:
            self.function_depth -= 1
            self.under_way.pop()

    def _check_end(self, called: UnderWay, expr: ast.Call) -> None:
        """Raises E901 if the same call of a function is under way already."""

        def spend(count: int) -> None:
            self.session.step(expr.span, count)

        for at in range(len(self.under_way) - 1, -1, -1):
            outer = self.under_way[at]
            if outer.declaration is not called.declaration or outer.rough != called.rough:
                continue
            if same(outer.values, called.values, spend):
                name = called.declaration.name
                names = [name, *(between.declaration.name for between in self.under_way[at + 1 :])]
                raise Fault(
                    "E901",
                    f"`{name}` calls itself{through(names)} with the same arguments, without end",
                    expr.span,
                    help="an argument must change from call to call, and a choice must end it: `x if x < 2 else …`",
                )

    # --- defaults ----------------------------------------------------------------------------------------------------

    def default(self, statement: ast.Default, env: Environment, it: Arrival) -> None:
        """`default conv(bias=false)`: from here on, in this scope and those inside."""
        try:
            value = self.name(statement.callee, env, it)
        except Silence:
            self.session.defaults_known = False
            raise
        if type(value) is not BlockValue:
            raise Fault("E308", f"`default` changes arguments of a layer or block, and this is {type_name(value)}",
                        statement.callee.span)  # fmt: skip
        params = value.target.params if isinstance(value.target, type) else NO_PARAMS
        takes = signature_of(value.target)
        changed: dict[str, Value] = {}
        for argument in self.arguments(statement.arguments, env, it, params):
            if argument.name is None:
                raise Fault("E205", "`default` takes keyword arguments only", argument.span,
                            help="name the argument: `default conv(bias=false)`")  # fmt: skip
            if argument.name not in takes.names:
                raise unknown_argument(takes, argument)
            changed[argument.name] = argument.value
        entry = env.defaults.get(statement.callee.id)
        if entry is not None and entry.target is value.target:
            changed = {**entry.arguments, **changed}
        self.session.step(statement.span, 2 + len(env.defaults))
        env.defaults = {**env.defaults, statement.callee.id: DefaultArguments(value.target, changed)}


def hidden(expr: ast.Expr, env: Environment) -> tuple[str, ...]:
    """A note, if a name in scope hides a layer or block that was perhaps meant."""
    if not isinstance(expr, ast.Name):
        return ()
    if env.local(expr.id) is None:
        own = expr.id in REGISTRY
        return (
            (f"`{expr.id}` is declared in this file, which hides the layer of the same name",) if own else ()
        )
    outer = env.outer.find(expr.id)
    if type(outer) is BlockValue or type(outer) is BuiltinFunction:
        return (f"`{expr.id}` is bound in this block, which hides {type_name(outer)} of the same name",)
    return ()
