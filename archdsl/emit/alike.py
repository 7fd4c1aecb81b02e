"""Initialisers that all modules of a type within one class share: one loop says them, where that is shorter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from archdsl.emit.classes import LevelClass
from archdsl.emit.code import Keyword
from archdsl.emit.initial import FEW, UNKNOWN, in_common, type_of
from archdsl.emit.initialise import Initialising
from archdsl.emit.rows import Row, RowChain, RowChoice, RowGroup, RowMade, cells, singles
from archdsl.emit.template import Initialised, MadeLayer, MadeLevel
from archdsl.emit.wording import Wording

Shared = dict[str, tuple[Initialising, ...]]


def shared_inits(found: LevelClass, classes: Mapping[int, LevelClass], wording: Wording) -> Shared:
    """Types of modules with what all modules of the type in instances of the class start with.

    Types that a class within makes too are none of them: a loop over `self.modules()` would meet those as well.
    """
    inits: dict[str, list[tuple[Initialising, ...]]] = {}
    hidden: set[str] = set()
    for inner in found.inner:
        hidden |= classes[inner].types
    for made in _layers(found.rows):
        type_, inside = type_of(made.call.function)
        hidden |= inside
        said = (_said(init, wording) for init in made.init)
        inits.setdefault(type_, []).append(tuple(init for init in said if init is not None))
    itself = (made.number for row in found.rows for made in singles(row.made) if isinstance(made, MadeLevel))
    if UNKNOWN in hidden or UNKNOWN in inits or found.number in itself:
        return {}
    return in_common({type_: each for type_, each in inits.items() if len(each) >= FEW}, hidden)


def without(rows: Sequence[Row], shared: Shared, wording: Wording) -> list[Row]:
    """The children without what the loop says."""
    return [replace(row, made=_without(row.made, shared, wording)) for row in rows]


def _without(made: RowMade, shared: Shared, wording: Wording) -> RowMade:
    if isinstance(made, (RowChain, RowGroup)):
        return replace(made, rows=tuple(without(made.rows, shared, wording)))
    if isinstance(made, RowChoice):
        other = None if made.other is None else _without(made.other, shared, wording)
        return replace(made, then=_without(made.then, shared, wording), other=other)
    if not isinstance(made, MadeLayer) or not made.init:
        return made
    done = shared.get(type_of(made.call.function)[0], ())
    return replace(made, init=tuple(init for init in made.init if _said(init, wording) not in done))


def _said(init: Initialised, wording: Wording) -> Initialising | None:
    """The statement, if it is the same in all turns of a loop."""
    values = [value for _, value in init.kwargs]
    if any(cell.growth for value in values for cell in cells(value)):
        return None
    kwargs = tuple(Keyword(name, wording.expression(value)) for name, value in init.kwargs)
    return Initialising(init.weight, "", init.function, kwargs)


def _layers(rows: Sequence[Row]) -> Iterator[MadeLayer]:
    return (made for row in rows for made in singles(row.made) if isinstance(made, MadeLayer))
