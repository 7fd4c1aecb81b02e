"""A figure as TikZ, with a macro for boxes: the lengths can be changed where they are written."""

from __future__ import annotations

from archdsl.draw.figure.colours import darker, lighter
from archdsl.draw.figure.scene import Line, Point, Prism, Scene, Text
from archdsl.draw.figure.svg import number
from archdsl.draw.latex import escaped
from archdsl.draw.palette import FAINT, LINE

_HEAD = r"""% In a document: \usepackage{tikz} in the preamble, \input{this file} in a figure; \resizebox scales it.
% \archbox{left}{bottom}{length}{height}{shift of the back}{colour}: a box in oblique projection.
\providecommand{\archbox}[6]{%
  \filldraw[arch edge, fill=#6T] (#1, #2+#4) -- ++(#3, 0) -- ++(#5, #5) -- ++(-#3, 0) -- cycle;
  \filldraw[arch edge, fill=#6S] (#1+#3, #2) -- ++(#5, #5) -- ++(0, #4) -- ++(-#5, -#5) -- cycle;
  \filldraw[arch edge, fill=#6] (#1, #2) rectangle ++(#3, #4);}
\begin{tikzpicture}[x=1bp, y=1bp, line join=round, inner sep=0pt, outer sep=0pt,
  arch edge/.style={draw=archLine, line width=0.6bp, solid},
  arch training/.style={arch edge/.style={draw=archLine, line width=0.6bp, dashed}},
  arch flow/.style={draw=archLine, line width=0.9bp, ->, >=latex, rounded corners=4bp},
  arch arc/.style={draw=archLine, line width=0.9bp}]
"""


def tikz(scene: Scene) -> str:
    """A `tikzpicture` that needs TikZ alone."""
    names: dict[str, str] = {}
    body = [
        *(_line(line, scene) for line in scene.lines),
        *(part for prism in scene.prisms for part in _prism(prism, scene, names)),
        *(_line(line, scene) for line in scene.arcs),
        *(_words(text, scene) for text in scene.texts),
    ]
    colours = [("archLine", LINE), ("archFaint", FAINT)]
    for value, name in names.items():
        colours += [(name, value), (f"{name}T", lighter(value)), (f"{name}S", darker(value))]
    defined = [f"\\definecolor{{{name}}}{{HTML}}{{{value[1:].upper()}}}" for name, value in colours]
    lines = [_HEAD.rstrip("\n"), *(f"  {line}" for line in [*defined, *body]), "\\end{tikzpicture}"]
    return "\n".join(lines) + "\n"


def _prism(prism: Prism, scene: Scene, names: dict[str, str]) -> list[str]:
    bottom = scene.height - prism.y - prism.height
    made = []
    for left, right, fill in prism.fronts:
        name = names.setdefault(fill, f"arch{chr(ord('A') + len(names) % 26)}{'x' * (len(names) // 26)}")
        sizes = (left, bottom, right - left, prism.height, prism.shift)
        made.append(f"\\archbox{''.join(f'{{{number(size)}}}' for size in sizes)}{{{name}}}")
    if prism.dashed:
        made = ["\\begin{scope}[arch training]", *made, "\\end{scope}"]
    return made


def _line(line: Line, scene: Scene) -> str:
    def at(point: Point) -> str:
        return f"({number(point[0])}, {number(scene.height - point[1])})"

    style = "arch flow" if line.head else "arch arc"
    style += ", dashed" if line.dashed else ""
    if line.curved:
        start, top, end = line.points
        over = (top[0], start[1] + (top[1] - start[1]) * 4 / 3)
        bends = f"{at((start[0], over[1]))} and {at((end[0], over[1]))}"
        return f"\\draw[{style}] {at(start)} .. controls {bends} .. {at(end)};"
    return f"\\draw[{style}] {' -- '.join(at(point) for point in line.points)};"


def _words(text: Text, scene: Scene) -> str:
    size = number(text.size)
    font = f"\\sffamily\\fontsize{{{size}bp}}{{{size}bp}}\\selectfont" + ("\\bfseries" if text.bold else "")
    options = [f"anchor={'base' if text.middle else 'base west'}", f"font={font}"]
    options += ["text=archFaint"] if text.faint else []
    options += ["fill=white, fill opacity=0.85, text opacity=1"] if text.halo else []
    place = f"({number(text.x)}, {number(scene.height - text.y)})"
    return f"\\node[{', '.join(options)}] at {place} {{{escaped(text.text)}}};"
