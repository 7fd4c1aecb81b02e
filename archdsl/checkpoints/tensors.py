"""Tensors as files hold them: a name of the element, a shape, and bytes."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from math import prod
from typing import TYPE_CHECKING

from archdsl.records import record

if TYPE_CHECKING:
    import torch

#: Elements by their names in safetensors: bytes of each, and PyTorch's name.
ELEMENTS: dict[str, tuple[int, str]] = {
    "BOOL": (1, "bool"),
    "U8": (1, "uint8"),
    "I8": (1, "int8"),
    "U16": (2, "uint16"),
    "I16": (2, "int16"),
    "U32": (4, "uint32"),
    "I32": (4, "int32"),
    "U64": (8, "uint64"),
    "I64": (8, "int64"),
    "F8_E4M3": (1, "float8_e4m3fn"),
    "F8_E5M2": (1, "float8_e5m2"),
    "F16": (2, "float16"),
    "BF16": (2, "bfloat16"),
    "F32": (4, "float32"),
    "F64": (8, "float64"),
    "C64": (8, "complex64"),
}
#: Messages name so many keys, and count the others.
_MOST_NAMED = 5


class CheckpointError(Exception):
    """A checkpoint cannot be read, or does not fit. `help` says what to do."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.help = help


@record
class Stored:
    """One tensor of a file. `raw` gives its elements, row by row, little-endian; tensors that are one and the same in
    the file have the same `origin`."""

    dtype: str  # of ELEMENTS
    shape: tuple[int, ...]
    raw: Callable[[], memoryview]
    origin: object = None

    @property
    def nbytes(self) -> int:
        return prod(self.shape) * ELEMENTS[self.dtype][0]

    def reshaped(self, shape: Sequence[int]) -> Stored:
        """The same elements in another shape."""
        assert prod(shape) == prod(self.shape)
        return Stored(self.dtype, tuple(shape), self.raw, self.origin)


@dataclass(slots=True)
class Checkpoint:
    """What a file holds: `tensors` by key, wrappers taken off; `notes` say what was taken off.

    `ordered` says that the keys stand in the order in which their module registers them; safetensors sorts them.
    `files` are those that were read. `others` are entries that are no tensors, with what they are; `refused` are
    tensors of kinds that are not read, with the reason. `steps` are the ways in which keys were shortened, by
    the keys of the file, each with its note.
    """

    name: str
    tensors: dict[str, Stored]
    ordered: bool
    files: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    others: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    steps: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def seen_by(self, keys: Collection[str]) -> Checkpoint:
        """For a module with these keys: what looks like a wrapper's name stays where it is the module's own."""
        best, fitting = 0, -1
        for number, (_, names) in enumerate(self.steps):
            found = sum(name in keys for name in names.values())
            if found >= fitting:
                best, fitting = number, found
        if best == len(self.steps) - 1 or not self.steps:
            return self
        last, names = self.steps[-1][1], self.steps[best][1]
        there = {last[key]: names[key] for key in names}
        untrue = {note for note, _ in self.steps[best + 1 :]}
        return replace(
            self,
            tensors={there[key]: one for key, one in self.tensors.items()},
            notes=[note for note in self.notes if note not in untrue],
            steps=self.steps[: best + 1],
        )


def require(package: str, what: str) -> None:
    """Raises CheckpointError where an optional package is not installed."""
    if package not in sys.modules and importlib.util.find_spec(package) is None:
        raise CheckpointError(
            f"{package} is not installed, and {what} needs it", "pip install 'archdsl[torch]'"
        )


def tensor(one: Stored) -> torch.Tensor:
    """A tensor of PyTorch with the elements of a stored one."""
    import torch

    dtype: torch.dtype = getattr(torch, ELEMENTS[one.dtype][1])
    data = bytearray(one.raw())
    if not data:
        return torch.empty(one.shape, dtype=dtype)
    return torch.frombuffer(data, dtype=dtype).reshape(one.shape)


def scalar(value: int) -> Stored:
    """A whole number, as `num_batches_tracked` is one."""
    data = memoryview(value.to_bytes(8, "little", signed=True))
    return Stored("I64", (), lambda: data)


def shown(shape: Sequence[int]) -> str:
    """`64×3×7×7`, or `a scalar`."""
    return "×".join(map(str, shape)) or "a scalar"


def listed(keys: Sequence[str]) -> str:
    """The first few of some keys, and how many more there are."""
    more = len(keys) - _MOST_NAMED
    named = ", ".join(f"`{key}`" for key in keys[:_MOST_NAMED])
    return named + (f" and {more} more" if more > 0 else "")
