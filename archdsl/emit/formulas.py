"""Formulas over the parameters of a constructor: what they are, what they give, and how Python says them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from operator import add, eq, floordiv, ge, gt, le, lt, mod, mul, ne, sub, truediv
from typing import Any

from archdsl.emit.code import TEST, Apply, Bracket, Code, Infix, Py, constant, flat, power
from archdsl.emit.template import Number, Power
from archdsl.records import record

#: One number for each instance of a class; None where any will do.
Vector = tuple[Number | None, ...]


@record
class Const:
    value: Number


@record
class Param:
    name: str


@record
class Op:
    """`a op b op c`, left to right."""

    op: str
    operands: tuple[Formula, ...]


@record
class Floor:
    """`int(…)`, of what is not negative."""

    inner: Formula


@record
class Function:
    """`math.ceil(a)`, `max(a, b)`, …"""

    name: str
    args: tuple[Formula, ...]


@record
class Tuple:
    items: tuple[Formula, ...]


@record
class Named:
    """What the text gives a name by `let`."""

    name: str
    inner: Formula


@record
class Test:
    """`a < b <= c`"""

    ops: tuple[str, ...]
    operands: tuple[Formula, ...]


@record
class Logic:
    """`a and b`, `a or b`, `not a`"""

    op: str
    operands: tuple[Formula, ...]


@record
class Choice:
    """`then if condition else otherwise`"""

    then: Formula
    condition: Formula
    otherwise: Formula


Formula = Const | Param | Op | Floor | Function | Tuple | Named | Test | Logic | Choice


def parts(formula: Formula) -> tuple[Formula, ...]:
    """What a formula is directly made of."""
    if isinstance(formula, (Op, Test, Logic)):
        return formula.operands
    if isinstance(formula, (Floor, Named)):
        return (formula.inner,)
    if isinstance(formula, Tuple):
        return formula.items
    if isinstance(formula, Function):
        return formula.args
    return (formula.then, formula.condition, formula.otherwise) if isinstance(formula, Choice) else ()


def rebuilt(formula: Formula, change: Callable[[Formula], Formula | None]) -> Formula:
    """The formula with parts changed, outer ones first; None leaves a part, and looks inside."""
    changed = change(formula)
    if changed is not None:
        return changed
    inner = tuple(rebuilt(part, change) for part in parts(formula))
    if isinstance(formula, Op):
        return Op(formula.op, inner)
    if isinstance(formula, Test):
        return Test(formula.ops, inner)
    if isinstance(formula, Logic):
        return Logic(formula.op, inner)
    if isinstance(formula, Floor):
        return Floor(*inner)
    if isinstance(formula, Named):
        return Named(formula.name, *inner)
    if isinstance(formula, Tuple):
        return Tuple(inner)
    if isinstance(formula, Function):
        return Function(formula.name, inner)
    return Choice(*inner) if isinstance(formula, Choice) else formula


def parameters(formula: Formula) -> list[str]:
    """Names of the parameters, each once."""
    if isinstance(formula, Param):
        return [formula.name]
    return list(dict.fromkeys(name for part in parts(formula) for name in parameters(part)))


def size(formula: Formula) -> int:
    """Of how many parts it consists."""
    return 1 + sum(map(size, parts(formula)))


# --- in Python -----------------------------------------------------------------------------------------------------


def printed(formula: Formula, spell: Callable[[str], str] = str) -> Py:
    """The formula in Python; `spell` gives what a parameter, or a local variable, is called where it stands."""
    if isinstance(formula, Const):
        return constant(formula.value)
    if isinstance(formula, (Param, Named)):
        return Code(spell(formula.name))
    inner = tuple(printed(part, spell) for part in parts(formula))
    if isinstance(formula, Floor):
        return Apply("int", inner)
    if isinstance(formula, Function):
        return Apply(formula.name, inner)
    if isinstance(formula, Tuple):
        return Bracket(inner, "()")
    if isinstance(formula, Op):
        return Infix(formula.op, inner)
    if isinstance(formula, Choice):
        then, condition, otherwise = (flat(py) if power(py) > TEST - 2 else f"({flat(py)})" for py in inner)
        return Code(f"{then} if {condition} else {otherwise}", TEST - 2)
    if isinstance(formula, Test):
        first, *others = map(_in_test, inner)
        words = (f" {op} {other}" for op, other in zip(formula.ops, others, strict=True))
        return Code(first + "".join(words), TEST)
    assert isinstance(formula, Logic)
    if formula.op == "not":
        (only,) = inner
        return Code(f"not {flat(only) if power(only) >= TEST else _in_test(only)}", TEST - 1)
    texts = (flat(py) if power(py) >= TEST - 1 and not _joined(part) else f"({flat(py)})"
             for py, part in zip(inner, formula.operands, strict=True))  # fmt: skip
    return Code(f" {formula.op} ".join(texts), TEST - 1)


def _joined(formula: Formula) -> bool:
    return isinstance(formula, Logic) and formula.op != "not"


def _in_test(py: Py) -> str:
    """An operand of a comparison, or of a choice."""
    return flat(py) if power(py) > TEST else f"({flat(py)})"


def grown(first: Formula, step: Formula, index: str) -> Formula:
    """`first + step * index`."""
    if step == Const(0):
        return first
    negative = isinstance(step, Const) and isinstance(step.value, (int, float)) and step.value < 0
    if isinstance(step, Const) and isinstance(step.value, (int, float)):
        step = Const(abs(step.value))
    product = Param(index) if step == Const(1) else Op("*", (step, Param(index)))
    if first == Const(0) and not negative:
        return product
    return Op("-" if negative else "+", (first, product))


def following(first: Formula, course: Power, index: str) -> Formula:
    """The numbers of a run that do not grow by the same."""
    turns = 0
    while isinstance(first, Const) and isinstance(first.value, int) and first.value % course.base == 0:
        first = Const(first.value // course.base)
        turns += 1
    power = Op("**", (Const(course.base), grown(Const(turns), Const(1), index)))
    return power if first == Const(1) else Op("*", (first, power))


def same(a: Sequence[Number | None], b: Sequence[Number | None]) -> bool:
    """Whether two vectors agree wherever both are given."""
    return all(x is None or y is None or (type(x) is type(y) and x == y) for x, y in zip(a, b, strict=True))


def constant_of(vector: Vector) -> Number | None:
    """The number that a vector is in all instances; None if it differs. Free throughout: 0."""
    given = [v for v in vector if v is not None]
    if not given:
        return 0
    first = given[0]
    return first if all(type(v) is type(first) and v == first for v in given) else None


def sum_of(parts: Sequence[Formula]) -> Formula:
    """A sum with equal parts taken together and constants last."""
    counts: dict[Formula, int] = {}
    rest = 0
    for part in parts:
        if isinstance(part, Const) and isinstance(part.value, int):
            rest += part.value
        else:
            times, term = _multiple(part)
            counts[term] = counts.get(term, 0) + times
    terms = [part if n == 1 else Op("*", (Const(n), part)) for part, n in counts.items()]
    if rest or not terms:
        terms.append(Const(rest))
    return terms[0] if len(terms) == 1 else Op("+", tuple(terms))


def _multiple(part: Formula) -> tuple[int, Formula]:
    """`3 * x` as 3 and x."""
    if isinstance(part, Op) and part.op == "*" and len(part.operands) == 2:
        factor, term = part.operands
        if isinstance(factor, Const) and isinstance(factor.value, int):
            return factor.value, term
    return 1, part


# --- what it gives -------------------------------------------------------------------------------------------------

_LARGEST_POWER = 64
_OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": add, "-": sub, "*": mul, "/": truediv, "//": floordiv, "%": mod,
}  # fmt: skip
_TESTS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge,
}  # fmt: skip
#: Functions of Python that a formula may call.
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "abs": abs, "float": float, "int": int, "math.ceil": math.ceil, "math.floor": math.floor, "math.log2": math.log2,
    "math.sqrt": math.sqrt, "max": max, "min": min, "round": round,
}  # fmt: skip


def value_of(formula: Formula, values: Mapping[str, Any]) -> Any:
    """What it gives where parameters have these values. Raises ArithmeticError, TypeError, ValueError."""
    if isinstance(formula, Const):
        return formula.value
    if isinstance(formula, Param):
        return values[formula.name]
    if isinstance(formula, Named):
        return value_of(formula.inner, values)
    if isinstance(formula, Choice):
        chosen = formula.then if value_of(formula.condition, values) else formula.otherwise
        return value_of(chosen, values)
    if isinstance(formula, Logic):
        found = (value_of(part, values) for part in formula.operands)
        if formula.op == "not":
            return not next(found)
        return all(found) if formula.op == "and" else any(found)
    given = [value_of(part, values) for part in parts(formula)]
    if isinstance(formula, Floor):
        return int(given[0])
    if isinstance(formula, Tuple):
        return tuple(given)
    if isinstance(formula, Function):
        return FUNCTIONS[formula.name](*given)
    if isinstance(formula, Test):
        pairs = zip(formula.ops, given, given[1:], strict=False)
        return all(_TESTS[op](a, b) for op, a, b in pairs)
    assert isinstance(formula, Op)
    result, *others = given
    for other in others:
        if formula.op == "**":
            if abs(other) > _LARGEST_POWER:
                raise OverflowError("a power of that many digits")
            result = result**other
        else:
            result = _OPERATORS[formula.op](result, other)
    return result
