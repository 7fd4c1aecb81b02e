"""What the nodes of the syntax tree are made of: frozen dataclasses that cost little to define.

`dataclass(frozen=True)` compiles four functions for each class: 25 ms for the whole tree, before the first
word of a spec is read. Here all classes share one of each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from typing import Any, ClassVar, NoReturn, TypeVar, dataclass_transform

T = TypeVar("T")


class Frozen:
    """Takes its fields by position or by name, and keeps them."""

    __slots__ = ()
    __match_args__: ClassVar[tuple[str, ...]] = ()
    _setters: ClassVar[tuple[Callable[[Any, Any], None], ...]] = ()

    def __init__(self, *args: Any, **named: Any) -> None:
        setters = self._setters
        if named or len(args) != len(setters):
            args = _complete(type(self), args, named)
        for put, value in zip(setters, args):  # noqa: B905 (as many, and this is the innermost loop)
            put(self, value)

    def __repr__(self) -> str:
        inner = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__match_args__ if name != "span")
        return f"{type(self).__name__}({inner})"

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise AttributeError(f"a node of the syntax tree cannot be changed: {name}")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a node of the syntax tree cannot be changed: {name}")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(getattr(self, name) for name in self.__match_args__)


def _complete(kind: type[Any], args: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
    """All fields in their order, defaults included."""
    known = fields(kind)
    if len(args) > len(known):
        raise TypeError(f"{kind.__name__} has {len(known)} fields, not {len(args)}")
    values = list(args)
    for field in known[len(args) :]:
        value = named.pop(field.name, field.default)
        if value is MISSING:
            raise TypeError(f"{kind.__name__} needs its field {field.name}")
        values.append(value)
    if named:
        raise TypeError(f"{kind.__name__} has no field {next(iter(named))} left to set")
    return tuple(values)


@dataclass_transform(frozen_default=True, eq_default=False)
def node(kind: type[T]) -> type[T]:
    """Makes a frozen dataclass, compared by identity, of a class below Frozen."""
    made: Any = dataclass(init=False, repr=False, eq=False, slots=True)(kind)
    made._setters = tuple(getattr(made, name).__set__ for name in made.__match_args__)
    return made  # type: ignore[no-any-return]
