"""Rows and titles of both pictures as one: what came, went and changed of layers that stand below each other."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from dataclasses import replace
from itertools import groupby

from archdsl.diff.align import Likeness, align
from archdsl.draw.picture import Box, Cell, Row, Title

CAME, WENT, CHANGED, STAYED = "+", "−", "~", "="
_SIDE_BY_SIDE = 4
Unit = tuple[Row, ...]


def rows_of_both(old: Box, new: Box) -> tuple[Row, ...]:
    """The layers of both, one below the other."""
    made: list[Row] = []
    for one, other in align(_units(old), _units(new), _LIKE_UNITS):
        if one is not None and other is not None and key_of_rows(one) == key_of_rows(other):
            made.extend(_marked(other, STAYED))
        elif one is not None and other is not None and not _repeats(one) and not _repeats(other):
            made.append(replace(other[0], cells=(_changed(one[0].cells[0], other[0].cells[0]),)))
        else:
            made.extend(_marked(one or (), WENT))
            made.extend(_marked(other or (), CAME))
    return tuple(_packed(made))


def _units(box: Box) -> list[Unit]:
    """What is held against each other: single cells, and rows that repeat together."""
    made: list[Unit] = []
    at = 0
    while at < len(box.rows):
        row = box.rows[at]
        if row.times > 1:
            made.append(box.rows[at : at + row.span])
            at += row.span
        else:
            made.extend((replace(row, cells=(cell,)),) for cell in row.cells)
            at += 1
    return made


def _marked(unit: Unit, change: str) -> Iterator[Row]:
    for row in unit:
        yield replace(row, cells=tuple(_sign(cell, change) for cell in row.cells))


def _packed(rows: list[Row]) -> Iterator[Row]:
    """Small layers side by side again, where they follow one another and none of them repeats."""
    for small, group in groupby(rows, key=lambda row: row.small and row.times == 1 and len(row.cells) == 1):
        found = list(group)
        if not small:
            yield from found
            continue
        for at in range(0, len(found), _SIDE_BY_SIDE):
            some = found[at : at + _SIDE_BY_SIDE]
            yield replace(some[-1], cells=tuple(row.cells[0] for row in some))


def told_of_both(old: Box, new: Box) -> tuple[Row, ...]:
    """What is said of a closed block, before and after."""
    row = new.rows[0]
    return (replace(row, cells=(_changed(old.rows[0].cells[0], row.cells[0]),)),)


def _changed(old: Cell, new: Cell) -> Cell:
    """`conv 3×3, 64 → 128`; where the text is the same, something that it does not say has changed."""
    before, after = old.text.split(", "), new.text.split(", ")
    if len(before) == len(after):
        text = ", ".join(a if a == b else _to(a, b) for a, b in zip(before, after, strict=True))
    else:
        text = f"{old.text} → {new.text}"
    tag = new.tag if old.text != new.text else " ".join(filter(None, (new.tag, "other arguments")))
    return replace(new, text=f"{CHANGED} {text}", tag=tag, group=CHANGED)


def _to(before: str, after: str) -> str:
    """`conv 3×3 → 5×5`: the words that both begin with stand once."""
    words = after.split(" ")
    same = 0
    for one, other in zip(before.split(" "), words[:-1], strict=False):
        if one != other:
            break
        same += 1
    return f"{before} → {' '.join(words[same:])}"


def _sign(cell: Cell, change: str) -> Cell:
    return replace(cell, text=cell.text if change == STAYED else f"{change} {cell.text}", group=change)


def painted(box: Box, change: str) -> Box:
    """A box in the colour of a change."""
    rows = tuple(replace(row, cells=tuple(_sign(cell, change) for cell in row.cells)) for row in box.rows)
    title = box.title if box.title is None or change == STAYED else signed(box.title, change)
    return replace(box, rows=rows, title=title, change=change)


def signed(title: Title, change: str) -> Title:
    return replace(title, name=f"{change} {title.name}".rstrip())


def title_of_both(old: Title, new: Title) -> Title:
    """The head of what both have: with a sign, and what it was, where it is another one."""
    if words_of(old) == words_of(new):
        return new
    times = f"× {old.count}"
    names = [_name(title) for title in (old, new)]
    if names[0] == names[1]:
        before = ", ".join(filter(None, (times if old.count != new.count else "", old.growth)))
    else:
        before = names[0] + (f" {times}" if old.count > 1 else "")
    return replace(signed(new, CHANGED), growth=" ".join(filter(None, (new.growth, f"(before: {before})"))))


def words_of(title: Title) -> str:
    return f"{_name(title)} × {title.count} {title.growth}"


def _name(title: Title) -> str:
    """Without the numbers of copies: `denselayer1…24` and `denselayer1…48` are one name."""
    words = " ".join(filter(None, (*title.around, title.name, title.note)))
    return re.sub(r"\d+…\d+", "…", words)


def _cell_key(cell: Cell) -> Hashable:
    return (cell.text, cell.tag, cell.facts.digest)


def key_of_rows(unit: Unit) -> Hashable:
    return tuple((tuple(map(_cell_key, row.cells)), row.times, row.growth) for row in unit)


def _repeats(unit: Unit) -> bool:
    return unit[0].times > 1


def _kind(unit: Unit) -> Hashable:
    """The names of the layers, without their arguments."""
    return tuple(
        (cell.text.split(" ", 1)[0].rstrip(","), row.times > 1) for row in unit for cell in row.cells
    )


_LIKE_UNITS: Likeness[Unit] = Likeness(
    key_of_rows,
    _kind,
    lambda a, b: not _repeats(a) and not _repeats(b) and a[0].cells[0].group == b[0].cells[0].group,
)
