"""The functions of the outermost scope, with Python's meaning."""

from __future__ import annotations

import math
from collections.abc import Callable

from archdsl.elaborate.arithmetic import MADE, bounded, compare, is_number, too_long
from archdsl.elaborate.faults import Fault, Silence
from archdsl.elaborate.session import Session
from archdsl.elaborate.values import POISON, BuiltinFunction, Value, show, type_name
from archdsl.graph.model import Tensor
from archdsl.source import Span

Arguments = list[Value]
Function = Callable[[Arguments, Span, Session], Value]


def _number(name: str, value: Value, span: Span) -> int | float:
    if value is POISON:
        raise Silence
    if not is_number(value):
        raise Fault("E301", f"`{name}` wants a number, and this is {type_name(value)}", span)
    number: int | float = value
    return number


def _list(name: str, value: Value, span: Span) -> list[Value]:
    if value is POISON:
        raise Silence
    if type(value) is Tensor:  # a bundle of one
        return [value]
    if type(value) is not list:
        raise Fault("E301", f"`{name}` wants a list, and this is {type_name(value)}", span)
    return value


def _int(name: str, value: Value, span: Span) -> int:
    if value is POISON:
        raise Silence
    if type(value) is not int:
        help = "`//` divides to an int" if type(value) is float else ""
        raise Fault("E301", f"`{name}` wants an int, and this is {type_name(value)}", span, help=help)
    return value


def _extreme(name: str, op: str) -> Function:
    def call(arguments: Arguments, span: Span, session: Session) -> Value:
        values = _list(name, arguments[0], span) if len(arguments) == 1 else arguments
        if not values:
            raise Fault("E301", f"`{name}` of nothing has no value", span)
        best = values[0]
        if len(values) == 1 and type(best) is not list:
            _number(name, best, span)
        for value in values[1:]:
            if compare(op, value, best, span, session):
                best = value
        return best

    return call


def _to_int(name: str, function: Callable[[float], int]) -> Function:
    def call(arguments: Arguments, span: Span, session: Session) -> Value:
        value = _number(name, arguments[0], span)
        return value if type(value) is int else function(value)

    return call


def _round(arguments: Arguments, span: Span, session: Session) -> Value:
    value = _number("round", arguments[0], span)
    if len(arguments) == 1:
        return round(value)
    digits = _int("round", arguments[1], span)
    if abs(digits) > 400:
        raise Fault("E903", "`round` takes up to 400 digits", span)
    return round(value, digits)


def _sqrt(arguments: Arguments, span: Span, session: Session) -> Value:
    value = _number("sqrt", arguments[0], span)
    if value < 0:
        raise Fault("E309", f"the square root of {show(value)} is not a real number", span)
    return _float_of(math.sqrt, value, span)


def _log2(arguments: Arguments, span: Span, session: Session) -> Value:
    value = _number("log2", arguments[0], span)
    if value <= 0:
        raise Fault("E309", f"the logarithm of {show(value)} is not a number", span)
    return _float_of(math.log2, value, span)


def _float_of(function: Callable[[int | float], float], value: int | float, span: Span) -> float:
    try:
        return function(value)
    except OverflowError:
        raise Fault("E309", "the result is too large for a float", span) from None


def _float(arguments: Arguments, span: Span, session: Session) -> Value:
    return _float_of(float, _number("float", arguments[0], span), span)


def _abs(arguments: Arguments, span: Span, session: Session) -> Value:
    return abs(_number("abs", arguments[0], span))


def _sum(arguments: Arguments, span: Span, session: Session) -> Value:
    total: int | float = 0
    values = _list("sum", arguments[0], span)
    session.step(span, len(values) // MADE)
    for value in values:
        total += _number("sum", value, span)
    return bounded(total, span, session)


def _len(arguments: Arguments, span: Span, session: Session) -> Value:
    value = arguments[0]
    return len(value) if type(value) is str else len(_list("len", value, span))


def _range(arguments: Arguments, span: Span, session: Session) -> Value:
    numbers = range(*_range_arguments(arguments, span))
    most = session.limits.list_length
    try:
        size = len(numbers)
    except OverflowError:
        size = most + 1
    if size > most:
        raise too_long(f"`range` gives more than {most:,} numbers", span, session)
    session.step(span, size // MADE)
    return list(numbers)


def _range_arguments(arguments: Arguments, span: Span) -> list[int]:
    numbers = [_int("range", value, span) for value in arguments]
    if len(numbers) == 3 and numbers[2] == 0:
        raise Fault("E303", "the step of `range` is zero", span)
    return numbers


def _enumerate(arguments: Arguments, span: Span, session: Session) -> Value:
    start = _int("enumerate", arguments[1], span) if len(arguments) > 1 else 0
    values = _list("enumerate", arguments[0], span)
    session.step(span, len(values))
    return [[i, value] for i, value in enumerate(values, start)]


def _zip(arguments: Arguments, span: Span, session: Session) -> Value:
    lists = [_list("zip", value, span) for value in arguments]
    rows = min(map(len, lists))
    session.step(span, rows + rows * len(lists) // MADE)
    return [list(row) for row in zip(*lists, strict=False)]


def _reversed(arguments: Arguments, span: Span, session: Session) -> Value:
    return bounded(_list("reversed", arguments[0], span)[::-1], span, session)


def _floor(value: float) -> int:
    return math.floor(value)


def _ceil(value: float) -> int:
    return math.ceil(value)


# name: (fewest arguments, most arguments, function)
_TABLE: dict[str, tuple[int, int, Function]] = {
    "min": (1, 10_000, _extreme("min", "<")),
    "max": (1, 10_000, _extreme("max", ">")),
    "floor": (1, 1, _to_int("floor", _floor)),
    "ceil": (1, 1, _to_int("ceil", _ceil)),
    "round": (1, 2, _round),
    "sqrt": (1, 1, _sqrt),
    "log2": (1, 1, _log2),
    "abs": (1, 1, _abs),
    "sum": (1, 1, _sum),
    "len": (1, 1, _len),
    "range": (1, 3, _range),
    "enumerate": (1, 2, _enumerate),
    "zip": (1, 10_000, _zip),
    "reversed": (1, 1, _reversed),
    "int": (1, 1, _to_int("int", int)),
    "float": (1, 1, _float),
}


def _checked(name: str, function: Function) -> BuiltinFunction:
    def call(arguments: Arguments, span: Span, session: Session) -> Value:
        check_count(name, len(arguments), span)
        return function(arguments, span, session)

    return BuiltinFunction(name, call)


def check_count(name: str, count: int, span: Span) -> None:
    """Raises E204 and E205 if a function of the language is not called with so many arguments."""
    least, most, _ = _TABLE[name]
    if count < least:
        raise Fault("E204", f"`{name}` needs {least} argument{'s' * (least > 1)}", span)
    if count > most:
        raise Fault("E205", f"`{name}` takes {most} argument{'s' * (most > 1)}, not {count}", span)


FUNCTIONS: dict[str, BuiltinFunction] = {name: _checked(name, row[2]) for name, row in _TABLE.items()}
