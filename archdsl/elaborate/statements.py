"""Statements: what they bind, and how the flow passes through them."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from archdsl.elaborate.build import Builder
from archdsl.elaborate.bundles import wrong_names
from archdsl.elaborate.calls import Calls
from archdsl.elaborate.environment import Environment
from archdsl.elaborate.faults import Fault, Silence
from archdsl.elaborate.free import bound_names, free_names, used_names
from archdsl.elaborate.values import POISON, FunctionValue, SharedLayer, is_layer, type_name
from archdsl.syntax import ast

Current = Any  # a bundle (list of Tensor); POISON; None before a flow begins


class Statements(Calls):
    """Runs statements. `current` is the flow: a bundle, POISON after a mistake, None before it begins."""

    builder: Builder

    @abstractmethod
    def element(self, expr: ast.Expr, env: Environment, current: Current, head: bool) -> Current:
        """Apply an element; a mistake in it is reported, and POISON flows on."""

    @abstractmethod
    def input_statement(
        self, statement: ast.InputStatement, env: Environment, current: Current
    ) -> Current: ...

    @abstractmethod
    def output_statement(
        self, statement: ast.OutputStatement, env: Environment, current: Current
    ) -> None: ...

    @abstractmethod
    def expect_statement(self, statement: ast.Expect, env: Environment, current: Current) -> None: ...

    def run(self, statements: tuple[ast.Statement, ...], env: Environment, current: Current) -> Current:
        """Run statements in a scope; gives the flow that the last one leaves."""
        for statement in statements:
            self.session.step(statement.span)
            if isinstance(statement, ast.Flow):
                if not isinstance(statement.expr, ast.Text):  # E106, reported by the parser
                    current = self.element(statement.expr, env, current, True)
            elif isinstance(statement, ast.Assign):
                current = self._assign(statement, env, current)
            elif isinstance(statement, ast.Broken):
                current = self._broken(statement, env, current)
            else:
                current = self._other(statement, env, current)
        return current

    def _assign(self, statement: ast.Assign, env: Environment, current: Current) -> Current:
        result = self.element(statement.expr, env, current, True)
        targets = statement.targets
        if result is POISON or result is None:
            for target in targets:
                self.poison(target, env)
            return result
        if len(targets) == 1:
            members = [result]
        elif len(result) != len(targets):
            for target in targets:
                self.poison(target, env)
            self.session.report(wrong_names(targets, result, statement.expr.span), env.frame)
            return result
        else:
            members = [[tensor] for tensor in result]
        for target, bundle in zip(targets, members, strict=True):
            if target.name is not None and target.name != "_":
                single = len(bundle) == 1
                env.variables[target.name] = bundle[0] if single else bundle
                if single and target.name not in bundle[0].names:
                    bundle[0].names.append(target.name)
        return result

    def _other(self, statement: ast.Statement, env: Environment, current: Current) -> Current:
        try:
            if isinstance(statement, ast.Let):
                self._let(statement, env, current)
            elif isinstance(statement, ast.Default):
                self.default(statement, env, current)
            elif isinstance(statement, ast.Share):
                self._share(statement, env, current)
            elif isinstance(statement, ast.Function):
                self._function(statement, env)
            elif isinstance(statement, ast.Expect):
                self.expect_statement(statement, env, current)
            elif isinstance(statement, ast.InputStatement):
                return self.input_statement(statement, env, current)
            elif isinstance(statement, ast.OutputStatement):
                self.output_statement(statement, env, current)
        except (Fault, Silence) as problem:
            self.session.report(problem, env.frame)
            if isinstance(statement, ast.Expect):  # what relies on it stays silent
                for name in free_names(statement.condition):
                    if env.local(name) is not None:
                        env.variables[name] = POISON
                return POISON
        return current

    def _broken(self, statement: ast.Broken, env: Environment, current: Current) -> Current:
        """What cannot be read may bind its names to anything, and anything may flow on."""
        for name in bound_names((statement,)):
            env.variables[name] = POISON
        frame = env.frame
        if frame is not None and frame.network is not None:
            frame.network.broken = True
            if not frame.network.inputs:
                frame.input = POISON
        return POISON if statement.flows else current

    def _let(self, statement: ast.Let, env: Environment, current: Current) -> None:
        try:
            self.bind(statement.target, self.value(statement.expr, env, current), env)
        except (Fault, Silence):
            self.poison(statement.target, env)
            raise

    def _function(self, statement: ast.Function, env: Environment) -> None:
        values = {name: env.local(name) for name in used_names(statement.expr)}
        for parameter in statement.parameters:
            if parameter.default is not None:
                values.update({name: env.local(name) for name in used_names(parameter.default)})
        scope = env.with_variables({name: value for name, value in values.items() if value is not None})
        env.variables[statement.name] = scope.variables[statement.name] = FunctionValue(statement, scope)

    def _share(self, statement: ast.Share, env: Environment, current: Current) -> None:
        try:
            value = self.value(statement.expr, env, current)
            if not is_layer(value):
                raise Fault(
                    "E301", f"`share` keeps a layer, and this is {type_name(value)}", statement.expr.span
                )
        except (Fault, Silence):
            env.variables[statement.name] = POISON
            raise
        place, module = self.builder.declare_shared(statement.name, statement.span)
        env.variables[statement.name] = SharedLayer(statement.name, value, place, module, statement.span)
