"""Instances of one block that differ in structure: one class with conditions, where that reads better than several.

The rule: children are the same by name, in one order. A child, or an expression of a few calls, may be missing where
something that is there already goes on instead; one child may stand in another's place; a flag of PyTorch may differ,
and so may a function of the same tensors. What sets two apart is no more than what they share, and a class has few
conditions. All else stays a class of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import replace

from archdsl.emit.held import hold
from archdsl.emit.levels import ARGUMENT, Ref
from archdsl.emit.matching import by_place, check, factor, function, hands_on, paired, shape, title, wiring
from archdsl.emit.runs import Group
from archdsl.emit.structure import Draft, Family
from archdsl.emit.template import (
    Chosen,
    Entry,
    Expression,
    Hole,
    Made,
    MadeChoice,
    MadeGroup,
    MadeLayer,
    MadeLevel,
    MadeParameter,
    Place,
    StepTemplate,
    Template,
)
from archdsl.emit.unify import Apart, Unifier, aligned
from archdsl.graph.model import Module, Tensor

#: Conditions in one class.
FEW = 3
#: Larger classes are not looked at, nor are more than so many for one block.
LARGEST, MOST = 120, 6

MISSING = Group(-1, 0)


def merged(groups: Sequence[list[Draft]]) -> list[list[Draft]]:
    """The drafts of one block, those of each template together, with fewer templates."""
    found: list[list[Draft]] = []
    for drafts in groups:
        if len(found) > MOST:
            found.append(drafts)
            continue
        for i, others in enumerate(found):
            both = _merged(others, drafts)
            if both is not None:
                found[i] = both
                break
        else:
            found.append(drafts)
    return found


def _merged(one: list[Draft], two: list[Draft]) -> list[Draft] | None:
    try:
        return _Merge(one, two).drafts()
    except Apart:
        return None


class _Merge:
    """One template for two. Places and steps of the first and of the second have numbers of their own till then."""

    def __init__(self, one: list[Draft], two: list[Draft]) -> None:
        self._drafts = one, two
        self._templates = a, b = one[0].template, two[0].template
        same = (a.base, a.numbered, a.arguments, a.given) == (b.base, b.numbered, b.arguments, b.given)
        if not same or [t for _, t in a.outputs] != [t for _, t in b.outputs]:
            raise Apart
        if max(len(a.entries) + len(a.steps), len(b.entries) + len(b.steps)) > LARGEST:
            raise Apart
        self._unifier = Unifier(one[0].slots, two[0].slots)
        self._entries: list[Entry] = []
        self._modules: list[Module] = []  # of each entry, one
        self._of_entry: tuple[dict[int, int], dict[int, int]] = {}, {}
        self._steps: list[StepTemplate] = []
        self._of_step: tuple[dict[int, int], dict[int, int]] = {}, {}
        self._instead: dict[Ref, Ref] = {}  # what those have that do not take a step
        self._sites = 0  # where the two differ
        self._names = "", ""  # of the flags of what only one has

    def drafts(self) -> list[Draft]:
        """All drafts with the template of both."""
        a, b = self._templates
        self._match_entries()
        self._match_steps()
        outputs = a.outputs
        if a.base != "Sequential":
            pairs = zip(a.outputs, b.outputs, strict=True)
            outputs = tuple(
                (self._one_of(self._moved(0, x), self._moved(1, y)), t) for (x, t), (y, _) in pairs
            )
        self._set_conditions()
        if self._sites > len(self._entries) + len(self._steps) - self._sites:
            raise Apart
        template = Template(
            a.base, a.numbered, tuple(self._entries), tuple(self._steps), a.arguments, a.given, outputs, True
        )
        drafts = [self._draft(side, draft, template) for side in (0, 1) for draft in self._drafts[side]]
        if a.base != "Sequential":
            check(template, (draft.values for draft in drafts))
        flags = [i for i, slot in enumerate(self._unifier.slots) if slot.flag]
        vectors = {tuple(draft.values[i] is not drafts[0].values[i] for draft in drafts) for i in flags}
        if len(vectors) > FEW:
            raise Apart
        return drafts

    # --- children ------------------------------------------------------------------------------------------------

    def _match_entries(self) -> None:
        one, two = (template.entries for template in self._templates)
        if self._templates[0].numbered:
            pairs = by_place(one, two, self._templates[0].base == "Sequential")
        else:
            pairs = aligned([entry.name for entry in one], [entry.name for entry in two])
        for i, j in pairs:
            entry: Entry
            if i is not None and j is not None:
                entry = self._entry(one[i], two[j], self._module(1, j))
            elif i is not None:
                entry = one[i]
            else:
                assert j is not None
                entry = self._unifier.taken(two[j])
            for side, at in enumerate((i, j)):
                if at is not None:
                    self._of_entry[side][at] = len(self._entries)
            self._modules.append(self._module(0, i) if i is not None else self._module(1, j or 0))
            self._entries.append(entry)
        if not self._templates[0].numbered and len({entry.name for entry in self._entries}) < len(pairs):
            raise Apart

    def _module(self, side: int, entry: int) -> Module:
        """A child as one of the instances has it."""
        return next(d.family.members[entry][0] for d in self._drafts[side] if d.family.members[entry])

    def _entry(self, one: Entry, two: Entry, second: Module) -> Entry:
        if one.when is not None:
            self._unifier.say(one.when, True)
        if (one.run is None) != (two.run is None):
            raise Apart
        if one.run is not None:
            entry: Entry = self._unifier.both(replace(one, when=None), two)
            return replace(entry, when=one.when)
        return replace(one, made=self._made(one.made, two.made, second))

    def _made(self, one: Made, two: Made, second: Module) -> Made:
        unifier = self._unifier
        if isinstance(one, MadeChoice):
            then = unifier.attempt(one.then, two)
            if then is not None:
                unifier.say(one.when, True)
                return replace(one, then=then)
            if one.other is None:
                raise Apart
            unifier.say(one.when, False)
            return replace(one, other=unifier.both(one.other, two))
        both = unifier.attempt(one, two)
        if both is not None:
            return both  # type: ignore[no-any-return]
        if any(isinstance(made, (MadeParameter, MadeGroup)) for made in (one, two)):
            raise Apart
        if isinstance(one, MadeLevel) and isinstance(two, MadeLevel):
            raise Apart  # two classes of one block, or two blocks
        if (
            isinstance(one, MadeLayer)
            and isinstance(two, MadeLayer)
            and one.call.function == two.call.function
        ):
            raise Apart  # what differs is how it starts, or a word
        self._sites += 1
        return MadeChoice(unifier.flag(title(second), "", False, True), unifier.taken(two), one)

    # --- calls ---------------------------------------------------------------------------------------------------

    def _match_steps(self) -> None:
        one, two = (template.steps for template in self._templates)
        at_work = [[i for i, step in enumerate(steps) if not hands_on(step)] for steps in (one, two)]
        keys = [
            [self._key(side, template.steps[i]) for i in at_work[side]]
            for side, template in enumerate(self._templates)
        ]
        pairs = [
            (None if i is None else at_work[0][i], None if j is None else at_work[1][j])
            for i, j in aligned(*keys)
        ]
        for i, j in paired(pairs, one, two):
            at = len(self._steps)
            inputs: tuple[Ref, ...] = ()
            if i is not None:
                self._of_step[0][i] = at
                inputs = tuple(self._moved(0, ref) for ref in one[i].inputs)
            if j is not None:
                self._of_step[1][j] = at
                others = tuple(self._moved(1, ref) for ref in two[j].inputs)
                if i is not None and len(inputs) == len(others):
                    others = tuple(map(self._one_of, inputs, others))
                elif i is not None:
                    raise Apart
                inputs = others
            if i is not None:
                step = one[i] if j is None else self._step(one[i], two[j])
                place = self._placed(0, one[i].place)
                passed = tuple(self._placed(0, p) or p for p in one[i].passed)
            else:
                assert j is not None
                step = replace(two[j], expression=self._unifier.taken(two[j].expression))
                place = self._placed(1, two[j].place)
                passed = tuple(self._placed(1, p) or p for p in two[j].passed)
            if step.instead is not None:
                self._instead[at, 0] = self._moved(0, step.instead)
            elif j is None and step.when is None and place is not None and place.entry >= 0:
                made = self._entries[place.entry].made
                if isinstance(made, MadeChoice) and made.other is None:
                    self._instead[at, 0] = inputs[0]
            self._steps.append(replace(step, place=place, passed=passed, inputs=inputs))

    def _key(self, side: int, step: StepTemplate) -> Hashable:
        """Steps that could be one have equal keys."""
        if step.place is not None and step.expression is None:
            at = step.place.entry
            return ("entry", self._of_entry[side][at]) if at >= 0 else ("given", step.place.given)
        return "function", shape(step.expression), len(step.inputs), step.outputs

    def _step(self, one: StepTemplate, two: StepTemplate) -> StepTemplate:
        if wiring(one) != wiring(two):
            raise Apart
        if self._placed(0, one.place) != self._placed(1, two.place):
            raise Apart
        if one.when is not None:
            self._unifier.say(one.when, True)
        return replace(one, expression=self._expression(one.expression, two.expression))

    def _expression(self, one: Expression | None, two: Expression | None) -> Expression | None:
        unifier = self._unifier
        if isinstance(one, Chosen):
            then = unifier.attempt(one.then, two)
            unifier.say(one.when, then is not None) if isinstance(one.when, Hole) else None
            return replace(one, then=then) if then else replace(one, other=unifier.both(one.other, two))
        if one is None or two is None:
            if one is not two:
                raise Apart
            return None
        both: Expression | None = unifier.attempt(one, two)
        if both is not None:
            return both
        self._sites += 1
        return Chosen(unifier.flag(function(two), "", False, True), unifier.taken(two), one)

    def _placed(self, side: int, place: Place | None) -> Place | None:
        if place is None or place.entry < 0:
            return place
        return Place(entry=self._of_entry[side][place.entry])

    def _moved(self, side: int, ref: Ref) -> Ref:
        steps = self._templates[side].steps
        while ref[0] != ARGUMENT and hands_on(steps[ref[0]]):
            ref = steps[ref[0]].inputs[0]
        return ref if ref[0] == ARGUMENT else (self._of_step[side][ref[0]], ref[1])

    def _one_of(self, one: Ref, two: Ref) -> Ref:
        """What is the one in instances of the first, and the other in those of the second."""
        if one == two:
            return one
        for ref, other, side in ((one, two, 0), (two, one, 1)):
            if ref[0] == ARGUMENT or ref[0] in self._of_step[1 - side].values():
                continue
            before = self._instead.get(ref)
            while before in self._instead and before[0] not in self._of_step[1 - side].values():
                before = self._instead[before]
            if before == other:
                return ref
            if before is None and other[0] < ref[0]:
                self._instead[ref] = other
                return ref
        raise Apart

    # --- conditions ----------------------------------------------------------------------------------------------

    def _set_conditions(self) -> None:
        """Flags for what only one of the two has."""
        a = self._templates[0]
        calls = Counter(step.place.entry for step in self._steps if step.place is not None)
        for side in (0, 1):
            mine = set(self._of_step[side].values()) - set(self._of_step[1 - side].values())
            entries = set(self._of_entry[side].values()) - set(self._of_entry[1 - side].values())
            name = self._name(sorted(mine), sorted(entries))
            for at in sorted(mine):
                self._optional_step(at, side, name, calls, entries)
            for e in sorted(entries):
                entry = self._entries[e]
                identity = isinstance(entry.made, MadeChoice) and entry.made.other is None
                if entry.when is not None or identity:
                    when = entry.when if isinstance(entry.when, Hole) else entry.made.when  # type: ignore[union-attr]
                    if self._new(when):
                        continue
                    self._unifier.say(when, False)
                elif a.numbered and entry.run is not None:
                    self._sites += 1
                    self._unifier.fill(entry.run.count, 0)
                elif a.numbered or entry.run is not None or isinstance(entry.made, MadeGroup):
                    raise Apart
                else:
                    self._sites += 1
                    self._entries[e] = replace(entry, when=self._flag(side, name))

    def _new(self, when: Hole) -> bool:
        return when.index >= len(self._drafts[0][0].slots)

    def _flag(self, side: int, name: str) -> Hole:
        return self._unifier.flag(name, "", side == 0, side == 1)

    def _optional_step(self, at: int, side: int, name: str, calls: Counter[int], entries: set[int]) -> None:
        step = self._steps[at]
        instead = self._instead.get((at, 0))
        if step.when is not None:
            self._unifier.say(step.when, False)
            return
        e = step.place.entry if step.place is not None else -1
        made = self._entries[e].made if e >= 0 else None
        if isinstance(made, MadeChoice) and made.other is None and not self._new(made.when):
            return  # its entry is told
        if step.training or step.run or step.outputs != 1 or step.passed or step.listed:
            raise Apart
        times = factor(step.expression)
        if times is not None and len(step.inputs) == 1 and instead == step.inputs[0]:
            self._unifier.fill(times, 1.0)
            return
        self._sites += 1
        plain = step.expression is None and e in entries and calls[e] == 1 and len(step.inputs) == 1
        if plain and made is not None and not isinstance(made, (MadeChoice, MadeParameter)):
            self._entries[e] = replace(self._entries[e], made=MadeChoice(self._flag(side, name), made, None))
            if instead == step.inputs[0]:
                return
        self._steps[at] = replace(step, when=self._flag(side, name), instead=instead)

    def _name(self, steps: Sequence[int], entries: Sequence[int]) -> str:
        """What a flag is called: for the label of a child, or for what is done."""
        modules = [self._modules[e] for e in entries]
        if modules:
            return title(min(modules, key=lambda module: (not module.label, module.definition is None)))
        expressions = [self._steps[at].expression for at in steps]
        return next((function(e) for e in expressions if e is not None), "flag")

    # --- the result ----------------------------------------------------------------------------------------------

    def _draft(self, side: int, draft: Draft, template: Template) -> Draft:
        unifier = self._unifier
        values = unifier.two(draft.values) if side else unifier.one(draft.values)
        entries = {at: i for i, at in self._of_entry[side].items()}
        old = draft.family
        members = [old.members[entries[e]] if e in entries else [] for e in range(len(template.entries))]
        steps = {at: i for i, at in self._of_step[side].items()}
        if template.base == "Sequential":
            groups = [old.groups[entries[e]] if e in entries else MISSING for e in range(len(members))]
        else:
            groups = [old.groups[steps[s]] if s in steps else MISSING for s in range(len(template.steps))]
        family = Family(old.level, groups, template.entries, members)
        _stand_in(family, template)
        slots = unifier.slots_of(side == 1, draft.slots)
        made = Draft(draft.level, template, values, slots, family, draft.chains)
        if template.base != "Sequential":
            hold(draft, made, steps)
        return made


def _stand_in(family: Family, template: Template) -> None:
    """What instances have that do not take a step."""
    level = family.level
    before = level.arguments[0] if level.arguments else ()

    def tensors(ref: Ref) -> tuple[Tensor, ...]:
        if ref[0] == ARGUMENT:
            return level.arguments[ref[1]]
        group = family.groups[ref[0]]
        if group.count:
            return level.steps[group.start + group.count - 1].results[ref[1]]
        return family.instead.get(ref[0], ())

    for g, group in enumerate(family.groups):
        if template.base == "Sequential":
            before = tensors((g, 0)) if group.count else before
            family.instead[g] = before
        elif not group.count:
            step = template.steps[g]
            ref = step.instead if step.when is not None else step.inputs[0]
            if ref is not None:
                family.instead[g] = tensors(ref)
