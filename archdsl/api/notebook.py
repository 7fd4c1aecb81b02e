"""What a notebook shows of an architecture: its diagram beside its summary, as one piece of HTML."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from html import escape

from archdsl.analysis.costs import Costs, Row, by_module
from archdsl.diagnostics.cells import printable
from archdsl.graph.model import Graph
from archdsl.limits import Limits

#: Modules of the summary: the tree is shown as deep as that allows, and cut off there at the first level.
MOST_ROWS = 40
#: Lines of an outline, which takes the place of a diagram.
MOST_LINES = 60
#: Bytes of a diagram: a notebook keeps what its cells show.
MOST_BYTES = 1_000_000

_TOP = "vertical-align:top;padding:0 1em 0 0;text-align:left"
_CELL = "padding:0 .8em 0 0;text-align:left"
_NUMBER = "padding:0 .8em 0 0;text-align:right"


def shown(graph: Graph, costs: Costs, limits: Limits) -> str:
    """A heading, the diagram and the summary. Where nothing lays out the diagram, it is an outline in words.

    The diagram is an image, so that neither the style of the page nor other drawings in it reach it, and a
    notebook that is not trusted shows it too.
    """
    return (
        f'<div class="archdsl"><p>{_heading(graph, costs)}</p>'
        f'<table style="border:none"><tr><td style="{_TOP}">{_diagram(graph, limits)}</td>'
        f'<td style="{_TOP}">{_summary(graph, costs)}</td></tr></table></div>'
    )


def _heading(graph: Graph, costs: Costs) -> str:
    figures = []
    for name, number, words in (("params", costs.params, "parameters"), ("macs", costs.macs, "MACs")):
        figures.append(f"{number:,}{' + ?' if name in costs.uncounted else ''} {words}")
    return f"<b>{_text(graph.model)}</b> of {_text(graph.source_name)}: {', '.join(figures)}"


def _diagram(graph: Graph, limits: Limits) -> str:
    from archdsl.draw import DrawError, EngineMissing, render

    try:
        svg = render(graph, "svg", limits=limits)
    except EngineMissing as error:
        return f"{_outline(graph, limits)}<p><small>{_text(str(error))}</small></p>"
    except DrawError as error:
        return f"<p>No diagram: {_text(str(error))}</p>"
    if len(svg) > MOST_BYTES:
        return f"<p>No diagram: it takes {len(svg):,} bytes. <code>archdsl draw</code> writes it.</p>"
    return (
        f'<img alt="Diagram of {_text(graph.model)}" style="max-width:100%" '
        f'src="data:image/svg+xml;base64,{b64encode(svg).decode()}">'
    )


def _outline(graph: Graph, limits: Limits) -> str:
    """The frames and boxes of the diagram as nested lists."""
    from archdsl.draw.picture import Cluster
    from archdsl.draw.svg import spoken
    from archdsl.draw.view import view

    lines: list[str] = []
    left = MOST_LINES
    stack: list[object] = ["</ul>", *reversed(view(graph, limits=limits).root.items)]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            lines.append(item)
        elif left:
            left -= 1
            lines.append(f"<li>{_text(spoken(item))}</li>")  # type: ignore[arg-type]
            if isinstance(item, Cluster):
                lines.append("<ul>")
                stack.extend(("</ul>", *reversed(item.items)))
    return f"<ul>{''.join(lines)}" + ("" if left else "<p>…</p>")


def _summary(graph: Graph, costs: Costs) -> str:
    """The modules with their shapes and costs."""
    head = "".join(
        f'<th style="{style}">{name}</th>'
        for name, style in (("module", _CELL), ("output", _CELL), ("parameters", _NUMBER), ("MACs", _NUMBER))
    )
    rows, more = _chosen(list(by_module(graph, costs)))
    lines = "".join(f"<tr>{''.join(_cells(row))}</tr>" for row in rows)
    end = f"<p>… and {more:,} more</p>" if more else ""
    return f"<table><tr>{head}</tr>{lines}</table>{end}"


def _chosen(rows: list[Row]) -> tuple[list[Row], int]:
    """The modules down to the deepest level at which they are few enough, and how many of that level are left out."""
    depth = 1
    while depth < 100 and sum(row.depth <= depth + 1 for row in rows) <= MOST_ROWS:
        depth += 1
    kept = [row for row in rows if row.depth <= depth]
    return kept[:MOST_ROWS], max(0, len(kept) - MOST_ROWS)


def _cells(row: Row) -> Iterator[str]:
    name = row.module.path.rpartition(".")[2] if row.depth else "all"
    indent = f"{_CELL};padding-left:{max(0, row.depth - 1)}em"
    yield f'<td style="{indent}">{_text(name)}</td>'
    yield f'<td style="{_CELL}">{"" if row.output is None else "×".join(map(str, row.output))}</td>'
    for number in (row.params, row.macs):
        yield f'<td style="{_NUMBER}">{f"{number:,}" if number else "–"}</td>'


def _text(words: str) -> str:
    """As text of HTML: nothing of a spec becomes markup."""
    return escape(printable(words))
