"""Recursion without end: a call that meets itself with the same arguments and the same input."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from archdsl.elaborate.environment import Environment, Frame
from archdsl.elaborate.matching import uses_flow
from archdsl.elaborate.values import (
    BlockValue,
    BuiltinFunction,
    Closure,
    FunctionValue,
    LabelledLayer,
    RepeatedLayer,
    Value,
)
from archdsl.graph.model import Tensor
from archdsl.layers import Init, Word
from archdsl.records import record
from archdsl.syntax import ast

#: values deeper than this count as different
_DEEP = 20
#: takes a number of steps
Spend = Callable[[int], None]


def around(frame: Frame, spend: Spend) -> list[Frame] | None:
    """The calls from an outer one of the same block, with the same arguments and input, to a frame (which is the last);
    None if there is none, so that something changes from call to call."""
    calls = [frame]
    outer = frame.caller
    while outer is not None:
        if outer.target is frame.target and outer.rough == frame.rough and _alike(outer, frame, spend):
            return calls[::-1]
        calls.append(outer)
        outer = outer.caller
    return None


def _alike(a: Frame, b: Frame, spend: Spend) -> bool:
    return same(a.values, b.values, spend) and same(a.input, b.input, spend)


@record
class UnderWay:
    """A call of a function that has not ended. `rough` is that of its arguments in the order of their names."""

    declaration: ast.Function
    values: Mapping[str, Value]
    rough: tuple[object, ...]

    @staticmethod
    def of(declaration: ast.Function, values: Mapping[str, Value]) -> UnderWay:
        return UnderWay(declaration, values, rough(values[name] for name in sorted(values)))


def rough(values: Iterable[Value]) -> tuple[object, ...]:
    """What is equal for values that are the `same`, and soon compared: most calls differ in it."""
    return tuple(map(_rough, values))


def _rough(value: Value) -> object:
    kind = type(value)
    if kind in (int, float, bool, str):
        return value
    if kind is list:
        return len(value), _rough(value[0]) if value and type(value[0]) is not list else None
    return value.shape if kind is Tensor else kind


def same(a: Value, b: Value, spend: Spend, depth: int = 0) -> bool:
    """Whether a block or function that is given one or the other does the same: tensors count by their shapes."""
    if a is b:
        return True
    kind = type(a)
    if kind is not type(b) or depth > _DEEP:
        return False
    if kind in (int, float, bool, str, Word, Init):
        return bool(a == b)
    if kind is Tensor:
        return bool(a.shape == b.shape)
    if kind is list:
        if len(a) != len(b):
            return False
        spend(len(a) // 2)
        return all(same(x, y, spend, depth + 1) for x, y in zip(a, b, strict=True))
    if isinstance(a, Mapping):
        return a.keys() == b.keys() and all(same(a[key], b[key], spend, depth + 1) for key in a)
    if kind is BlockValue:
        return a.target is b.target and same(a.defaults, b.defaults, spend, depth + 1)
    if kind is Closure:
        return (
            a.expr is b.expr
            and not uses_flow(a.expr)
            and _same_scope(a.environment, b.environment, spend, depth)
        )
    if kind is RepeatedLayer:
        return a.count == b.count and same(a.layer, b.layer, spend, depth + 1)
    if kind is LabelledLayer:
        return a.label == b.label and same(a.layer, b.layer, spend, depth + 1)
    if kind is FunctionValue:
        return a.declaration is b.declaration and _same_scope(a.environment, b.environment, spend, depth)
    return kind is BuiltinFunction and a.name == b.name


def _same_scope(a: Environment, b: Environment, spend: Spend, depth: int) -> bool:
    if a.outer is not b.outer or a.parent is not None or b.parent is not None:
        return False
    return same(a.variables, b.variables, spend, depth + 1)


def through(names: Sequence[str]) -> str:
    """` through `b` and `c``: what stands between a call and itself."""
    between = list(dict.fromkeys(name for name in names[1:] if name != names[0]))
    if not between:
        return ""
    *some, last = (f"`{name}`" for name in between[:6])
    return f" through {', '.join(some)} and {last}" if some else f" through {last}"
