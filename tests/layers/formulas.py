"""Evaluates the formulas of declarations with the language itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, cached_property
from math import prod
from typing import Any

from archdsl.diagnostics import Collector
from archdsl.elaborate.builtins import FUNCTIONS
from archdsl.elaborate.calls import Calls
from archdsl.elaborate.environment import Environment
from archdsl.elaborate.free import free_names
from archdsl.elaborate.session import Session
from archdsl.elaborate.values import BuiltinFunction
from archdsl.layers import WORDS, Layer, Shape, Word
from archdsl.layers.kinds import Choice, Extent, Factor, Padding
from archdsl.layers.page import Let
from archdsl.limits import DEFAULT_LIMITS
from archdsl.source import Source
from archdsl.syntax import ast
from archdsl.syntax.parser import parse_expression

Sizes = list[int]

PROD = BuiltinFunction("prod", lambda arguments, span, _session: prod(arguments[0]))
#: what a condition may ask of a parameter that the language cannot
QUESTION = re.compile(r"(\w+) is (a list|a number|given)")


class Outermost:
    """The functions and words of the language, and `prod`."""

    def find(self, name: str) -> Any:
        if name == "prod":
            return PROD
        return FUNCTIONS.get(name) or (Word(name) if name in WORDS else None)

    def names(self) -> set[str]:
        return {"prod", *FUNCTIONS, *WORDS}

    def reported(self, span: object) -> bool:
        return False


@cache
def parsed(text: str) -> ast.Expr:
    collector = Collector()
    expr = parse_expression(Source("<formula>", text), collector)
    assert expr is not None and not collector.diagnostics, text
    return expr


def evaluate(text: str, values: dict[str, Any]) -> Any:
    calls = Calls(Session(Collector(), DEFAULT_LIMITS))
    return calls.value(parsed(text), Environment(Outermost(), None, {}, None, dict(values)), None)


class Names:
    """The names of one layer's formulas, for one case: found when they are needed."""

    def __init__(self, layer: Layer, xs: Sequence[Shape]) -> None:
        assert layer.formula is not None
        self.layer = layer
        self.used: set[Let] = set()  # definitions that were evaluated
        self.where: dict[str, list[Let]] = {}
        for let in layer.formula.where:
            for name in re.split(" = |, ", let.names):
                self.where.setdefault(name, []).append(let)
        highest = max(xs, key=lambda x: len(x.dims))
        self.values: dict[str, Any] = {
            "tokens": highest.tokens,
            "rank": len(highest.dims),
            "features": highest.channel_axis,
            "c": xs[0].channels,
        }
        self.axes = len(xs[0].spatial)
        self.known: dict[str, Any] = {}
        self.values |= bind(layer.formula.arrives, xs)

    def __call__(self, text: str) -> Any:
        """The value of an expression."""
        return evaluate(
            text, {name: self.value(name) for name in free_names(parsed(text)) if self.knows(name)}
        )

    def knows(self, name: str) -> bool:
        return name in self.layer.params or name in self.where or name in self.values

    def value(self, name: str) -> Any:
        if name not in self.known:
            self.known[name] = self.find(name)
        return self.known[name]

    def find(self, name: str) -> Any:
        if name in self.where:
            lets = self.where[name]
            if not lets[0].each:
                return self.member(name, next(let for let in lets if self.holds(let)))
            return [along.value(name) for along in self.along]
        if name in self.layer.params:
            return self.parameter(name)
        return self.values[name]

    @cached_property
    def along(self) -> list[Along]:
        """The names along each spatial axis."""
        return [Along(self, axis) for axis in range(self.axes)]

    def member(self, name: str, let: Let) -> Any:
        """What a definition says of one of its names."""
        self.used.add(let)
        value = self(let.value)
        return value[let.names.split(", ").index(name)] if ", " in let.names else value

    def holds(self, let: Let) -> bool:
        question = QUESTION.fullmatch(let.when)
        if question is None:
            return not let.when or self(let.when) is True
        value = self.layer.values()[question[1]]
        return {
            "a list": isinstance(value, tuple),
            "a number": isinstance(value, int),
            "given": value is not None,
        }[question[2]]

    def parameter(self, name: str) -> Any:
        """An argument as formulas see it."""
        value, param = self.layer.values()[name], self.layer.params[name]
        if value is None:  # it follows from what the signature shows for it
            return self(param.shown)
        if isinstance(value, str):
            assert isinstance(param.kind, (Choice, Padding)) or value in param.kind.words
            return Word(value)
        if isinstance(param.kind, Padding):
            pads = [value] * self.axes if isinstance(value, int) else list(value)
            pairs = [[pad, pad] for pad in pads] if len(pads) == self.axes else []
            return pairs or [list(pair) for pair in zip(pads[::2], pads[1::2], strict=True)]
        if isinstance(param.kind, (Extent, Factor)) and not isinstance(value, tuple):
            return [value] * self.axes
        return list(value) if isinstance(value, tuple) else value


class Along(Names):
    """The same names along one spatial axis."""

    def __init__(self, names: Names, axis: int) -> None:
        self.__dict__.update(names.__dict__)
        self.names, self.axis = names, axis
        self.known = {}

    def find(self, name: str) -> Any:
        if name in self.where and self.where[name][0].each:
            return self.member(name, next(let for let in self.where[name] if self.holds(let)))
        value = self.names.value(name)
        return value[self.axis] if isinstance(value, list) else value


def bind(pattern: str, xs: Sequence[Shape]) -> dict[str, Any]:
    """What the names of a pattern are, for the shapes that arrive."""
    if pattern == "*xs":
        return {"xs": [list(x.dims) for x in xs]}
    members = pattern.split(" | ")
    assert len(members) == len(xs), pattern
    found: dict[str, Any] = {"x": list(xs[0].dims)}
    for member, x in zip(members, xs, strict=True):
        if member == "x":
            continue
        names = member.removeprefix("[").removesuffix("]").split(", ")
        several = next((i for i, name in enumerate(names) if name.startswith("*")), None)
        sizes: list[int | list[int]] = list(x.dims)
        if several is not None:
            end = len(sizes) - (len(names) - several - 1)
            sizes[several:end] = [list(x.dims[several:end])]
        for name, size in zip(names, sizes, strict=True):
            assert found.setdefault(name.removeprefix("*"), size) == size, f"{pattern}: {name}"
    return found


def stated(names: Names, ys: Sequence[Shape]) -> tuple[list[Sizes], int, int]:
    """What the formulas of a declaration say: the shapes that leave, trained parameters and MACs."""
    layer = names.layer
    assert layer.formula is not None
    leaves = names(layer.formula.leaves)
    if not (leaves and isinstance(leaves[0], list)):
        leaves = [leaves]
    names.values["y"] = list(ys[0].dims)
    return leaves, names(layer.trained), names(layer.cost)
