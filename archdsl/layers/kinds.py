"""Kinds of arguments: what a layer accepts for a parameter, and into what it turns it."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Word:
    """A choice that a layer offers (`half`, `nearest`), a value of the outermost scope."""

    name: str


@dataclass(frozen=True, slots=True)
class Init:
    """An initialiser with its arguments: `kaiming_normal(mode="fan_out")`."""

    name: str
    arguments: tuple[tuple[str, int | float | str], ...] = ()


class Mismatch(Exception):
    """A value is not of the kind: what was expected and what was found, in words."""

    def __init__(self, expected: str, value: Any, help: str = "") -> None:
        super().__init__(expected)
        self.expected = expected
        self.found = describe_value(value)
        self.help = help


def describe_value(value: Any) -> str:
    """A value as messages show it."""
    if isinstance(value, Word):
        return f"`{value.name}`"
    if isinstance(value, Init):
        return f"the initialiser `{value.name}`"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'the string "{value}"' if len(value) < 40 else "a string"
    if isinstance(value, float) or (isinstance(value, int) and abs(value) < 10**18):
        return repr(value)
    if isinstance(value, int):
        return "an int of many digits"
    if isinstance(value, (list, tuple)):
        if len(value) <= 6 and all(type(v) in (int, float) for v in value):
            return "[" + ", ".join(describe_value(v) for v in value) + "]"
        return f"a list of {len(value)}"
    return f"a {type(value).__name__.lower()}"


class Kind(Generic[T]):
    """Accepts values of the language and gives the converted one."""

    #: words that may stand bare where this kind is wanted and win over names in scope
    words: tuple[str, ...] = ()
    #: initialisers may be called where this kind is wanted
    is_init: bool = False

    def convert(self, value: Any) -> T:
        """Raises Mismatch."""
        raise TypeError


class Int(Kind[int]):
    def __init__(self, least: int | None = None) -> None:
        self.least = least

    def convert(self, value: Any) -> int:
        expected = "an int" if self.least is None else f"an int of at least {self.least}"
        if type(value) is not int:
            help = "`//` divides to an int, `floor`, `ceil` and `round` make one" if type(value) is float else ""
            raise Mismatch(expected, value, help)
        if self.least is not None and value < self.least:
            raise Mismatch(expected, value)
        return value


class Float(Kind[float]):
    def __init__(self, least: float | None = None, most: float | None = None) -> None:
        self.least, self.most = least, most

    def convert(self, value: Any) -> float:
        expected = "a number"
        if self.least is not None and self.most is not None:
            expected += f" from {self.least:g} to {self.most:g}"
        elif self.least is not None:
            expected += f" of at least {self.least:g}"
        if type(value) not in (int, float) or not isfinite(value):
            raise Mismatch(expected, value)
        if (self.least is not None and value < self.least) or (self.most is not None and value > self.most):
            raise Mismatch(expected, value)
        return value  # an int stays one: it prints as the spec wrote it


class Bool(Kind[bool]):
    def convert(self, value: Any) -> bool:
        if type(value) is not bool:
            raise Mismatch("true or false", value)
        return value


class Choice(Kind[str]):
    """One of some words; a string of the same letters is accepted too."""

    def __init__(self, *words: str) -> None:
        self.words = words

    def convert(self, value: Any) -> str:
        name = value.name if isinstance(value, Word) else value
        if not isinstance(name, str) or name not in self.words:
            raise Mismatch("one of " + ", ".join(f"`{w}`" for w in self.words), value)
        return name


class Extent(Kind[int | tuple[int, ...]]):
    """A size for each spatial direction: an int for all of them, or a list (`1x7`)."""

    def __init__(self, least: int) -> None:
        self.least = least

    def convert(self, value: Any) -> int | tuple[int, ...]:
        expected = f"an extent (an int or a list of ints) of at least {self.least}"
        if type(value) is int and value >= self.least:
            return value
        if isinstance(value, (list, tuple)) and value and all(type(v) is int and v >= self.least for v in value):
            return tuple(value)
        raise Mismatch(expected, value)
