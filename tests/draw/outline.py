"""A picture as indented text, for tests."""

from __future__ import annotations

from typing import Any

from archdsl.api import loads
from archdsl.draw.options import DrawOptions
from archdsl.draw.picture import Box, Cluster, End, Mark, Picture, Title
from archdsl.draw.view import view
from archdsl.graph.model import Graph


def graph_of(text: str, model: str | None = None, **settings: object) -> Graph:
    return loads(text, "test.arch", model=model, **settings)._graph


def picture_of(text: str, **options: Any) -> Picture:
    return view(graph_of(text), DrawOptions(**options))


def outline(text: str, **options: Any) -> str:
    """The clusters, boxes, marks and ends of a spec's picture, a line each."""
    lines: list[str] = []

    def walk(item: Box | Mark | End | Cluster, depth: int) -> None:
        lines.append("  " * depth + line(item))
        if isinstance(item, Cluster):
            for inner in item.items:
                walk(inner, depth + 1)

    for item in picture_of(text, **options).root.items:
        walk(item, 0)
    return "\n".join(lines)


def line(item: Box | Mark | End | Cluster) -> str:
    dashed = " (training)" if item.training else ""
    if isinstance(item, Cluster):
        return f"{title(item.title)}:{dashed}"
    if isinstance(item, Mark):
        return f"<{item.symbol}> {item.shape}".rstrip() + dashed
    if isinstance(item, End):
        return f"{{{item.name}}} {item.shape}{dashed}"
    rows = []
    for row in item.rows:
        words = [" ".join([cell.text, cell.tag]).strip() for cell in row.cells]
        times = f" x{row.times} over {row.span}" if row.times > 1 else ""
        rows.append(" & ".join(words) + (f" = {row.shape}" if row.shape else "") + times)
    head = f"{title(item.title)}: " if item.title else ""
    return f"[{head}{' | '.join(rows)}]{dashed}"


def title(item: Title) -> str:
    words = [f"{name}/" for name in item.around]
    words += [item.name] if item.name else []
    words += [f"({item.note})"] if item.note else []
    words += ["shared"] if item.shared else []
    words += [f"x{item.count}"] if item.count > 1 else []
    words += ["in parallel"] if item.parallel else []
    words += [item.growth] if item.growth else []
    return " ".join(words)
