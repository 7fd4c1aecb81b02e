"""A network's diagram in one of the formats."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from archdsl.draw.dot import drawing_of
from archdsl.draw.engine import picture, undated
from archdsl.draw.html.page import page
from archdsl.draw.mermaid import mermaid
from archdsl.draw.options import DEFAULT_OPTIONS, DrawOptions
from archdsl.draw.picture import Picture
from archdsl.draw.svg import accessible
from archdsl.draw.tikz import tikz
from archdsl.draw.trim import DrawError
from archdsl.draw.view import view
from archdsl.graph.model import Graph
from archdsl.limits import DEFAULT_LIMITS, Limits

#: Effort of a drawing up to which Graphviz takes no second.
_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Format:
    """What a diagram can be written as. `suffixes` are those of its files, the usual one first."""

    suffixes: tuple[str, ...]
    write: Callable[[Graph, DrawOptions, Limits], bytes]
    binary: bool = False


def render(
    graph: Graph,
    format: str,
    options: DrawOptions = DEFAULT_OPTIONS,
    limits: Limits = DEFAULT_LIMITS,
) -> bytes:
    """The diagram of a network in one of `FORMATS`. Raises DrawError."""
    if format not in FORMATS:
        raise DrawError(f"`{format}` is no format of a drawing: take one of {', '.join(FORMATS)}")
    return FORMATS[format].write(graph, options, limits)


def _seen(
    write: Callable[[Picture, DrawOptions, Limits], bytes],
) -> Callable[[Graph, DrawOptions, Limits], bytes]:
    """What writes the picture of a network, as what writes a network."""
    return lambda graph, options, limits: write(view(graph, options, limits), options, limits)


def _laid_out(seen: Picture, options: DrawOptions, limits: Limits, format: str) -> bytes:
    """By Graphviz."""
    drawing = drawing_of(seen, options)
    if format == "png":
        drawing.graph_attr["dpi"] = str(options.dpi)
    return picture(drawing.source, format, limits, alone=seen.effort > _AT_ONCE)


def _svg(seen: Picture, options: DrawOptions, limits: Limits) -> bytes:
    return accessible(_laid_out(seen, options, limits, "svg"), seen, options.links)


def _png(seen: Picture, options: DrawOptions, limits: Limits) -> bytes:
    return _laid_out(seen, options, limits, "png")


def _pdf(seen: Picture, options: DrawOptions, limits: Limits) -> bytes:
    return undated(_laid_out(seen, options, limits, "pdf"))


def _dot(seen: Picture, options: DrawOptions, limits: Limits) -> bytes:
    source: str = drawing_of(seen, options).source
    return source.encode()


def _tikz(seen: Picture, options: DrawOptions, limits: Limits) -> bytes:
    return tikz(_laid_out(seen, options, limits, "json")).encode()


def _mermaid(seen: Picture, options: DrawOptions, limits: Limits) -> bytes:
    return mermaid(seen, options.direction).encode()


def _html(graph: Graph, options: DrawOptions, limits: Limits) -> bytes:
    return page(graph, options, limits).encode()


FORMATS = {
    "svg": Format((".svg",), _seen(_svg)),
    "png": Format((".png",), _seen(_png), binary=True),
    "pdf": Format((".pdf",), _seen(_pdf), binary=True),
    "dot": Format((".dot", ".gv"), _seen(_dot)),
    "tikz": Format((".tex", ".tikz"), _seen(_tikz)),
    "mermaid": Format((".mmd", ".mermaid"), _seen(_mermaid)),
    "html": Format((".html",), _html),
}
