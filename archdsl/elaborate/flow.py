"""Elements: how a tensor flows through the algebra of layers."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from archdsl.elaborate.arithmetic import MADE, too_long
from archdsl.elaborate.build import Bundle
from archdsl.elaborate.bundles import none, several
from archdsl.elaborate.calls import NO_PARAMS, hidden
from archdsl.elaborate.environment import Environment
from archdsl.elaborate.faults import Fault, Silence
from archdsl.elaborate.free import bound_names, target_names
from archdsl.elaborate.matching import Given
from archdsl.elaborate.session import Session
from archdsl.elaborate.statements import Current, Statements
from archdsl.elaborate.values import (
    POISON,
    BlockValue,
    Closure,
    FunctionValue,
    LabelledLayer,
    RepeatedLayer,
    SharedLayer,
    Value,
    Wildcard,
    is_bundle,
    is_layer,
    show,
    type_name,
)
from archdsl.elaborate.waypoints import matches, unmet
from archdsl.graph.model import ModuleKind, Tensor
from archdsl.source import Span
from archdsl.syntax import ast

#: most frames of Python between one element and the next inside it
FRAMES = 30


class Flow(Statements):
    """Applies elements, by their form and by their value."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.nesting = 0
        #: the last fork's bundle, the branch that gave each member, and the fork
        self.fork: tuple[Bundle, list[Span], Span] | None = None
        #: the last bundle that reached what takes one tensor
        self.misused: Bundle | None = None

    @abstractmethod
    def call_block(
        self,
        value: BlockValue,
        given: list[Given],
        current: Current,
        span: Span,
        env: Environment,
        label: str | None,
    ) -> Current:
        """Apply a layer, block or network to what arrives."""

    @abstractmethod
    def use_shared(self, layer: SharedLayer, current: Current, span: Span, env: Environment) -> Current: ...

    @abstractmethod
    def no_flow(self, span: Span) -> Fault:
        """What is said where no tensor arrives."""

    # --- elements ----------------------------------------------------------------------------------------------------

    def element(self, expr: ast.Expr, env: Environment, current: Current, head: bool) -> Current:
        """Apply an element; a mistake in it is reported, and POISON flows on."""
        self.nesting += 1
        if self.nesting > self.session.limits.nesting:
            limit = self.session.limits.nesting
            message = f"elements are nested more than {limit:,} deep"
            raise self.session.stop("E901", message, expr.span, "nesting", env.frame)
        try:
            kind = type(expr)
            if isinstance(expr, ast.Pipeline):
                return self._pipeline(expr, env, current)
            if kind in _STRUCTURES:
                return _STRUCTURES[kind](self, expr, env, current)
            self.session.step(expr.span)
            if isinstance(expr, ast.Call):  # the common case, without a closure
                callee = self.lazy(expr.callee, env, current)
                if type(callee) is BlockValue:
                    return self._call(callee, expr, env, current, None)
            return self.apply(self.lazy(expr, env, current), current, expr.span, env, head, None, expr)
        except (Fault, Silence) as problem:
            self.session.report(problem, env.frame)
            if type(expr) is ast.IfElement or type(expr) is ast.ForElement:
                for name in bound_names((ast.Flow(expr.span, expr),)):
                    if env.local(name) is None:
                        env.variables[name] = POISON
            return POISON
        finally:
            self.nesting -= 1

    def _pipeline(self, expr: ast.Pipeline, env: Environment, current: Current) -> Current:
        head = True
        for part in expr.elements:
            current = self.element(part, env, current, head)
            head = False
        return current

    def _fork(self, expr: ast.Fork, env: Environment, current: Current) -> Current:
        branches = []
        for branch in expr.branches:  # no generator: nested forks would nest its frames on the C stack
            branches.append(self.element(branch, env, current, True))
        members = self._bundle(branches, expr.span)
        if members is not POISON:
            spans = [
                branch.span for branch, bundle in zip(expr.branches, branches, strict=True) for _ in bundle
            ]
            self.fork = (members, spans, expr.span)
        return members

    def _fork_comprehension(self, expr: ast.ForkComprehension, env: Environment, current: Current) -> Current:
        scope = env.inner()
        branches = []

        def visit() -> None:
            branches.append(self.element(expr.element, scope, current, True))

        self.rounds(expr.clauses, scope, current, visit)
        members = self._bundle(branches, expr.span)
        if members is not POISON:
            self.fork = (members, [expr.element.span for _ in members], expr.span)
        return members

    def _body(self, expr: ast.Body, env: Environment, current: Current) -> Current:
        return self.run(expr.statements, env.inner(), current)

    def _if(self, expr: ast.IfElement, env: Environment, current: Current) -> Current:
        defaults = env.defaults
        try:
            for arm in expr.arms:
                if self.condition(arm.condition, env, current):
                    return self.run(arm.statements, env, current)
            return current if expr.otherwise is None else self.run(expr.otherwise, env, current)
        finally:
            env.defaults = defaults

    def _for(self, expr: ast.ForElement, env: Environment, current: Current) -> Current:
        before = {name: env.variables.get(name) for name in target_names(expr.target)}
        defaults = env.defaults
        try:
            for item in self.members(expr.iterable, env, current, "`for` runs through"):
                self.session.step(expr.span)
                try:
                    self.bind(expr.target, item, env)
                except Fault:
                    self.poison(expr.target, env)
                    raise
                current = self.run(expr.statements, env, current)
                env.defaults = defaults
        finally:
            env.defaults = defaults
            for name, value in before.items():
                if value is None:
                    env.variables.pop(name, None)
                else:
                    env.variables[name] = value
        return current

    def branches(self, bundle: Bundle) -> list[Span | None]:
        """The branch of the last fork that gave each member of what arrives; None if they come from elsewhere."""
        if self.fork is not None and self.fork[0] is bundle:
            return list(self.fork[1])
        return [None] * len(bundle)

    def made(self, bundle: Bundle) -> Span | None:
        """The fork that gave a bundle, if it was the last one."""
        return self.fork[2] if self.fork is not None and self.fork[0] is bundle else None

    def one_taken(self, current: Bundle, what: str, span: Span) -> Fault | Silence:
        """What is said where several tensors, or none, reach what takes one: once of each bundle."""
        if not current:
            return none(f"{what}, which takes one", span, self.made(current))
        if current is self.misused:
            return Silence()
        self.misused = current
        return several(current, what, span, self.places(current, span), self.made(current) is not None)

    def places(self, bundle: Bundle, span: Span) -> list[Span]:
        """The place in the text that stands for each member of what arrives at `span`."""
        origins = self.builder.origins(span)
        return [
            origins.seen(tensor) if branch is None else origins.label(tensor, branch)
            for tensor, branch in zip(bundle, self.branches(bundle), strict=True)
        ]

    def _bundle(self, branches: list[Current], span: Span) -> Current:
        """What the branches give, spread into one bundle."""
        if any(branch is POISON or branch is None for branch in branches):
            return POISON
        if sum(map(len, branches)) > (most := self.session.limits.list_length):
            raise too_long(f"the bundle has more than {most:,} members", span, self.session)
        members = [tensor for branch in branches for tensor in branch]
        self.session.step(span, len(members) // MADE)
        return members

    # --- values as elements ------------------------------------------------------------------------------------------

    def apply(
        self,
        value: Value,
        current: Current,
        span: Span,
        env: Environment,
        head: bool,
        label: str | None,
        expr: ast.Expr | None = None,
    ) -> Current:
        """Apply an element by its value: a layer, a block, a source, a waypoint. `expr` is its text."""
        kind = type(value)
        if kind is BlockValue:
            return self.call_block(value, [], current, span, env, label)
        if kind is Closure:
            return self._closure(value, current, env, label)
        if kind is LabelledLayer:
            inner = value.layer
            if not is_layer(inner):
                if inner is POISON:
                    raise Silence
                raise Fault("E401", f"a label names a layer, and this is {type_name(inner)}", span)
            return self.apply(inner, current, span, env, head, value.label if label is None else label)
        if kind is SharedLayer:
            return self.use_shared(value, current, span, env)
        if kind is RepeatedLayer:
            return self._repeated(value, current, span, env, label)
        if label is not None:
            raise Fault("E401", f"a label names a layer, and this is {type_name(value)}", span)
        if kind is Tensor or is_bundle(value):
            if not head:
                raise Fault(
                    "E402",
                    f"{type_name(value)} stands inside a pipeline",
                    span,
                    help="a tensor is a source, at the head: `x -> layer`; two meet in a join: "
                    f"`( it | {_named(expr)} ) -> add`",
                    notes=() if expr is None else hidden(expr, env),
                )
            return [value] if kind is Tensor else value
        if kind is list:
            return self._waypoint(value, current, span)
        if value is POISON:
            raise Silence
        raise no_element(value, span, () if expr is None else hidden(expr, env))

    def _waypoint(self, value: list[Value], current: Current, span: Span) -> Current:
        if any(v is POISON for v in value):
            raise Silence
        if not all(type(v) is int or type(v) is Wildcard for v in value):
            help = "`//` divides to an int" if any(type(v) is float for v in value) else ""
            raise Fault("E401", f"a waypoint is a list of ints, and this is {show(value)}", span, help=help)
        if current is POISON:
            return POISON
        if current is None:
            raise self.no_flow(span)
        if len(current) != 1:
            raise self.one_taken(current, "a waypoint", span)
        channels = current[0].shape.channel_axis
        self.session.sized |= any(type(v) is int for axis, v in enumerate(value) if axis != channels)
        if matches(value, current[0].shape.dims):
            return current
        raise unmet(value, current[0], span, self.builder.origins(span))

    def _closure(self, closure: Closure, current: Current, env: Environment, label: str | None) -> Current:
        expr, scope = closure.expr, closure.environment
        if type(expr) is ast.Call:
            callee = self.lazy(expr.callee, scope, current)
            if type(callee) is not BlockValue:  # a conditional callee may choose otherwise later
                return self.apply(self.call(expr, scope, current), current, expr.span, env, False, label)
            return self._call(callee, expr, scope, current, label)
        if closure.kept:  # each application binds its own names
            scope = scope.inner()
        if label is None:
            return self.element(expr, scope, current, True)
        return self.grouped(label, expr.span, lambda: self.element(expr, scope, current, True))

    def _call(
        self, callee: BlockValue, expr: ast.Call, env: Environment, current: Current, label: str | None
    ) -> Current:
        params = callee.target.params if isinstance(callee.target, type) else NO_PARAMS
        given = self.arguments(expr.arguments, env, current, params)
        return self.call_block(callee, given, current, expr.span, env, label)

    def grouped(self, label: str, span: Span, run: Any) -> Current:
        """Run something in a labelled group: a level of the module tree."""
        builder = self.builder
        before = builder.open(ModuleKind.GROUP, label, label, span)
        try:
            result = run()
        except BaseException:
            builder.place = before
            raise
        builder.close(before)
        return result

    def _repeated(
        self, value: RepeatedLayer, current: Current, span: Span, env: Environment, label: str | None
    ) -> Current:
        limit = self.session.limits.nodes
        if value.count > limit:
            copies = f"{value.count:,}" if value.count < 10**18 else "so many"
            raise self.session.stop("E902", f"{copies} copies are more than {limit:,} layers", span, "nodes")

        def copied() -> Current:
            flow = current
            for _ in range(value.count):
                self.session.step(span)
                flow = self.apply(value.layer, flow, value.span, env, False, None)
            return flow

        if label is not None:
            return self.grouped(label, span, copied)
        place = self.builder.place
        melts = place.module.kind in (ModuleKind.GROUP, ModuleKind.REPEAT)
        if value.count == 0 or melts or isinstance(unlabelled(value.layer), SharedLayer):
            return copied()
        before = self.builder.open(ModuleKind.REPEAT, "", None, span)
        try:
            result = copied()
        except BaseException:
            self.builder.place = before
            raise
        self.builder.close_repetition(before, value.count)
        return result


def no_element(value: Value, span: Span, notes: tuple[str, ...] = ()) -> Fault:
    message = f"an element of a flow is a layer, a tensor or a waypoint, and this is {type_name(value)}"
    return Fault("E401", message, span, help=_meant(value), notes=notes)


def _meant(value: Value) -> str:
    """What stands for a value that is no element, perhaps."""
    if type(value) is FunctionValue:
        return "call the function for a layer"
    if type(value) is int:
        if value < 2:
            return ""
        return f"`conv({value}, 3)` or `linear({value})` gives {value} features; `relu * {value}` is {value} copies"
    return 'a label stands before its element: `"name": relu`' if type(value) is str else ""


def _named(expr: ast.Expr | None) -> str:
    return expr.id if isinstance(expr, ast.Name) else "x"


def unlabelled(value: Value) -> Value:
    while type(value) is LabelledLayer:
        value = value.layer
    return value


_STRUCTURES: dict[type, Any] = {
    ast.Fork: Flow._fork,
    ast.ForkComprehension: Flow._fork_comprehension,
    ast.Body: Flow._body,
    ast.IfElement: Flow._if,
    ast.ForElement: Flow._for,
}
