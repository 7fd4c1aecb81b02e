"""What a figure is made of, in points, with y downwards: the one thing that all formats read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from archdsl.records import record

Point = tuple[float, float]


@record
class Prism:
    """A box in oblique projection: its front's corner at the upper left, its sides, and the shift of its back."""

    x: float
    y: float
    width: float
    height: float
    shift: float
    fills: tuple[
        tuple[float, str], ...
    ]  # slices along x: where each ends, in parts of the width, and its colour
    about: str = ""  # said where one points at it
    dashed: bool = False
    source: tuple[str, int] = ("", 0)  # the file and the line that say it

    @property
    def fronts(self) -> list[tuple[float, float, str]]:
        """The slices: from, to, colour."""
        edges = [0.0, *(end for end, _ in self.fills)]
        return [
            (self.x + a * self.width, self.x + b * self.width, fill)
            for a, b, (_, fill) in zip(edges, edges[1:], self.fills, strict=False)
        ]


@record
class Line:
    """A line through points, with round corners, perhaps with a head at its end."""

    points: tuple[Point, ...]
    head: bool = True
    dashed: bool = False
    curved: bool = False  # an arc over the first and the last of three points


@record
class Text:
    """A line of text around a point, or from it on; `y` is that of the base line."""

    x: float
    y: float
    text: str
    size: float
    middle: bool = True
    bold: bool = False
    faint: bool = False
    halo: bool = False  # what is below it is blotted out


@dataclass(slots=True)
class Scene:
    title: str
    about: str
    width: float = 0.0
    height: float = 0.0
    lines: list[Line] = field(default_factory=list)
    prisms: list[Prism] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    arcs: list[Line] = field(default_factory=list)  # above the boxes

    def scaled(self, by: float) -> Scene:
        """The same figure in another size, letters included."""

        def line(item: Line) -> Line:
            return replace(item, points=tuple((x * by, y * by) for x, y in item.points))

        return Scene(
            self.title,
            self.about,
            self.width * by,
            self.height * by,
            [line(item) for item in self.lines],
            [
                replace(
                    item,
                    x=item.x * by,
                    y=item.y * by,
                    width=item.width * by,
                    height=item.height * by,
                    shift=item.shift * by,
                )
                for item in self.prisms
            ],
            [replace(item, x=item.x * by, y=item.y * by, size=item.size * by) for item in self.texts],
            [line(item) for item in self.arcs],
        )
