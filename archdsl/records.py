"""Records: frozen dataclasses with slots that cost little to define.

`dataclass(frozen=True, slots=True)` compiles seven functions for each class, a third of a millisecond; the compiler has
two hundred such classes, and a run of it begins by defining those that it needs. Here all classes share one function
of each kind, and to make a record takes about as long. What is changed later stays with `dataclass`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, dataclass, field, fields
from operator import attrgetter
from typing import Any, NoReturn, TypeVar, dataclass_transform, overload

T = TypeVar("T")


@overload
def record(kind: type[T]) -> type[T]: ...
@overload
def record(*, eq: bool = True) -> Callable[[type[T]], type[T]]: ...
@dataclass_transform(frozen_default=True, eq_default=True, field_specifiers=(field,))
def record(kind: type[Any] | None = None, *, eq: bool = True) -> Any:
    """Makes a frozen dataclass with slots of a class, compared by its fields, or with `eq=False` by identity.

    Fields are those of `dataclasses`; all of them are arguments of `__init__`. Methods that the class has stay.
    """
    if kind is None:
        return lambda kind: _made(kind, eq)
    return _made(kind, eq)


def _made(kind: type[Any], eq: bool) -> type[Any]:
    kind.__doc__ = kind.__doc__ or f"{kind.__name__}."  # for one without, `dataclass` parses signatures
    made: Any = dataclass(init=False, repr=False, eq=False, slots=True)(kind)
    declared = fields(made)
    made._names = tuple(f.name for f in declared)
    made._setters = tuple(getattr(made, f.name).__set__ for f in declared)
    made._defaults = tuple(f.default for f in declared)
    made._factories = {f.name: f.default_factory for f in declared if f.default_factory is not MISSING}
    made._shown = tuple(f.name for f in declared if f.repr)
    made._after = getattr(made, "__post_init__", None)
    compared = [f.name for f in declared if f.compare]
    made._key = attrgetter(*compared) if compared else type
    for name, method in (_METHODS | _COMPARING if eq else _METHODS).items():
        if getattr(made, name) is getattr(object, name):
            setattr(made, name, method)
    return made  # type: ignore[no-any-return]


def _complete(kind: Any, args: tuple[Any, ...], named: dict[str, Any]) -> list[Any]:
    """All fields in their order, defaults included."""
    names = kind._names
    if len(args) > len(names):
        raise TypeError(f"{kind.__name__} has {len(names)} fields, not {len(args)}")
    values = [*args, *kind._defaults[len(args) :]]
    for at in range(len(args), len(names)):
        if names[at] in named:
            values[at] = named.pop(names[at])
        elif values[at] is MISSING:
            if names[at] not in kind._factories:
                raise TypeError(f"{kind.__name__} needs its field {names[at]}")
            values[at] = kind._factories[names[at]]()
    if named:
        raise TypeError(f"{kind.__name__} has no field {next(iter(named))} left to set")
    return values


class _Methods:
    """What all records share."""

    def __init__(self: Any, *args: Any, **named: Any) -> None:
        setters = self._setters
        values = _complete(type(self), args, named) if named or len(args) != len(setters) else args
        for put, value in zip(setters, values):  # noqa: B905 (as many, and this is the innermost loop)
            put(self, value)
        if self._after is not None:
            self.__post_init__()

    def __repr__(self: Any) -> str:
        inner = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._shown)
        return f"{type(self).__name__}({inner})"

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise AttributeError(f"a {type(self).__name__} cannot be changed: {name}")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a {type(self).__name__} cannot be changed: {name}")

    def __reduce__(self: Any) -> tuple[Any, ...]:
        return type(self), tuple(getattr(self, name) for name in self._names)


class _Comparing:
    """What those share that are compared by their fields."""

    def __eq__(self: Any, other: Any) -> Any:
        return self._key(self) == self._key(other) if type(other) is type(self) else NotImplemented

    def __hash__(self: Any) -> int:
        return hash(self._key(self))


def _functions(kind: type[Any]) -> dict[str, Any]:
    return {name: value for name, value in vars(kind).items() if callable(value)}


_METHODS, _COMPARING = _functions(_Methods), _functions(_Comparing)
