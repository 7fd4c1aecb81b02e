"""Rows of constants over numbered blocks, and the loops that a table of them is written with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

from archdsl.emit.code import SUM, Apply, Bracket, Code, Comprehension, Pair, Py, Star, constant, layout
from archdsl.records import record

#: Numbers in a path. What Python would not write so, as 01, is text.
_NUMBER = re.compile(r"(?<![0-9])(0|[1-9][0-9]*)(?![0-9])")
_VARIABLES = "ijkn"
#: Rows that one turn of a loop may have.
_MOST_ROWS = 24
#: Lines that a loop saves at least: two rows stand there one by one.
_LEAST_SAVED = 2


@record
class _Number:
    """A whole number; `slopes` times the variables of the loops around it are added, that of the inner one first."""

    value: int
    slopes: tuple[int, ...] = ()


@record
class _Path:
    parts: tuple[str | _Number, ...]


@record
class _Tuple:
    cells: tuple[_Cell, ...]


_Cell = _Number | _Path | _Tuple | Code | float | bool


class _Row:
    depth = 0

    def __init__(self, cell: _Cell) -> None:
        self.cell = cell

    @cached_property
    def numbers(self) -> list[tuple[int, bool]]:
        """Its numbers, and whether they stand in a path."""
        return list(_numbers(self.cell))

    @cached_property
    def key(self) -> object:
        """What rows of one loop have in common."""
        return _key(self.cell)

    def mapped(self, change: Callable[[_Number], _Number]) -> _Row:
        return _Row(_mapped(self.cell, change))


class _Loop:
    def __init__(self, values: range, rows: tuple[_Item, ...]) -> None:
        self.values = values
        self.rows = rows

    @cached_property
    def numbers(self) -> list[tuple[int, bool]]:
        return [number for row in self.rows for number in row.numbers]

    @cached_property
    def key(self) -> object:
        return (self.values, *(row.key for row in self.rows))

    @cached_property
    def depth(self) -> int:
        return 1 + max(row.depth for row in self.rows)

    def mapped(self, change: Callable[[_Number], _Number]) -> _Loop:
        return _Loop(self.values, tuple(row.mapped(change) for row in self.rows))

    def turns(self) -> list[_Item]:
        """Turn by turn."""
        return [_turn(row, value) for value in self.values for row in self.rows]


_Item = _Row | _Loop


def repeated(table: Sequence[object], sign: str = "*") -> tuple[Py, ...]:
    """The members of a table of rows, tuples of constants and code, with loops where these are clearly shorter.

    With the sign `**` they are members of a dict, each a key and its value.
    """
    items: list[_Item] = [_Row(_cell(row)) for row in table]
    size = 1
    while size <= _MOST_ROWS:
        before, items = len(items), _gathered(items, size)
        size = size + 1 if len(items) == before else 1
    return tuple(_as_code(item, sign) for item in _shorter(items, sign))


def _gathered(items: list[_Item], size: int) -> list[_Item]:
    """Let runs of so many items each, that differ by steps of their numbers alone, be loops."""
    found: list[_Item] = []
    at = 0
    while at < len(items):
        loop = _run(items, at, size)
        found.append(items[at] if loop is None else loop)
        at += 1 if loop is None else size * len(loop.values)
    return found


def _run(items: list[_Item], at: int, size: int) -> _Loop | None:
    if at + size >= len(items) or items[at].key != items[at + size].key:
        return None
    first = items[at : at + size]
    numbers = [number for item in first for number in item.numbers]
    growth: list[int] = []
    count = 1
    while True:
        turn = items[at + count * size : at + (count + 1) * size]
        if len(turn) < size or any(a.key != b.key for a, b in zip(first, turn, strict=True)):
            break
        other = [number for item in turn for number in item.numbers]
        differences = [b - a for (a, _), (b, _) in zip(numbers, other, strict=True)]
        growth = growth or differences
        if differences != [count * step for step in growth]:
            break
        count += 1
    growing = ((step, start) for step, (start, named) in zip(growth, numbers, strict=False) if step and named)
    step, start = next(growing, (0, 0))
    if count == 1 or step < 1 or any(other < 0 or other % step for other in growth):
        return None
    if max(item.depth for item in first) == len(_VARIABLES):
        return None
    slopes = iter([other // step for other in growth])

    def sloped(number: _Number) -> _Number:
        slope = next(slopes)
        return _Number(number.value - slope * start, (*number.slopes, slope))

    return _Loop(range(start, start + count * step, step), tuple(item.mapped(sloped) for item in first))


def _turn(item: _Item, value: int, inside: int = 0) -> _Item:
    """What stands in a loop in one of its turns; `inside` so many other loops of it."""
    if isinstance(item, _Loop):
        return _Loop(item.values, tuple(_turn(row, value, inside + 1) for row in item.rows))
    return item.mapped(
        lambda number: _Number(
            number.value + number.slopes[inside] * value,
            number.slopes[:inside] + number.slopes[inside + 1 :],
        )
    )


def _shorter(items: Sequence[_Item], sign: str, variables: str = "") -> list[_Item]:
    """The same, with the turns instead of a loop that does not save _LEAST_SAVED lines."""
    found: list[_Item] = []
    for item in items:
        if isinstance(item, _Loop):
            if len(item.rows) > 1:
                inner = _shorter(item.rows, "*", _VARIABLES[len(variables)] + variables)
                item = _Loop(item.values, tuple(inner))
            turns = _shorter(item.turns(), sign, variables)
            saved = sum(_lines(turn, sign, variables) for turn in turns) - _lines(item, sign, variables)
            found += [item] if saved >= _LEAST_SAVED else turns
        else:
            found.append(item)
    return found


def _lines(item: _Item, sign: str, variables: str) -> int:
    return len(layout(_as_code(item, sign, variables), 4, after=","))


# --- cells ---------------------------------------------------------------------------------------------------------


def _cell(value: object) -> _Cell:
    if isinstance(value, str):
        pieces = _NUMBER.split(value)  # text and numbers by turns
        return _Path(tuple(_Number(int(piece)) if at % 2 else piece for at, piece in enumerate(pieces)))
    if isinstance(value, tuple):
        return _Tuple(tuple(map(_cell, value)))
    if isinstance(value, int) and not isinstance(value, bool):
        return _Number(value)
    assert isinstance(value, (Code, float, bool))
    return value


def _numbers(cell: _Cell) -> Iterator[tuple[int, bool]]:
    if isinstance(cell, _Number):
        yield cell.value, False
    elif isinstance(cell, _Path):
        yield from ((part.value, True) for part in cell.parts if isinstance(part, _Number))
    elif isinstance(cell, _Tuple):
        for part in cell.cells:
            yield from _numbers(part)


def _key(cell: _Cell) -> object:
    if isinstance(cell, _Number):
        return cell.slopes
    if isinstance(cell, _Path):
        return tuple(part if isinstance(part, str) else part.slopes for part in cell.parts)
    if isinstance(cell, _Tuple):
        return (_Tuple, *map(_key, cell.cells))
    return (type(cell), cell)


def _mapped(cell: _Cell, change: Callable[[_Number], _Number]) -> _Cell:
    if isinstance(cell, _Number):
        return change(cell)
    if isinstance(cell, _Path):
        return _Path(tuple(change(part) if isinstance(part, _Number) else part for part in cell.parts))
    if isinstance(cell, _Tuple):
        return _Tuple(tuple(_mapped(part, change) for part in cell.cells))
    return cell


# --- code ----------------------------------------------------------------------------------------------------------


def _as_code(item: _Item, sign: str, variables: str = "") -> Py:
    if isinstance(item, _Row):
        return _row(item, variables, sign)
    loop = _comprehension(item, variables, sign)
    return Star(loop) if sign == "*" else Star(Bracket((loop,), "{}"), sign)


def _row(item: _Row, variables: str, sign: str) -> Py:
    assert isinstance(item.cell, _Tuple)
    cells = tuple(_text(cell, variables) for cell in item.cell.cells)
    return Bracket(cells, "()") if sign == "*" else Pair(*cells)


def _comprehension(loop: _Loop, variables: str, sign: str) -> Comprehension:
    """The loop, behind those around it, whose variables are given with the inner one first."""
    variables = _VARIABLES[len(variables)] + variables
    around: tuple[tuple[str, Py], ...] = ((variables[0], _range(loop.values)),)
    if len(loop.rows) > 1:
        rows = tuple(
            Star(_comprehension(row, variables, "*")) if isinstance(row, _Loop) else _row(row, variables, "*")
            for row in loop.rows
        )
        element: Py = Code("step") if sign == "*" else Pair(Code("new"), Code("old"))
        member = "step" if sign == "*" else "new, old"
        return Comprehension(element, (*around, (member, Bracket(rows, "()"))))
    (only,) = loop.rows
    if isinstance(only, _Row):
        return Comprehension(_row(only, variables, sign), around)
    inner = _comprehension(only, variables, sign)
    return Comprehension(inner.element, (*around, *inner.loops))


def _range(values: range) -> Py:
    if values.step > 1:
        return Apply("range", (Code(f"{values.start}"), Code(f"{values[-1] + 1}"), Code(f"{values.step}")))
    return Apply("range", (*([Code(f"{values.start}")] if values.start else []), Code(f"{values.stop}")))


def _text(cell: _Cell, variables: str) -> Py:
    if isinstance(cell, _Number):
        return Code(_sum(cell, variables), SUM)
    if isinstance(cell, _Tuple):
        return Bracket(tuple(_text(part, variables) for part in cell.cells), "()")
    if not isinstance(cell, _Path):
        return cell if isinstance(cell, Code) else constant(cell)
    formatted = any(isinstance(part, _Number) and any(part.slopes) for part in cell.parts)
    parts = []
    for part in cell.parts:
        if isinstance(part, _Number):
            text = _sum(part, variables)
            parts.append(f"{{{text}}}" if any(part.slopes) else text)
        else:
            parts.append(part.replace("{", "{{").replace("}", "}}") if formatted else part)
    return Code("f" * formatted + constant("".join(parts)).text)


def _sum(number: _Number, variables: str) -> str:
    """`2 * i + j - 1`."""
    terms = [
        name if slope == 1 else f"{slope} * {name}"
        for slope, name in zip(reversed(number.slopes), reversed(variables), strict=True)
        if slope
    ]
    if number.value or not terms:
        terms.append(str(number.value))
    return " + ".join(terms).replace("+ -", "- ")
