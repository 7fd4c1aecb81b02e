"""A figure as SVG: text as text, each box with a title and a link to the line that says it."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator

from archdsl.draw.figure.faces import arrow_head, faces, path
from archdsl.draw.figure.scene import Line, Prism, Scene, Text
from archdsl.draw.markup import clean
from archdsl.draw.metrics import width
from archdsl.draw.palette import FAINT, FONT, LINE, PLAIN
from archdsl.draw.svg import is_harmless

_THIN = 0.6
BLACK = "#000000"


def svg(scene: Scene, links: Callable[[str], str] | None = None) -> str:
    """The text of the file, the same for the same scene."""
    name = _text(scene.title)
    wide, high = number(scene.width), number(scene.height)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}pt" height="{high}pt" viewBox="0 0 {wide} {high}" '
            f'role="img" aria-labelledby="{name}-title {name}-desc" font-family="{FONT}" stroke-linejoin="round">'
        ),
        f'<title id="{name}-title">{name}</title>',
        f'<desc id="{name}-desc">{html.escape(scene.about)}</desc>',
        f'<rect width="{wide}" height="{high}" fill="{PLAIN}"/>',
        *(part for line in scene.lines for part in _line(line)),
        *(_prism(prism, links) for prism in scene.prisms),
        *(part for line in scene.arcs for part in _line(line)),
        *(part for text in scene.texts for part in _words(text)),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _prism(prism: Prism, links: Callable[[str], str] | None) -> str:
    dashes = ' stroke-dasharray="3 2"' if prism.dashed else ""
    parts = [
        f'<polygon points="{" ".join(f"{number(x)},{number(y)}" for x, y in points)}" fill="{fill}"/>'
        for points, fill in faces(prism)
    ]
    title = f"<title>{_text(prism.about)}</title>" if prism.about else ""
    group = f'<g stroke="{LINE}" stroke-width="{_THIN}"{dashes}>{title}{"".join(parts)}</g>'
    source, line = prism.source
    address = links(source) if links is not None and line else ""
    if address and is_harmless(address):
        return f'<a href="{html.escape(address)}#L{line}">{group}</a>'
    return group


def _line(line: Line) -> Iterator[str]:
    dashes = ' stroke-dasharray="3 2"' if line.dashed else ""
    yield f'<path d="{path(line, number)}" fill="none" stroke="{LINE}" stroke-width="0.9"{dashes}/>'
    if line.head:
        corners = " ".join(f"{number(x)},{number(y)}" for x, y in arrow_head(line))
        yield f'<polygon points="{corners}" fill="{LINE}"/>'


def _words(text: Text) -> Iterator[str]:
    anchor = ' text-anchor="middle"' if text.middle else ""
    weight = ' font-weight="bold"' if text.bold else ""
    colour = FAINT if text.faint else BLACK
    size = number(text.size)
    if text.halo:
        wide = width(text.text, text.size, text.bold) * 0.92
        x = text.x - wide / 2 if text.middle else text.x
        yield (
            f'<rect x="{number(x)}" y="{number(text.y - text.size * 0.8)}" width="{number(wide)}" '
            f'height="{number(text.size * 1.05)}" fill="{PLAIN}" fill-opacity="0.85"/>'
        )
    yield (
        f'<text x="{number(text.x)}" y="{number(text.y)}" font-size="{size}"{anchor}{weight} '
        f'fill="{colour}">{_text(text.text)}</text>'
    )


def number(value: float) -> str:
    """With two digits behind the point at most, and never as -0."""
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")


def _text(value: str) -> str:
    return html.escape(clean(value), quote=True)
