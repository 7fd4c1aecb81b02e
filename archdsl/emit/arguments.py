"""Which numbers of a class become arguments of its constructor, and how the others follow from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from archdsl.emit.algebra import holds
from archdsl.emit.conditions import Change, Flags, condition, denied, negated
from archdsl.emit.fitting import search
from archdsl.emit.formulas import (
    Choice,
    Const,
    Formula,
    Logic,
    Op,
    Param,
    Tuple,
    Vector,
    constant_of,
    parameters,
    rebuilt,
    same,
    sum_of,
)
from archdsl.emit.hints import Hints
from archdsl.emit.locals import Locals, plain
from archdsl.emit.names import Namespace
from archdsl.emit.parameters import Parameter
from archdsl.emit.slots import is_padding, key_of, role
from archdsl.emit.template import Number, Slot
from archdsl.graph.model import Tensor


@dataclass(eq=False, slots=True)
class Solver:
    """Finds a formula for each vector that a class needs.

    `known` are the numeric parameters of the block in the text, in order, `flags` its truth values; `arriving` the
    channels of what arrives. All become parameters only if something needs them. `changes` are what parts do that not
    all instances have.
    """

    known: Sequence[tuple[str, Vector]]
    arriving: Sequence[tuple[str, Vector]]
    names: Namespace
    sums: Mapping[Vector, tuple[Vector, ...]] = field(default_factory=dict)
    flags: Sequence[tuple[str, Vector]] = ()  # parameters that are true or false
    hints: Hints | None = None
    usual: Mapping[str, Number] = field(default_factory=dict)  # defaults of parameters in the text
    changes: Mapping[Flags, Change] = field(default_factory=dict)
    origins: Mapping[str, int] = field(default_factory=dict)  # the parameter in the text, by its id
    varying: Collection[str] = ()  # parameters that have another value than their usual one in other models
    _locals: Locals | None = None
    _vectors: dict[str, Vector] = field(default_factory=dict)
    _windows: dict[tuple[object, str], Formula] = field(default_factory=dict)
    _hinted: dict[tuple[Vector, Slot], Formula] = field(default_factory=dict)
    _formulas: dict[object, Formula] = field(default_factory=dict)  # by `key_of` the the vector
    _used: dict[str, Parameter] = field(default_factory=dict)
    _exact: dict[str, list[Slot]] = field(default_factory=dict)
    _sample: list[int] = field(default_factory=list)
    _open: set[Vector] = field(default_factory=set)
    _conditions: dict[Flags, Formula] = field(default_factory=dict)

    def solve(self, demands: Iterable[tuple[Vector, Slot]]) -> None:
        """Find a formula for all of them."""
        wanted: dict[object, tuple[Vector, list[Slot]]] = {}
        self._vectors = dict([*self.known, *self.arriving, *self.flags])
        rest = [(vector, slot) for vector, slot in demands if not self._take_hint(vector, slot)]
        self._windows = {(slot.item, slot.name): formula for (_, slot), formula in self._hinted.items()}
        rest = [(vector, slot) for vector, slot in rest if not self._take_window(vector, slot)]
        partial: dict[object, tuple[Vector, list[Slot]]] = {}  # of parts that some instances do not have
        for vector, slot in rest:
            if None in vector and not (slot.flag or slot.of_run) and any(v is not None for v in vector):
                partial.setdefault(key_of(vector, slot), (vector, []))[1].append(slot)
            elif (value := constant_of(vector)) is not None:
                self._formulas[key_of(vector, slot)] = Const(value)
            else:
                wanted.setdefault(key_of(vector, slot), (vector, []))[1].append(slot)
        vectors = [v for _, v in [*self.known, *self.arriving]]
        vectors += [v for v, _ in [*wanted.values(), *partial.values()]]
        rows: dict[tuple[object, ...], int] = {}
        for i, row in enumerate(zip(*vectors, strict=True)):
            rows.setdefault(row, i)
        self._sample = list(rows.values())
        for key, (vector, slots) in wanted.items():
            if not is_padding(slots[0]) and not slots[0].flag:
                self._take_equal(key, vector, slots)
        kernels = {s.owner: v for v, slots in wanted.values() for s in slots if s.name == "kernel_size"}
        for key, (vector, slots) in wanted.items():
            if is_padding(slots[0]):
                half = self._half(kernels.get(slots[0].owner), vector)
                if half is not None:
                    self._formulas[key] = half
                else:
                    self._take_equal(key, vector, slots)
        for key, (vector, slots) in wanted.items():
            if key not in self._formulas and not slots[0].flag:
                self._formulas[key] = self._derived(vector) or self._new(vector, slots)
        kernels |= {s.owner: v for v, slots in partial.values() for s in slots if s.name == "kernel_size"}
        for key, (vector, slots) in partial.items():
            self._formulas[key] = self._partial(vector, slots, kernels, wanted.values())
        for key, (vector, slots) in wanted.items():
            if slots[0].flag:
                self._formulas[key] = self._condition(tuple(map(bool, vector)), slots[0])
        for parameter in self._used.values():
            if parameter.default is None:
                self._set_default(parameter)
        self._settle()

    def formulas(self) -> Iterator[tuple[Slot | None, Formula]]:
        """All that was solved, with the slots of those that the text tells."""
        for (_, slot), formula in self._hinted.items():
            yield slot, formula
        for formula in self._formulas.values():
            yield None, formula

    def formula(self, vector: Vector, slot: Slot) -> Formula:
        """The formula of a vector that was solved."""
        return self._hinted.get((vector, slot)) or self._formulas[key_of(vector, slot)]

    def about(self, vector: Vector, tensors: Sequence[Sequence[Tensor]] = ()) -> Formula | None:
        """A formula for a vector that nothing depends on, over the parameters that there are.

        `tensors` have these channels, in each instance.
        """
        read = tensors[self.hints.sample] if tensors and self.hints else ()
        hint = self.hints.channels(read[0]) if read and self.hints else None
        if hint is not None and self._holds(hint, vector):
            hint = self._plain(hint, vector)
            if set(parameters(hint)) <= self._used.keys():
                return self._locals.settled(hint) if self._locals else hint
        value = constant_of(vector)
        if value is not None:
            return Const(value)
        found = self._formulas.get(key_of(vector)) or self._sum(vector)
        if found is None:
            bases = [(Param(p.name), self._sampled(p.vector)) for p in self._used.values()]
            found = search(self._sampled(vector), bases)
            if found is None:
                return None
            self._formulas[key_of(vector)] = found
        return found

    def parameters(self) -> list[Parameter]:
        """The arguments of the constructor: what arrives first, then those of the text, then others."""
        order = [name for name, _ in [*self.arriving, *self.known, *self.flags]]
        place = {name: i for i, name in enumerate(order)}
        found = sorted(self._used.values(), key=lambda p: place.get(p.name, len(place)))
        return [p for p in found if p.default is None] + [p for p in found if p.default is not None]

    def store(self, formula: Formula) -> None:
        """Forward needs the parameters of a formula."""
        for name in parameters(formula):
            if name in self._used:
                self._used[name].stored = True

    # --- what the text says ------------------------------------------------------------------------------------------

    def _take_hint(self, vector: Vector, slot: Slot) -> bool:
        """Take the expression of the text for a number, if it gives that of all instances."""
        value = constant_of(vector)
        usual = slot.default is not None and type(value) is type(slot.default) and value == slot.default
        if self.hints is None or all(number is None for number in vector):
            return False
        for formula in self.hints.of(slot):
            varies = isinstance(formula, Param) and formula.name in self.varying
            if (varies or not usual) and self._take(formula, vector, slot):
                return True
        return False

    def _take(self, formula: Formula, vector: Vector, slot: Slot) -> bool:
        if not self._holds(formula, vector):
            return False
        found = self._hinted[vector, slot] = self._plain(formula, vector)
        for name in parameters(found):
            self._use(name, self._vectors[name])
        if isinstance(found, Param):
            self._exact.setdefault(found.name, []).append(slot)
        return True

    def _holds(self, formula: Formula, vector: Vector) -> bool:
        return holds(formula, vector, self._vectors)

    def _plain(self, formula: Formula, vector: Vector) -> Formula:
        """The formula without what makes no difference in any instance."""
        usual = {n: value for n, value in self.usual.items() if constant_of(self._vectors[n]) == value}

        def decided(part: Formula) -> Formula | None:
            if not isinstance(part, Choice):
                return None
            sides = [
                side
                for side, wanted in ((part.then, True), (part.otherwise, False))
                if holds(part.condition, (wanted,) * len(vector), self._vectors)
            ]
            return rebuilt(sides[0], decided) if sides else None

        return plain(rebuilt(formula, decided), usual, lambda name: same(self._vectors[name], vector))

    def _take_window(self, vector: Vector, slot: Slot) -> bool:
        """Half the kernel, where the text gives the kernel, and as much more as it dilates; a stride of it."""
        kernel = self._windows.get((slot.item, "kernel_size"))
        if slot.name == "stride":
            if kernel is None or (slot.default is not None and constant_of(vector) == slot.default):
                return False
            return not isinstance(kernel, Const) and self._take(kernel, vector, slot)
        if not is_padding(slot):
            return False
        dilation = self._windows.get((slot.item, "dilation"))
        guesses: list[Formula] = []
        if kernel is not None and not isinstance(kernel, Const):
            guesses.append(Op("//", (kernel, Const(2))))
            guesses += [] if dilation is None else [Op("*", (dilation, guesses[0]))]
        elif dilation is not None and not isinstance(dilation, Const):
            guesses.append(dilation)
            if kernel is not None and isinstance(kernel.value, int) and kernel.value > 1:
                guesses.append(Op("*", (Const(kernel.value // 2), dilation)))
        return any(self._take(guess, vector, slot) for guess in guesses)

    def _settle(self) -> None:
        """Decide which names of `let` are variables."""
        for name, _ in [*self.arriving, *self.known, *self.flags]:
            if name not in self._used:
                self.names.release(name)
        places = [formula for (_, slot), formula in self._hinted.items() if not slot.forward]
        self._locals = Locals(places, self.names)
        self._hinted = {key: self._locals.settled(formula) for key, formula in self._hinted.items()}

    @property
    def locals(self) -> list[tuple[str, Formula]]:
        """The variables of the constructor, in the order in which they follow from each other."""
        return [] if self._locals is None else self._locals.lines

    # --- what fits ---------------------------------------------------------------------------------------------------

    def _take_equal(self, key: object, vector: Vector, slots: Sequence[Slot]) -> None:
        name = self._equal(vector, slots)
        if name is not None:
            self._formulas[key] = Param(name)
            self._exact.setdefault(name, []).extend(slots)

    def _partial(
        self,
        vector: Vector,
        slots: list[Slot],
        kernels: Mapping[str, Vector],
        others: Iterable[tuple[Vector, list[Slot]]],
    ) -> Formula:
        """The numbers of a part that not all instances have: what is of its name elsewhere comes before a constant."""
        slot = slots[0]
        if is_padding(slot):
            half = self._half(kernels.get(slot.owner), vector)
            if half is not None:
                return half
        for name, known in self.known:
            if name == slot.name and same(known, vector) and constant_of(known) is None:
                self._use(name, known)
                self._exact.setdefault(name, []).extend(slots)
                return Param(name)
        for other, named in others:
            if same(other, vector) and not is_padding(named[0]) and role(named[0]) == role(slot):
                return self._formulas[key_of(other, named[0])]
        value = constant_of(vector)
        if value is not None:
            return Const(value)
        equal = self._equal(vector, slots)
        if equal is not None:
            self._exact.setdefault(equal, []).extend(slots)
            return Param(equal)
        return self._derived(vector) or self._new(vector, slots)

    def _half(self, kernel: Vector | None, padding: Vector) -> Formula | None:
        """`kernel // 2`, if that is what the padding is."""
        formula = None if kernel is None else self._formulas.get(key_of(kernel))
        if not isinstance(formula, Param) or kernel is None:
            return None
        halves = tuple(k // 2 if isinstance(k, int) else None for k in kernel)
        return Op("//", (formula, Const(2))) if None not in halves and same(halves, padding) else None

    def _equal(self, vector: Vector, slots: Sequence[Slot]) -> str | None:
        """The parameter that is the vector; among several one of the slot's name, or the first."""
        for group in (self.known, self.arriving):
            found = [(name, v) for name, v in group if same(v, vector)]
            if found:
                wanted = {slot.name for slot in slots}
                name, exact = next(((n, v) for n, v in found if n in wanted), found[0])
                self._use(name, exact)
                return name
        return None

    def _use(self, name: str, vector: Vector) -> None:
        if name not in self._used:
            self._used[name] = Parameter(name, tuple(v for v in vector if v is not None))

    def _derived(self, vector: Vector) -> Formula | None:
        total = self._sum(vector)
        if total is not None:
            return total
        tuples = [v for v in vector if isinstance(v, tuple)]
        if tuples and len(tuples) == len(vector) and len({len(v) for v in tuples}) == 1:
            items = [self._member(column) for column in zip(*tuples, strict=True)]
            members = [f for f in items if f is not None]
            return Tuple(tuple(members)) if len(members) == len(items) else None
        wanted = self._sampled(vector)
        used = [(Param(p.name), self._sampled(p.vector)) for p in self._used.values()]
        formula = search(wanted, used)
        if formula is None:
            others = [
                (Param(name), self._sampled(v))
                for name, v in [*self.known, *self.arriving]
                if name not in self._used and constant_of(v) is None
            ]
            formula = search(wanted, [*used, *others])
            if formula is not None:
                vectors = dict([*self.known, *self.arriving])
                for name in parameters(formula):
                    if name not in self._used:
                        self._use(name, vectors[name])
        return formula

    def _sum(self, vector: Vector) -> Formula | None:
        """What tensors that are joined have together."""
        parts = self.sums.get(vector)
        if parts is None or vector in self._open:
            return None
        self._open.add(vector)  # a sum is no part of itself
        found = [f for f in map(self.about, parts) if f is not None]
        self._open.discard(vector)
        return sum_of(found) if len(found) == len(parts) else None

    def _member(self, vector: Vector) -> Formula | None:
        """One number of a tuple."""
        value = constant_of(vector)
        if value is not None:
            return Const(value)
        name = self._equal(vector, ())
        return Param(name) if name is not None else self._derived(vector)

    def _new(self, vector: Vector, slots: Sequence[Slot]) -> Formula:
        slot = slots[0]
        name = self.names.claim(slot.name, f"{slot.owner}_{slot.name}" if slot.owner else slot.name)
        filled = tuple(0 if v is None else v for v in vector)
        self._used[name] = Parameter(name, filled)
        self._exact[name] = list(slots)
        return Param(name)

    def _condition(self, flags: Flags, slot: Slot) -> Formula:
        """A truth value: a parameter of the text, what the shapes say, or a parameter of its own."""
        for name, found in [*self.flags, *((p.name, p.vector) for p in self._used.values())]:
            if found in (flags, denied(flags)) and isinstance(found[0], bool):
                if name not in self._used:
                    self._use(name, found)
                    self._used[name].default = self.usual.get(name, Counter(found).most_common(1)[0][0])
                return Param(name) if found == flags else Logic("not", (Param(name),))
        for those, known in self._conditions.items():
            if flags in (those, denied(those)):
                return known if flags == those else negated(known)
        change = self.changes.get(flags)
        formula = self.hints.condition(flags) if self.hints else None
        if formula is not None:
            formula = self._plain(formula, flags)
        elif change is not None:
            formula = condition(flags, change, self.known, self._called)
        if formula is None:
            name = self.names.claim(slot.name)
            default = Counter(flags).most_common(1)[0][0] if slot.default is None else bool(slot.default)
            self._used[name] = Parameter(name, flags, default)
            return Param(name)
        self._conditions[flags] = formula
        for name in parameters(formula):
            self._use(name, self._vectors.get(name, ()))
        return formula

    def _called(self, vector: Vector) -> Formula | None:
        """A formula for channels; where those that arrive are an argument, that, also if they are always as many."""
        names = (name for name, known in self.arriving if name in self._used and same(known, vector))
        return next(map(Param, names), None) or self.about(vector)

    def _set_default(self, parameter: Parameter) -> None:
        """A parameter that is always handed on as something of its name with a default has that default too."""
        slots = self._exact.get(parameter.name, ())
        if parameter.name in self.usual:
            parameter.default = self.usual[parameter.name]
            return
        defaults = {slot.default for slot in slots}
        if len(defaults) == 1 and any(slot.name == parameter.name for slot in slots):
            (default,) = defaults
            if default is not None and any(
                type(v) is type(default) and v == default for v in parameter.vector
            ):
                parameter.default = default

    def _sampled(self, vector: Sequence[Number | None]) -> tuple:  # type: ignore[type-arg]
        return tuple(vector[i] for i in self._sample)
