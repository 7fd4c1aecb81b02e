"""How large Graphviz's HTML-like labels are in print: tables as it lays them out, without an engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from xml.etree import ElementTree

from archdsl.draw.metrics import LINE, width

Size = tuple[float, float]


@dataclass(slots=True)
class _Text:
    """Lines that fill as text comes."""

    lines: list[Size] = field(default_factory=lambda: [(0.0, 0.0)])

    def add(self, words: str | None, size: float, bold: bool) -> None:
        if words:
            wide, high = self.lines[-1]
            self.lines[-1] = (wide + width(words, size, bold), max(high, size * LINE))

    def size(self, least: float) -> Size:
        return max(wide for wide, _ in self.lines), sum(high or least * LINE for _, high in self.lines)


@lru_cache(maxsize=4096)  # the same box stands in every picture that is tried
def label_size(markup: str, size: float) -> Size:
    """Width and height of a label, in points; `size` is that of its letters where it does not say so."""
    if "<" not in markup and "&" not in markup:
        return width(markup, size), size * LINE
    return _content(ElementTree.fromstring(f"<LABEL>{markup}</LABEL>"), size)


def _content(element: ElementTree.Element, size: float) -> Size:
    """The size of what a cell or the whole label holds: a table, or text."""
    table = element.find("TABLE")
    if table is not None:
        return _table(table, size)
    text = _Text()
    _write(element, text, size, False)
    return text.size(size)


def _write(element: ElementTree.Element, text: _Text, size: float, bold: bool) -> None:
    text.add(element.text, size, bold)
    for inner in element:
        if inner.tag == "BR":
            text.lines.append((0.0, 0.0))
        else:
            _write(inner, text, float(inner.get("POINT-SIZE", size)), bold or inner.tag == "B")
        text.add(inner.tail, size, bold)


def _table(table: ElementTree.Element, size: float) -> Size:
    border, spacing = _number(table, "BORDER", 1), _number(table, "CELLSPACING", 2)
    columns: dict[int, float] = {}
    rows: dict[int, float] = {}
    cells = list(_cells(table))
    for cell, row, column in cells:
        wide, high = _cell(cell, table, size)
        _stretch(columns, column, int(_number(cell, "COLSPAN", 1)), wide, spacing)
        _stretch(rows, row, int(_number(cell, "ROWSPAN", 1)), high, spacing)
    edges = 2 * border + spacing
    return (
        max(sum(columns.values()) + len(columns) * spacing + edges, _number(table, "WIDTH", 0)),
        max(sum(rows.values()) + len(rows) * spacing + edges, _number(table, "HEIGHT", 0)),
    )


def _cells(table: ElementTree.Element) -> Iterator[tuple[ElementTree.Element, int, int]]:
    """The cells of a table with their rows and columns; those of one span come before those of more."""
    taken: set[tuple[int, int]] = set()
    found: list[tuple[ElementTree.Element, int, int]] = []
    for row, line in enumerate(table.findall("TR")):
        column = 0
        for cell in line.findall("TD"):
            while (row, column) in taken:
                column += 1
            found.append((cell, row, column))
            wide, high = int(_number(cell, "COLSPAN", 1)), int(_number(cell, "ROWSPAN", 1))
            taken.update((row + i, column + j) for i in range(high) for j in range(wide))
            column += wide
    return iter(
        sorted(found, key=lambda item: _number(item[0], "COLSPAN", 1) * _number(item[0], "ROWSPAN", 1))
    )


def _cell(cell: ElementTree.Element, table: ElementTree.Element, size: float) -> Size:
    around = _number(cell, "CELLPADDING", _number(table, "CELLPADDING", 2))
    around += _number(cell, "BORDER", _number(table, "CELLBORDER", _number(table, "BORDER", 1)))
    wide, high = _content(cell, size)
    return (
        max(wide + 2 * around, _number(cell, "WIDTH", 0)),
        max(high + 2 * around, _number(cell, "HEIGHT", 0)),
    )


def _stretch(lines: dict[int, float], first: int, span: int, size: float, spacing: float) -> None:
    """Make some columns, or rows, together as large as a cell that spans them."""
    missing = size - sum(lines.get(at, 0) for at in range(first, first + span)) - (span - 1) * spacing
    for at in range(first, first + span):
        lines[at] = lines.get(at, 0) + max(0, missing) / span


def _number(element: ElementTree.Element, name: str, otherwise: float) -> float:
    return float(element.get(name, otherwise))
