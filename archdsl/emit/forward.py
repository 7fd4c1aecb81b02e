"""The forward of a class."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import groupby

from archdsl.emit.classes import LevelClass, common_names
from archdsl.emit.code import WIDTH, Apply, Bracket, Code, Noted, Py, Ternary, fits, flat, layout
from archdsl.emit.construct import keyed
from archdsl.emit.initialise import counted
from archdsl.emit.levels import ARGUMENT, Ref
from archdsl.emit.lines import PACKED, Line, Lines
from archdsl.emit.names import RESERVED, Namespace, is_plain
from archdsl.emit.rows import StepRow, Turn
from archdsl.emit.shapes import ShapeNotes
from archdsl.emit.template import Pattern
from archdsl.emit.variables import Variables, is_tensor
from archdsl.emit.wording import Wording, index
from archdsl.graph.model import Module, ModuleKind

#: Columns that a chain of calls may fill.
CHAIN_WIDTH = 88


class Forward:
    """Prints `forward` of one class.

    `taken` are names that the module has at its top; `wish` gives names for tensors that the text gives none;
    `bare` are places among the outputs that are returned as they are; `listed` are those that stand in a list
    which is there in training only, so that they are never None; `guarded` says that a return follows that is for
    training only, of which lines at the end that run in training become a part.
    """

    def __init__(
        self,
        found: LevelClass,
        wording: Wording,
        notes: ShapeNotes,
        taken: Iterable[str],
        wish: Callable[[Ref], str | None],
        bare: Collection[int],
        listed: Collection[int] = (),
        guarded: bool = False,
    ) -> None:
        self.found = found
        self._steps = found.steps
        self._wording = wording
        self._notes = notes
        names = Namespace(RESERVED, taken, [index(0)])
        foreign = found.drafts[0].level.foreign
        self._given = [(names.claim(module.name), module) for module in foreign]
        self._names = names
        self._wish = wish
        self._plan = Lines(found.steps, found.outputs, lambda ref: bool(self._spec_names(ref)), self._fits)
        self._lines = self._plan.lines()
        returned = {self._plan.outputs[i] for i in bare}
        self._network = found.module.kind is ModuleKind.NETWORK
        self._variables = Variables(
            found.steps,
            self._plan,
            self._lines,
            names,
            found.arguments,
            self._wishes,
            returned,
            self._network,
        )
        self._bare = returned
        self._listed = {self._plan.outputs[i] for i in listed}
        self._guarded = guarded

    # --- the method ----------------------------------------------------------------------------------------------

    def signature(self, returns: str) -> list[str]:
        """The first lines: `def forward(self, x: Tensor) -> Tensor:`"""
        parts = ["self", *(f"{name}: Tensor" for name in self._variables.arguments)]
        parts += [
            f"{name}: {'Tensor' if _is_parameter(module) else 'nn.Module'}" for name, module in self._given
        ]
        return layout(Apply("def forward", tuple(map(Code, parts))), 4, after=f" -> {returns}:")

    def body(self) -> list[str]:
        """All statements. What is made last and returned as it is is returned at once; see `returned`."""
        found: list[str] = []
        ending = self._ending()
        rest = self._lines[: len(self._lines) - len(ending)]
        for training, group in groupby(rest, lambda line: self._steps[line.last].training):
            lines = list(group)
            if training:
                self.inside = self._guarded and lines[-1] is self._lines[-1]
                found += self._training(lines)
                continue
            turn = None
            for line in lines:
                if self._steps[line.last].turn is not turn:
                    turn = self._steps[line.last].turn
                    found += [] if turn is None else self._enter(turn)
                if turn is not None:
                    found += self._statement(line, 12)
                elif line is self._lines[-1] and self._returns(line):
                    found += layout(self._expression(line), 8, "return ", "", self._note(line), roomy=True)
                    self.returned = True
                else:
                    found += self._statement(line, 8)
        if ending:
            found += self._return(ending)
            self.returned = True
        return found

    returned = False
    #: The body ends in a block that runs in training only.
    inside = False

    def _ending(self) -> list[Line]:
        """The last lines, if they make what is returned, one tensor each, in this order."""
        outputs = self._plan.outputs
        last = self._lines[-len(outputs) :]
        made = [(line.last, 0) for line in last]
        steps = [self._steps[line.last] for line in last]
        alone = len(outputs) > 1 and made == outputs and not self._network
        if not alone or any(step.training or step.loop or step.turn or step.outputs > 1 for step in steps):
            return []
        return last if all(self._plan.readers[ref] == 1 for ref in outputs) else []

    def _return(self, lines: Sequence[Line]) -> list[str]:
        """A tuple that is returned: on one line, or each member on one of its own."""
        members = [self._expression(line) for line in lines]
        notes = list(map(self._note, lines))
        text = f"        return {', '.join(map(flat, members))}"
        noted = f"{text}  # {', '.join(notes)}" if all(notes) else text
        if len(noted) <= WIDTH:
            return [noted]
        items = tuple(Noted(py, note) if note else py for py, note in zip(members, notes, strict=True))
        return layout(Bracket(items, "()"), 8, "return ", opened=True)

    def outputs(self) -> list[str]:
        """What the variables of the outputs are called."""
        return [self._variables.of(ref) for ref in self._plan.outputs]

    # --- statements ----------------------------------------------------------------------------------------------

    def _returns(self, line: Line) -> bool:
        """Whether a line is all that is returned, and a type checker sees that it is a tensor."""
        alone = self._plan.outputs == [(line.last, 0)] and set(self._plan.outputs) == self._bare
        step = self._steps[line.last]
        return alone and step.outputs == 1 and not (step.loop or step.turn) and self._is_tensor(line)

    def _training(self, lines: Sequence[Line]) -> list[str]:
        """Lines that run in training only; what they leave for later is None in evaluation."""
        last = lines[-1].last
        later = [
            (line.last, k)
            for line in lines
            for k in range(self._steps[line.last].outputs)
            if not self.inside
            and self._variables.read_after((line.last, k), last)
            and (line.last, k) not in self._listed
        ]
        step = self._steps[last]
        escaping = {step for step, _ in later}
        if len(lines) == 1 and later == [(last, 0)] and step.outputs == 1 and not step.loop:
            py = self._expression(lines[0])
            names, _ = self._variables.assign(lines[0], maybe=True)
            text = f"{names[0]} = {flat(py)} if self.training else None"
            if len(text) + 8 <= CHAIN_WIDTH:
                return layout(Code(text), 8, "", "", self._note(lines[0]))
            inside = layout(py, 12, f"{names[0]} = ", "", self._note(lines[0]), roomy=True)
        else:
            self._variables.begin()
            inside = [
                text for line in lines for text in self._statement(line, 12, maybe=line.last in escaping)
            ]
        unset = [f"        {self._variables.of(ref)} = None" for ref in later]
        return [*unset, "        if self.training:", *inside]

    def _statement(self, line: Line, indent: int, maybe: bool = False) -> list[str]:
        step = self._steps[line.last]
        if step.loop:
            return self._loop(line, step, indent, maybe)
        py = self._expression(line)
        sure = self._is_tensor(line) and not maybe
        names, declare = self._variables.assign(line, sure, maybe)
        target = f"{names[0]}: Tensor" if declare and len(names) == 1 else ", ".join(names)
        blank = " " * indent
        text = layout(py, indent, f"{target} = ", "", self._note(line), roomy=True)
        if len(names) == 1 or len(text[0]) <= WIDTH:
            return text
        return [f"{blank}(", *(f"{blank}    {name}," for name in names), *layout(py, indent, ") = ")]

    def _loop(self, line: Line, step: StepRow, indent: int, maybe: bool) -> list[str]:
        """A run: what each member gives is what the next one takes."""
        before = [self._variables.of(ref) for ref in line.inputs]
        names, declare = self._variables.assign(line, maybe=maybe)
        blank = " " * indent
        operands: list[Py] = []
        starts: dict[str, str] = {}
        for position, carried in enumerate(step.carried):
            name = before[position] if carried is None else names[carried]
            operands.append(Code(name))
            if name != before[position]:
                starts[name] = before[position]
        if any(
            name in list(starts.values())[i:] for i, name in enumerate(starts, 1)
        ):  # one is read after it changes
            lines = [f"{blank}{', '.join(starts)} = {', '.join(starts.values())}"]
        else:
            lines = [f"{blank}{name}{': Tensor' * declare} = {start}" for name, start in starts.items()]
        row = self.found.rows[step.row]
        if self.found.template.base == "ModuleList":
            module = step.step.module
            callee = self._names.claim(module.stem if module is not None else "layer")
            lines.append(f"{blank}for {callee} in {self._members(step)}:")
        else:
            assert row.count is not None and isinstance(row.name, Pattern)
            count = flat(self._wording.stored(row.count))
            lines.append(f"{blank}for {index(0)} in range({count}):")
            callee = f"getattr(self, {counted(row.name, index(0))})"
        return lines + layout(
            Apply(callee, tuple(operands)), indent + 4, f"{', '.join(names)} = ", "", self._note(line)
        )

    def _enter(self, turn: Turn) -> list[str]:
        """The head of a loop over the places of a list."""
        before, name = self._variables.enter(turn)
        end = turn.first + turn.count * turn.width
        stop = "len(self)" if end == len(self.found.rows) else end
        head = f"        for {index(0)} in range({turn.first}, {stop}, {turn.width}):"
        return [head] if name == before else [f"        {name} = {before}", head]

    def _members(self, step: StepRow) -> str:
        """What a loop over a list runs through. A slice of it would be constructed as another such list."""
        start, end = step.row, step.row + step.members
        if not step.members or (start == 0 and end == len(self.found.rows)):
            return "self"
        return f"list(self)[{start or ''}:{end if end < len(self.found.rows) else ''}]"

    def _note(self, line: Line) -> str:
        gives = self._steps[line.last].gives
        if line.last in self._plan.packed:
            return ""
        notes = [
            self._notes.of(tensors) for k, tensors in enumerate(gives) if self._plan.readers[line.last, k]
        ]
        return ", ".join(notes) if all(notes) else ""

    # --- expressions ---------------------------------------------------------------------------------------------

    def _expression(self, line: Line, of: Callable[[Ref], str] | None = None) -> Py:
        """What a line computes; `of` says what tensors are called."""
        name = self._variables.of if of is None else of
        operands: list[Py] = [
            self._expression(part, of) if isinstance(part, Line) else Code(name(part))
            for part in line.operands
        ]
        if line.recomputed:
            steps = [self._steps[i] for i in line.steps]
            chain = [Code(self._module(step.row, step.given, step.turn)) for step in steps if step.row >= 0]
            return Apply("recomputed", (Bracket(tuple(chain)), *operands))
        for i in line.steps:
            operands = [self._call(i, operands)]
        when = self._steps[line.last].when
        if when is not None and line.instead:
            return Ternary(
                operands[0], self._wording.condition(when), Code(self._variables.of(line.instead[0]))
            )
        return operands[0]

    def _call(self, i: int, operands: Sequence[Py]) -> Py:
        step = self._steps[i]
        called = "" if step.row < 0 and step.given < 0 else self._module(step.row, step.given, step.turn)
        if step.expression is not None:
            weight = Code(called) if called else None
            packed = len(operands) < len(step.inputs)
            return self._wording.expression(step.expression, operands, weight, forward=True, packed=packed)
        passed = [Code(self._module(*place)) for place in step.passed]
        made = Apply(called, (*operands, *passed))
        return Code(f"{flat(made)}[0]") if step.listed else made

    def _module(self, row: int, given: int, turn: Turn | None = None) -> str:
        """A child or a module that is passed in, as it is called."""
        if given >= 0:
            return self._given[given][0]
        if turn is not None:
            return f"self[{index(0)} + {row - turn.first}]" if row > turn.first else f"self[{index(0)}]"
        if self.found.template.base == "ModuleList":
            return f"self[{row}]"
        name = self.found.rows[row].name
        assert isinstance(name, str)
        if is_plain(name):
            return f"self.{name}"
        return f'self["{name}"]' if keyed(self.found) else f'getattr(self, "{name}")'

    def _is_tensor(self, line: Line) -> bool:
        known = [
            self._is_tensor(part) if isinstance(part, Line) else self._variables.typed(part)
            for part in line.operands
        ]
        if line.recomputed:
            return True
        for i in line.steps:
            known = [is_tensor(self._steps[i].expression, known)]
        return known[0] and all(map(self._variables.typed, line.instead))

    def _fits(self, line: Line) -> bool:
        """Whether the calls of a line are readable within each other. Variables have no names yet."""
        return fits(self._expression(line, lambda ref: "xyz"), 8, "x = ", CHAIN_WIDTH)

    # --- names ---------------------------------------------------------------------------------------------------

    def _spec_names(self, ref: Ref) -> list[str]:
        """Names that the text gives a tensor in all instances."""
        if ref[0] == ARGUMENT:
            return []
        if ref[1] == PACKED:
            return []
        step = self._steps[ref[0]]
        names = common_names(tensor for calls in (step.named or step.gives)[ref[1]] for tensor in calls)
        inner = self._steps[ref[0]].step.level is not None
        return names[::-1] if inner else names  # names that an inner block gave come first

    def _wishes(self, ref: Ref) -> list[str]:
        wish = self._wish(ref)
        if ref in self._bare:
            return [wish] if wish is not None else []
        return self._spec_names(ref) + ([wish] if wish is not None else [])


def _is_parameter(module: Module) -> bool:
    return module.layer is not None and module.layer.is_parameter
