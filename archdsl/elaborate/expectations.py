"""`expect`: what must hold, and what is said when it does not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import isnan
from typing import Any

from archdsl.diagnostics import Label
from archdsl.elaborate import arithmetic
from archdsl.elaborate.environment import Environment
from archdsl.elaborate.expressions import Evaluator
from archdsl.elaborate.faults import Fault, Silence
from archdsl.elaborate.free import free_names
from archdsl.elaborate.matching import find_name
from archdsl.elaborate.values import POISON, Value, show, type_name
from archdsl.graph.model import Tensor
from archdsl.source import Span
from archdsl.syntax import ast

#: what the compiler counts
FIGURES = ("params", "macs")
_SUFFIX = {"K": 10**3, "M": 10**6, "G": 10**9}


class Causes:
    """Notes on values that are not as expected."""

    def figure(self, name: str, wanted: int, exact: bool) -> tuple[str, ...]:
        """On a figure of the network that is not `wanted`."""
        return ()

    def tensor(self, tensor: Tensor, place: Span) -> tuple[str, ...]:
        """On the shape of a tensor, for a reader at a place."""
        return ()


def check(evaluator: Evaluator, statement: ast.Expect, env: Environment, it: Any, causes: Causes) -> None:
    """Raises E801 at the part of the condition that does not hold."""
    if statement.about is not None:
        _check_about(evaluator, statement, statement.about, env, it, causes)
        return
    condition = statement.condition
    if arithmetic.truth(evaluator.value(condition, env, it), condition.span, "an expectation"):
        return
    told = _Told(evaluator, env, it, causes)
    failing, *others = told.failing(condition)
    message = statement.message.value if statement.message is not None else told.sentence(failing)
    raise Fault(
        "E801",
        f"expectation failed: {message}",
        failing.span,
        told.sides(failing),
        labels=tuple(Label(other.span, told.sides(other) or "this does not hold either") for other in others),
        notes=told.notes(failing),
    )


class _Told:
    """Says of conditions that do not hold what their values are."""

    def __init__(self, evaluator: Evaluator, env: Environment, it: Any, causes: Causes) -> None:
        self.evaluator = evaluator
        self.env = env
        self.it = it
        self.causes = causes

    def value(self, expr: ast.Expr) -> Value | None:
        """None where it has none: the left side of an `and` may have stood in front of a mistake."""
        try:
            return self.evaluator.value(expr, self.env, self.it)
        except (Fault, Silence):
            return None

    def failing(self, condition: ast.Expr) -> list[ast.Expr]:
        """The parts of a condition that do not hold: of an `and` those sides, else the whole."""
        while isinstance(condition, ast.Group):
            condition = condition.inner
        if not isinstance(condition, ast.Logical):
            return [condition]
        wrong = [side for side in condition.operands if self.value(side) is False]
        if condition.op == "and":
            return [part for side in wrong for part in self.failing(side)]
        return [condition]

    def sides(self, condition: ast.Expr) -> str:
        """`params` is 7,978,856: the values of what is compared, where they are no literals."""
        parts: list[str] = []
        for operand in _operands(condition):
            if isinstance(operand, (ast.Number, ast.Boolean, ast.Text, ast.Extents)):
                continue
            value = self.value(operand)
            if value is None:
                continue
            text = grouped(value)
            if re.sub(r"[, ]", "", text) != re.sub(r"[_, \n]", "", operand.span.text):
                parts.append(f"`{_line(operand)}` is {text}")
        return ", ".join(parts)

    def sentence(self, condition: ast.Expr) -> str:
        """What is wrong, where the text has no message for it."""
        if isinstance(condition, ast.Compare) and len(condition.ops) == 1:
            left, right = condition.operands
            if isinstance(left, ast.Number) and condition.ops[0] in ("==", "!="):
                left, right = right, left
            one, other = self.value(left), self.value(right)
            if one is not None and other is not None:
                wants = "" if condition.ops[0] == "==" else f"{condition.ops[0]} "
                return f"`{_line(left)}` is {grouped(one)}, and not {wants}{grouped(other)}"
        if isinstance(condition, ast.Logical):
            return "neither side of `or` holds" if len(condition.operands) == 2 else "no side of `or` holds"
        return f"`{_line(condition)}` does not hold"

    def notes(self, condition: ast.Expr) -> tuple[str, ...]:
        """The causes that are known of what is compared."""
        if not isinstance(condition, ast.Compare) or len(condition.ops) != 1:
            return ()
        found: list[str] = []
        one, other = condition.operands
        for operand, against in ((one, other), (other, one)):
            wanted = self.value(against)
            if isinstance(operand, ast.Name) and operand.id in FIGURES and type(wanted) is int:
                found += self.causes.figure(operand.id, wanted, condition.ops[0] == "==")
            elif isinstance(operand, ast.Attribute):
                tensor = self.value(operand.target)
                if type(tensor) is Tensor:
                    found += self.causes.tensor(tensor, condition.span)
        return tuple(dict.fromkeys(found))


def _operands(condition: ast.Expr) -> tuple[ast.Expr, ...]:
    """What is compared in a condition."""
    if isinstance(condition, ast.Compare):
        return condition.operands
    if isinstance(condition, ast.Logical):
        return tuple(part for side in condition.operands for part in _operands(side))
    if isinstance(condition, ast.Group):
        return _operands(condition.inner)
    if isinstance(condition, ast.Unary):
        return (condition.operand,)
    return (condition,)


def _line(expr: ast.Expr) -> str:
    return " ".join(expr.span.text.split())[:60]


def check_counted(statement: ast.Expect, uncounted: Mapping[str, Sequence[str]]) -> None:
    """Raises E809 where an expectation reads a figure that leaves out some layers; `uncounted` names them."""
    for figure, names in uncounted.items():
        place = find_name(statement.condition, figure)
        if place is not None and figure in free_names(statement.condition):
            blocks = " and ".join(f"`{name}`" for name in names)
            raise Fault(
                "E809",
                f"`{figure}` leaves out {blocks}, which state{'s' * (len(names) == 1)} none",
                place,
                help=f"add `{figure} = …` to the extern block, `{figure} = 0` if it has none",
            )


def grouped(value: Value) -> str:
    """A value for people: 7,978,856."""
    return f"{value:,}" if type(value) is int and value.bit_length() < 200 else show(value)


def unit_of(text: str) -> Fraction:
    """What one in the last digit of a number literal counts: `4.10G` 10 million, `138M` a million."""
    match = re.fullmatch(r"([\d_]+)(?:\.([\d_]+))?(?:[eE]([+-]?\d+))?([KMG])?", text)
    assert match is not None, text
    decimals = len((match[2] or "").replace("_", ""))
    return Fraction(10) ** (int(match[3] or 0) - decimals) * _SUFFIX.get(match[4] or "", 1)


def agrees(value: int | float, text: str, printed: int | float) -> bool:
    """Whether a value rounds to a printed number, at the number's last digit."""
    unit = unit_of(text)
    exact = round(Fraction(printed) / unit) * unit  # the decimal that the text means, without a float's error
    return abs(Fraction(value) - exact) <= unit / 2


