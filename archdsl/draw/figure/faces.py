"""The geometry that all formats share: faces of a box, paths and heads of arrows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import hypot

from archdsl.draw.figure.colours import darker, lighter
from archdsl.draw.figure.scene import Line, Point, Prism

_ROUND = 4.0
HEAD = 5.0


def faces(prism: Prism) -> Iterator[tuple[tuple[Point, ...], str]]:
    """The visible faces of a box with their colours, from the back to the front: tops, right side, fronts."""
    y, bottom, shift = prism.y, prism.y + prism.height, prism.shift
    fronts = prism.fronts
    if shift:
        for left, right, fill in fronts:
            yield (
                ((left, y), (right, y), (right + shift, y - shift), (left + shift, y - shift)),
                lighter(fill),
            )
        edge, fill = fronts[-1][1], fronts[-1][2]
        yield (
            ((edge, y), (edge + shift, y - shift), (edge + shift, bottom - shift), (edge, bottom)),
            darker(fill),
        )
    for left, right, fill in fronts:
        yield ((left, y), (right, y), (right, bottom), (left, bottom)), fill


def corners(line: Line) -> list[tuple[Point, Point, Point]]:
    """The round corners of a line: where each begins, its point, where it ends."""
    found = []
    points = line.points
    for before, at, after in zip(points, points[1:], points[2:], strict=False):
        found.append((_towards(at, before), at, _towards(at, after)))
    return found


def _towards(start: Point, end: Point) -> Point:
    """A point near a corner on the way to a neighbour."""
    far = hypot(end[0] - start[0], end[1] - start[1])
    share = min(_ROUND, far / 2) / far if far else 0.0
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def path(line: Line, number: Callable[[float], str]) -> str:
    """A line as SVG writes paths."""

    def at(point: Point) -> str:
        return f"{number(point[0])} {number(point[1])}"

    if line.curved:
        start, top, end = line.points
        over = (top[0], 2 * top[1] - start[1])
        return f"M{at(start)}Q{at(over)} {at(end)}"
    turns = "".join(f"L{at(a)}Q{at(b)} {at(c)}" for a, b, c in corners(line))
    return f"M{at(line.points[0])}{turns}L{at(_end(line))}"


def _end(line: Line) -> Point:
    """Where the line ends: below its head."""
    if not line.head:
        return line.points[-1]
    tip, _, _ = arrow_head(line)
    a, b = line.points[-2], line.points[-1]
    far = hypot(b[0] - a[0], b[1] - a[1]) or 1.0
    return tip[0] - (b[0] - a[0]) / far * HEAD * 0.7, tip[1] - (b[1] - a[1]) / far * HEAD * 0.7


def arrow_head(line: Line) -> tuple[Point, Point, Point]:
    """The three corners of an arrow's head, its tip first."""
    a, b = line.points[-2], line.points[-1]
    far = hypot(b[0] - a[0], b[1] - a[1]) or 1.0
    x, y = (b[0] - a[0]) / far, (b[1] - a[1]) / far
    back = (b[0] - x * HEAD, b[1] - y * HEAD)
    half = HEAD * 0.38
    return b, (back[0] - y * half, back[1] + x * half), (back[0] + y * half, back[1] - x * half)
