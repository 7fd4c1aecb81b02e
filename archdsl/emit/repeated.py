"""Rows of constants over numbered blocks, and the loops that a table of them is written with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, partial

from archdsl.emit.code import SUM, Apply, Bracket, Code, Comprehension, Pair, Py, Star, constant, layout
from archdsl.records import record

#: Numbers in a path, and stages with a letter, as `4a`. What Python would not write so, as 01, is text.
_COUNTED = re.compile(r"(?<![0-9])(?:([0-9]+[a-z])(?![A-Za-z0-9_])|(0|[1-9][0-9]*)(?![0-9]))")
_VARIABLES = "ijkn"
_STAGES = "stuv"
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
class _Stage:
    """A stage with a letter; in the loops around it, that of the inner one first, it may be the variable of one."""

    name: str
    slopes: tuple[int, ...] = ()


_Counted = _Number | _Stage


@record
class _Path:
    parts: tuple[str | _Counted, ...]


@record
class _Tuple:
    cells: tuple[_Cell, ...]


_Cell = _Number | _Path | _Tuple | Code | float | bool


class _Row:
    depth = 0

    def __init__(self, cell: _Cell) -> None:
        self.cell = cell

    @cached_property
    def counted(self) -> list[tuple[_Counted, bool]]:
        """Its numbers and stages, and whether they stand in a path."""
        return list(_counted(self.cell))

    @cached_property
    def key(self) -> object:
        """What rows of one loop have in common."""
        return _key(self.cell)

    def mapped(self, change: Callable[[_Counted], _Counted]) -> _Row:
        return _Row(_mapped(self.cell, change))


class _Loop:
    def __init__(self, values: range | tuple[str, ...], rows: tuple[_Item, ...]) -> None:
        self.values = values
        self.rows = rows

    @cached_property
    def counted(self) -> list[tuple[_Counted, bool]]:
        return [part for row in self.rows for part in row.counted]

    @cached_property
    def key(self) -> object:
        return (self.values, *(row.key for row in self.rows))

    @cached_property
    def depth(self) -> int:
        return 1 + max(row.depth for row in self.rows)

    def mapped(self, change: Callable[[_Counted], _Counted]) -> _Loop:
        return _Loop(self.values, tuple(row.mapped(change) for row in self.rows))

    def turns(self) -> Iterator[_Item]:
        """Turn by turn."""
        return (_turn(row, value) for value in self.values for row in self.rows)


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
    if max(item.depth for item in first) == len(_VARIABLES):
        return None
    counted = [found for item in first for found in item.counted]
    turns = partial(_turns, items, at, size)
    made = _over_numbers(counted, turns) or _over_stages(counted, turns)
    if made is None:
        return None
    values, parts = made
    following = iter(parts)
    return _Loop(values, tuple(item.mapped(lambda _: next(following)) for item in first))


def _turns(items: list[_Item], at: int, size: int) -> Iterator[list[_Counted]]:
    """What counts in so many items each, behind those at a place, as long as the rest of them is the same."""
    first = items[at : at + size]
    while True:
        at += size
        turn = items[at : at + size]
        if len(turn) < size or any(a.key != b.key for a, b in zip(first, turn, strict=True)):
            return
        yield [part for item in turn for part, _ in item.counted]


def _over_numbers(
    first: list[tuple[_Counted, bool]], turns: Callable[[], Iterator[list[_Counted]]]
) -> tuple[range, list[_Counted]] | None:
    """A loop in each turn of which numbers grow by the same steps: its values, and what stands in it."""
    growth: list[int] = []
    count = 1
    for turn in turns():
        if any(isinstance(a, _Stage) and a != b for (a, _), b in zip(first, turn, strict=True)):
            break
        differences = [_value(b) - _value(a) for (a, _), b in zip(first, turn, strict=True)]
        growth = growth or differences
        if differences != [count * step for step in growth]:
            break
        count += 1
    growing = (
        (step, _value(part)) for step, (part, named) in zip(growth, first, strict=False) if step and named
    )
    step, start = next(growing, (0, 0))
    if count == 1 or step < 1 or any(other < 0 or other % step for other in growth):
        return None
    values = range(start, start + count * step, step)
    return values, [
        _sloped(part, other // step, start) for (part, _), other in zip(first, growth, strict=True)
    ]


def _over_stages(
    first: list[tuple[_Counted, bool]], turns: Callable[[], Iterator[list[_Counted]]]
) -> tuple[tuple[str, ...], list[_Counted]] | None:
    """A loop in each turn of which another stage stands, and all else stays."""
    names: list[str] = []
    at: list[int] = []
    for turn in turns():
        differing = [i for i, ((a, _), b) in enumerate(zip(first, turn, strict=True)) if a != b]
        pairs = {(_name(first[i][0]), _name(turn[i])) for i in differing}
        if len(pairs) != 1 or (at and differing != at):
            break
        ((_, name),) = pairs
        if not name:
            break
        at = differing
        names.append(name)
    if not at:
        return None
    bound = set(at)
    return (_name(first[at[0]][0]), *names), [_sloped(part, i in bound) for i, (part, _) in enumerate(first)]


def _name(part: _Counted) -> str:
    return part.name if isinstance(part, _Stage) else ""


def _value(part: _Counted) -> int:
    return part.value if isinstance(part, _Number) else 0


def _sloped(part: _Counted, slope: int, start: int = 0) -> _Counted:
    """What counts, in one more loop, whose first value is given."""
    if isinstance(part, _Stage):
        return _Stage(part.name, (*part.slopes, slope))
    return _Number(part.value - slope * start, (*part.slopes, slope))


def _turn(item: _Item, value: int | str, inside: int = 0) -> _Item:
    """What stands in a loop in one of its turns; `inside` so many other loops of it."""
    if isinstance(item, _Loop):
        return _Loop(item.values, tuple(_turn(row, value, inside + 1) for row in item.rows))
    return item.mapped(lambda part: _in_turn(part, value, inside))


def _in_turn(part: _Counted, value: int | str, inside: int) -> _Counted:
    slope = part.slopes[inside]
    slopes = part.slopes[:inside] + part.slopes[inside + 1 :]
    if isinstance(part, _Stage):
        return _Stage(value if slope and isinstance(value, str) else part.name, slopes)
    return _Number(part.value + slope * value if isinstance(value, int) else part.value, slopes)


def _shorter(items: Sequence[_Item], sign: str, variables: tuple[str, ...] = ()) -> list[_Item]:
    """The same, with the turns instead of a loop that does not save _LEAST_SAVED lines."""
    found: list[_Item] = []
    for item in items:
        if isinstance(item, _Loop):
            if len(item.rows) > 1:
                inner = _shorter(item.rows, "*", (_variable(item, variables), *variables))
                item = _Loop(item.values, tuple(inner))
            turns: list[_Item] = []
            least = _lines(item, sign, variables) + _LEAST_SAVED
            for turn in item.turns():
                shorter = _shorter([turn], sign, variables)
                turns += shorter
                least -= sum(_lines(one, sign, variables) for one in shorter)
                if least <= 0:  # the loop is shorter, however many turns follow
                    break
            found += [item] if least <= 0 else turns
        else:
            found.append(item)
    return found


def _lines(item: _Item, sign: str, variables: tuple[str, ...]) -> int:
    return len(layout(_as_code(item, sign, variables), 4, after=","))


# --- cells ---------------------------------------------------------------------------------------------------------


def _cell(value: object) -> _Cell:
    if isinstance(value, str):
        parts: list[str | _Counted] = []
        at = 0
        for found in _COUNTED.finditer(value):
            parts += [value[at : found.start()], _Stage(found[1]) if found[1] else _Number(int(found[2]))]
            at = found.end()
        return _Path((*parts, value[at:]))
    if isinstance(value, tuple):
        return _Tuple(tuple(map(_cell, value)))
    if isinstance(value, int) and not isinstance(value, bool):
        return _Number(value)
    assert isinstance(value, (Code, float, bool))
    return value


def _counted(cell: _Cell) -> Iterator[tuple[_Counted, bool]]:
    if isinstance(cell, _Number):
        yield cell, False
    elif isinstance(cell, _Path):
        yield from ((part, True) for part in cell.parts if not isinstance(part, str))
    elif isinstance(cell, _Tuple):
        for part in cell.cells:
            yield from _counted(part)


def _key(cell: _Cell) -> object:
    if isinstance(cell, _Number):
        return cell.slopes
    if isinstance(cell, _Path):
        return tuple(part if isinstance(part, str) else (type(part), part.slopes) for part in cell.parts)
    if isinstance(cell, _Tuple):
        return (_Tuple, *map(_key, cell.cells))
    return (type(cell), cell)


def _mapped(cell: _Cell, change: Callable[[_Counted], _Counted]) -> _Cell:
    if isinstance(cell, _Number):
        number = change(cell)
        assert isinstance(number, _Number)
        return number
    if isinstance(cell, _Path):
        return _Path(tuple(part if isinstance(part, str) else change(part) for part in cell.parts))
    if isinstance(cell, _Tuple):
        return _Tuple(tuple(_mapped(part, change) for part in cell.cells))
    return cell


# --- code ----------------------------------------------------------------------------------------------------------


def _as_code(item: _Item, sign: str, variables: tuple[str, ...] = ()) -> Py:
    if isinstance(item, _Row):
        return _row(item, variables, sign)
    loop = _comprehension(item, variables, sign)
    return Star(loop) if sign == "*" else Star(Bracket((loop,), "{}"), sign)


def _row(item: _Row, variables: tuple[str, ...], sign: str) -> Py:
    assert isinstance(item.cell, _Tuple)
    cells = tuple(_text(cell, variables) for cell in item.cell.cells)
    return Bracket(cells, "()") if sign == "*" else Pair(*cells)


def _comprehension(loop: _Loop, variables: tuple[str, ...], sign: str) -> Comprehension:
    """The loop, behind those around it, whose variables are given with the inner one first."""
    variables = (_variable(loop, variables), *variables)
    around: tuple[tuple[str, Py], ...] = ((variables[0], _values(loop.values)),)
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


def _variable(loop: _Loop, around: tuple[str, ...]) -> str:
    return (_VARIABLES if isinstance(loop.values, range) else _STAGES)[len(around)]


def _values(values: range | tuple[str, ...]) -> Py:
    if not isinstance(values, range):
        return Bracket(tuple(map(constant, values)), "()")
    if values.step > 1:
        return Apply("range", (Code(f"{values.start}"), Code(f"{values[-1] + 1}"), Code(f"{values.step}")))
    return Apply("range", (*([Code(f"{values.start}")] if values.start else []), Code(f"{values.stop}")))


def _text(cell: _Cell, variables: tuple[str, ...]) -> Py:
    if isinstance(cell, _Number):
        return Code(_sum(cell, variables), SUM)
    if isinstance(cell, _Tuple):
        return Bracket(tuple(_text(part, variables) for part in cell.cells), "()")
    if not isinstance(cell, _Path):
        return cell if isinstance(cell, Code) else constant(cell)
    formatted = any(not isinstance(part, str) and any(part.slopes) for part in cell.parts)
    parts = []
    for part in cell.parts:
        if isinstance(part, str):
            parts.append(part.replace("{", "{{").replace("}", "}}") if formatted else part)
        else:
            text = _sum(part, variables) if isinstance(part, _Number) else _named(part, variables)
            parts.append(f"{{{text}}}" if any(part.slopes) else text)
    return Code("f" * formatted + constant("".join(parts)).text)


def _named(stage: _Stage, variables: tuple[str, ...]) -> str:
    bound = (name for name, slope in zip(variables, stage.slopes, strict=True) if slope)
    return next(bound, stage.name)


def _sum(number: _Number, variables: tuple[str, ...]) -> str:
    """`2 * i + j - 1`."""
    terms = [
        name if slope == 1 else f"{slope} * {name}"
        for slope, name in zip(reversed(number.slopes), reversed(variables), strict=True)
        if slope
    ]
    if number.value or not terms:
        terms.append(str(number.value))
    return " + ".join(terms).replace("+ -", "- ")
