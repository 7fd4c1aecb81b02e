"""From a template and its instances to what the class says: runs become loops, or their members one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from archdsl.emit.formulas import Vector, constant_of
from archdsl.emit.levels import ARGUMENT, Ref, Step
from archdsl.emit.structure import Draft, Family
from archdsl.emit.template import (
    Applied,
    Cell,
    Entry,
    Expression,
    Hole,
    Initialised,
    Joined,
    Listed,
    Made,
    MadeChain,
    MadeGroup,
    MadeLayer,
    MadeLevel,
    MadeParameter,
    Paired,
    Pattern,
    Place,
    Run,
    Slot,
)
from archdsl.graph.model import Tensor

#: Runs of this many members and more are loops where they would be statements of their own.
LOOP = 4

#: For each instance, the tensor in each call.
Tensors = tuple[tuple[Tensor, ...], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A child to construct, or a loop over children; `gives` is what leaves the last of them."""

    name: str | Pattern
    made: RowMade
    count: Cell | None = None
    gives: Tensors = ()


@dataclass(frozen=True, slots=True)
class RowChain:
    """An `nn.Sequential`."""

    rows: tuple[Row, ...]
    numbered: bool


@dataclass(frozen=True, slots=True)
class RowGroup:
    """One round of a loop."""

    rows: tuple[Row, ...]


RowMade = MadeLayer | MadeParameter | MadeLevel | RowChain | RowGroup


@dataclass(frozen=True, slots=True)
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
    step: Step  # of the first instance
    members: int = 0  # of a loop over single children of a list: how many, from `row` on


@dataclass(frozen=True, slots=True)
class _Around:
    """Runs around a hole: those written out, with the member, and those that are loops, with their depth."""

    members: tuple[tuple[Run, int], ...] = ()
    loops: tuple[tuple[Run, int], ...] = ()


