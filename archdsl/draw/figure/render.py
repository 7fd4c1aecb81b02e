"""A network's figure in one of the formats."""

from __future__ import annotations

from archdsl.draw.engine import picture, undated
from archdsl.draw.figure.draw import scene_of
from archdsl.draw.figure.svg import svg
from archdsl.draw.figure.tikz import tikz
from archdsl.draw.options import DEFAULT_OPTIONS, DrawOptions
from archdsl.draw.png import with_density
from archdsl.draw.trim import DrawError
from archdsl.graph.model import Graph
from archdsl.limits import DEFAULT_LIMITS, Limits

FORMATS = ("svg", "png", "pdf", "dot", "tikz")


def render_figure(
    graph: Graph,
    format: str,
    scale: str = "sqrt",
    options: DrawOptions = DEFAULT_OPTIONS,
    limits: Limits = DEFAULT_LIMITS,
) -> bytes:
    """The figure of a network in one of `FORMATS`, its sides to one of `SCALES`. Raises DrawError.

    Of the options, `depth`, `expand`, `collapse`, `block`, `page`, `dpi` and `links` are heard; repetitions stay
    closed.
    """
    if format not in FORMATS:
        raise DrawError(f"a figure is not written as `{format}`: take one of {', '.join(FORMATS)}")
    for name, asked in (
        ("--cost", options.cost),
        ("--columns", options.columns),
        ("--direction LR", _turned(options)),
    ):
        if asked:
            raise DrawError(f"`{name}` is of diagrams: a figure has no such choice")
    scene = scene_of(graph, scale, options, limits)
    if options.page is not None:
        scene = scene.scaled(min(1.0, options.page[0] / scene.width, options.page[1] / scene.height))
    if format == "svg":
        return svg(scene, options.links).encode()
    if format == "tikz":
        return tikz(scene).encode()
    from archdsl.draw.figure.xdot import xdot

    source = xdot(scene, options.dpi if format == "png" else None)
    if format == "dot":
        return source.encode()
    drawn = picture(source, format, limits)
    return undated(drawn) if format == "pdf" else with_density(drawn, options.dpi)


def _turned(options: DrawOptions) -> bool:
    return options.direction != DEFAULT_OPTIONS.direction
