"""The arguments of a constructor: their names, types and defaults."""

from __future__ import annotations

from dataclasses import dataclass

from archdsl.emit.template import Number


@dataclass(eq=False, slots=True)
class Parameter:
    """An argument of a constructor, with what it is in each instance."""

    name: str
    vector: tuple[Number, ...]
    default: Number | None = None
    stored: bool = False  # forward needs it

    @property
    def annotation(self) -> str:
        """`int`, `float`, `int | tuple[int, int]`, …"""
        kinds: dict[str, None] = {}
        for value in self.vector if self.default is None else (*self.vector, self.default):
            kinds[_annotation(value)] = None
        if "float" in kinds:
            kinds.pop("int", None)
        tuples = [kind for kind in kinds if kind.startswith("tuple")]
        if len(tuples) > 1:
            inner = "float" if any("float" in kind for kind in tuples) else "int"
            kinds = {k: None for k in kinds if k not in tuples} | {f"tuple[{inner}, ...]": None}
        return " | ".join(sorted(kinds))


def _annotation(value: Number) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, tuple):
        inner = "float" if any(isinstance(v, float) for v in value) else "int"
        return f"tuple[{', '.join([inner] * len(value))}]"
    return "bool" if isinstance(value, bool) else "float" if isinstance(value, float) else "int"
