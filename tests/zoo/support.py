"""What the tests of the zoo share."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from archdsl.api import Architecture, Spec, open_spec

SPECS = Path(__file__).parents[2] / "specs"


def architecture(path: Path | str, model: str, **inputs: tuple[int, ...]) -> Architecture:
    """A model of a spec in `specs/`, at other input shapes if they are given."""
    return spec(SPECS / path).architecture(model, {}, inputs)


@cache
def spec(path: Path) -> Spec:
    """Parsed once; what is made of it does not change it."""
    return open_spec(path)


def tensors(result: Any) -> list[Any]:
    """All tensors of a module's result, in order."""
    if isinstance(result, dict):
        return [t for value in result.values() for t in tensors(value)]
    if isinstance(result, (tuple, list)):
        return [t for value in result for t in tensors(value)]
    return [result]
