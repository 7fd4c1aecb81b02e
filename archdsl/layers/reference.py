"""Texts of the reference, from the declarations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archdsl.layers.base import Layer, Param
from archdsl.layers.init import INITIALISERS
from archdsl.layers.kinds import Init


def signature(cls: type[Layer]) -> str:
    """A layer and its parameters, as a call: `conv(channels, kernel, stride=1, pad=half)` and so on."""
    return _signature(cls.name, cls.params)


def init_signature(name: str) -> str:
    """An initialiser and its parameters, as a call: `orthogonal(gain=1)`."""
    return _signature(name, INITIALISERS[name].params)


def _signature(name: str, params: Mapping[str, Param[Any]]) -> str:
    if not params:
        return name
    return f"{name}({', '.join(_parameter(key, param) for key, param in params.items())})"


def _parameter(name: str, param: Param[Any]) -> str:
    if param.required or (param.default is None and not param.shown):
        return name
    return f"{name}={default_text(param)}"


def default_text(param: Param[Any]) -> str:
    """The default of a parameter as the language writes it; what it is derived from where it is derived."""
    if param.default is None:
        return param.shown
    return value_text(param.default)


def value_text(value: Any) -> str:
    """A value as the language writes it: `true`, `half`, `[1, 7]`, `1e-5`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, Init):
        inside = ", ".join(f"{key}={value_text(v)}" for key, v in value.arguments)
        return f"{value.name}({inside})" if inside else value.name
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(value_text(v) for v in value) + "]"
    return repr(value).replace("e-0", "e-")
