"""From a template and its instances to what the class says: runs become loops, or their members one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from archdsl.emit.formulas import Vector, constant_of
from archdsl.emit.levels import ARGUMENT, Ref, Step
from archdsl.emit.rows import Row, RowChain, RowChoice, RowGroup, RowMade, StepRow, Tensors, filled
from archdsl.emit.structure import Draft, Family
from archdsl.emit.template import (
    Applied,
    Cell,
    Entry,
    Hole,
    Initialised,
    Made,
    MadeChain,
    MadeChoice,
    MadeGroup,
    MadeLayer,
    MadeLevel,
    MadeParameter,
    Pattern,
    Place,
    Run,
    Slot,
)
from archdsl.graph.model import Tensor
from archdsl.records import record

#: Runs of this many members and more are loops where they would be statements of their own.
LOOP = 4


@record
class _Around:
    """Runs around a hole: those written out, with the member, and those that are loops, with their depth."""

    members: tuple[tuple[Run, int], ...] = ()
    loops: tuple[tuple[Run, int], ...] = ()


class Expander:
    """Expands the template that some drafts share."""

    def __init__(self, drafts: Sequence[Draft]) -> None:
        self.drafts = drafts
        self.template = drafts[0].template
        #: the draft whose text is read: one that has most parts, and in which loops have several turns
        self.sample = max(range(len(drafts)), key=lambda i: _says(drafts[i]))
        self.slots: Sequence[Slot] = drafts[self.sample].slots
        self._columns: list[Vector] = list(zip(*(draft.values for draft in drafts), strict=True))
        self._row_of: list[list[int]] = []  # rows of each entry

    def rows(self) -> list[Row]:
        """The children in order."""
        template = self.template
        families: list[Family | None] = [draft.family for draft in self.drafts]
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
                    expression = filled(expression, self._filler(_Around()))
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
                        tuple(
                            self._gives(g, k, output) if count else self._all(g, output)
                            for output in range(step.outputs)
                        ),
                        self._step(g, k),
                        when=None if step.when is None else self._cell(step.when.index, _Around()),
                        instead=None if step.instead is None else moved(step.instead),
                        named=tuple(self._gives(g, k if count else -1, n, True) for n in range(step.outputs))
                        if step.when is not None
                        else (),
                        recomputed=step.recomputed,
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
        family = next(d.family for d in self.drafts if d.family.groups[group].count)
        return family.level.steps[family.groups[group].start + member]

    def _gives(self, group: int, member: int, output: int, alone: bool = False) -> Tensors:
        """What leaves a step in each instance; `alone`: in those that take it."""
        families = [draft.family for draft in self.drafts]
        return tuple(
            _result(f, group, member, output) for f in families if not alone or f.groups[group].count
        )

    def _all(self, group: int, output: int) -> Tensors:
        """What leaves any member of a run, in each instance."""
        return tuple(
            tuple(
                tensor
                for member in range(draft.family.groups[group].count)
                for tensor in _result(draft.family, group, member, output)
            )
            for draft in self.drafts
        )

    # --- runs ----------------------------------------------------------------------------------------------------

    def _entry(
        self,
        entry: Entry,
        e: int,
        families: Sequence[Family | None],
        around: _Around,
        chain: bool,
        inline: bool,
    ) -> Iterator[Row]:
        run = entry.run
        if run is None:
            made = self._made(entry.made, e, 0, families, around)
            when = None if entry.when is None else self._cell(entry.when.index, around)
            yield Row(entry.name, made, None, self._notes(families, e, -1, around) if chain else (), when)
            return
        even = all(constant_of(self._columns[hole.index]) == 0 for hole in run.growth) and not run.courses
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

    def _notes(self, families: Sequence[Family | None], e: int, member: int, around: _Around) -> Tensors:
        return () if around.loops else tuple(_result(family, e, member, 0) for family in families)

    def _made(
        self, made: Made, e: int, member: int, families: Sequence[Family | None], around: _Around
    ) -> RowMade:
        filler = self._filler(around)
        if isinstance(made, MadeGroup):
            parts = enumerate(made.entries, -len(made.entries))  # those of the last round
            return RowGroup(
                tuple(Row(part.name, self._made(part.made, e, at, families, around)) for at, part in parts)
            )
        if isinstance(made, MadeChoice):
            chosen = self._columns[made.when.index]
            those = [f if flag else None for f, flag in zip(families, chosen, strict=True)]
            then = self._made(made.then, e, member, those, around)
            others = [None if flag else f for f, flag in zip(families, chosen, strict=True)]
            other = None if made.other is None else self._made(made.other, e, member, others, around)
            return RowChoice(filler(made.when), then, other)
        if isinstance(made, MadeChain):
            inner = [
                None if f is None or not f.members[e] else d.chains.get(f.members[e][member])
                for d, f in zip(self.drafts, families, strict=True)
            ]
            rows = [
                row
                for i, entry in enumerate(made.entries)
                for row in self._entry(entry, i, inner, around, True, True)
            ]
            return RowChain(tuple(rows), made.numbered)
        if isinstance(made, MadeLevel):
            return MadeLevel(made.number, tuple(map(filler, made.args)), made.checkpointed)
        inits = tuple(
            Initialised(i.weight, i.function, tuple((name, filled(v, filler)) for name, v in i.kwargs))
            for i in made.init
        )
        if isinstance(made, MadeParameter):
            return MadeParameter(filled(made.create, filler), inits)
        call = filled(made.call, filler)
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
        courses = tuple(
            (course, depth) for run, depth in around.loops if (course := run.course(index)) is not None
        )
        return Cell(self._vector(index, around), self.slots[index], growth, courses)

    def _vector(self, index: int, around: _Around) -> Vector:
        vector = self._columns[index]
        for run, member in around.members:
            course = run.course(index)
            if course is not None:
                vector = tuple(course.at(v, member) for v in vector)
            elif member and run.first <= index < run.last:
                steps = self._columns[run.growth[index - run.first].index]
                vector = tuple(
                    v + member * step
                    if isinstance(v, (int, float)) and isinstance(step, (int, float)) and step
                    else v
                    for v, step in zip(vector, steps, strict=True)
                )
        return vector


def _says(draft: Draft) -> tuple[int, int]:
    """How much an instance tells."""
    parts = sum(value is not None for value in draft.values if draft.template.conditional)
    return parts, sum(slot.after is not None for slot in draft.slots)


def _result(family: Family | None, group: int, member: int, output: int) -> tuple[Tensor, ...]:
    if family is None:
        return ()
    found = family.groups[group]
    if not found.count:
        return family.instead.get(group, ())
    at = found.start + (found.count - 1 if member < 0 else member)
    return family.level.steps[at].results[output]
