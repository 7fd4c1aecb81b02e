"""A figure as DOT that is laid out already, from which Graphviz makes PDF and PNG.

Boxes and arrows are the background of a page, in Graphviz's drawing operations (the xdot format of its manual); each
text is a node at its place. So the figure needs no other program than the diagrams do.
"""

from __future__ import annotations

from collections.abc import Iterator

from archdsl.draw.figure.faces import arrow_head, corners, faces
from archdsl.draw.figure.scene import Line, Point, Scene, Text
from archdsl.draw.figure.svg import BLACK, number
from archdsl.draw.markup import text
from archdsl.draw.metrics import LINE as LEADING
from archdsl.draw.metrics import width
from archdsl.draw.palette import FAINT, FONT, LINE, PLAIN

_POINTS = 72
_LONGEST = 8_000
#: From the middle of a line of text to its base line, as a share of the size.
_BASE = 0.33


def xdot(scene: Scene, dpi: int | None = None) -> str:
    """The DOT text; `dpi` is that of a PNG."""
    page = f'pos="{number(scene.width / 2)},{number(scene.height / 2)}"'
    lines = [
        "graph figure {",
        f'\tgraph [layout=nop2 pad=0 margin=0 bgcolor="{PLAIN}"{f" dpi={dpi}" if dpi else ""}]',
        f"\tgraph [_background={_background(scene)}]",
        f'\tnode [shape=plaintext fontname="{FONT}" fixedsize=true margin=0]',
        f'\tpage [label="" shape=box style=invis {page} {_size(scene.width, scene.height)}]',
        *(f"\tt{at} [{_words(words, scene)}]" for at, words in enumerate(scene.texts)),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _background(scene: Scene) -> str:
    """All operations, in strings that Graphviz can read: it reads none of more than 16,384 bytes, but joins them."""
    strings = [""]
    for operation in _Pen(scene).operations():
        if len(strings[-1]) + len(operation) > _LONGEST:
            strings.append("")
        strings[-1] += operation + " "
    return " + ".join(f'"{string}"' for string in strings)


def _words(words: Text, scene: Scene) -> str:
    wide = width(words.text, words.size, words.bold)
    x = words.x if words.middle else words.x + wide * 0.5
    y = scene.height - words.y + words.size * _BASE
    inner = text(words.text)
    return (
        f"label={f'<<B>{inner}</B>>' if words.bold else f'<{inner}>'} "
        f'pos="{number(x)},{number(y)}" {_size(wide * 1.1 + 2, words.size * LEADING)} '
        f'fontsize={number(words.size)} fontcolor="{FAINT if words.faint else BLACK}"'
    )


def _size(wide: float, high: float) -> str:
    return f"width={wide / _POINTS:.4f} height={high / _POINTS:.4f}"


class _Pen:
    """Writes drawing operations; y upwards."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    def operations(self) -> Iterator[str]:
        yield _colour("c", LINE)
        for line in self.scene.lines:
            yield from self._line(line)
        for prism in self.scene.prisms:
            yield _style("setlinewidth(0.6)")
            yield _style("dashed" if prism.dashed else "solid")
            for points, fill in faces(prism):
                yield _colour("C", fill)
                yield f"P {self._points(points)}"
        for line in self.scene.arcs:
            yield from self._line(line)
        yield from self._halos()

    def _halos(self) -> Iterator[str]:
        """What is below a text is blotted out."""
        for words in self.scene.texts:
            if words.halo:
                half = width(words.text, words.size, words.bold) * 0.46
                top, low = words.y - words.size * 0.8, words.y + words.size * 0.25
                left, right = words.x - half, words.x + half
                yield _style("setlinewidth(0)")
                yield f"c 9 -{PLAIN}00 C 9 -{PLAIN}D9"
                yield f"P {self._points(((left, top), (right, top), (right, low), (left, low)))}"

    def _line(self, line: Line) -> Iterator[str]:
        yield _style("setlinewidth(0.9)")
        yield _style("dashed" if line.dashed else "solid")
        if line.curved:
            start, top, end = line.points
            over = (top[0], 2 * top[1] - start[1])
            yield f"B {self._points((start, *_cubic(start, over, end)))}"
            return
        points: list[Point] = [line.points[0]]
        for a, at, b in corners(line):
            points += [*_straight(points[-1], a), *_cubic(a, at, b)]
        points += _straight(points[-1], line.points[-1])
        yield f"B {self._points(points)}"
        if line.head:
            yield _style("solid")
            yield _colour("C", LINE)
            yield f"P {self._points(arrow_head(line))}"

    def _points(self, points: list[Point] | tuple[Point, ...]) -> str:
        placed = " ".join(f"{number(x)} {number(self.scene.height - y)}" for x, y in points)
        return f"{len(points)} {placed}"


def _straight(a: Point, b: Point) -> list[Point]:
    """A straight line as a cubic curve, without its start."""
    return [
        (a[0] + (b[0] - a[0]) / 3, a[1] + (b[1] - a[1]) / 3),
        (a[0] + (b[0] - a[0]) * 2 / 3, a[1] + (b[1] - a[1]) * 2 / 3),
        b,
    ]


def _cubic(a: Point, control: Point, b: Point) -> list[Point]:
    """A quadratic curve as a cubic one, without its start."""
    first, second = ((p[0] + (control[0] - p[0]) * 2 / 3, p[1] + (control[1] - p[1]) * 2 / 3) for p in (a, b))
    return [first, second, b]


def _colour(operation: str, colour: str) -> str:
    return f"{operation} {len(colour)} -{colour}"


def _style(style: str) -> str:
    return f"S {len(style)} -{style}"
