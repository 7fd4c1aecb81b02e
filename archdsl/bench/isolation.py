"""A module with code of its own, so that what is compiled of it is no one else's."""

from __future__ import annotations

import itertools
import types
from collections.abc import Callable
from typing import Any

from torch import nn

_numbers = itertools.count()


def isolate(module: nn.Module) -> nn.Module:
    """The same module, whose classes are new ones with code of their own.

    Dynamo keeps what it compiled at the code of `forward`, and what it learned of sizes at that code's name and place:
    of two modules of one class the second may be given what was compiled for the first, compiles with a batch of any
    size, or after some more is not compiled at all. Classes of PyTorch itself stay: Dynamo knows them by what they are.
    """
    made: dict[type, type] = {}
    for part in module.modules():
        kind = type(part)
        if kind.__module__.partition(".")[0] != "torch":
            if kind not in made:
                made[kind] = _anew(kind)
            part.__class__ = made[kind]
    return module


def _anew(kind: type) -> type:
    """A subclass with the same methods, each with code of its own."""
    number = next(_numbers)
    methods: dict[str, Any] = {}
    for base in reversed(kind.__mro__):  # what stands nearer hides what is behind
        own = base.__module__.partition(".")[0] not in ("torch", "builtins")
        for name, value in vars(base).items():
            if own and isinstance(value, types.FunctionType) and not name.startswith("__"):
                methods[name] = _copied(value, number)
            else:
                methods.pop(name, None)
    return type(
        kind.__name__, (kind,), {**methods, "__module__": kind.__module__, "__qualname__": kind.__qualname__}
    )


def _copied(function: Callable[..., Any], number: int) -> Callable[..., Any]:
    assert isinstance(function, types.FunctionType)
    code = function.__code__.replace(co_name=f"{function.__code__.co_name}_{number}")
    copied = types.FunctionType(
        code, function.__globals__, function.__name__, function.__defaults__, function.__closure__
    )
    copied.__kwdefaults__ = function.__kwdefaults__
    copied.__dict__.update(function.__dict__)
    copied.__annotations__ = function.__annotations__
    copied.__qualname__ = function.__qualname__
    return copied
