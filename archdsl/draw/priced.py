"""A picture with what its parts cost: parameters and MACs beside the layers, and colours by their share."""

from __future__ import annotations

from dataclasses import replace

from archdsl.analysis.figures import human
from archdsl.draw.picture import Box, Cell, Cluster, End, Facts, Mark, Picture, Row, Title


def priced(picture: Picture) -> Picture:
    """The same picture with costs. Colours go by the share of MACs, or of parameters where there are no MACs."""
    whole = picture.root.facts
    return _Pricer("MACs" if whole.macs else "parameters", whole).picture(picture)


class _Pricer:
    def __init__(self, what: str, whole: Facts) -> None:
        self.what = what
        self.whole = whole

    def picture(self, picture: Picture) -> Picture:
        made: dict[int, Cluster] = {}
        order = [picture.root]
        for cluster in order:  # grows while it is walked
            order.extend(item for item in cluster.items if isinstance(item, Cluster))
        for cluster in reversed(order):
            items = [
                made[item.id] if isinstance(item, Cluster) else self._item(item) for item in cluster.items
            ]
            made[cluster.id] = replace(cluster, items=items, title=self._title(cluster.title, cluster.facts))
        return replace(picture, root=made[picture.root.id], shaded=self.what)

    def _item(self, item: Box | Mark | End) -> Box | Mark | End:
        if not isinstance(item, Box):
            return item
        if item.closed:
            rows = tuple(self._row(row, item.facts) for row in item.rows)
            return replace(item, rows=rows)
        rows = tuple(self._row(row) for row in item.rows)
        title = (
            self._title(item.title, item.facts) if item.title is not None and len(rows) > 1 else item.title
        )
        return replace(item, rows=rows, title=title)

    def _title(self, title: Title, facts: Facts) -> Title:
        return replace(title, cost=_said(facts, "parameters, ", "MACs"))

    def _row(self, row: Row, facts: Facts | None = None) -> Row:
        cells = tuple(self._cell(cell, facts or cell.facts) for cell in row.cells)
        return replace(row, cells=cells, cost="" if row.small else _said(facts or row.cells[0].facts))

    def _cell(self, cell: Cell, facts: Facts) -> Cell:
        part, whole = (
            (facts.macs, self.whole.macs) if self.what == "MACs" else (facts.params, self.whole.params)
        )
        return replace(cell, share=part / whole if whole else 0.0)


def _said(facts: Facts, params: str = "· ", macs: str = "") -> str:
    """`9.41K · 118M`, or in words; nothing of what costs nothing."""
    if not (facts.params or facts.macs):
        return ""
    return f"{human(facts.params)} {params}{human(facts.macs)} {macs}".rstrip()
