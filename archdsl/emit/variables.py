"""Names of tensors in a forward: the text's where it gives some, else few, and none while it is still needed."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Collection, Mapping, Sequence

from archdsl.emit.levels import ARGUMENT, Ref
from archdsl.emit.lines import PACKED, Line, Lines
from archdsl.emit.names import Namespace, flow_name, identifier, is_plain, numbered
from archdsl.emit.rows import StepRow, Turn
from archdsl.emit.template import Applied, Cell, Chosen, Expression, Fixed, Joined, Operand

_END = 1 << 60


class _Series:
    """Names that count: gives the first that is not in use."""

    def __init__(self, name: Callable[[int], str]) -> None:
        self._name = name
        self._next = 0
        self._returned: list[int] = []
        self._numbers: dict[str, int] = {}

    def take(self, usable: Callable[[str], bool]) -> str:
        """The first name of the series that may be used."""
        for place, number in enumerate(self._returned):
            if usable(self._name(number)):
                del self._returned[place]
                return self._name(number)
        while True:
            name = self._name(self._next)
            self._numbers[name] = self._next
            self._next += 1
            if usable(name):
                return name

    def give_back(self, name: str) -> None:
        """The name is not in use any more."""
        if name in self._numbers and self._numbers[name] not in self._returned:
            insort(self._returned, self._numbers[name])


class Variables:
    """Assigns names line by line.

    `arguments` are wishes for what arrives, `wishes` gives those for other tensors. `bare` are tensors that are
    returned as they are: a type checker has to know of them that they are tensors. The inputs of a network
    keep their names to themselves.
    """

    def __init__(
        self,
        steps: Sequence[StepRow],
        plan: Lines,
        lines: Sequence[Line],
        names: Namespace,
        arguments: Sequence[str],
        wishes: Callable[[Ref], Sequence[str]],
        bare: Collection[Ref],
        network: bool,
    ) -> None:
        self._steps = steps
        self._plan = plan
        self._names = names
        self._wishes = wishes
        self._bare = bare
        self._network = network
        self._current: dict[Ref, str] = {}
        self._holder: dict[str, Ref] = {}  # whose the name is now
        self._declared: set[str] = set()  # variables that are tensors by declaration, whatever they are given
        self._sure: set[str] = set()  # those that hold what is known to be a tensor
        self._giving = False  # such a value is being assigned
        self._met: set[str] = set()
        self._before: set[str] = set()
        self._barred: set[str] = set()  # names that what is being assigned may not have
        self._last: dict[Ref, int] = {}
        #: of the loop that is under way: what goes in at first, its name if it has that behind the loop too, and the
        #: name of what goes round
        self._round: tuple[Ref, str, str]
        self._branches = _branches(steps, plan, lines)
        self._flowing: set[str] = set()  # names that say nothing
        self._flow_names = _Series(flow_name)
        self._series: dict[str, _Series] = {}
        self._origin: dict[str, _Series] = {}
        made = {ref: number for number, line in enumerate(lines) for ref in plan.gives(line.last)}
        self._kept: set[Ref] = set()  # read when two other lines and more have gone by
        self._later: set[Ref] = set()  # when one has
        for number, line in enumerate(lines):
            for ref in (*line.inputs, *line.instead):
                self._last[ref] = _needed(ref, line.last, steps, plan)
                if number - made.get(ref, number) > 2:
                    self._kept.add(ref)
                if number - made.get(ref, number) > 1:
                    self._later.add(ref)
        if len(plan.outputs) > 2:
            self._kept.update(plan.outputs)
        self._last.update(dict.fromkeys(plan.outputs, _END))
        for i, wish in enumerate(arguments):
            name = self._names.claim(wish) if wish and wish != "x" else self._flow()
            self._met.add(name)
            self._declared.add(name)
            self._give((ARGUMENT, i), name)
        self.arguments = list(self._holder)

    def of(self, ref: Ref) -> str:
        """What a tensor is called now."""
        return self._current[self._plan.alias(ref)]

    def read_after(self, ref: Ref, step: int) -> bool:
        """Whether a tensor is needed behind a step."""
        return self._last.get(ref, -1) > step

    def typed(self, ref: Ref) -> bool:
        """Whether a type checker takes the variable of a tensor for one."""
        return self.of(ref) in self._declared or self.of(ref) in self._sure

    def begin(self) -> None:
        """Statements begin before which what leaves them is None: none of it takes the name of what they read."""
        self._before = set(self._holder)

    def enter(self, turn: Turn) -> tuple[str, str]:
        """A loop begins: what the tensor that goes round was called, and what it is called in it and behind it."""
        ref = self._plan.alias(turn.entry)
        before = name = self._current[ref]
        stays = self._last[ref] > turn.last
        if stays or name not in self._flowing:
            typed = self.typed(ref)
            if not stays:
                self._release(name)
            name = self._flow()
            if typed and name not in self._met:
                self._declared.add(name)
            self._met.add(name)
            self._current[ref] = name
            self._holder[name] = ref
        self._round = ref, before if stays else "", name
        return before, name

    def assign(self, line: Line, sure: bool = False, maybe: bool = False) -> tuple[list[str], bool]:
        """Names for what a line gives, and whether the variable has to be declared as a tensor.

        `sure`: a type checker sees that the expression is a tensor; `maybe`: it may be None in evaluation.
        """
        step = self._steps[line.last]
        self._barred = self._before if maybe else set()
        read = dict.fromkeys((*line.inputs, *line.instead))
        again: set[Ref] = set()  # what each round of a loop reads outlives the first
        if step.loop:
            again = {ref for ref, to in zip(line.inputs, step.carried, strict=True) if to is None}
        last = [ref for ref in read if self._last[ref] <= line.last]
        dying = [ref for ref in last if ref not in again]
        for ref in dying:
            self._release(self._current[ref])
        inputs = self.arguments if self._network else []
        free = [
            name
            for name in (self._current[ref] for ref in dying)
            if (name in self._flowing or (step.loop and name not in inputs))
            and not (maybe and name in self._declared)
            and name not in self._barred
        ]
        if step.turn is not None and line.last == step.turn.last:
            entry, stays, name = self._round
            for ref in self._plan.gives(line.last):
                self._give(ref, name)
            if stays:
                self._current[entry] = stays
            (self._sure.add if sure else self._sure.discard)(name)
            return [name], False
        found: list[str] = []
        declare = False
        self._giving = sure
        for ref in self._plan.gives(line.last):
            if not self._plan.readers[ref]:
                found.append("_")
                continue
            name = self._choose(ref, step, [n for n in free if n not in self._holder])
            self._give(ref, name)
            found.append(name)
            if name not in self._met:
                self._met.add(name)
                declare = ref in self._bare and not sure
                if declare:
                    self._declared.add(name)
            (self._sure.add if sure else self._sure.discard)(name)
        for ref in last:
            if ref in again:
                self._release(self._current[ref])
        return found, declare

    def _choose(self, ref: Ref, step: StepRow, free: Sequence[str]) -> str:
        wishes = self._wishes(ref) if not (step.loop and free) else ()
        for wish in wishes:
            if self._available(wish, ref):
                return self._claimed(wish)
        if wishes and ref not in self._bare:  # another tensor of the name is still needed
            return self._numbered(wishes[0], ref)
        module = step.step.module
        label = None
        if module is not None and ref not in self._bare:
            label = _label(step)
            if label is not None and step.outputs > 1 and ref[1] != PACKED:
                label = f"{label}{'_' * label[-1:].isdigit()}{ref[1] + 1}"
        for wish in self._branches.get(ref, ()):
            if self._available(wish, ref):
                return self._claimed(wish)
        if ref[1] == PACKED:
            return self._names.claim("parts")
        several = step.outputs > 1 and not step.loop  # one by one they are told apart by their names alone
        if label is not None and (several or ref in self._kept):
            return self._claimed(label) if self._available(label, ref) else self._numbered(label, ref)
        for name in free:
            if self._fitting(name, ref):
                return name
        if label is not None and ref in self._later and self._available(label, ref):
            return self._claimed(label)
        return self._names.claim("out") if ref in self._bare else self._flow()

    def _available(self, name: str, ref: Ref) -> bool:
        """Whether a tensor may have the name: it is new, or what had it is not needed any more."""
        if name in self._barred:
            return False
        if name in self._met:
            return name not in self._holder and self._fitting(name, ref)
        return self._names.free(name)

    def _fitting(self, name: str, ref: Ref) -> bool:
        """Whether a variable that was used before may be returned, if that is what becomes of the tensor."""
        return self._giving or ref not in self._bare or name in self._declared

    def _claimed(self, name: str) -> str:
        if name not in self._met:
            self._names.claim(name)
        return name

    def _flow(self) -> str:
        name = self._flow_names.take(lambda name: self._available(name, (ARGUMENT, -1)))
        self._flowing.add(name)
        self._origin[name] = self._flow_names
        return self._claimed(name)

    def _numbered(self, wish: str, ref: Ref) -> str:
        series = self._series.get(wish)
        if series is None:
            base = identifier(wish) if wish.startswith("__") else wish
            series = self._series[wish] = _Series(lambda number: numbered(base, number + 2))
        name = series.take(lambda name: self._available(name, ref))
        self._origin[name] = series
        return self._claimed(name)

    def _release(self, name: str) -> None:
        if self._holder.pop(name, None) is not None and name in self._origin:
            self._origin[name].give_back(name)

    def _give(self, ref: Ref, name: str) -> None:
        self._current[ref] = name
        self._holder[name] = ref


def _needed(ref: Ref, step: int, steps: Sequence[StepRow], plan: Lines) -> int:
    """The last step that needs a tensor which a step reads: what each round of a loop reads outlives the first."""
    turn = steps[step].turn
    if turn is None or ref == plan.alias(turn.entry):
        return step
    inside = ref[0] != ARGUMENT and steps[ref[0]].turn is turn
    return step if inside else turn.last


def _label(step: StepRow) -> str | None:
    """The label of the block or the group that a step calls, if a variable may be called so."""
    label = step.step.module.label if step.step.module is not None and step.step.level is not None else None
    return label if label is not None and is_plain(label) and label == label.lower() else None


def _branches(steps: Sequence[StepRow], plan: Lines, lines: Sequence[Line]) -> dict[Ref, tuple[str, ...]]:
    """Names for what becomes a branch: a tensor that goes nowhere but into a join, from where its own way begins.

    A branch is called by its label, or by what the labels along it begin with; without one `branch2`, which is the
    second, or beside labelled ones by its last layer. Two branches have names only if both have labels, one has none.
    """
    made = {(line.last, 0): line for line in lines if steps[line.last].outputs == 1}
    found: dict[Ref, tuple[str, ...]] = {}
    for line in lines:
        joined = [part for part in line.operands if not isinstance(part, Line)]
        if len(set(joined)) < 2 or steps[line.steps[0]].expression is None:
            continue
        ways = {
            number: _way(ref, made, plan)
            for number, ref in enumerate(joined, 1)
            if ref in made and plan.readers[ref] == 1
        }
        labels = {number: _common(steps, way) for number, way in ways.items()}
        if len(ways) < 2 or (len(joined) == 2 and not all(labels.values())):
            continue
        for number, way in ways.items():
            module = steps[way[0][0]].step.module
            own = labels[number]
            if own is None and any(labels.values()) and module is not None and is_plain(module.stem):
                own = module.stem.lower()
            names = (f"branch{number}",) if own is None else (own, f"branch{number}")
            found.update((ref, names) for ref in _since(own, steps, way) if ref not in found)
    return found


def _way(ref: Ref, made: Mapping[Ref, Line], plan: Lines) -> list[Ref]:
    """A tensor and those before it that are made for nothing else, back to where the way begins."""
    way = [ref]
    while True:
        operands = made[way[-1]].operands
        source = operands[0]
        if len(operands) > 1 or isinstance(source, Line) or source not in made or plan.readers[source] > 1:
            return way
        way.append(source)


def _since(name: str | None, steps: Sequence[StepRow], way: Sequence[Ref]) -> Sequence[Ref]:
    """The tensors of a way from the first module of a name on: what comes before that is not called so."""
    modules = [steps[i].step.module for i, _ in way]
    called = [name in (m.label, m.stem.lower()) for m in modules if m is not None]
    if name is None or len(called) < len(way) or True not in called:
        return way
    return way[: len(way) - called[::-1].index(True)]


def _common(steps: Sequence[StepRow], way: Sequence[Ref]) -> str | None:
    """What the labels along a way have in common: `branch5x5` of `branch5x5_1` and `branch5x5_2`."""
    labels = [label for i, _ in way if (label := _label(steps[i])) is not None]
    if not labels:
        return None
    first, last = min(labels), max(labels)
    common = first
    while not last.startswith(common):
        common = common[:-1]
    if common not in labels:
        common = common.rpartition("_")[0]
    return common if is_plain(common) else None


def is_tensor(expression: Expression | None, operands: Sequence[bool]) -> bool:
    """Whether a type checker knows that an expression is a tensor, if it knows it of some operands."""
    if isinstance(expression, Operand):
        return operands[expression.index]
    if isinstance(expression, Applied):
        if expression.target is None:
            # functions of our own, without a dot, are annotated
            return expression.function.startswith(("torch.", "F.")) or "." not in expression.function
        return is_tensor(expression.target, operands)
    if isinstance(expression, Chosen):
        return is_tensor(expression.then, operands) and is_tensor(expression.other, operands)
    if isinstance(expression, Joined):
        parts = [part for part in expression.operands if not isinstance(part, (Cell, Fixed))]
        return bool(parts) and all(is_tensor(part, operands) for part in parts)
    return False
