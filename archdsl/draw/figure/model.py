"""Feature maps and the arrows between them, as a figure shows them."""

from __future__ import annotations

from dataclasses import dataclass, field

from archdsl.draw.figure.units import Unit
from archdsl.graph.model import Tensor
from archdsl.layers import Shape
from archdsl.records import record


@dataclass(eq=False, slots=True)
class Map:
    """A feature map: what one unit or several like it make."""

    units: list[Unit]
    shape: Shape
    group: str  # of layers, for the colour
    name: str  # what the text calls the unit
    count: int = 1  # units of this kind one after another
    growth: str = ""
    dense: bool = False
    plain: bool = False  # a layer, whose repetitions are drawn one by one
    parts: list[tuple[int, str]] = field(default_factory=list)  # slices: channels up to their end, and group
    outputs: list[str] = field(default_factory=list)  # names of the network's outputs that it is
    training: bool = False
    main: Map | None = None  # the map that it continues
    abreast: tuple[int, ...] = ()  # channels of the tensors that it is made of, where they are several

    @property
    def tensor(self) -> Tensor:
        return self.units[-1].tensor

    @property
    def text(self) -> str:
        """The shape in words: `64×56×56`, of two tensors `(64 + 256)×56×56`."""
        if not self.abreast:
            return self.shape.brief()
        return "×".join([f"({' + '.join(map(str, self.abreast))})", *map(str, self.shape.spatial)])

    @property
    def kind(self) -> str:
        if not self.shape.spatial:
            return "vector"
        return "tokens" if self.shape.tokens else "map"


@record
class Flow:
    """An arrow from a map to one that reads it; `symbol` says how, where that is another one's continuation."""

    tail: Map
    head: Map
    symbol: str = ""
    main: bool = False


@dataclass(slots=True)
class Maps:
    maps: list[Map]
    flows: list[Flow]
