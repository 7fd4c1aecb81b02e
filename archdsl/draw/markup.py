"""Graphviz's HTML-like labels. Every text goes through `text`, so nothing in a spec can become markup."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from archdsl.draw.palette import (
    FAINT,
    FRAME,
    INK,
    PLAIN,
    SHADES,
    SHARES,
    SIZE,
    SMALL,
    fill,
    line,
    shade,
)
from archdsl.draw.picture import Arrow, Box, Cell, End, Mark, Picture, Row, Title

_LONGEST = 80
#: Letters of shapes that stand in one line.
_LONG = 24
#: What XML does not allow, and marks that change the direction of text.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def clean(value: str) -> str:
    """A text of one line, without control characters, shortened if it is long."""
    value = _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", value)
    return value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"


def text(value: str) -> str:
    """A text as markup that shows it. Graphviz puts names where it reads `\\N` and the like."""
    return html.escape(clean(value), quote=True).replace("\\", "\\\\")


def small(value: str, colour: str = FAINT) -> str:
    """A text in small letters."""
    return f'<FONT POINT-SIZE="{SMALL}" COLOR="{colour}">{text(value)}</FONT>' if value else ""


def box(item: Box) -> str:
    """The label of a box: a table with a row for each layer, and what repeats them beside."""
    wide = ' COLSPAN="2"' if any(row.times > 1 for row in item.rows) else ""
    head = (
        f'<TR><TD{wide} CELLPADDING="3" BGCOLOR="{PLAIN}">{title(item.title)}</TD></TR>' if item.title else ""
    )
    style = ' STYLE="DASHED"' if item.training or item.change == "−" else ""
    attributes = (
        f'BORDER="1" COLOR="{line(item.change)}"{style} CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"'
    )
    return f"<TABLE {attributes}>{head}{''.join(_rows(item.rows, wide))}</TABLE>"


def mark(item: Mark) -> str:
    """The label of a join."""
    return f"<B>{text(item.symbol)}</B>"


def arrow(item: Arrow) -> str:
    """What is written on an arrow: how many tensors, their name, and their shape."""
    return _tensor(item.text, item.name, item.shape)


def end(item: End) -> str:
    """The label of an input, output, turn or note."""
    if item.form == "note":
        return _tensor("", item.name, item.shape)
    name = f"<B>{text(item.name)}</B>"
    if len(item.shape) <= _LONG:
        return f"{name} {small(item.shape, INK)}" if item.shape else name
    return "<BR/>".join([name, *(small(shape, INK) for shape in item.shape.split(", "))])


def _tensor(times: str, name: str, shape: str) -> str:
    words = [small(times)] if times else []
    words += [f'<FONT POINT-SIZE="{SMALL}"><I>{text(name)}</I></FONT>'] if name else []
    return " ".join([*words, small(shape)] if shape else words)


def title(item: Title) -> str:
    """The head of a cluster or box."""
    words = [f"<B>{text(name)}:</B>" for name in item.around]
    words.extend([f"<B>{text(item.name)}</B>"] if item.name else [])
    words.extend(small(word) for word in (item.note, "shared" if item.shared else "") if word)
    words.extend([badge(item.badge)] if item.badge else [])
    if item.count > 1:
        words.append(f" <B>× {item.count}</B>")
        words.extend([small("in parallel")] if item.parallel else [])
    lines = [" ".join(words) or " ", *(_below(said) for said in (item.growth, item.cost) if said)]
    return "<BR/>".join(lines)


def _below(words: str) -> str:
    """A line of small letters, as high as one of large ones, so that it does not touch those above it."""
    space = f'<FONT POINT-SIZE="{SIZE + 3}"> </FONT>'
    return f"{space}{small(words)}{space}"


def heading(picture: Picture) -> str:
    """What stands above a picture: its title, and the meaning of its colours where they are shares."""
    head = title(picture.root.title)
    if not picture.shaded:
        return head
    attributes = 'BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1"'
    return f"<TABLE {attributes}><TR><TD>{head}</TD></TR><TR><TD>{legend(picture.shaded)}</TD></TR></TABLE>"


def legend(what: str) -> str:
    """What the colours of shares mean: a line of a table."""
    least = ("0", *(f"{100 * share:g}" for share in SHARES))
    cells = "".join(
        f'<TD BGCOLOR="{colour}" BORDER="1" COLOR="{FRAME}" CELLPADDING="3">{small(f"{a}–{b} %", INK)}</TD>'
        for a, b, colour in zip(least, least[1:], SHADES, strict=False)
    )
    words = small(f"parameters · MACs; colour: share of {what}")
    attributes = 'BORDER="0" CELLBORDER="0" CELLSPACING="3" CELLPADDING="1"'
    return f"<TABLE {attributes}><TR><TD>{words}</TD>{cells}</TR></TABLE>"


def badge(letter: str) -> str:
    """The letter of a shared module."""
    return f'<FONT POINT-SIZE="{SMALL}" COLOR="{INK}"><B>[{text(letter)}]</B></FONT>'


def _rows(rows: tuple[Row, ...], wide: str) -> Iterator[str]:
    inside = 0  # rows of a repetition that are still to come
    for row in rows:
        beside = ""
        if row.times > 1:
            inside = row.span
            words = f"<B>× {row.times}</B>" + (f"<BR/>{small(row.growth)}" if row.growth else "")
            beside = f'<TD ROWSPAN="{row.span}" BGCOLOR="{PLAIN}" CELLPADDING="4">{words}</TD>'
        yield f"<TR>{_row(row, '' if inside else wide)}{beside}</TR>"
        inside = max(0, inside - 1)


def _row(row: Row, wide: str) -> str:
    """The cell of a row, a table of its own so that the cells of other rows do not set its columns."""
    if row.small:
        cells = "".join(f'<TD BGCOLOR="{_ground(cell)}">{_cell(cell, SMALL)}</TD>' for cell in row.cells)
        return _inner(cells, PLAIN, wide, 2)
    cell = row.cells[0]
    beside = [row.shape] if row.told else []
    beside += [row.cost] if row.cost else []
    right = f'<TD ALIGN="RIGHT">{small("   ".join(beside), INK)}</TD>' if beside else ""
    return _inner(f'<TD ALIGN="LEFT">{_cell(cell)}</TD>{right}', _ground(cell), wide, 3)


def _ground(cell: Cell) -> str:
    """The colour behind a layer: of its group, or of its share of the costs."""
    return fill(cell.group) if cell.share is None else shade(cell.share)


def _inner(cells: str, ground: str, wide: str, padding: int) -> str:
    attributes = f'BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="{padding}"'
    return f'<TD{wide} BGCOLOR="{ground}"><TABLE {attributes}><TR>{cells}</TR></TABLE></TD>'


def _cell(cell: Cell, size: int = SIZE) -> str:
    words = [f'<FONT POINT-SIZE="{size}">{text(cell.text)}</FONT>']
    words.extend([small(cell.tag, INK)] if cell.tag else [])
    words.extend([badge(cell.badge)] if cell.badge else [])
    return " ".join(words)
