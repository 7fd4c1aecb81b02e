"""What a class says of its children and calls: cells where instances have numbers, loops where they have runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from archdsl.emit.levels import Ref, Step
from archdsl.emit.template import (
    Applied,
    Cell,
    Chosen,
    Expression,
    Hole,
    Joined,
    Listed,
    MadeLayer,
    MadeLevel,
    MadeParameter,
    Paired,
    Pattern,
)
from archdsl.graph.model import Tensor
from archdsl.records import record

#: For each instance, the tensor in each call.
Tensors = tuple[tuple[Tensor, ...], ...]


@record
class Row:
    """A child to construct, or a loop over children; `gives` is what leaves the last of them.

    `when`: only some instances have it.
    """

    name: str | Pattern
    made: RowMade
    count: Cell | None = None
    gives: Tensors = ()
    when: Cell | None = None


@record
class RowChain:
    """An `nn.Sequential`."""

    rows: tuple[Row, ...]
    numbered: bool


@record
class RowGroup:
    """One round of a loop."""

    rows: tuple[Row, ...]


@record
class RowChoice:
    """One of two children of a name; without the other one, `nn.Identity`."""

    when: Cell
    then: RowMade
    other: RowMade | None


RowMade = MadeLayer | MadeParameter | MadeLevel | RowChain | RowGroup | RowChoice


@record(eq=False)
class Turn:
    """A loop over the places of a list, several calls a round: the tensor that a round takes from the one before, and
    at first `entry`; its last call; the first child that it calls, by how many children the next round is on, and the
    number of rounds.
    """

    entry: Ref
    last: int
    first: int
    width: int
    count: int


@record
class StepRow:
    """A call in forward, or a loop over calls. `row` is the child that is called, `given` a module passed in."""

    row: int
    given: int
    expression: Expression | None
    inputs: tuple[Ref, ...]
    outputs: int
    passed: tuple[tuple[int, int], ...]  # modules handed on: (row, given)
    training: bool
    loop: bool
    listed: bool
    carried: tuple[int | None, ...]
    gives: tuple[Tensors, ...]
    step: Step  # of the first instance that has it
    members: int = 0  # of a loop over single children of a list: how many, from `row` on
    when: Cell | None = None  # only some instances take the step
    instead: Ref | None = None  # what the others have
    named: tuple[Tensors, ...] = ()  # if so, what leaves in those that do
    turn: Turn | None = None  # it is one of the calls of a loop
    recomputed: bool = False  # for the backward pass of the step that reads it


def filled(expression: Expression, filler: Callable[[Hole | Cell], Cell]) -> Expression:
    """The expression with cells for holes."""
    if isinstance(expression, (Hole, Cell)):
        return filler(expression)
    if isinstance(expression, Applied):
        return Applied(
            expression.function,
            tuple(filled(arg, filler) for arg in expression.args),
            tuple((name, filled(value, filler)) for name, value in expression.kwargs),
            None if expression.target is None else filled(expression.target, filler),
        )
    if isinstance(expression, Joined):
        return Joined(expression.op, tuple(filled(part, filler) for part in expression.operands))
    if isinstance(expression, Listed):
        return Listed(tuple(filled(item, filler) for item in expression.items), expression.pair)
    if isinstance(expression, Paired):
        return Paired(filled(expression.key, filler), filled(expression.value, filler))
    if isinstance(expression, Chosen):
        return Chosen(
            filler(expression.when), filled(expression.then, filler), filled(expression.other, filler)
        )
    return expression


def singles(made: RowMade) -> Iterator[MadeLayer | MadeParameter | MadeLevel]:
    """All single things that are made."""
    if isinstance(made, (RowChain, RowGroup)):
        for row in made.rows:
            yield from singles(row.made)
    elif isinstance(made, RowChoice):
        yield from singles(made.then)
        if made.other is not None:
            yield from singles(made.other)
    else:
        yield made


def cells(
    part: Row | RowMade | Expression,
) -> Iterator[Cell]:
    """All cells in the order of the text."""
    if isinstance(part, Cell):
        yield part
    elif isinstance(part, Row):
        if part.when is not None:
            yield part.when
        if part.count is not None:
            yield part.count
        yield from cells(part.made)
    elif isinstance(part, (RowChoice, Chosen)):
        yield from cells(part.when)
        yield from cells(part.then)
        if part.other is not None:
            yield from cells(part.other)
    elif isinstance(part, (RowChain, RowGroup)):
        for row in part.rows:
            yield from cells(row)
    elif isinstance(part, MadeLevel):
        for arg in part.args:
            yield from cells(arg)
    elif isinstance(part, (MadeLayer, MadeParameter)):
        yield from cells(part.call if isinstance(part, MadeLayer) else part.create)
        for init in part.init:
            for _, value in init.kwargs:
                yield from cells(value)
    elif isinstance(part, Applied):
        for value in ([part.target] if part.target else []) + [*part.args, *(v for _, v in part.kwargs)]:
            yield from cells(value)
    elif isinstance(part, (Joined, Listed)):
        for inner in part.operands if isinstance(part, Joined) else part.items:
            yield from cells(inner)
    elif isinstance(part, Paired):
        yield from cells(part.key)
        yield from cells(part.value)
