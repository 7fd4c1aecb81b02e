"""Values of expressions. Nothing is applied here: the algebra of layers gives Closures."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any

from archdsl.elaborate import arithmetic
from archdsl.elaborate.arithmetic import bounded
from archdsl.elaborate.attributes import tensor_attribute
from archdsl.elaborate.bundles import member_labels
from archdsl.elaborate.endless import UnderWay
from archdsl.elaborate.environment import Environment
from archdsl.elaborate.faults import Fault, Silence
from archdsl.elaborate.free import free_names, target_names, used_names
from archdsl.elaborate.lookup import Arrival, Lookup
from archdsl.elaborate.matching import are, find_name
from archdsl.elaborate.session import Session
from archdsl.elaborate.values import (
    POISON,
    WILDCARD,
    Closure,
    LabelledLayer,
    RepeatedLayer,
    Value,
    is_bundle,
    is_layer,
    show,
    type_name,
)
from archdsl.graph.model import LabelText, Tensor
from archdsl.syntax import ast

ALGEBRA = (ast.Pipeline, ast.Fork, ast.ForkComprehension, ast.Body, ast.IfElement, ast.ForElement)


class Evaluator(Lookup):
    """Evaluates expressions in an environment. `it` is what arrives at the call in which they stand."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.function_depth = 0
        #: calls of functions, the innermost last
        self.under_way: list[UnderWay] = []

    # --- entry points ------------------------------------------------------------------------------------------------

    def value(self, expr: ast.Expr, env: Environment, it: Arrival) -> Value:
        """The value, to be kept: a layer holds the values that its names have now. Raises Fault, Silence."""
        return self.keep(self.lazy(expr, env, it))

    def lazy(self, expr: ast.Expr, env: Environment, it: Arrival) -> Value:
        """The value; a layer still looks its names up where it stands, so it must be applied at once."""
        kind = type(expr)
        if kind in ALGEBRA:
            return Closure(expr, env)
        self.session.step(expr.span)
        return _HANDLERS[kind](self, expr, env, it)

    def keep(self, value: Value) -> Value:
        """A layer that stays valid when names change. Raises E407 if it names a tensor."""
        kind = type(value)
        if kind is Closure:
            return value if value.kept else self._keep_closure(value)
        if kind is LabelledLayer and not value.kept:
            return LabelledLayer(value.label, self.keep(value.layer), value.span, kept=True)
        if kind is RepeatedLayer and not value.kept:
            return RepeatedLayer(self.keep(value.layer), value.count, value.span, kept=True)
        return value

    def _keep_closure(self, closure: Closure) -> Closure:
        expr, env = closure.expr, closure.environment
        variables: dict[str, Value] = {}
        free: frozenset[str] | None = None
        names = used_names(expr)
        self.session.step(expr.span, 2 + len(names))
        for name in sorted(names):
            value = env.local(name)
            if value is None:
                continue
            if type(value) is Tensor or (type(value) is list and value and is_bundle(value)):
                free = free_names(expr) if free is None else free
                if name in free:
                    raise Fault(
                        "E407",
                        f"a layer that is kept names the tensor `{name}`",
                        find_name(expr, name) or expr.span,
                        help="give the tensor to a block: `block b takes x, y { … }`, or a parameter `y: tensor`",
                    )
                continue
            variables[name] = value
        return Closure(expr, env.with_variables(variables), kept=True)

    # --- literals and operators --------------------------------------------------------------------------------------

    def constant(self, expr: Any, env: Environment, it: Arrival) -> Value:
        if expr.value != expr.value:  # a number that is none: the parser reported it
            raise Silence
        return expr.value

    def broken(self, expr: ast.Broken, env: Environment, it: Arrival) -> Value:
        raise Silence  # the parser reported it

    def extents(self, expr: ast.Extents, env: Environment, it: Arrival) -> Value:
        if not expr.sizes:  # reported by the parser
            raise Silence
        return list(expr.sizes)

    def blank(self, expr: ast.Blank, env: Environment, it: Arrival) -> Value:
        raise blank_read(expr)

    def list_expr(self, expr: ast.ListExpr, env: Environment, it: Arrival) -> Value:
        items: list[Value] = []
        for item in expr.items:
            if isinstance(item, ast.Star):
                items.extend(self.members(item.value, env, it, "`*` spreads"))
            elif isinstance(item, ast.Blank):
                items.append(WILDCARD)
            else:
                items.append(self.value(item, env, it))
        return bounded(items, expr.span, self.session)

    def members(self, expr: ast.Expr, env: Environment, it: Arrival, what: str) -> list[Value]:
        """The members of what must be a list (a tensor is a bundle of one)."""
        value = self.value(expr, env, it)
        if type(value) is Tensor:
            return [value]
        if type(value) is not list:
            help = f"`range({show(value)})` counts" if type(value) is int else ""
            raise Fault("E301", f"{what} a list, and this is {type_name(value)}", expr.span, help=help)
        return value

    def comprehension(self, expr: ast.ListComprehension, env: Environment, it: Arrival) -> Value:
        items: list[Value] = []
        scope = env.inner()

        def visit() -> None:
            items.append(self.value(expr.element, scope, it))
            if len(items) > self.session.limits.list_length:
                bounded(items, expr.span, self.session)

        self.rounds(expr.clauses, scope, it, visit)
        return items

    def rounds(
        self,
        clauses: tuple[ast.ForClause | ast.IfClause, ...],
        scope: Environment,
        it: Arrival,
        visit: Callable[[], None],
    ) -> None:
        """Run through the clauses of a comprehension, binding names in `scope`; in each round, visit.

        No generator: each that waits for another would take a piece of the C stack.
        """
        if not clauses:
            visit()
            return
        clause, rest = clauses[0], clauses[1:]
        if isinstance(clause, ast.IfClause):
            if self.condition(clause.condition, scope, it):
                self.rounds(rest, scope, it, visit)
            return
        for item in self.members(clause.iterable, scope, it, "`for` runs through"):
            self.session.step(clause.span)
            self.bind(clause.target, item, scope)
            self.rounds(rest, scope, it, visit)

    def bind(self, target: ast.Target, value: Value, scope: Environment) -> None:
        """Give the names of a target their values."""
        if target.name is not None:
            if target.name != "_":
                scope.variables[target.name] = value
            return
        if value is POISON:
            self.poison(target, scope)
            return
        members = value if type(value) is list else [value] if type(value) is Tensor else None
        if members is None or len(members) != len(target.parts):
            found = (
                type_name(value) if members is None else f"{len(members)} value{'s' * (len(members) != 1)}"
            )
            raise Fault(
                "E307", f"{len(target.parts)} names are bound, and there is {found}"
                if members is None or len(members) == 1
                else f"{len(target.parts)} names are bound, and there are {found}", target.span
            )  # fmt: skip
        for part, member in zip(target.parts, members, strict=True):
            self.bind(part, member, scope)

    def poison(self, target: ast.Target, scope: Environment) -> None:
        for name in target_names(target):
            scope.variables[name] = POISON

    def condition(self, expr: ast.Expr, env: Environment, it: Arrival) -> bool:
        return arithmetic.truth(self.value(expr, env, it), expr.span, "a condition")

    def unary(self, expr: ast.Unary, env: Environment, it: Arrival) -> Value:
        return arithmetic.unary(expr.op, self.value(expr.operand, env, it), expr.operand.span)

    def binary(self, expr: ast.Binary, env: Environment, it: Arrival) -> Value:
        left = self.lazy(expr.left, env, it)
        if expr.op == "*" and is_layer(left):
            return RepeatedLayer(left, self.count(expr.right, env, it), expr.span)
        return arithmetic.binary(expr.op, left, self.value(expr.right, env, it), expr.span, self.session)

    def count(self, expr: ast.Expr, env: Environment, it: Arrival) -> int:
        value = self.value(expr, env, it)
        if value is POISON:
            raise Silence
        if type(value) is not int or value < 0:
            found = show(value) if type(value) in (int, float) else type_name(value)
            help = "`//` divides to an int" if type(value) is float else ""
            if type(value) is int:
                help = "`max(0, …)` keeps it from being negative, and `if` leaves the copies out"
            message = f"the number of copies is an int of at least 0, not {found}"
            raise Fault("E406", message, expr.span, self.because(expr, env), help=help)
        return value

    def because(self, expr: ast.Expr, env: Environment, most: int = 4) -> str:
        """The numbers and strings that the names in an expression mean: `depth` is 2."""
        values = {name: env.find(name) for name in sorted(free_names(expr))}
        shown = [f"`{name}` is {show(v)}" for name, v in values.items() if type(v) in (int, float, bool, str)]
        return ", ".join(shown[:most])

    def logical(self, expr: ast.Logical, env: Environment, it: Arrival) -> Value:
        stop = expr.op == "or"
        for operand in expr.operands:
            if (
                arithmetic.truth(self.value(operand, env, it), operand.span, f"each side of `{expr.op}`")
                is stop
            ):
                return stop
        return not stop

    def comparison(self, expr: ast.Compare, env: Environment, it: Arrival) -> Value:
        left = self.value(expr.operands[0], env, it)
        for op, operand in zip(expr.ops, expr.operands[1:], strict=True):
            right = self.value(operand, env, it)
            if not arithmetic.compare(op, left, right, expr.span, self.session):
                return False
            left = right
        return True

    def conditional(self, expr: ast.Conditional, env: Environment, it: Arrival) -> Value:
        chosen = expr.then if self.condition(expr.condition, env, it) else expr.otherwise
        return self.lazy(chosen, env, it)

    def group(self, expr: ast.Group, env: Environment, it: Arrival) -> Value:
        return self.lazy(expr.inner, env, it)

    def labelled(self, expr: ast.Labelled, env: Environment, it: Arrival) -> Value:
        inner = self.lazy(expr.element, env, it)
        try:
            label = LabelText(self.label(expr.label, env, it))
        except (Fault, Silence) as found:  # the flow is what it is without the label
            self.session.report(found, env.frame)
            return inner
        label.span = expr.label.span
        return LabelledLayer(label, inner, expr.label.span)

    def label(self, text: ast.Text, env: Environment, it: Arrival) -> str:
        """A string with the values in its braces."""
        if text.fault is not None:
            raise Fault("E109", text.fault[0], text.fault[1])
        pieces: list[str] = []
        for part in text.parts:
            if isinstance(part, str):
                pieces.append(part)
                continue
            value = self.value(part, env, it)
            if value is POISON:
                raise Silence
            if type(value) not in (int, float, str, bool):
                raise Fault(
                    "E301", f"a label holds numbers and strings, and this is {type_name(value)}", part.span
                )
            pieces.append(value if type(value) is str else show(value))
        return str(bounded("".join(pieces), text.span, self.session))

    # --- parts of values ---------------------------------------------------------------------------------------------

    def index(self, expr: ast.Index, env: Environment, it: Arrival) -> Value:
        members = self._indexable(expr.target, env, it)
        at = self.value(expr.index, env, it)
        if at is POISON:
            raise Silence
        if type(at) is not int:
            raise Fault("E301", f"an index is an int, and this is {type_name(at)}", expr.index.span)
        if not -len(members) <= at < len(members):
            size = f"{len(members)} member{'s' * (len(members) != 1)}"
            raise Fault(
                "E304", f"index {show(at)} is out of range: there {are(len(members))} {size}", expr.index.span
            )
        value = members[at]
        if value is POISON:
            raise Silence
        return value

    def slice_expr(self, expr: ast.Slice, env: Environment, it: Arrival) -> Value:
        members = self._indexable(expr.target, env, it)
        bounds: list[int | None] = []
        for part in (expr.start, expr.stop, expr.step):
            bound = None if part is None else self.value(part, env, it)
            if bound is POISON:
                raise Silence
            if part is not None and type(bound) is not int:
                raise Fault(
                    "E301", f"a bound of a slice is an int, and this is {type_name(bound)}", part.span
                )
            bounds.append(bound)
        if bounds[2] == 0 and expr.step is not None:
            raise Fault("E303", "the step of a slice is zero", expr.step.span)
        return bounded(members[slice(*bounds)], expr.span, self.session)

    def _indexable(self, expr: ast.Expr, env: Environment, it: Arrival) -> Any:
        value = self.value(expr, env, it)
        if type(value) is Tensor:
            return [value]
        if type(value) is not list and type(value) is not str:
            raise Fault(
                "E301", f"only lists and bundles have members, and this is {type_name(value)}", expr.span
            )
        return value

    def attribute(self, expr: ast.Attribute, env: Environment, it: Arrival) -> Value:
        value = self.value(expr.target, env, it)
        if value is POISON:
            raise Silence
        if type(value) is not Tensor:
            if type(value) is list and is_bundle(value):
                raise Fault(
                    "E207",
                    f"a bundle of {len(value)} tensors has no `{expr.name}` of its own",
                    expr.name_span,
                    labels=member_labels(value, [tensor.span for tensor in value]),
                    help="choose a member, `it[0].shape`, or join them with `concat` or `add`",
                )
            raise Fault("E207", f"{type_name(value)} has no attributes; tensors have", expr.name_span)
        self.session.sized = self.session.sized or expr.name not in ("channels", "rank")
        return tensor_attribute(value, expr)

    @abstractmethod
    def call(self, expr: ast.Call, env: Environment, it: Arrival) -> Value:
        """The value of a function's call; a Closure for that of a block."""