class Expander:
    """Expands the template that some drafts share."""

    def __init__(self, drafts: Sequence[Draft]) -> None:
        self.drafts = drafts
        self.template = drafts[0].template
        #: the draft whose text is read: one in which loops have several turns
        self.sample = max(range(len(drafts)), key=lambda i: sum(s.after is not None for s in drafts[i].slots))
        self.slots: Sequence[Slot] = drafts[self.sample].slots
        self._columns: list[Vector] = list(zip(*(draft.values for draft in drafts), strict=True))
        self._row_of: list[list[int]] = []  # rows of each entry

    def rows(self) -> list[Row]:
        """The children in order."""
        template = self.template
        families = [draft.family for draft in self.drafts]
        chain = template.base == "Sequential"
        rows: list[Row] = []
        for e, entry in enumerate(template.entries):
            new = list(self._entry(entry, e, families, _Around(), chain, chain and template.numbered))
            self._row_of.append(list(range(len(rows), len(rows) + len(new))))
            rows += new
        return rows

    def steps(self) -> tuple[list[StepRow], list[Ref]]:
        """The calls in order, and what leaves. Only after `rows`."""
        found: list[StepRow] = []
        last: list[int] = []  # the expanded step that ends each one of the template

        def moved(ref: Ref) -> Ref:
            return ref if ref[0] == ARGUMENT else (last[ref[0]], ref[1])

        def place(at: Place, member: int = 0) -> tuple[int, int]:
            return (-1 if at.given >= 0 else self._row_of[at.entry][member]), at.given

        for g, step in enumerate(self.template.steps):
            inputs = tuple(map(moved, step.inputs))
            entry = self.template.entries[step.place.entry] if step.run and step.place is not None else None
            run = None if entry is None else entry.run
            count = 1 if run is None else self._count(run, LOOP)
            for k in range(count or 1):
                row, given = (-1, -1) if step.place is None else place(step.place, k)
                if k:
                    inputs = tuple(
                        ref if carried is None else (len(found) - 1, carried)
                        for ref, carried in zip(inputs, step.carried, strict=True)
                    )
                expression = step.expression
                if expression is not None:
                    expression = _filled(expression, self._filler(_Around()))
                found.append(
                    StepRow(
                        row,
                        given,
                        expression,
                        inputs,
                        step.outputs,
                        tuple(map(place, step.passed)),
                        step.training,
                        count is None,
                        step.listed,
                        step.carried,
                        tuple(self._gives(g, k if count else -1, output) for output in range(step.outputs)),
                        self._step(g, k),
                    )
                )
            last.append(len(found) - 1)
        leaving = self.template.outputs if self.template.base != "Sequential" else ()
        return found, [moved(ref) for ref, _ in leaving]

    def tensors(self, ref: Ref) -> Tensors:
        """What a place of the template holds: for each instance, in each call."""
        if ref[0] == ARGUMENT:
            return tuple(draft.level.arguments[ref[1]] for draft in self.drafts)
        return self._gives(ref[0], -1, ref[1])

    def _step(self, group: int, member: int) -> Step:
        family = self.drafts[0].family
        return family.level.steps[family.groups[group].start + member]

    def _gives(self, group: int, member: int, output: int) -> Tensors:
        return tuple(_result(draft.family, group, member, output) for draft in self.drafts)

    # --- runs ----------------------------------------------------------------------------------------------------

    def _entry(
        self,
        entry: Entry,
        e: int,
        families: Sequence[Family],
        around: _Around,
        chain: bool,
        inline: bool,
    ) -> Iterator[Row]:
        run = entry.run
        if run is None:
            made = self._made(entry.made, e, 0, families, around)
            yield Row(entry.name, made, None, self._notes(families, e, -1, around) if chain else ())
            return
        even = all(constant_of(self._columns[hole.index]) == 0 for hole in run.growth)
        short = inline and not isinstance(entry.made, MadeGroup)
        count = self._count(run, (2 if even else 3) if short else LOOP)
        if count is None:
            inner = _Around(around.members, (*around.loops, (run, len(around.loops))))
            made = self._made(entry.made, e, -1, families, inner)
            cell = self._cell(run.count.index, around)
            yield Row(entry.name, made, cell, self._notes(families, e, -1, around) if chain else ())
            return
        parts = entry.made.entries if isinstance(entry.made, MadeGroup) else (entry,)
        for k in range(count):
            inner = _Around((*around.members, (run, k)), around.loops)
            for j, part in enumerate(parts):
                member = k * len(parts) + j
                name = part.name.name(k) if isinstance(part.name, Pattern) else part.name
                made = self._made(part.made, e, member, families, inner)
                yield Row(name, made, None, self._notes(families, e, member, around) if chain else ())

    def _count(self, run: Run, loop: int) -> int | None:
        """How many members are written out; None for a loop."""
        count = constant_of(self._columns[run.count.index])
        return count if isinstance(count, int) and count < loop else None

    def _notes(self, families: Sequence[Family], e: int, member: int, around: _Around) -> Tensors:
        return () if around.loops else tuple(_result(family, e, member, 0) for family in families)

    def _made(self, made: Made, e: int, member: int, families: Sequence[Family], around: _Around) -> RowMade:
        filler = self._filler(around)
        if isinstance(made, MadeGroup):
            parts = enumerate(made.entries, -len(made.entries))  # those of the last round
            return RowGroup(
                tuple(Row(part.name, self._made(part.made, e, at, families, around)) for at, part in parts)
            )
        if isinstance(made, MadeChain):
            inner = [d.chains[f.members[e][member]] for d, f in zip(self.drafts, families, strict=True)]
            rows = [
                row
                for i, entry in enumerate(made.entries)
                for row in self._entry(entry, i, inner, around, True, True)
            ]
            return RowChain(tuple(rows), made.numbered)
        if isinstance(made, MadeLevel):
            return MadeLevel(made.number, tuple(map(filler, made.args)))
        inits = tuple(
            Initialised(i.weight, i.function, tuple((name, _filled(v, filler)) for name, v in i.kwargs))
            for i in made.init
        )
        if isinstance(made, MadeParameter):
            return MadeParameter(_filled(made.create, filler), inits)
        call = _filled(made.call, filler)
        assert isinstance(call, Applied)
        return MadeLayer(call, inits)

    def _filler(self, around: _Around) -> Callable[[Hole | Cell], Cell]:
        return lambda hole: hole if isinstance(hole, Cell) else self._cell(hole.index, around)

    def _cell(self, index: int, around: _Around) -> Cell:
        growth = tuple(
            (self._vector(at, around), depth, self.slots[at])
            for run, depth in around.loops
            if run.first <= index < run.last
            for at in (run.growth[index - run.first].index,)
        )
        return Cell(self._vector(index, around), self.slots[index], growth)

    def _vector(self, index: int, around: _Around) -> Vector:
        vector = self._columns[index]
        for run, member in around.members:
            if member and run.first <= index < run.last:
                steps = self._columns[run.growth[index - run.first].index]
                vector = tuple(
                    v + member * step
                    if isinstance(v, (int, float)) and isinstance(step, (int, float)) and step
                    else v
                    for v, step in zip(vector, steps, strict=True)
                )
        return vector


def _result(family: Family, group: int, member: int, output: int) -> tuple[Tensor, ...]:
    found = family.groups[group]
    at = found.start + (found.count - 1 if member < 0 else member)
    return family.level.steps[at].results[output]


def _filled(expression: Expression, filler: Callable[[Hole | Cell], Cell]) -> Expression:
    """The expression with cells for holes."""
    if isinstance(expression, (Hole, Cell)):
        return filler(expression)
    if isinstance(expression, Applied):
        return Applied(
            expression.function,
            tuple(_filled(arg, filler) for arg in expression.args),
            tuple((name, _filled(value, filler)) for name, value in expression.kwargs),
            None if expression.target is None else _filled(expression.target, filler),
        )
    if isinstance(expression, Joined):
        return Joined(expression.op, tuple(_filled(part, filler) for part in expression.operands))
    if isinstance(expression, Listed):
        return Listed(tuple(_filled(item, filler) for item in expression.items), expression.pair)
    if isinstance(expression, Paired):
        return Paired(_filled(expression.key, filler), _filled(expression.value, filler))
    return expression


def cells(
    part: Row | RowChain | RowGroup | Expression | MadeLayer | MadeParameter | MadeLevel,
) -> Iterator[Cell]:
    """All cells in the order of the text."""
    if isinstance(part, Cell):
        yield part
    elif isinstance(part, Row):
        if part.count is not None:
            yield part.count
        yield from cells(part.made)
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
