"""From a level to its template and the numbers in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archdsl.emit.levels import ARGUMENT, Level, Ref, Step
from archdsl.emit.runs import Group, Runs, affine, pattern
from archdsl.emit.template import (
    Applied,
    Entry,
    Expression,
    Fixed,
    Hole,
    Initialised,
    Joined,
    Listed,
    Made,
    MadeChain,
    MadeLayer,
    MadeLevel,
    MadeParameter,
    Number,
    Operand,
    Operands,
    OwnWeight,
    Place,
    Run,
    Slot,
    StepTemplate,
    Template,
)
from archdsl.emit.torch_api import SIGNATURES, Required, SameAs
from archdsl.graph.model import Module, ModuleKind
from archdsl.layers import Layer
from archdsl.layers.form import (
    AllInputs,
    Binary,
    Call,
    Expr,
    Form,
    FunctionForm,
    InitCall,
    Input,
    ListOf,
    Lit,
    ModuleForm,
    ParameterForm,
    Weight,
)
from archdsl.source import Span


@dataclass(frozen=True, slots=True)
class Instance:
    """A level as an instance of a generated class: the class and the arguments of its constructor."""

    number: int
    parameters: tuple[tuple[str, Number | None], ...]  # names, with defaults
    values: tuple[Number, ...]


@dataclass(eq=False, slots=True)
class Family:
    """How the steps and the children of a level fall into groups. In a chain both are the same."""

    level: Level
    groups: list[Group]
    entries: tuple[Entry, ...]
    members: list[list[Module]]  # of each entry


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
        repeated: set[Span],
    ) -> None:
        self.level = level
        self._levels = levels
        self._instances = instances
        self._forms = forms
        self._repeated = repeated
        self._values: list[Number | None] = []
        self._slots: list[Slot] = []
        self._chains: dict[Module, Family] = {}

    def draft(self) -> Draft:
        level = self.level
        runs = Runs(level, self._repeated).groups()
        base = self._base(runs)
        family = self._children(level, numbered=base == "ModuleList")
        groups = family.groups
        places = {m: Place(entry=e) for e, members in enumerate(family.members) for m in members}
        at = [g for g, group in enumerate(groups) for _ in range(group.count)]
        given = {module: Place(given=i) for i, module in enumerate(level.foreign)}

        def ref(place: Ref) -> Ref:
            return place if place[0] == ARGUMENT else (at[place[0]], place[1])

        steps = []
        for group in groups if base != "Sequential" else ():
            step = level.steps[group.start]
            module = step.module
            passed = [] if step.level is None else step.level.foreign
            steps.append(
                StepTemplate(
                    place=None if module is None else places.get(module) or given[module],
                    expression=self._function(step),
                    inputs=tuple(map(ref, step.inputs)),
                    outputs=len(step.results),
                    passed=tuple(places.get(m) or given[m] for m in passed),
                    training=step.training,
                    run=group.carried is not None,
                    carried=group.carried or (),
                )
            )
        outputs = tuple(zip(map(ref, level.outputs), level.training, strict=True))
        template = Template(
            base, family.entries, tuple(steps), len(level.arguments), len(level.foreign), outputs
        )
        return Draft(level, template, self._values, self._slots, family, self._chains)

    def _base(self, groups: Sequence[Group]) -> str:
        """What the class extends. A list is one run, or has none."""
        module = self.level.module
        if self.level.chain:
            return "Sequential"
        running = [group for group in groups if group.carried is not None]
        if running and (len(running) > 1 or running[0].count != len(module.children)):
            return "Module"
        positions = [str(i) for i in range(len(module.children))]
        listed = (
            module.kind in (ModuleKind.GROUP, ModuleKind.REPEAT)
            and len(positions) > 0
            and [child.name for child in module.children] == positions
            and not any(isinstance(self._forms.get(child), ParameterForm) for child in module.children)
        )
        return "ModuleList" if listed else "Module"

    # --- children ------------------------------------------------------------------------------------------------

    def _children(self, level: Level, numbered: bool) -> Family:
        """Group the steps of a level and its children."""
        found = Runs(level, self._repeated).groups()
        starts: dict[Module, Group] = {}
        for group in found:
            module = level.steps[group.start].module
            if group.carried is not None and module is not None:
                starts[module] = group
        entries: list[Entry] = []
        grouped: list[list[Module]] = []
        broken: set[int] = set()
        children = level.module.children
        at = 0
        while at < len(children):
            child = children[at]
            run = starts.get(child)
            members = [child]
            entry = None
            if run is not None:
                members = children[at : at + run.count]
                entry = self._run(members, numbered)
                if entry is None:
                    broken.add(run.start)
                    members = [child]
            if entry is None:
                entry = Entry("" if numbered else child.name, self._made(child))
            grouped.append(members)
            entries.append(entry)
            at += len(members)
        groups: list[Group] = []
        for group in found:
            if group.start in broken:
                groups += [Group(i, 1) for i in range(group.start, group.start + group.count)]
            else:
                groups.append(group)
        return Family(level, groups, tuple(entries), grouped)

    def _run(self, members: Sequence[Module], numbered: bool) -> Entry | None:
        """The entry of a run; None if its members differ by more than even growth."""
        names = pattern(members[0].name)
        assert names is not None or numbered
        first = len(self._values)
        made = self._made(members[0])
        slots = self._slots[first:]
        rows = [self._values[first:]]
        self._forget(first)
        for member in members[1:]:
            if self._made(member) != made:
                self._forget(first)
                return None
            rows.append(self._values[first:])
            self._forget(first)
        growth = affine(rows)
        if growth is None or any(step and slot.of_run for step, slot in zip(growth, slots, strict=True)):
            return None
        self._values += rows[0]
        self._slots += slots
        last = len(self._values)
        count = self._hole(len(members), Slot("depth", "", of_run=True))
        growing = tuple(
            self._hole(step, Slot(f"{slot.name}_step", slot.owner, of_run=True))
            for step, slot in zip(growth, slots, strict=True)
        )
        return Entry("" if numbered else names or "", made, Run(first, last, count, growing))

    def _forget(self, first: int) -> None:
        del self._values[first:], self._slots[first:]

    def _made(self, module: Module) -> Made:
        instance = self._instances.get(module)
        if instance is not None:
            holes = tuple(
                self._hole(value, Slot(name, module.name, default))
                for (name, default), value in zip(instance.parameters, instance.values, strict=True)
            )
            return MadeLevel(instance.number, holes)
        inner = self._levels.get(module)
        if inner is not None:
            children = module.children
            numbered = [child.name for child in children] == [str(i) for i in range(len(children))]
            family = self._chains[module] = self._children(inner, numbered)
            return MadeChain(family.entries, numbered)
        form = self._forms[module]
        owner, layer = module.name, module.layer
        if isinstance(form, ParameterForm):
            return MadeParameter(self._expression(form.create, owner, layer), self._inits(form.init, owner))
        assert isinstance(form, ModuleForm)
        return MadeLayer(self._call(form.call, owner, layer), self._inits(form.init, owner))

    def _inits(self, inits: Sequence[InitCall], owner: str) -> tuple[Initialised, ...]:
        return tuple(
            Initialised(
                init.weight,
                init.function,
                tuple((name, self._expression(value, owner, None, name)) for name, value in init.kwargs),
            )
            for init in inits
        )

    # --- expressions ---------------------------------------------------------------------------------------------

    def _function(self, step: Step) -> Expression | None:
        form = step.form
        if isinstance(form, FunctionForm):
            return self._expression(form.expr, "", step.node.layer, forward=True)
        if isinstance(form, ParameterForm):
            assert step.module is not None
            return self._expression(form.expr, step.module.name, step.node.layer, forward=True)
        return None

    def _hole(self, value: Number | None, slot: Slot) -> Hole:
        self._values.append(value)
        self._slots.append(slot)
        return Hole(len(self._values) - 1)

    def _call(self, call: Call, owner: str, layer: Layer | None) -> Applied:
        """A constructor with the arguments that it is given and those that it may do without."""
        signature = SIGNATURES.get(call.function, {})
        names = [*signature][: len(call.args)]
        names += [""] * (len(call.args) - len(names))
        given = {name: expr for name, expr in zip(names, call.args, strict=True) if name} | dict(call.kwargs)
        args = tuple(
            self._expression(arg, owner, layer, name) for name, arg in zip(names, call.args, strict=True)
        )
        kwargs: list[tuple[str, Expression]] = []
        for name, default in signature.items():
            value = given.get(name)
            number: Number | None = None
            if isinstance(default, SameAs):
                value = value or given.get(default.name)
            elif not isinstance(default, Required):
                value = value or Lit(default)
                if isinstance(default, (int, float)) and not isinstance(default, bool):
                    number = default
            if name not in names and value is not None:
                kwargs.append((name, self._expression(value, owner, layer, name, default=number)))
        kwargs += [
            (name, self._expression(value, owner, layer, name))
            for name, value in call.kwargs
            if name not in signature
        ]
        return Applied(call.function, args, tuple(kwargs))

    def _expression(
        self,
        expr: Expr,
        owner: str,
        layer: Layer | None,
        name: str = "",
        forward: bool = False,
        default: Number | None = None,
    ) -> Expression:
        if isinstance(expr, Lit):
            value = expr.value
            if value is None or isinstance(value, (bool, str)):
                return Fixed(value)
            return self._hole(value, Slot(name or _argument(value, layer), owner, default, forward))
        if isinstance(expr, Input):
            return Operand(expr.index)
        if isinstance(expr, AllInputs):
            return Operands()
        if isinstance(expr, Weight):
            return OwnWeight()

        def inner(part: Expr, name: str = "") -> Expression:
            return self._expression(part, owner, layer, name, forward)

        if isinstance(expr, Binary):
            return Joined(expr.op, tuple(map(inner, expr.operands)))
        if isinstance(expr, ListOf):
            return Listed(tuple(map(inner, expr.items)))
        target = None if expr.target is None else inner(expr.target)
        kwargs = tuple((key, inner(value, key)) for key, value in expr.kwargs)
        return Applied(expr.function, tuple(map(inner, expr.args)), kwargs, target)


def _argument(value: Number, layer: Layer | None) -> str:
    """The argument of the layer that has this value."""
    if layer is None:
        return "value"
    values = layer.values().items()
    return next((name for name, v in values if type(v) is type(value) and v == value), layer.name)