def blank_read(expr: ast.Blank) -> Fault:
    return Fault(
        "E209", "`_` holds no value", expr.span, help="it discards as a target and matches in a waypoint"
    )


def _call(evaluator: Evaluator, expr: ast.Call, env: Environment, it: Arrival) -> Value:
    return evaluator.call(expr, env, it)


_HANDLERS: dict[type, Any] = {
    ast.Number: Evaluator.constant,
    ast.Boolean: Evaluator.constant,
    ast.Text: Evaluator.constant,
    ast.Broken: Evaluator.broken,
    ast.Extents: Evaluator.extents,
    ast.Name: Evaluator.name,
    ast.It: Evaluator.it,
    ast.In: Evaluator.input,
    ast.Blank: Evaluator.blank,
    ast.ListExpr: Evaluator.list_expr,
    ast.ListComprehension: Evaluator.comprehension,
    ast.Unary: Evaluator.unary,
    ast.Binary: Evaluator.binary,
    ast.Logical: Evaluator.logical,
    ast.Compare: Evaluator.comparison,
    ast.Conditional: Evaluator.conditional,
    ast.Group: Evaluator.group,
    ast.Labelled: Evaluator.labelled,
    ast.Index: Evaluator.index,
    ast.Slice: Evaluator.slice_expr,
    ast.Attribute: Evaluator.attribute,
    ast.Call: _call,
}
