"""A network's diagram in one of the formats."""

from __future__ import annotations

from collections.abc import Callable

from archdsl.draw.dot import drawing_of
from archdsl.draw.engine import picture, undated
from archdsl.draw.options import DEFAULT_OPTIONS, DrawOptions
from archdsl.draw.picture import Picture
from archdsl.draw.png import with_density
from archdsl.draw.svg import accessible
from archdsl.draw.trim import DrawError
from archdsl.draw.view import view
from archdsl.graph.model import Graph
from archdsl.limits import DEFAULT_LIMITS, Limits
from archdsl.records import record

#: Effort of a drawing up to which Graphviz takes no second.
_AT_ONCE = 1_000


@record
class Format:
    """What a diagram can be written as, from its picture or, where it needs more than that, from the graph.

    `suffixes` are those of its files, the usual one first.
    """

    suffixes: tuple[str, ...]
    of_picture: Callable[[Picture, DrawOptions, Limits], bytes] | None = None
    of_graph: Callable[[Graph, DrawOptions, Limits], bytes] | None = None
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
    if (write := FORMATS[format].of_graph) is not None:
        return write(graph, options, limits)
    return render_picture(view(graph, options, limits), format, options, limits)


def render_picture(
    seen: Picture, format: str, options: DrawOptions = DEFAULT_OPTIONS, limits: Limits = DEFAULT_LIMITS
) -> bytes:
    """A picture in one of the formats that need no more. Raises DrawError."""
    write = FORMATS[format].of_picture if format in FORMATS else None
    if write is None:
        able = ", ".join(name for name, kind in FORMATS.items() if kind.of_picture is not None)
        raise DrawError(f"`{format}` is no format of such a drawing: take one of {able}")
    return write(seen, options, limits)


def _laid_out(seen: Picture, options: DrawOptions, limits: Limits, format: str) -> bytes:
    """By Graphviz."""
    drawing = drawing_of(seen, options)
    if format == "png":
        drawing.graph_attr["dpi"] = str(options.dpi)
    return picture(drawing.source, format, limits, alone=seen.effort > _AT_ONCE)


def _svg(seen: Picture, options: DrawOptions, limits: Limits) -> bytes:
    return accessible(_laid_out(seen, options, limits, "svg"), seen, options.links)


def _png(seen: Picture, options: DrawOptions, limits: Limits) -> bytes:
    return with_density(_laid_out(seen, options, limits, "png"), options.dpi)


def _pdf(seen: Picture, options: DrawOptions, limits: Limits) -> bytes:
    return undated(_laid_out(seen, options, limits, "pdf"))


def _dot(seen: Picture, options: DrawOptions, limits: Limits) -> bytes:
    source: str = drawing_of(seen, options).source
    return source.encode()


def _tikz(seen: Picture, options: DrawOptions, limits: Limits) -> bytes:
    from archdsl.draw.tikz import tikz  # what is rarely asked for is loaded late

    return tikz(_laid_out(seen, options, limits, "json")).encode()


def _mermaid(seen: Picture, options: DrawOptions, limits: Limits) -> bytes:
    from archdsl.draw.mermaid import mermaid

    return mermaid(seen, options.direction).encode()


def _html(graph: Graph, options: DrawOptions, limits: Limits) -> bytes:
    from archdsl.draw.html.page import page

    return page(graph, options, limits).encode()


FORMATS = {
    "svg": Format((".svg",), _svg),
    "png": Format((".png",), _png, binary=True),
    "pdf": Format((".pdf",), _pdf, binary=True),
    "dot": Format((".dot", ".gv"), _dot),
    "tikz": Format((".tex", ".tikz"), _tikz),
    "mermaid": Format((".mmd", ".mermaid"), _mermaid),
    "html": Format((".html",), of_graph=_html),
}
