"""How the weights of a rewritten network follow from those of the network as it is written."""

from __future__ import annotations

from dataclasses import dataclass

Argument = str | int | float | bool | tuple[str, ...] | tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Fold:
    """One step on the weights: a function of `templates/support/`, and what it is given.

    The function takes a dictionary of tensors in double precision by the names of the network as it is written, and
    changes it. Names of modules stand without the name of the weight: `features.conv0`.
    """

    function: str
    arguments: tuple[Argument, ...]

    @property
    def paths(self) -> list[str]:
        """Of all modules and weights that it reads or makes."""
        parts = [p for given in self.arguments for p in (given if isinstance(given, tuple) else (given,))]
        return [part for part in parts if isinstance(part, str)]
