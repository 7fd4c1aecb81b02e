"""Operators on values, with Python's meaning and every mistake a Fault at its place."""

from __future__ import annotations

import operator
from collections.abc import Callable
from math import isfinite

from archdsl.elaborate.faults import Fault, Silence
from archdsl.elaborate.session import Session
from archdsl.elaborate.values import POISON, Closure, Value, is_layer, show, type_name
from archdsl.graph.model import Tensor
from archdsl.source import Span
from archdsl.syntax import ast

_OPERATORS: dict[str, Callable[[Value, Value], Value]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
}
_JOINS = {"+": "add", "-": "sub", "*": "mul", "/": "div"}
_ORDER: dict[str, Callable[[Value, Value], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def is_number(value: Value) -> bool:
    return type(value) is int or type(value) is float


#: Members of a list that are put in their places in one step, and those that are made.
COPIED, MADE = 16, 4
#: Characters of a string that are put together in one step.
JOINED = 32


def bounded(value: Value, span: Span, session: Session, members: int = COPIED) -> Value:
    """The value, if it is a finite number, string or list within the limits. `members` of a list are one step."""
    kind, limits = type(value), session.limits
    if kind is int:
        if value.bit_length() > limits.integer_bits:
            raise too_many_digits(span, session)
    elif kind is float:
        if not isfinite(value):
            raise Fault("E309", "the result is not a finite number", span)
    elif kind is list:
        if len(value) > limits.list_length:
            raise too_long(f"the list has more than {limits.list_length:,} members", span, session)
        session.step(span, len(value) // members)
    elif kind is str:
        if len(value) > limits.text_length:
            message = f"the string has more than {limits.text_length:,} characters"
            raise Fault("E903", message, span, help=limits.mend("text_length"))
        session.step(span, len(value) // JOINED)
    elif kind is complex:
        raise Fault("E309", "the result is not a real number", span)
    return value


def too_many_digits(span: Span, session: Session) -> Fault:
    message = f"the result has more than {session.limits.integer_bits:,} binary digits"
    return Fault("E903", message, span, help=session.limits.mend("integer_bits"))


def too_long(message: str, span: Span, session: Session) -> Fault:
    """A list with more members than a list may have."""
    return Fault("E903", message, span, help=session.limits.mend("list_length"))


def binary(op: str, left: Value, right: Value, span: Span, session: Session) -> Value:
    """`left op right` for numbers; `+` joins lists and strings."""
    if left is POISON or right is POISON:
        raise Silence
    if is_number(left) and is_number(right):
        if op == "**":
            _check_power(left, right, span, session)
        try:
            return bounded(_OPERATORS[op](left, right), span, session)
        except ZeroDivisionError:
            raise Fault(
                "E303", f"`{op}` divides by zero", span, f"`{show(left)} {op} {show(right)}`"
            ) from None
        except OverflowError:
            raise Fault("E309", "the result is too large for a float", span) from None
    if op == "+" and _listable(left) and _listable(right):
        # a tensor and a bundle of one are the same
        joined = (left if type(left) is list else [left]) + (right if type(right) is list else [right])
        return bounded(joined, span, session)
    if op == "+" and type(left) is str and type(right) is str:
        return bounded(left + right, span, session)
    raise mismatch(op, left, right, span)


def mismatch(op: str, left: Value, right: Value, span: Span) -> Fault:
    return Fault("E302", _mismatch(op, left, right), span, help=_mend(op, left, right))


def _listable(value: Value) -> bool:
    return type(value) is list or type(value) is Tensor


def _mismatch(op: str, left: Value, right: Value) -> str:
    return f"`{op}` does not combine {type_name(left)} and {type_name(right)}"


def _mend(op: str, left: Value, right: Value) -> str:
    if op == "*" and type(left) is int and is_layer(right):
        return "a repetition has the layer on the left: `layer * 4`"
    if op == "*" and is_layer(left):
        return "the number of copies is an int of at least 0: `layer * 4`"
    if is_layer(left) or is_layer(right):
        forks = any(
            type(v) is Closure and type(v.expr) in (ast.Fork, ast.ForkComprehension) for v in (left, right)
        )
        if forks and op == "+":
            return (
                "a fork gives its tensors in the flow: name them first, `pair = ( a | b )`, then `pair + …`"
            )
        join = _JOINS.get(op)
        return f"a join combines the results of two layers: `( f | g ) -> {join}`" if join else ""
    if op in ("+", "-", "/") and (type(left) is Tensor or type(right) is Tensor):
        if is_number(left) or is_number(right):
            return "`scale` has constants: `x -> scale(0.5, offset=1)` is `0.5 * x + 1`"
        return f"a join combines tensors: `( a | b ) -> {_JOINS[op]}`"
    if op == "*" and (type(left) is Tensor or type(right) is Tensor):
        return "tensors are multiplied by a join, `( a | b ) -> mul`, or by a constant, `x -> scale(0.5)`"
    if op == "*" and type(left) is list and left and all(is_layer(member) for member in left):
        return "copies of a layer are written `( a -> b ) * 2`: a list gives nothing to the flow"
    if type(left) is bool or type(right) is bool:
        return "a bool is no number: `1 if condition else 0`"
    return ""


def _check_power(left: int | float, right: int | float, span: Span, session: Session) -> None:
    if type(left) is int and type(right) is int and right > 0 and abs(left) > 1:
        if left.bit_length() * right > 2 * session.limits.integer_bits:
            raise too_many_digits(span, session)


def unary(op: str, operand: Value, span: Span) -> Value:
    if operand is POISON:
        raise Silence
    if op == "not":
        if type(operand) is not bool:
            raise Fault("E305", f"`not` wants a bool, and this is {type_name(operand)}", span)
        return not operand
    if not is_number(operand):
        raise Fault("E302", f"`{op}` wants a number, and this is {type_name(operand)}", span)
    return -operand if op == "-" else operand


def compare(op: str, left: Value, right: Value, span: Span, session: Session) -> bool:
    """Raises a Fault for layers, blocks and tensors, which cannot be compared."""
    if left is POISON or right is POISON:
        raise Silence
    if op in ("in", "not in"):
        if type(right) is str and type(left) is str:
            session.step(span, len(right) // JOINED)
            return (left in right) == (op == "in")
        if type(right) is not list:
            raise Fault("E302", f"`{op}` wants a list on its right, and this is {type_name(right)}", span)
        found = any(_equal(left, item, span, session) for item in right)
        return found == (op == "in")
    if op in ("==", "!="):
        return _equal(left, right, span, session) == (op == "==")
    if (is_number(left) and is_number(right)) or (type(left) is str and type(right) is str):
        return _ORDER[op](left, right)
    if type(left) is list and type(right) is list:
        for a, b in zip(left, right, strict=False):
            if not _equal(a, b, span, session):
                return compare(op, a, b, span, session)
        return _ORDER[op](len(left), len(right))
    raise Fault("E302", f"`{op}` does not compare {type_name(left)} and {type_name(right)}", span)


def _equal(left: Value, right: Value, span: Span, session: Session, depth: int = 0) -> bool:
    session.step(span)
    for value in (left, right):
        if value is POISON:
            raise Silence
        if is_layer(value) or type(value) is Tensor:
            raise Fault(
                "E302",
                f"{type_name(value)} cannot be compared",
                span,
                help="compare a name, a number or a shape: `x.shape == y.shape`"
                if type(value) is Tensor
                else "",
            )
    if type(left) is list and type(right) is list:
        if depth > 50:
            raise Fault("E903", "the lists are nested too deep to be compared", span)
        return len(left) == len(right) and all(
            _equal(a, b, span, session, depth + 1) for a, b in zip(left, right, strict=True)
        )
    if type(left) is bool or type(right) is bool:
        return type(left) is type(right) and left == right
    return bool(left == right)


def truth(value: Value, span: Span, what: str) -> bool:
    """The value of a condition, which must be a bool."""
    if value is POISON:
        raise Silence
    if type(value) is not bool:
        help = "compare it: `x != 0`" if is_number(value) else ""
        raise Fault("E305", f"{what} is a bool, and this is {type_name(value)}", span, help=help)
    return value
