"""From a level to its template and the numbers in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from archdsl.emit.abstraction import Abstraction, Constructed
from archdsl.emit.levels import ARGUMENT, Level, Ref
from archdsl.emit.runs import Evenness, Group, Repeats, pattern, run_groups
from archdsl.emit.template import (
    Entry,
    Made,
    MadeChain,
    MadeGroup,
    MadeLevel,
    Number,
    Pattern,
    Place,
    Run,
    Slot,
    StepTemplate,
    Template,
)
from archdsl.graph.model import Module, ModuleKind, Tensor
from archdsl.layers.form import Form, ParameterForm
from archdsl.records import record


@record
class Argument:
    """A parameter of a generated class, and where it is from: a parameter of the text, or a tensor that arrives."""

    name: str
    default: Number | None
    text: str
    arriving: int | None


@record
class Instance:
    """A level as an instance of a generated class: the class and the arguments of its constructor."""

    number: int
    parameters: tuple[Argument, ...]
    values: tuple[Number, ...]


@dataclass(eq=False, slots=True)
class Family:
    """How the steps and the children of a level fall into groups. In a chain both are the same."""

    level: Level
    groups: list[Group]
    entries: tuple[Entry, ...]
    members: list[list[Module]]  # of each entry
    instead: dict[int, tuple[Tensor, ...]] = field(
        default_factory=dict
    )  # for groups that are not there: what is


@dataclass(eq=False, slots=True)
class Draft:
    """A level as a template and the numbers of its holes; None where a run of one leaves a growth open."""

    level: Level
    template: Template
    values: list[Number | None]
    slots: list[Slot]
    family: Family
    chains: dict[Module, Family]  # of inner levels that are chains in line


class Drafter:
    """Makes the draft of a level whose inner levels are known as instances, or as chains."""

    def __init__(
        self,
        level: Level,
        levels: dict[Module, Level],
        instances: dict[Module, Instance],
        forms: dict[Module, Form],
        repeats: Repeats,
        constructed: Constructed,
        plain: bool = False,
    ) -> None:
        """`plain`: a chain by name is no nn.Sequential either."""
        self.level = level
        self._plain = plain
        self._courses = True
        self._levels = levels
        self._instances = instances
        self._forms = forms
        self._repeats = repeats
        self._numbers = Abstraction(constructed)
        self._constructed = constructed
        self._chains: dict[Module, Family] = {}

    def draft(self) -> Draft:
        level = self.level
        found = run_groups(level, self._repeats)
        base = self._base()
        numbered = base == "ModuleList" or (base == "Sequential" and _is_numbered(level.module))
        family = self._family(level, found, numbered, base == "Sequential")
        if base == "ModuleList" and len(family.entries) > 1 and _loops(family):
            self._courses = False  # members one by one, which a loop can call
            self._numbers, self._chains = Abstraction(self._constructed), {}
            family = self._family(level, found, numbered, False)
            if _loops(family):
                base, numbered = "Module", False
                self._numbers, self._chains = Abstraction(self._constructed), {}
                family = self._family(level, found, False, False)
        places = {m: Place(entry=e) for e, members in enumerate(family.members) for m in members}
        at = [g for g, group in enumerate(family.groups) for _ in range(group.count)]
        given = {module: Place(given=i) for i, module in enumerate(level.foreign)}

        def ref(place: Ref) -> Ref:
            return place if place[0] == ARGUMENT else (at[place[0]], place[1])

        steps = []
        for group in family.groups if base != "Sequential" else ():
            step = level.steps[group.start]
            module = step.module
            passed = [] if step.level is None else step.level.foreign
            steps.append(
                StepTemplate(
                    place=None if module is None else places.get(module) or given[module],
                    expression=self._numbers.function(step),
                    inputs=tuple(map(ref, step.inputs)),
                    outputs=len(step.results),
                    passed=tuple(places.get(m) or given[m] for m in passed),
                    training=step.training,
                    run=group.carried is not None,
                    listed=step.listed,
                    carried=group.carried or (),
                    recomputed=step.recomputed,
                )
            )
        outputs = tuple(zip(map(ref, level.outputs), level.training, strict=True))
        template = Template(
            base, numbered, family.entries, tuple(steps), len(level.arguments), len(level.foreign), outputs
        )
        return Draft(level, template, self._numbers.values, self._numbers.slots, family, self._chains)

    def _base(self) -> str:
        """What the class extends. A list is so only if it is one run, or each of its children by itself."""
        module = self.level.module
        if self.level.chain and not (self._plain and not _is_numbered(module)):
            return "Sequential"
        listed = (
            module.kind is not ModuleKind.NETWORK
            and len(module.children) > 0
            and _is_numbered(module)
            and not any(isinstance(self._forms.get(child), ParameterForm) for child in module.children)
        )
        return "ModuleList" if listed else "Module"

    # --- children ------------------------------------------------------------------------------------------------

    def _family(self, level: Level, found: Sequence[Group], numbered: bool, cycles: bool) -> Family:
        """Group the steps of a level and its children. `cycles`: several may repeat together."""
        runs: dict[Module, Group] = {}
        for group in found:
            module = level.steps[group.start].module
            if group.carried is not None and module is not None:
                runs[module] = group
        entries: list[Entry] = []
        grouped: list[list[Module]] = []
        pieces: dict[int, list[Group]] = {}  # of the steps from one on, where they differ from what was found
        children = level.module.children
        at = 0
        while at < len(children):
            run = runs.get(children[at])
            period = 1 if run is not None else self._repeats.period(children, at) if cycles else 0
            if not period:
                entries.append(Entry("" if numbered else children[at].name, self._made(children[at])))
                grouped.append([children[at]])
                at += 1
                continue
            rounds = run.count if run is not None else self._repeats.count(children, at, period)
            members = children[at : at + rounds * period]
            start = run.start if run is not None else at
            parts = pieces[start] = []
            for entry, first, count in self._rounds(members, period, numbered):
                is_run = run is not None and entry.run is not None
                entries.append(entry)
                grouped.append(members[first : first + count])
                parts.append(Group(start + first, count, run.carried if run is not None and is_run else None))
            at += len(members)
        return Family(level, _regrouped(found, pieces), tuple(entries), grouped)

    def _rounds(
        self, members: Sequence[Module], period: int, numbered: bool
    ) -> Iterator[tuple[Entry, int, int]]:
        """Entries for the rounds of a loop, each with its first member and their number.

        As many rounds as grow evenly are one entry; a round that differs from the others stands by itself.
        """
        at = 0
        while at < len(members):
            entry, rounds = self._run(members, at, period, numbered)
            if entry is not None:
                yield entry, at, rounds * period
                at += rounds * period
                continue
            for member in members[at : at + period]:
                yield Entry("" if numbered else member.name, self._made(member)), at, 1
                at += 1

    def _run(
        self, members: Sequence[Module], at: int, period: int, numbered: bool
    ) -> tuple[Entry | None, int]:
        """The entry of the rounds from `at` on that grow evenly, and how many they are."""
        numbers = self._numbers
        first = len(numbers.values)
        names = [pattern(member.name) for member in members[at : at + period]]
        if not numbered and None in names:
            return None, 1
        made: list[Made] = []
        slots: list[Slot] = []
        second: list[Slot] = []
        even = Evenness(self._courses)
        for turn, start in enumerate(range(at, len(members), period)):
            round_ = members[start : start + period]
            counts = numbered or all(
                name is not None and name.name(turn) == member.name
                for name, member in zip(names, round_, strict=True)
            )
            again = [self._made(member) for member in round_]
            row = numbers.values[first:]
            if turn == 1:
                second = numbers.slots[first:]
            if not made:
                made, slots = again, numbers.slots[first:]
            numbers.forget(first)
            if not counts or again != made or not even.add(row):
                break
        growth = even.growth
        courses = even.courses
        ways = courses or (None,) * len(growth)
        uneven = [bool(step or way) for step, way in zip(growth, ways, strict=True)]
        nested = any(step and slot.of_run for step, slot in zip(uneven, slots, strict=True))
        if (
            (even.rows == 1 and len(members) > period)
            or (even.rows == 2 < len(members) // period and any(uneven))
            or nested
        ):
            return None, 1  # the first one differs
        numbers.values += even.first
        numbers.slots += (
            [replace(s, after=n) for s, n in zip(slots, second, strict=True)] if second else slots
        )
        last = len(numbers.values)
        count = numbers.hole(even.rows, Slot("depth", "", of_run=True, item=members[at]))
        growing = tuple(
            numbers.hole(step, _growth(slot, second[i] if i < len(second) else slot))
            for i, (step, slot) in enumerate(zip(growth, slots, strict=True))
        )
        run = Run(first, last, count, growing, courses)
        named: list[str | Pattern] = ["" if numbered else name or "" for name in names]
        if period == 1:
            return Entry(named[0], made[0], run), even.rows
        return Entry("", MadeGroup(tuple(map(Entry, named, made))), run), even.rows

    def _made(self, module: Module) -> Made:
        instance = self._instances.get(module)
        if instance is not None:
            holes = tuple(
                self._numbers.hole(value, replace(self._slot(module, argument), flag=isinstance(value, bool)))
                for argument, value in zip(instance.parameters, instance.values, strict=True)
            )
            return MadeLevel(instance.number, holes, module.checkpointed)
        inner = self._levels.get(module)
        if inner is not None:
            numbered = _is_numbered(module)
            family = self._family(inner, run_groups(inner, self._repeats), numbered, numbered)
            self._chains[module] = family
            return MadeChain(family.entries, numbered)
        return self._numbers.layer(self._forms[module], module.name, module.layer, module)

    def _slot(self, module: Module, argument: Argument) -> Slot:
        at = argument.arriving
        tensor = None if at is None else self._levels[module].arguments[at][0]
        return Slot(
            argument.name, module.name, argument.default, item=module, parameter=argument.text, tensor=tensor
        )


def _growth(slot: Slot, after: Slot) -> Slot:
    """The slot of what a number grows by, from one member to the next."""
    return replace(after, name=f"{slot.name}_step", default=None, of_run=True, before=slot)


def _loops(family: Family) -> bool:
    """Whether some of the children, more than one, are made and called in a loop."""
    return any(
        entry.run is not None and len(members) > 1
        for entry, members in zip(family.entries, family.members, strict=True)
    )


def _is_numbered(module: Module) -> bool:
    return [child.name for child in module.children] == [str(i) for i in range(len(module.children))]


def _regrouped(found: Sequence[Group], pieces: dict[int, list[Group]]) -> list[Group]:
    """The groups, with those from some steps on replaced."""
    groups: list[Group] = []
    end = 0
    for group in found:
        if group.start in pieces:
            groups += pieces[group.start]
            end = groups[-1].start + groups[-1].count
        elif group.start >= end:
            groups.append(group)
    return groups
