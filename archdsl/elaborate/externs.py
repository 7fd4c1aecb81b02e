"""What happens when an `extern block` is applied: its entries are evaluated, and give a layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from archdsl.elaborate import python_call
from archdsl.elaborate.arithmetic import bounded
from archdsl.elaborate.binding import Binding
from archdsl.elaborate.build import Bundle
from archdsl.elaborate.bundles import none
from archdsl.elaborate.environment import Environment
from archdsl.elaborate.extern_rules import ExternRule
from archdsl.elaborate.faults import Fault, Silence
from archdsl.elaborate.matching import Given
from archdsl.elaborate.python_call import BOUNDS, LEAST, MOST
from archdsl.elaborate.session import Session
from archdsl.elaborate.statements import Current
from archdsl.elaborate.values import POISON, BlockValue, Value, is_bundle, show, type_name
from archdsl.graph.model import Tensor
from archdsl.layers import Extern, Shape, Word
from archdsl.layers.form import Call, DictOf, Expr, ListOf, Lit, TupleOf
from archdsl.layers.kinds import LIMIT
from archdsl.source import Span
from archdsl.syntax import ast

T = TypeVar("T")

#: Bounds of what an extern block states: dimensions of a shape, tensors that leave, members of a value.
MOST_DIMENSIONS, MOST_OUTPUTS, MOST_MEMBERS = 64, 1000, 1000


class Externs(Binding):
    """Applies extern blocks."""

    def call_extern(
        self,
        value: BlockValue,
        target: ast.Extern,
        given: list[Given],
        current: Current,
        span: Span,
        env: Environment,
        label: str | None,
    ) -> Current:
        scope, _, bound = self.enter(value, target, given, current, span, self.session.frame, None)
        rule = self.session.rules[target]
        if current is POISON or rule is None:  # what is wrong with the block is reported already
            return POISON
        arguments = {p.name: scope.variables[p.name] for p in target.parameters}
        places = {name: argument.span for name, argument in bound.items()}
        inputs: Bundle = [
            *current,
            *(t for name, v in arguments.items() for t in _tensors(name, v, places.get(name, span))),
        ]
        if not inputs:
            raise none(f"`{target.name}`, which takes at least one", span, self.made(current))
        layer = self._layer(target, rule, arguments, inputs, scope, current)
        if layer is None:
            return POISON
        arriving = current if inputs == current else inputs  # a fork's own list leads to its branches
        return self.builder.apply(layer, arriving, span, label, places, self.branches)

    def _layer(
        self,
        target: ast.Extern,
        rule: ExternRule,
        arguments: dict[str, Value],
        inputs: Bundle,
        scope: Environment,
        current: Current,
    ) -> Extern | None:
        """The layer that the entries state; None if some of them do not, each of which is reported."""

        def evaluate(expr: ast.Expr) -> Value:
            value = self.value(expr, scope, current)
            if value is POISON:
                raise Silence
            return value

        def figure(entry: ast.Entry | None) -> int | None:
            return None if entry is None else _figure(entry, evaluate(entry.value))

        good = True

        def attempt(read: Callable[[], T]) -> T | None:
            nonlocal good
            try:
                return read()
            except (Fault, Silence) as problem:
                self.session.report(problem, scope.frame)
                good = False
                return None

        gives = attempt(lambda: _shapes(rule.shape.value, evaluate(rule.shape.value)))
        params, macs = attempt(lambda: figure(rule.params)), attempt(lambda: figure(rule.macs))
        call = attempt(lambda: _call(rule.call, evaluate, self.session))
        if not good or gives is None or call is None:
            return None
        shapes, listed = gives
        tokens = inputs[0].shape.tokens
        return self.builder.extern(
            Extern(
                target.name,
                {name: value for name, value in arguments.items() if _is_plain(value)},
                call,
                tuple(Shape(dims, tokens and len(dims) > 1) for dims in shapes),
                listed,
                params,
                macs,
                rule.python.value.span,
            )
        )


def _tensors(name: str, value: Value, span: Span) -> Bundle:
    """The tensors that an argument hands to the module: itself, or its members. Raises Fault (E613) at a list that
    has tensors beside other values, or further down: forward could not tell them apart."""
    if type(value) is Tensor:
        return [value]
    if type(value) is not list:
        return []
    if is_bundle(value):
        return list(value)
    lists, seen, mixed = [value], {id(value)}, False  # lists may share members: each is looked into once
    while lists:
        for member in lists.pop():
            if member is POISON:
                raise Silence
            mixed = mixed or type(member) is Tensor
            if type(member) is list and id(member) not in seen:
                seen.add(id(member))
                lists.append(member)
    if mixed:
        message = (
            f"`{name}` has tensors beside other values or in lists of its own: forward takes them one by one"
        )
        raise Fault("E613", message, span, help="give the tensors in a list of their own, the rest beside it")
    return []


def _is_plain(value: Value) -> bool:
    """Whether a value is a number, string or bool, or a list of these."""
    if type(value) is list:
        return 0 < len(value) <= MOST_MEMBERS and not any(type(v) is list or not _is_plain(v) for v in value)
    return type(value) in (float, bool, str) or (type(value) is int and LEAST <= value <= MOST)


# --- shapes and figures ----------------------------------------------------------------------------------------------


def _shapes(expr: ast.Expr, value: Value) -> tuple[list[tuple[int, ...]], bool]:
    """The shapes that leave, and whether they are a list. Raises Fault at the entry, or at the member to blame."""
    if type(value) is not list or not value:
        raise _wrong_shape(expr, value)
    if type(value[0]) is not list:
        return [_dims(expr, value)], False
    if len(value) > MOST_OUTPUTS:
        raise Fault("E613", f"a module gives up to {MOST_OUTPUTS:,} tensors", expr.span)
    return [_dims(_member(expr, i), dims) for i, dims in enumerate(value)], True


def _dims(expr: ast.Expr, value: Value) -> tuple[int, ...]:
    if type(value) is not list or not value:
        raise _wrong_shape(expr, value)
    if len(value) > MOST_DIMENSIONS:
        raise Fault("E613", f"a shape has up to {MOST_DIMENSIONS} dimensions", expr.span)
    for i, size in enumerate(value):
        if size is POISON:
            raise Silence
        if type(size) is not int or not 1 <= size <= LIMIT:
            found = show(size) if type(size) in (int, float) else type_name(size)
            bound = f"at most {LIMIT}" if type(size) is int and size > LIMIT else "at least 1"
            help = "`//` divides to an int" if type(size) is float else ""
            place = _member(expr, i).span
            raise Fault("E613", f"a dimension is an int of {bound}, not {found}", place, help=help)
    return tuple(value)


def _wrong_shape(expr: ast.Expr, value: Value) -> Fault:
    found = "an empty list" if value == [] and type(value) is list else type_name(value)
    help = "`in.shape` is the shape that arrives"
    return Fault(
        "E613",
        f"`shape` is a list of ints, or a list of such lists, and this is {found}",
        expr.span,
        help=help,
    )


def _member(expr: ast.Expr, index: int) -> ast.Expr:
    """The text of one member of a list, if the list is written out; else that of the list."""
    while isinstance(expr, ast.Group):
        expr = expr.inner
    if isinstance(expr, ast.ListExpr) and not any(isinstance(item, ast.Star) for item in expr.items):
        item = expr.items[index]
        assert not isinstance(item, ast.Star)
        return item
    return expr


def _figure(entry: ast.Entry, value: Value) -> int:
    """A number of parameters or operations."""
    if type(value) is int and 0 <= value <= MOST:
        return value
    found = show(value) if type(value) in (int, float) else type_name(value)
    bound = f"at most {MOST}" if type(value) is int and value > 0 else "at least 0"
    help = "`//` divides to an int" if type(value) is float else ""
    raise Fault("E613", f"`{entry.name}` is an int of {bound}, not {found}", entry.value.span, help=help)


# --- values in Python ------------------------------------------------------------------------------------------------


def _call(call: python_call.PythonCall, evaluate: Callable[[ast.Expr], Value], session: Session) -> Call:
    return Call(
        call.function,
        tuple(_filled(argument, evaluate, session) for argument in call.args),
        tuple((name, _filled(argument, evaluate, session)) for name, argument in call.kwargs),
    )


def _filled(argument: python_call.Argument, evaluate: Callable[[ast.Expr], Value], session: Session) -> Expr:
    """An argument with the values in it. Nothing of it is text: the emitter prints each by `repr`."""
    if isinstance(argument, python_call.Plain):
        return Lit(argument.value)
    if isinstance(argument, python_call.Quoted):
        pieces = [p if isinstance(p, str) else _as_text(p, evaluate(p)) for p in argument.pieces]
        span = next(p.span for p in argument.pieces if not isinstance(p, str))
        return Lit(str(bounded("".join(pieces), span, session)))
    if isinstance(argument, python_call.Members):
        items = tuple(_filled(item, evaluate, session) for item in argument.items)
        return TupleOf(items) if argument.is_tuple else ListOf(items)
    if isinstance(argument, python_call.Pairs):
        return DictOf(
            tuple(
                (_filled_key(key, evaluate, session), _filled(value, evaluate, session))
                for key, value in argument.items
            )
        )
    found = evaluate(argument.value)
    if argument.sign:
        if type(found) not in (int, float):
            sign = "-" if argument.sign < 0 else "+"
            message = f"`{sign}` stands before a number, and this is {type_name(found)}"
            raise Fault("E613", message, argument.value.span)
        found *= argument.sign
    return _literal(found, argument.value.span)


def _filled_key(
    argument: python_call.Argument, evaluate: Callable[[ast.Expr], Value], session: Session
) -> Expr:
    """The key of a dict, which Python must be able to hash."""
    key = _filled(argument, evaluate, session)
    if isinstance(argument, python_call.Inserted) and not isinstance(key, Lit):
        message = "a key of a dict in `python` is a number, a string or a bool, and this is a list"
        raise Fault("E613", message, argument.value.span)
    return key


def _as_text(expr: ast.Expr, value: Value) -> str:
    """A value within quotes, as Python's `str` writes it."""
    if type(value) not in (int, float, bool, str):
        raise Fault(
            "E613",
            f"within quotes stand numbers, strings and bools, and this is {type_name(value)}",
            expr.span,
        )
    return str(value)


def _literal(value: Value, span: Span) -> Expr:
    """A number, string or bool, or a list of these, as Python has it."""
    room = MOST_MEMBERS  # lists may share members, so that few values hold a great many

    def one(value: Value, depth: int) -> Expr:
        nonlocal room
        room -= 1
        if room < 0 or depth > 20:
            raise Fault("E613", f"a value in `python` has up to {MOST_MEMBERS:,} members", span)
        if value is POISON:
            raise Silence
        if type(value) is int and not LEAST <= value <= MOST:
            raise Fault("E613", BOUNDS, span)
        if type(value) in (int, float, bool, str):
            return Lit(value)
        if type(value) is list and not (value and is_bundle(value)):
            return ListOf(tuple([one(member, depth + 1) for member in value]))
        quoted = f'a string says it as well: "{value.name}"' if type(value) is Word else ""
        raise Fault(
            "E613",
            f"a value in `python` is a number, string, bool or list, and this is {type_name(value)}",
            span,
            help=quoted,
        )

    return one(value, 0)
