"""Values of arguments, as the language writes them."""

from __future__ import annotations

from typing import Any

from archdsl.layers.kinds import Init


def said(value: Any) -> str:
    """A value in a line: extents as 3×3, an initialiser as a call."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "none"
    if isinstance(value, Init):
        inside = ", ".join(f"{name}={said(one)}" for name, one in value.arguments)
        return f"{value.name}({inside})" if inside else value.name
    if isinstance(value, tuple) and value and all(isinstance(one, int) for one in value):
        return "×".join(map(str, value))
    if isinstance(value, (list, tuple)):
        return said(value[0]) if len(value) == 1 else f"[{', '.join(map(said, value))}]"
    return str(value)
