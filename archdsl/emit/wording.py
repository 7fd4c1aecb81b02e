"""Expressions of one class in Python: cells as formulas, in the constructor or in forward."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archdsl.emit.arguments import Solver
from archdsl.emit.code import (
    Apply,
    Bracket,
    Code,
    Infix,
    Keyword,
    Pair,
    Py,
    Subscript,
    Ternary,
    constant,
    flat,
)
from archdsl.emit.conditions import negated
from archdsl.emit.formulas import Const, Formula, Logic, Param, following, grown, printed
from archdsl.emit.initial import FEW
from archdsl.emit.locals import written_out
from archdsl.emit.names import INDICES, Namespace
from archdsl.emit.template import (
    Applied,
    Cell,
    Chosen,
    Expression,
    Fixed,
    Hole,
    Joined,
    Listed,
    MadeLayer,
    MadeParameter,
    Operand,
    Operands,
    OperandSpace,
    OwnWeight,
    Paired,
)

#: Methods that take a part of a tensor, with the number of their arguments.
_PARTS = {"select": 2, "narrow": 3}


def index(depth: int) -> str:
    """The variable of a loop inside `depth` others."""
    return INDICES[depth] if depth < len(INDICES) else f"i{depth}"


class Wording:
    """What the numbers of a class are called. `attributes` are the names that instances of it have."""

    def __init__(self, solver: Solver, attributes: Namespace) -> None:
        self.solver = solver
        self._attributes = attributes
        self._stored: dict[str, str] = {}
        self.conditions: dict[str, Formula] = {}  # attributes that are no parameters
        self.indexed: set[int] = set()  # loops whose variable was printed

    def formula(self, cell: Cell) -> Formula:
        """What a cell is, in terms of parameters and loops."""
        found = self.solver.formula(cell.vector, cell.slot)
        for vector, depth, slot in cell.growth:
            step = self.solver.formula(vector, slot)
            before = found
            found = grown(found, step, index(depth))
            if found != before:
                self.indexed.add(depth)
        for course, depth in cell.courses:
            found = following(found, course, index(depth))
            self.indexed.add(depth)
        return found

    def number(self, cell: Cell) -> Py:
        """A cell in the constructor."""
        return printed(self.formula(cell))

    def stored(self, cell: Cell) -> Py:
        """A cell in forward, where parameters are attributes."""
        formula = written_out(self.formula(cell))
        self.solver.store(formula)
        return printed(formula, lambda name: f"self.{self.attribute(name)}")

    def test(self, cell: Cell) -> Py:
        """A flag in the constructor: an attribute, if forward needs it too."""
        formula = self.formula(cell)
        kept = next((name for name, other in self.conditions.items() if other == formula), "")
        return Code(f"self.{kept}") if kept else printed(formula)

    def opposite(self, cell: Cell) -> Py | None:
        """The attribute that is the opposite of a flag, if there is one."""
        other = negated(self.formula(cell))
        kept = next((name for name, formula in self.conditions.items() if formula == other), "")
        return Code(f"self.{kept}") if kept else None

    def condition(self, cell: Cell) -> Py:
        """A flag in forward: a parameter, or what the constructor found."""
        formula = self.formula(cell)
        if isinstance(formula, Param) or (isinstance(formula, Logic) and formula.op == "not"):
            self.solver.store(formula)
            return printed(formula, lambda name: f"self.{self.attribute(name, f'has_{name}')}")
        name = next((name for name, other in self.conditions.items() if other == formula), "")
        if not name:
            name = self._attributes.claim(f"has_{cell.slot.name}", cell.slot.name)
            self.conditions[name] = formula
        return Code(f"self.{name}")

    def attribute(self, parameter: str, other: str = "") -> str:
        """The attribute that keeps a parameter. `other`: what else it may be called."""
        if parameter not in self._stored:
            self._stored[parameter] = self._attributes.claim(parameter, other or f"{parameter}_value")
        return self._stored[parameter]

    def expression(
        self,
        expression: Expression,
        operands: Sequence[Py] = (),
        weight: Py | None = None,
        forward: bool = False,
        packed: bool = False,
    ) -> Py:
        """An expression over the tensors that arrive; `packed`: as one operand, which is a tuple of them."""
        if isinstance(expression, Cell):
            return self.stored(expression) if forward else self.number(expression)
        if isinstance(expression, Fixed):
            return constant(expression.value)
        if isinstance(expression, Operand):
            return operands[expression.index]
        if isinstance(expression, OperandSpace):
            return Code(f"{flat(operands[expression.index])}.shape[2:]")
        if isinstance(expression, Operands):
            return _together(operands) if not packed else operands[0]
        if isinstance(expression, OwnWeight):
            assert weight is not None
            return weight

        def inner(part: Expression) -> Py:
            return self.expression(part, operands, weight, forward, packed)

        if isinstance(expression, Joined):
            return Infix(expression.op, tuple(map(inner, expression.operands)))
        if isinstance(expression, Listed):
            return Bracket(tuple(map(inner, expression.items)), expression.pair)
        if isinstance(expression, Paired):
            return Pair(inner(expression.key), inner(expression.value))
        if isinstance(expression, Chosen):
            assert isinstance(expression.when, Cell)
            return Ternary(inner(expression.then), self.condition(expression.when), inner(expression.other))
        assert not isinstance(expression, Hole)
        target = None if expression.target is None else inner(expression.target)
        subscript = self._subscript(expression)
        if subscript and target is not None:
            return Subscript(target, subscript)
        kwargs = tuple(Keyword(name, inner(value)) for name, value in expression.kwargs)
        return Apply(expression.function, (*map(inner, expression.args), *kwargs), target)

    def _subscript(self, call: Applied) -> str:
        """What stands for a method that takes a part of the first axis but the batch: `:, 1:3`; empty if none does."""
        numbers: list[int] = []
        for arg in call.args if call.function in _PARTS and not call.kwargs else ():
            formula = self.formula(arg) if isinstance(arg, Cell) else None
            value = (
                arg.value if isinstance(arg, Fixed) else formula.value if isinstance(formula, Const) else None
            )
            if type(value) is not int or value < 0:
                return ""
            numbers.append(value)
        if len(numbers) != _PARTS.get(call.function) or numbers[0] != 1:
            return ""
        return f":, {numbers[1]}" if len(numbers) == 2 else f":, {numbers[1] or ''}:{sum(numbers[1:])}"


def _together(operands: Sequence[Py]) -> Py:
    """All operands as a list; one tensor many times is `[x] * 10`."""
    if len(operands) >= FEW and len(set(map(flat, operands))) == 1:
        return Infix("*", (Bracket((operands[0],)), constant(len(operands))))
    return Bracket(tuple(operands))


def reads(expression: Expression, operand: int | None = None) -> int:
    """How often an expression reads an operand, or any."""
    if isinstance(expression, (Operand, OperandSpace)):
        return int(operand is None or expression.index == operand)
    if isinstance(expression, Operands):
        return 1
    if isinstance(expression, Applied):
        parts = [*expression.args, *(v for _, v in expression.kwargs)]
        parts += [] if expression.target is None else [expression.target]
        return sum(reads(part, operand) for part in parts)
    if isinstance(expression, (Joined, Listed)):
        parts = list(expression.operands if isinstance(expression, Joined) else expression.items)
        return sum(reads(part, operand) for part in parts)
    if isinstance(expression, Paired):
        return reads(expression.key, operand) + reads(expression.value, operand)
    if isinstance(expression, Chosen):
        return max(reads(expression.then, operand), reads(expression.other, operand))
    return 0


def functions(part: Expression | MadeLayer | MadeParameter) -> Iterator[str]:
    """The functions that an expression, or what is constructed, calls, methods aside, in the order of the text."""
    if isinstance(part, MadeLayer):
        yield from functions(part.call)
    elif isinstance(part, MadeParameter):
        yield from functions(part.create)
    elif isinstance(part, Applied):
        if part.target is None:
            yield part.function
        else:
            yield from functions(part.target)
        for inner in (*part.args, *(v for _, v in part.kwargs)):
            yield from functions(inner)
    elif isinstance(part, (Joined, Listed)):
        for inner in part.operands if isinstance(part, Joined) else part.items:
            yield from functions(inner)
    elif isinstance(part, Paired):
        yield from functions(part.key)
        yield from functions(part.value)
    elif isinstance(part, Chosen):
        yield from functions(part.then)
        yield from functions(part.other)
