"""Values of the language beside Python's int, float, bool, str and list.

A bundle is a Python list of Tensors; a tensor and a bundle of one are the same, and evaluate to the Tensor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from archdsl.elaborate.environment import Environment
from archdsl.graph.model import Module, Tensor
from archdsl.layers import Init, Layer, Shape, Word
from archdsl.records import record
from archdsl.source import Span
from archdsl.syntax import ast

Value = Any


class Poison:
    """What a mistake leaves behind: whatever depends on it stays silent."""

    def __repr__(self) -> str:
        return "POISON"


POISON = Poison()


class Wildcard:
    """`_` in a waypoint."""


WILDCARD = Wildcard()

Callee = type[Layer] | ast.Block | ast.Network | ast.Extern


@record(eq=False)
class BlockValue:
    """Something to call for a layer: a layer of the registry, a block or a network.

    `defaults` are the keyword arguments that it carries from the places where it was mentioned.
    """

    noun: ClassVar[str] = "a layer"
    target: Callee
    name: str
    environment: Environment | None = None  # of the file that declares it; None for registry layers
    defaults: Mapping[str, Value] = field(default_factory=dict)

    def with_defaults(self, defaults: Mapping[str, Value]) -> BlockValue:
        return replace(self, defaults={**self.defaults, **defaults})


@record(eq=False)
class FunctionValue:
    """A `def`."""

    noun: ClassVar[str] = "a function"
    declaration: ast.Function
    environment: Environment


@record(eq=False)
class BuiltinFunction:
    noun: ClassVar[str] = "a function"
    name: str
    call: Callable[..., Value]


@record(eq=False)
class Closure:
    """A layer as text with the names that it may use. Not `kept`: the environment is the live one of its place."""

    noun: ClassVar[str] = "a layer"
    expr: ast.Expr
    environment: Environment
    kept: bool = False


@record(eq=False)
class RepeatedLayer:
    noun: ClassVar[str] = "a layer"
    layer: LayerValue
    count: int
    span: Span
    kept: bool = False


@record(eq=False)
class LabelledLayer:
    noun: ClassVar[str] = "a layer"
    label: str
    layer: Value
    span: Span
    kept: bool = False


@dataclass(slots=True, eq=False)
class SharedLayer:
    """One layer with one set of weights. `module` is there after the first use, `place` holds its place before."""

    noun: ClassVar[str] = "a layer"
    name: str
    layer: Value
    place: Module
    module: Module | None
    span: Span
    first_use: Span | None = None
    first_shapes: list[Shape] = field(default_factory=list)  # what arrives there
    in_use: bool = False


LayerValue = BlockValue | Closure | RepeatedLayer | LabelledLayer | SharedLayer
LAYER_TYPES = (BlockValue, Closure, RepeatedLayer, LabelledLayer, SharedLayer)


def is_layer(value: Value) -> bool:
    return isinstance(value, LAYER_TYPES)


def is_bundle(value: Value) -> bool:
    """A list of tensors; the empty list is a bundle of none."""
    return type(value) is list and all(type(v) is Tensor for v in value)


def type_name(value: Value) -> str:
    """The type of a value, with its article, as messages say it."""
    kind = type(value)
    if kind is bool:
        return "a bool"
    if kind is int:
        return "an int"
    if kind is float:
        return "a float"
    if kind is str:
        return "a string"
    if kind is list:
        if value and is_bundle(value):
            return f"a bundle of {len(value)} tensors" if len(value) > 1 else "a bundle of one tensor"
        return "a list"
    if kind is Tensor:
        return "a tensor"
    if kind is BlockValue:
        return f"the layer `{value.name}`" if isinstance(value.target, type) else f"the block `{value.name}`"
    if isinstance(value, LAYER_TYPES):
        return "a layer"
    if isinstance(value, (FunctionValue, BuiltinFunction)):
        return "a function"
    if kind is Word:
        return f"the word `{value.name}`"
    if kind is Init:
        return f"the initialiser `{value.name}`"
    if kind is Wildcard:
        return "`_`"
    return "a value"


def show(value: Value, limit: int = 60) -> str:
    """A value as the language writes it, shortened."""
    text = _show(value, limit)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def written(value: Value, limit: int = 100) -> str:
    """A value as the language writes it, layers by the beginning of their text; shortened."""
    if type(value) is list and any(map(is_layer, value)):
        text = "[" + ", ".join(written(item, limit) for item in value[:20]) + "]"
    elif type(value) is BlockValue:
        text = value.name
    elif type(value) is Closure:
        text = _first_words(value.expr.span.text)
    elif isinstance(value, (LabelledLayer, RepeatedLayer, SharedLayer)):
        text = _first_words(value.span.text)
    else:
        text = show(value, limit)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _first_words(text: str, limit: int = 40) -> str:
    line = " ".join(text[: 2 * limit].split())
    return line if len(line) <= limit and len(text) <= 2 * limit else line[: limit - 1].rstrip() + "…"


def _show(value: Value, limit: int) -> str:
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) is int:
        return str(value) if value.bit_length() < 200 else "an int of many digits"
    if type(value) is float:
        return repr(value)
    if type(value) is str:
        return f'"{value[:limit]}"'
    if type(value) is list:
        parts: list[str] = []
        room = limit
        for item in value:
            if room <= 0:
                parts.append("…")
                break
            parts.append(_show(item, room))
            room -= len(parts[-1]) + 2
        return "[" + ", ".join(parts) + "]"
    return type_name(value)
