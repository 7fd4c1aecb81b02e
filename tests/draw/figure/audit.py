"""What must hold of every figure: it lies within its page, and nothing covers anything that is to be read."""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

from archdsl.draw.figure.scene import Prism, Scene, Text
from archdsl.draw.metrics import width

_SLACK = 0.5


class Area(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Area) -> bool:
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return across > _SLACK and down > _SLACK


def front(prism: Prism) -> Area:
    return Area(prism.x, prism.y, prism.x + prism.width, prism.y + prism.height)


def whole(prism: Prism) -> Area:
    return Area(prism.x, prism.y - prism.shift, prism.x + prism.width + prism.shift, prism.y + prism.height)


def words(text: Text) -> Area:
    wide = width(text.text, text.size, text.bold)
    left = text.x - wide / 2 if text.middle else text.x
    return Area(left, text.y - text.size * 0.75, left + wide, text.y + text.size * 0.2)


def faults(scene: Scene) -> list[str]:
    """What is wrong with a figure, in words."""
    page = (-_SLACK, -_SLACK, scene.width + _SLACK, scene.height + _SLACK)
    found = []
    areas = [(prism.about, whole(prism)) for prism in scene.prisms]
    areas += [(text.text, words(text)) for text in scene.texts]
    areas += [("a line", Area(x, y, x, y)) for line in [*scene.lines, *scene.arcs] for x, y in line.points]
    for name, area in areas:
        if not (
            page[0] <= area.left and page[1] <= area.top and area.right <= page[2] and area.bottom <= page[3]
        ):
            found.append(f"{name!r} leaves the page: {area}")
    for a, b in combinations(scene.prisms, 2):
        if front(a).meets(front(b)):
            found.append(f"{a.about!r} covers {b.about!r}")
    for a, b in combinations(scene.texts, 2):
        if words(a).meets(words(b)):
            found.append(f"{a.text!r} is written over {b.text!r}")
    for text in scene.texts:
        for prism in scene.prisms:
            if words(text).meets(front(prism)):
                found.append(f"{text.text!r} is written over {prism.about!r}")
    return found
