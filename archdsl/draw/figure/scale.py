"""How long the sides of a box are drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import log2, sqrt

from archdsl.layers import Shape
from archdsl.records import record

#: By name, the function that a drawn length is proportional to.
SCALES: dict[str, Callable[[float], float]] = {
    "sqrt": sqrt,
    "log": lambda size: log2(1 + size),
    "linear": float,
}
#: As the legend writes them.
WORDS = {"sqrt": "√size", "log": "log₂(1 + size)", "linear": "size"}

#: The longest height, length along the channels, and vector of a figure, in points.
_HIGHEST = 112.0
_LONGEST = 40.0
_TALLEST_VECTOR = 120.0
#: What is drawn no thinner.
LEAST = 1.5
#: Breadth and depth of a vector's bar, which stand for nothing.
BAR = 6.0
#: The oblique projection: a line into the page goes up at 45°, at half its length (cabinet projection).
OBLIQUE = 0.5 * sqrt(0.5)


@record
class Sides:
    """A box as drawn: `length` along the channels, `height`, and `depth` before its projection."""

    length: float
    height: float
    depth: float

    @property
    def shift(self) -> float:
        """By how much the back lies to the right of the front, and above it."""
        return self.depth * OBLIQUE


class Scale:
    """One scale for a whole figure: sizes in space share a unit, and channels share another one.

    Of a map `[C, …, H, W]`, `H` is the height, `W` the depth and `C` the length; of a signal `[C, T]` and of tokens
    `[N, C]` the height is `T` and `N`; the height of a vector is its length. What lies before `H` is only told.
    """

    def __init__(self, name: str, shapes: Iterable[Shape]) -> None:
        self.name = name
        self.measure = SCALES[name]
        shapes = [shape for shape in shapes if shape.dims]
        sides = [side for shape in shapes for side in shape.spatial[-2:]]
        self.space = _HIGHEST / self.measure(max(sides, default=1))
        deep = [shape.channels for shape in shapes if shape.spatial]
        flat = [shape.channels for shape in shapes if not shape.spatial]
        self.channels = min(
            _LONGEST / self.measure(max(deep, default=1)),
            _TALLEST_VECTOR / self.measure(max(flat, default=1)),
        )

    def along(self, channels: int) -> float:
        """The drawn length of so many channels."""
        return max(LEAST, self.channels * self.measure(channels))

    def sides(self, shape: Shape) -> Sides:
        """The box of a shape."""
        if not shape.dims:
            return Sides(BAR, BAR, BAR)
        if not shape.spatial:
            return Sides(BAR, self.along(shape.channels), BAR)
        drawn = [max(LEAST, self.space * self.measure(side)) for side in shape.spatial[-2:]]
        if len(drawn) == 1 or shape.tokens:
            return Sides(self.along(shape.channels), drawn[-1], BAR)
        return Sides(self.along(shape.channels), drawn[0], drawn[1])
