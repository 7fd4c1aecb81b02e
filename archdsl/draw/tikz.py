"""From what Graphviz laid out to TikZ: the same lines, areas and words, set in the fonts of the paper.

Graphviz says in its JSON, operation by operation, what it would paint (the xdot format of its manual). Each operation
becomes one TikZ command here. All lengths are big points (1/72 inch), so that the picture is as large as the PDF.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from archdsl.draw.latex import escaped

Operation = dict[str, Any]

_HEAD = """\
% In a document: \\usepackage{tikz} in the preamble, \\input{this file} in a figure; \\resizebox makes it smaller.
\\begin{tikzpicture}[x=1bp, y=1bp, line cap=round, line join=round, inner sep=0pt, outer sep=0pt]
"""


def tikz(layout: bytes) -> str:
    """A `tikzpicture` of a drawing that Graphviz laid out as JSON."""
    drawn = json.loads(layout)
    objects = drawn.get("objects", [])
    things = [
        {"_ldraw_": drawn.get("_ldraw_", [])},
        *(thing for thing in objects if "bb" in thing),
        *drawn.get("edges", []),
        *(thing for thing in objects if "bb" not in thing),
    ]
    colours: dict[str, str] = {}
    commands = [command for thing in things for command in _thing(thing, colours)]
    defined = [f"  \\definecolor{{{name}}}{{HTML}}{{{value}}}\n" for value, name in colours.items()]
    return (
        _HEAD + "".join(defined) + "".join(f"  {command}\n" for command in commands) + "\\end{tikzpicture}\n"
    )


def _thing(thing: dict[str, Any], colours: dict[str, str]) -> Iterator[str]:
    """The commands for a node, an arrow or a frame."""
    pen = _Pen(colours)
    for part in ("_draw_", "_ldraw_", "_hdraw_", "_tdraw_", "_hldraw_", "_tldraw_"):
        pen.reset()
        for operation in thing.get(part, []):
            yield from pen.does(operation)


class _Pen:
    """What Graphviz has set for the operations to come."""

    def __init__(self, colours: dict[str, str]) -> None:
        self.colours = colours
        self.reset()

    def reset(self) -> None:
        self.line = self.area = self._colour("#000000")
        self.invisible = False
        self.width = "1"
        self.dashes = ""
        self.size = 11.0
        self.bold = self.italic = False

    def does(self, operation: Operation) -> Iterator[str]:
        what = operation["op"]
        if what == "c":
            self.line = self._colour(operation["color"])
        elif what == "C":
            self.area = self._colour(operation["color"])
        elif what == "S":
            self._style(operation["style"])
        elif what == "F":
            self.size = float(operation["size"])
        elif what == "t":
            self.bold, self.italic = bool(operation["fontchar"] & 1), bool(operation["fontchar"] & 2)
        elif what == "T":
            yield self._words(operation)
        elif (path := _path(what, operation)) and not self.invisible:
            yield f"{self._paint(what)} {path};"

    def _style(self, style: str) -> None:
        if style.startswith("setlinewidth("):
            self.width = _number(float(style[len("setlinewidth(") : -1]))
        elif style in ("dashed", "dotted"):
            self.dashes = f", {style}"
        elif style == "solid":
            self.dashes = ""

    def _paint(self, what: str) -> str:
        """The command that a path is given to: a capital letter fills it too."""
        line = f"draw={self.line}, line width={self.width}bp{self.dashes}"
        if not what.isupper() or what == "L":
            return f"\\draw[{line}]"
        return f"\\filldraw[{line}, fill={self.area}]" if self.line != self.area else f"\\fill[{self.area}]"

    def _words(self, operation: Operation) -> str:
        x, y = operation["pt"]
        anchor = {"l": "base west", "c": "base", "r": "base east"}[operation["align"]]
        size = _number(self.size)
        font = f"\\sffamily\\fontsize{{{size}bp}}{{{size}bp}}\\selectfont"
        font += ("\\bfseries" if self.bold else "") + ("\\itshape" if self.italic else "")
        place = f"({_number(x)}, {_number(y)})"
        return f"\\node[anchor={anchor}, text={self.line}, font={font}] at {place} {{{escaped(operation['text'])}}};"

    def _colour(self, value: str) -> str:
        """The name of a colour, which is defined at the head. With an alpha of 0 it is no colour."""
        digits = value.lstrip("#").upper()
        if len(digits) == 8:
            digits = "FFFFFF" if digits.endswith("00") else digits[:6]
        return self.colours.setdefault(digits, f"arch{digits}")


def _path(what: str, operation: Operation) -> str:
    """The path of an operation, if it has one."""
    if what in "eE":
        x, y, width, height = operation["rect"]
        return f"({_number(x)}, {_number(y)}) ellipse [x radius={_number(width)}, y radius={_number(height)}]"
    if what not in "pPLbB":
        return ""
    points = [f"({_number(x)}, {_number(y)})" for x, y in operation["points"]]
    if what in "bB":
        curves = (
            f" .. controls {a} and {b} .. {c}"
            for a, b, c in zip(points[1::3], points[2::3], points[3::3], strict=True)
        )
        return points[0] + "".join(curves)
    return " -- ".join(points) + (" -- cycle" if what in "pP" else "")


def _number(value: float) -> str:
    """With two digits behind the point at most, and never as -0."""
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")
