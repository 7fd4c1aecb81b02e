"""Kinds of arguments: what a layer accepts for a parameter, and into what it turns it."""

from __future__ import annotations

from math import isfinite
from typing import Any, Generic, TypeVar

from archdsl.records import record

T = TypeVar("T")

#: no size, count or index is larger: PyTorch's kernels count with 32 bits
LIMIT = 2**31 - 1
#: no number is larger: PyTorch's weights and constants have single precision
FLOAT_LIMIT = (2 - 2**-23) * 2.0**127
#: PyTorch takes no larger int, also where it wants a float
_INT64 = 2**63 - 1


@record
class Word:
    """A choice that a layer offers (`half`, `nearest`), a value of the outermost scope."""

    name: str


@record
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
    return str(getattr(type(value), "noun", "a value"))  # a layer, a tensor and the like


class Kind(Generic[T]):
    """Accepts values of the language and gives the converted one."""

    #: words that may stand bare where this kind is wanted and win over names in scope
    words: tuple[str, ...] = ()
    #: initialisers may be called where this kind is wanted
    is_init: bool = False

    def convert(self, value: Any) -> T:
        """Raises Mismatch."""
        raise TypeError


def _is_int(value: Any, least: int) -> bool:
    return type(value) is int and least <= value <= LIMIT


def _beyond(value: Any) -> bool:
    """Is this an int, or a list with an int, that is too large for any kind?"""
    if isinstance(value, (list, tuple)):
        return any(type(v) is int and v > LIMIT for v in value)
    return type(value) is int and value > LIMIT


class Int(Kind[int]):
    """An int, `least` or larger."""

    def __init__(self, least: int | None = None) -> None:
        self.least = -LIMIT if least is None else least

    def convert(self, value: Any) -> int:
        if _is_int(value, self.least):
            return int(value)
        if type(value) is float:
            raise Mismatch("an int", value, "`//` divides to an int; `floor`, `ceil` and `round` make one")
        if _beyond(value):
            raise Mismatch(f"an int of at most {LIMIT}", value)
        raise Mismatch("an int" if self.least == -LIMIT else f"an int of at least {self.least}", value)


class Float(Kind[float]):
    """A finite number, `least` to `most`; with `above`, the least itself is left out."""

    def __init__(self, least: float | None = None, most: float | None = None, *, above: bool = False) -> None:
        self.least, self.most, self.above = least, most, above

    def convert(self, value: Any) -> float:
        if type(value) not in (int, float):
            raise Mismatch(self._expected(), value)
        if abs(value) > FLOAT_LIMIT or not isfinite(value):
            bounded = (
                self._expected()
                if self.most is not None
                else "a number that single precision holds, up to 3.4e38"
            )
            raise Mismatch(bounded, value)
        if self.least is not None and (value < self.least or (self.above and value == self.least)):
            raise Mismatch(self._expected(), value)
        if self.most is not None and value > self.most:
            raise Mismatch(self._expected(), value)
        if type(value) is int and abs(value) > _INT64:
            return float(value)
        number: float = value  # an int stays one: it prints as the spec wrote it
        return number

    def _expected(self) -> str:
        if self.least is not None and self.most is not None:
            return f"a number from {self.least:g} to {self.most:g}"
        if self.least is not None:
            return f"a number {'above' if self.above else 'of at least'} {self.least:g}"
        return "a number"


class Bool(Kind[bool]):
    """true or false."""

    def convert(self, value: Any) -> bool:
        if type(value) is not bool:
            raise Mismatch("true or false", value)
        return value


def _one_of(words: tuple[str, ...]) -> str:
    return "one of " + ", ".join(f"`{word}`" for word in words)


class Choice(Kind[str]):
    """One of some words; a string of the same letters is accepted too."""

    def __init__(self, *words: str) -> None:
        self.words = words

    def convert(self, value: Any) -> str:
        name = value.name if isinstance(value, Word) else value
        if not isinstance(name, str) or name not in self.words:
            raise Mismatch(_one_of(self.words), value)
        return name


class Extent(Kind[int | tuple[int, ...]]):
    """A size for each spatial direction: an int for all of them, or a list (`1x7`)."""

    def __init__(self, least: int) -> None:
        self.least = least

    def convert(self, value: Any) -> int | tuple[int, ...]:
        if _is_int(value, self.least):
            return int(value)
        if isinstance(value, (list, tuple)) and value and all(_is_int(v, self.least) for v in value):
            return tuple(value)
        bound = f"at most {LIMIT}" if _beyond(value) else f"at least {self.least}"
        raise Mismatch(f"an extent (an int or a list of ints) of {bound}", value)


class Ints(Kind[tuple[int, ...]]):
    """A list of ints that is not empty."""

    def __init__(self, least: int | None = None) -> None:
        self.least = -LIMIT if least is None else least

    def convert(self, value: Any) -> tuple[int, ...]:
        if isinstance(value, (list, tuple)) and value and all(_is_int(v, self.least) for v in value):
            return tuple(value)
        bound = "" if self.least == -LIMIT else f" of at least {self.least}"
        raise Mismatch(f"a list of ints{bound}", value)


class IntOrInts(Kind[int | tuple[int, ...]]):
    """An int, or a list of ints that is not empty."""

    def __init__(self, least: int | None = None) -> None:
        self.least = -LIMIT if least is None else least

    def convert(self, value: Any) -> int | tuple[int, ...]:
        if _is_int(value, self.least):
            return int(value)
        if isinstance(value, (list, tuple)) and value and all(_is_int(v, self.least) for v in value):
            return tuple(value)
        bound = "" if self.least == -LIMIT else f" of at least {self.least}"
        raise Mismatch(f"an int or a list of ints{bound}", value)


class Factor(Kind[float | tuple[float, ...]]):
    """A factor above 0 for each spatial direction: a number for all of them, or a list."""

    def __init__(self) -> None:
        self._number = Float(least=0, above=True)

    def convert(self, value: Any) -> float | tuple[float, ...]:
        try:
            if isinstance(value, (list, tuple)) and value:
                return tuple(self._number.convert(v) for v in value)
            return self._number.convert(value)
        except Mismatch:
            raise Mismatch("a number above 0 or a list of them", value) from None


class Padding(Kind[str | int | tuple[int, ...]]):
    """A word, an int for every side, or a list: an int for each axis, or before and after, axis by axis."""

    def __init__(self, *words: str) -> None:
        self.words = words

    def convert(self, value: Any) -> str | int | tuple[int, ...]:
        name = value.name if isinstance(value, Word) else value
        if isinstance(name, str) and name in self.words:
            return name
        if _is_int(value, 0):
            return int(value)
        if isinstance(value, (list, tuple)) and value and all(_is_int(v, 0) for v in value):
            return tuple(value)
        raise Mismatch(f"{_one_of(self.words)}, an int of at least 0 or a list of them", value)
