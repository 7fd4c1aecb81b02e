"""The shape of a tensor as the compiler knows it: without the batch, channels first."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of a *map* `[C, …]` or of *tokens* `[…, N, C]`, without the batch."""

    dims: tuple[int, ...]
    tokens: bool = False

    @property
    def channel_axis(self) -> int:
        """The axis of the features: 0 of a map, the last of tokens."""
        return len(self.dims) - 1 if self.tokens else 0

    @property
    def channels(self) -> int:
        return self.dims[self.channel_axis]

    @property
    def spatial(self) -> tuple[int, ...]:
        """The axes other than the features'."""
        return self.dims[:-1] if self.tokens else self.dims[1:]

    @property
    def numel(self) -> int:
        return prod(self.dims)

    def with_channels(self, channels: int) -> Shape:
        """The same shape with another number of features."""
        at = self.channel_axis
        return Shape((*self.dims[:at], channels, *self.dims[at + 1 :]), self.tokens)

    def __str__(self) -> str:
        return "[" + ", ".join(map(str, self.dims)) + "]"

    def brief(self) -> str:
        """As drawings write it: `64×56×56`."""
        return "×".join(map(str, self.dims)) if self.dims else "scalar"
