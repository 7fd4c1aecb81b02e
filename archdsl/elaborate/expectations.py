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
from archdsl.syntax import ast

_SUFFIX = {"K": 10**3, "M": 10**6, "G": 10**9}


def check(evaluator: Evaluator, statement: ast.Expect, env: Environment, it: Any) -> None:
    """Raises E801 at the condition if the expectation does not hold."""
    if statement.about is not None:
        _check_about(evaluator, statement, statement.about, env, it)
        return
    condition = statement.condition
    if arithmetic.truth(evaluator.value(condition, env, it), condition.span, "an expectation"):
        return
    message = statement.message.value if statement.message is not None else "this does not hold"
    raise Fault(
        "E801", f"expectation failed: {message}", condition.span, _sides(evaluator, condition, env, it)
    )


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


def _sides(evaluator: Evaluator, condition: ast.Expr, env: Environment, it: Any) -> str:
    """`params` is 7,978,856: the values of what is compared, where they are no literals."""
    while isinstance(condition, ast.Group):
        condition = condition.inner
    if not isinstance(condition, ast.Compare):
        return ""
    parts: list[str] = []
    for operand in condition.operands:
        if isinstance(operand, (ast.Number, ast.Boolean, ast.Text, ast.Extents)):
            continue
        try:
            value = evaluator.value(operand, env, it)
        except (Fault, Silence):
            continue
        text = grouped(value)
        if text.replace(",", "") != operand.span.text.replace("_", "").replace(" ", "").replace(",", ""):
            parts.append(f"`{' '.join(operand.span.text.split())[:60]}` is {text}")
    return ", ".join(parts)


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
    evaluator: Evaluator, statement: ast.Expect, about: ast.Number, env: Environment, it: Any
) -> None:
    value = evaluator.value(statement.condition, env, it)
    if value is POISON or isnan(about.value):  # a number that is not well formed
        raise Silence
    if not arithmetic.is_number(value):
        raise Fault("E301", f"`~` compares numbers, and this is {type_name(value)}", statement.condition.span)
    if agrees(value, about.text, about.value):
        return
    name = " ".join(statement.condition.span.text.split())[:60]
    message = statement.message.value if statement.message is not None else f"`{name}` is {grouped(value)}"
    raise Fault(
        "E801",
        f"expectation failed: {message}",
        statement.condition.span,
        f"`{name}` is {grouped(value)}, which is {rounded(value, about.text)} to the digits of {about.text}",
        labels=(Label(about.span, "expected"),),
    )


def rounded(value: int | float, text: str) -> str:
    """A value written to the digits of a literal: 2834161664 as `2.83G` is."""
    unit = unit_of(text)
    suffix = text[-1] if text[-1] in _SUFFIX else ""
    scale = _SUFFIX.get(suffix, 1)
    shown = round(Fraction(value) / unit) * unit / scale
    decimals = len(text.rstrip("KMG").partition(".")[2].replace("_", "")) if "e" not in text.lower() else 6
    return f"{float(shown):.{decimals}f}{suffix}"