def _check_about(
    evaluator: Evaluator,
    statement: ast.Expect,
    about: ast.Number,
    env: Environment,
    it: Any,
    causes: Causes,
) -> None:
    value = evaluator.value(statement.condition, env, it)
    if value is POISON or isnan(about.value):  # a number that is not well formed
        raise Silence
    if not arithmetic.is_number(value):
        raise Fault("E301", f"`~` compares numbers, and this is {type_name(value)}", statement.condition.span)
    if agrees(value, about.text, about.value):
        return
    name = _line(statement.condition)
    near = rounded(value, about.text)
    sentence = f"`{name}` is {grouped(value)}, which is {near} and not {about.text}"
    message = statement.message.value if statement.message is not None else sentence
    unit = unit_of(about.text)
    exact = round(Fraction(about.value) / unit) * unit
    low, high = (_number(exact + side * unit / 2) for side in (-1, 1))
    figure = statement.condition.id if isinstance(statement.condition, ast.Name) else ""
    notes = causes.figure(figure, int(exact), False) if figure in FIGURES else ()
    raise Fault(
        "E801",
        f"expectation failed: {message}",
        statement.condition.span,
        f"`{name}` is {grouped(value)}",
        labels=(Label(about.span, f"expected: from {low} to {high}"),),
        notes=notes,
        help=f"`{name} ~ {near}` holds" if _read(near) and agrees(value, near, _read(near)) else "",
    )


def _number(value: Fraction) -> str:
    return f"{value.numerator:,}" if value.denominator == 1 else repr(float(value))


def _read(text: str) -> float:
    """The number that a literal writes."""
    scale = _SUFFIX.get(text[-1], 1)
    return float(text.rstrip("KMG")) * scale


def rounded(value: int | float, text: str) -> str:
    """A value written to the digits of a literal: 2834161664 as `2.83G` is."""
    unit = unit_of(text)
    suffix = text[-1] if text[-1] in _SUFFIX else ""
    scale = _SUFFIX.get(suffix, 1)
    shown = round(Fraction(value) / unit) * unit / scale
    decimals = len(text.rstrip("KMG").partition(".")[2].replace("_", "")) if "e" not in text.lower() else 6
    return f"{float(shown):.{decimals}f}{suffix}"
