"""Which calls of a forward share a line: chains, cut where a reader would cut them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from archdsl.emit.levels import ARGUMENT, Ref
from archdsl.emit.rows import StepRow
from archdsl.emit.template import Applied, Joined, Operand, Operands
from archdsl.emit.wording import reads
from archdsl.records import record

#: Calls within each other on one line.
NESTED = 4
#: Calls within each other that may be an operand of a join.
FOLDED = 3
_PREPARING = ("normalisation", "activation")
#: Stands for all outputs of a step together.
PACKED = -1


@record
class Line:
    """Steps each of which takes what the one before it gives. `operands` are those of the first: tensors by their
    names, or chains that are written out where they are joined. `instead` is what instances have that do not take
    the steps. `recomputed`: what all but the last give is computed again in the backward pass.
    """

    steps: tuple[int, ...]
    operands: tuple[Ref | Line, ...]
    instead: tuple[Ref, ...] = ()
    recomputed: bool = False

    @property
    def inputs(self) -> tuple[Ref, ...]:
        """The tensors that are read by their names."""
        return tuple(
            ref for part in self.operands for ref in (part.inputs if isinstance(part, Line) else (part,))
        )

    @property
    def last(self) -> int:
        return self.steps[-1]


class Lines:
    """Cuts the steps of a class into lines. Steps that hand on what arrives are no line; `alias` resolves them."""

    def __init__(
        self,
        steps: Sequence[StepRow],
        outputs: Sequence[Ref],
        named: Callable[[Ref], bool],
        fits: Callable[[Line], bool],
    ) -> None:
        self.steps = steps
        self._named = named
        self._fits = fits
        self._aliases: dict[Ref, Ref] = {}
        self.kept: list[int] = []
        for i, step in enumerate(steps):
            if isinstance(step.expression, Operand) and step.outputs == 1 and step.row < 0:
                self._aliases[i, 0] = self.alias(step.inputs[step.expression.index])
            else:
                self.kept.append(i)
        self.inputs = {i: tuple(map(self.alias, steps[i].inputs)) for i in self.kept}
        self.outputs = [self.alias(ref) for ref in outputs]
        self.instead = {i: self.alias(ref) for i in self.kept if (ref := steps[i].instead) is not None}
        self.readers: Counter[Ref] = Counter([*self.outputs, *self.instead.values()])
        for i in self.kept:
            self.readers.update(self.inputs[i])
        self._end = set(self.outputs)
        self.packed: set[int] = set()
        for i in self.kept:
            self._pack(i)

    def alias(self, ref: Ref) -> Ref:
        return self._aliases.get(ref, ref)

    def _pack(self, i: int) -> None:
        """A list of all that one step gives stays the tuple that it is. What a loop carries is taken apart."""
        step, inputs = self.steps[i], self.inputs[i]
        maker = inputs[0][0] if inputs else ARGUMENT
        if (
            maker != ARGUMENT
            and not self.steps[maker].loop
            and isinstance(step.expression, Applied)
            and Operands() in step.expression.args
            and reads(step.expression) == 1
            and len(inputs) > 1
            and self.steps[maker].outputs == len(inputs)
            and inputs == tuple((maker, k) for k in range(len(inputs)))
            and all(self.readers[ref] == 1 and not self._named(ref) for ref in inputs)
        ):
            self.packed.add(maker)
            self.inputs[i] = ((maker, PACKED),)
            self.readers[maker, PACKED] = 1

    def gives(self, i: int) -> list[Ref]:
        """What a step gives to others by a name of its own."""
        return [(i, PACKED)] if i in self.packed else [(i, k) for k in range(self.steps[i].outputs)]

    def lines(self) -> list[Line]:
        """All lines in order."""
        found: list[Line] = []
        chain: list[int] = []
        for i in self.kept:
            joined = bool(chain) and self._recomputed(chain[-1], i)
            if chain and not joined and (self._apart(chain, i) or not self._continues(chain[-1], i)):
                found += self._cut(chain)
                chain = []
            chain.append(i)
        return self._folded(found + (self._cut(chain) if chain else []))

    def _folded(self, lines: Sequence[Line]) -> list[Line]:
        """Short branches stand where two tensors are joined: `x + self.mlp(self.norm(x))`."""
        found: list[Line] = []
        for line in lines:
            while found and (joined := self._fold(found[-1], line)) is not None:
                found.pop()
                line = joined
            found.append(line)
        return found

    def _fold(self, branch: Line, line: Line) -> Line | None:
        """The line with the one before it in the place of an operand, where that keeps the order of the calls."""
        one, two = self.steps[branch.last], self.steps[line.last]
        ref = (branch.last, 0)
        if (
            not (len(line.steps) == 1 and len(line.operands) == 2 and _joins(two))
            or ref not in line.operands
            or any(isinstance(part, Line) for part in line.operands[: line.operands.index(ref)])
            or len(branch.operands) != 1
            or len(branch.steps) > FOLDED
            or one.outputs > 1
            or one.loop
            or one.training != two.training
            or not (one.when is two.when is None)
            or one.turn is not two.turn
            or branch.last in self.packed
            or branch.recomputed
            or self.readers[ref] > 1
            or ref in self._end
            or self._named(ref)
        ):
            return None
        source = branch.operands[0]
        if isinstance(source, Line) or source[1] == PACKED or self.readers[source] < 2:
            return None  # the flow itself goes through it
        operands = tuple(branch if part == ref else part for part in line.operands)
        joined = Line(line.steps, operands)
        return joined if self._fits(joined) else None

    def _recomputed(self, before: int, i: int) -> bool:
        """Whether what a step gives is computed again for another one."""
        one, two = self.steps[before], self.steps[i]
        return (
            one.recomputed
            and self.inputs[i] == ((before, 0),)
            and self.readers[before, 0] == 1
            and one.turn is two.turn
            and one.training == two.training
            and one.when is two.when is None
        )

    def _apart(self, chain: Sequence[int], i: int) -> bool:
        """Whether a chain that is computed again ends before a step, or begins there: its first step always tells."""
        return self.steps[chain[0]].recomputed or self.steps[i].recomputed

    def _continues(self, before: int, i: int) -> bool:
        one, two = self.steps[before], self.steps[i]
        gives = self.gives(before)
        ref = gives[0]
        if one.when is not None and one.instead is None:
            return True  # one condition for both
        return (
            len(gives) == 1
            and self.inputs[i] == (ref,)
            and self.readers[ref] == 1
            and ref not in self._end
            and not one.loop
            and not two.loop
            and one.training == two.training
            and one.turn is two.turn
            and one.when is two.when is None
            and (before in self.packed or not self._named(ref))
            and (two.expression is None or reads(two.expression) == 1)
        )

    def heavy(self, i: int) -> bool:
        """Whether a step is one that a line is about: a block, a convolution, a join."""
        step = self.steps[i]
        module = step.step.module
        if step.step.level is not None or len(step.inputs) > 1:
            return True
        return module is not None and any(len(shape) > 1 for shape in module.weights.values())

    def _cut(self, chain: list[int]) -> list[Line]:
        """A chain in lines. One that begins with norm or activation has them in front of what they prepare."""
        if self.steps[chain[0]].when is not None:
            return [self._together(chain)]
        if self.steps[chain[0]].recomputed and not self.steps[chain[-1]].recomputed:
            return [replace(self._line(chain), recomputed=True)]
        heavy = [self.heavy(i) for i in chain]
        first = self.steps[chain[0]].step.module
        before = (
            any(heavy) and first is not None and first.layer is not None and first.layer.group in _PREPARING
        )
        if before and len(chain) <= NESTED and sum(heavy) < 3 and self._fits(self._line(chain)):
            return [self._line(chain)]
        parts: list[list[int]] = [[]]
        for i, is_heavy in zip(chain, heavy, strict=True):
            if is_heavy and not before and any(map(self.heavy, parts[-1])):
                parts.append([])
            if parts[-1] and (len(parts[-1]) == NESTED or not self._fits(self._line([*parts[-1], i]))):
                parts.append([])
            parts[-1].append(i)
            if is_heavy and before:
                parts.append([])
        return [self._line(part) for part in parts if part]

    def _together(self, those: list[int]) -> Line:
        """Steps under one condition as one line, each within the one that reads what it gives."""
        part = those[-1:]
        while len(inputs := self.inputs[part[0]]) == 1 and inputs[0][0] in those:
            part.insert(0, inputs[0][0])
        operands = tuple(
            self._together([*(i for i in those if i < ref[0]), ref[0]]) if ref[0] in those else ref
            for ref in inputs
        )
        return replace(self._line(part), operands=operands)

    def _line(self, part: list[int]) -> Line:
        instead = self.instead.get(part[-1])
        return Line(tuple(part), self.inputs[part[0]], () if instead is None else (instead,))


def _joins(step: StepRow) -> bool:
    """Whether a step computes with what arrives, or puts it one behind the other."""
    made = step.expression
    return step.row < 0 and (
        isinstance(made, Joined)
        or (isinstance(made, Applied) and made.function == "torch.cat" and Operands() in made.args)
    )
