"""What the text says of a number: its expression as a formula over the parameters of a class.

A formula from here is a guess. Who uses it holds it against the numbers of all instances first, and takes the next
one, or none, where it does not give them: so it can be wrong about the text, and never about the module.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from archdsl.emit.formulas import (
    FUNCTIONS,
    Choice,
    Const,
    Floor,
    Formula,
    Function,
    Logic,
    Named,
    Op,
    Param,
    Test,
    Tuple,
    Vector,
    size,
    sum_of,
    value_of,
)
from archdsl.emit.scopes import Scope, Scopes, Written, own_channels, parameter_of
from archdsl.emit.template import Number, Slot
from archdsl.graph.model import Module, ModuleKind, Node, Tensor
from archdsl.syntax import ast

#: Functions of the language in Python.
_FUNCTIONS = {"floor": "math.floor", "ceil": "math.ceil", "sqrt": "math.sqrt", "log2": "math.log2"}
#: A formula of more parts is none that anybody would write.
LARGEST = 24
#: How far a number is followed: through names, calls, and tensors that are joined.
_DEPTH = 40


class Hints:
    """Formulas for the numbers of one class, from the text of one of its instances."""

    def __init__(
        self,
        scopes: Scopes,
        parameters: Mapping[str, str],
        arriving: Mapping[Tensor, str],
        vectors: Mapping[str, Vector],
        constants: Mapping[str, Number] | None,
        sample: int = 0,
    ) -> None:
        """`parameters` are names of the text, with what Python calls them; `arriving` the tensors that arrive, with
        what their channels are called; `vectors` what all of them are in each instance; `constants` the
        parameters of a network, where the class is one;
        `sample` the instance whose text it is.
        """
        self._constants = constants or {}
        self._network = constants is not None
        self._scopes = scopes
        self._parameters = parameters
        self._arriving = arriving
        self._vectors = vectors
        self.sample = sample
        self._first = {name: vector[sample] for name, vector in vectors.items()}
        self._channels: dict[Tensor, Formula | None] = {}
        self._derived: dict[str, Formula | None] = {}

    def of(self, slot: Slot) -> Iterator[Formula]:
        """Guesses for the numbers of a slot, the best first."""
        for found in self._of(slot):
            if found is not None and size(found) <= LARGEST and self._is_worth(found):
                yield found

    def _is_worth(self, formula: Formula) -> bool:
        """In a network, where each number is one, names alone say more than it."""
        return not self._network or isinstance(formula, (Named, Param))

    def _of(self, slot: Slot) -> Iterator[Formula | None]:
        item = slot.item
        if item is None:
            return
        if slot.before is not None:
            after = replace(slot, name=slot.before.name)
            for one, two in zip(self.of(slot.before), self._of_item(item, after), strict=False):
                yield None if two is None else _difference(two, one)
        elif slot.of_run:
            yield from self._counts(item)
        elif slot.after is None:
            yield from self._of_item(item, slot)
        else:  # a guess for the first member must lead to that of the next one
            nexts = [found for found in self._of(slot.after) if found is not None]
            for found in self._of_item(item, slot):
                if found is not None and any(_difference(one, found) is not None for one in nexts):
                    yield found

    def _of_item(self, item: Module | Node, slot: Slot) -> Iterator[Formula | None]:
        if item.layer is not None:
            name = parameter_of(item.layer, slot.name)
            if name is not None:
                yield from self.written(item, name)
            else:
                tensor = self._scopes.arriving(item)
                yield None if tensor is None else self.channels(tensor)
        elif slot.tensor is not None:
            yield self.channels(slot.tensor)
        elif isinstance(item, Module) and item.kind is ModuleKind.BLOCK:
            yield from self.written(item, slot.parameter)
        elif slot.parameter:
            yield self._parameter(slot.parameter)

    def written(self, item: Module | Node, name: str) -> Iterator[Formula | None]:
        """What the text gives a parameter of a layer or block."""
        for written in self._scopes.arguments(item, name):
            yield self.translate(written)

    def _counts(self, item: Module | Node) -> Iterator[Formula | None]:
        """How often the text repeats an element."""
        element = self._scopes.texts.element(item.span)
        if element is None:
            return
        for scope in self._scopes.around(item):
            inner: ast.AstNode = element
            for node in self._scopes.texts.around(element):
                if node is scope.owner:
                    break
                if isinstance(node, ast.Binary) and node.op == "*" and node.left is inner:
                    yield self.translate(Written(node.right, scope))
                elif isinstance(node, ast.ForElement) and _counted(node.iterable) is not None:
                    count = _counted(node.iterable)
                    yield None if count is None else self.translate(Written(count, scope))
                inner = node

    # --- channels ----------------------------------------------------------------------------------------------------

    def channels(self, tensor: Tensor, depth: int = 0) -> Formula | None:
        """The channels of a tensor in the level."""
        start = tensor
        if start not in self._channels:
            self._channels[start] = None
            found = self._made(tensor, depth)
            if self._network and not isinstance(found, Param):
                found = None
            if found is not None and self._gives(found) != start.shape.channels:
                found = None
            self._channels[start] = found
        return self._channels[start]

    def _made(self, tensor: Tensor, depth: int) -> Formula | None:
        while True:
            if tensor in self._arriving:
                return Param(self._arriving[tensor])
            node = tensor.node
            layer = node.layer
            if layer is None or depth > _DEPTH or not self._scopes.inside(node.scope.module):
                return None
            own = own_channels(layer)
            if own is not None:
                for found in self.written(node.module or node, own):
                    if found is not None and self._gives(found) == tensor.shape.channels:
                        return found
                return None
            channels = [x.shape.channels for x in node.inputs]
            if self._network and len(channels) > 1:
                return None
            if layer.is_join and len(channels) > 1 and sum(channels) == tensor.shape.channels:
                parts = [self.channels(x, depth + 1) for x in node.inputs]
                known = [part for part in parts if part is not None]
                return (
                    sum_of([t for part in known for t in _terms(part)]) if len(known) == len(parts) else None
                )
            same = [x for x in node.inputs if x.shape.channels == tensor.shape.channels]
            if not same:
                return None
            tensor = same[0]

    def _gives(self, formula: Formula) -> object:
        """What it is in the instance whose text is read."""
        try:
            return value_of(formula, self._first)
        except (ArithmeticError, TypeError, ValueError):
            return None

    # --- expressions -------------------------------------------------------------------------------------------------

    def translate(self, written: Written, depth: int = 0) -> Formula | None:
        """An expression of the text; None where it says more than a formula can."""
        expr, scope = written.expr, written.scope
        if depth > _DEPTH:
            return None

        def inner(part: ast.Expr) -> Formula | None:
            return self.translate(Written(part, scope, written.arrives), depth + 1)

        def all_of(exprs: Sequence[ast.Expr]) -> tuple[Formula, ...] | None:
            found = [f for f in map(inner, exprs) if f is not None]
            return tuple(found) if len(found) == len(exprs) else None

        if isinstance(expr, (ast.Number, ast.Boolean)):
            return Const(expr.value)
        if isinstance(expr, ast.Extents):
            return Const(expr.sizes)
        if isinstance(expr, ast.Group):
            return inner(expr.inner)
        if isinstance(expr, ast.Name):
            return self._name(expr, scope, depth)
        if isinstance(expr, ast.Attribute):
            tensor = self._tensor(expr.target, written) if expr.name == "channels" else None
            return None if tensor is None else self.channels(tensor, depth + 1)
        if isinstance(expr, ast.Index):
            return self._index(expr, written, depth)
        if isinstance(expr, ast.Call):
            return self._call(expr, written, depth)
        if isinstance(expr, ast.ListExpr):
            items = all_of([item for item in expr.items if not isinstance(item, ast.Star)])
            return Tuple(items) if items is not None and len(items) == len(expr.items) else None
        if isinstance(expr, ast.Binary):
            operands = all_of((expr.left, expr.right))
            return None if operands is None else operation(expr.op, operands)
        if isinstance(expr, ast.Unary):
            operand = inner(expr.operand)
            if operand is None or expr.op == "+":
                return operand
            if expr.op == "not":
                return Logic("not", (operand,))
            good = isinstance(operand, Const) and isinstance(operand.value, (int, float))
            return operation("-", (Const(0), operand)) if good else None
        if isinstance(expr, ast.Compare):
            operands = all_of(expr.operands)
            good = operands is not None and not {"in", "not in"} & set(expr.ops)
            return Test(expr.ops, operands) if good and operands is not None else None
        if isinstance(expr, ast.Logical):
            operands = all_of(expr.operands)
            return None if operands is None else Logic(expr.op, operands)
        if isinstance(expr, ast.Conditional):
            operands = all_of((expr.then, expr.condition, expr.otherwise))
            return None if operands is None else Choice(*operands)
        return None

    def _name(self, name: ast.Name, scope: Scope, depth: int) -> Formula | None:
        bound = self._scopes.texts.binding(name)
        if bound is None:
            return None
        node = bound.node
        if isinstance(node, ast.Parameter):
            if scope.owner is None or node not in scope.owner.parameters:
                return None
            if scope.call is None:
                return self._parameter(node.name, scope)
            given = self._scopes.parameter(scope, node.name)
            return None if given is None else self.translate(given, depth + 1)
        if isinstance(node, ast.Let) and node.target.name == name.id:
            home = self._scopes.texts.home(node)
            inside = home is not None and home is scope.owner
            found = self.translate(Written(node.expr, scope if inside else Scope(None)), depth + 1)
            if found is None or isinstance(found, (Param, Named, Tuple)):
                return found
            if self._network:
                value = self._gives(found)
                return Named(name.id, Const(value)) if isinstance(value, (int, float)) else None
            return Named(name.id, found)
        return None

    def _parameter(self, name: str, scope: Scope | None = None) -> Formula | None:
        """A parameter of the class; where all instances leave it to an expression, that."""
        if name in self._constants:
            return Named(name, Const(self._constants[name]))
        python = self._parameters.get(name)
        if python is None:
            return None
        if name not in self._derived:
            self._derived[name] = None
            default = None
            if scope is not None and scope.owner is not None:
                default = next((p.default for p in scope.owner.parameters if p.name == name), None)
            if default is not None and not isinstance(default, (ast.Number, ast.Boolean, ast.Extents)):
                found = self.translate(Written(default, scope or Scope(None)), 1)
                if isinstance(found, Const):
                    found = None
                if found is not None and holds(found, self._vectors[python], self._vectors):
                    self._derived[name] = found if isinstance(found, Param) else Named(name, found)
        return self._derived[name] or Param(python)

    def _tensor(self, expr: ast.Expr, written: Written) -> Tensor | None:
        if isinstance(expr, ast.It):
            return written.arrives
        if isinstance(expr, ast.In) and written.scope.module is not None:
            return self._scopes.arriving(written.scope.module)
        module = written.scope.module
        if isinstance(expr, ast.Name) and module is not None and module.scopes:
            bound = self._scopes.texts.binding(expr)
            if bound is not None and isinstance(bound.node, ast.Taken) and module.definition is not None:
                takes = module.definition.takes
                if expr.id in takes and not any(t.startswith("*") for t in takes):
                    return module.scopes[0].arriving[takes.index(expr.id)]
        return None

    def _index(self, expr: ast.Index, written: Written, depth: int) -> Formula | None:
        """A member of a list that stands in the text."""
        at = self.translate(Written(expr.index, written.scope, written.arrives), depth + 1)
        members = self.translate(Written(expr.target, written.scope), depth + 1)
        if not isinstance(at, Const) or not isinstance(at.value, int) or not isinstance(members, Tuple):
            return None
        return members.items[at.value] if -len(members.items) <= at.value < len(members.items) else None

    def _call(self, expr: ast.Call, written: Written, depth: int) -> Formula | None:
        """A call of a function: one of the language, or one of the text, whose expression stands in its place."""
        if not isinstance(expr.callee, ast.Name) or any(argument.star for argument in expr.arguments):
            return None
        bound = self._scopes.texts.binding(expr.callee)
        if bound is not None:
            if not isinstance(bound.node, ast.Function):
                return None
            scope = Scope(bound.node, written.scope.module, expr, written.scope)
            return self.translate(Written(bound.node.expr, scope), depth + 1)
        given = [
            self.translate(Written(a.value, written.scope, written.arrives), depth + 1)
            for a in expr.arguments
        ]
        args = tuple(arg for arg in given if arg is not None)
        name = _FUNCTIONS.get(expr.callee.id, expr.callee.id)
        if name not in FUNCTIONS or len(args) != len(given) or not args:
            return None
        if name == "math.floor":
            value = self._gives(args[0])
            if isinstance(value, (int, float)) and value >= 0:
                return args[0] if isinstance(value, int) else Floor(args[0])
        return Function(name, args)


def holds(formula: Formula, wanted: Vector, vectors: Mapping[str, Vector]) -> bool:
    """Whether a formula gives the numbers of all instances, kinds included."""
    for i, number in enumerate(wanted):
        if number is None:
            continue
        try:
            found = value_of(formula, {name: vector[i] for name, vector in vectors.items()})
        except (ArithmeticError, TypeError, ValueError):
            return False
        if type(found) is not type(number) or found != number:
            return False
    return True


def operation(op: str, operands: tuple[Formula, ...]) -> Formula | None:
    """`a op b`; sums and products of several in one, what makes no difference left out."""
    if op not in ("+", "-", "*", "/", "//", "%", "**"):
        return None
    left, right = operands
    if all(isinstance(part, Const) and isinstance(part.value, (int, float)) for part in operands):
        try:
            return Const(value_of(Op(op, operands), {}))
        except (ArithmeticError, ValueError):
            return None
    if op in ("*", "//") and right == Const(1):
        return left
    if op == "*" and left == Const(1):
        return right
    if op in ("+", "*") and isinstance(left, Op) and left.op == op:
        return Op(op, (*left.operands, right))
    return Op(op, operands)


def _counted(iterable: ast.Expr) -> ast.Expr | None:
    """The `n` of `range(n)`."""
    if (
        isinstance(iterable, ast.Call)
        and isinstance(iterable.callee, ast.Name)
        and iterable.callee.id == "range"
    ):
        if len(iterable.arguments) == 1 and not iterable.arguments[0].star:
            return iterable.arguments[0].value
    return None


def _terms(formula: Formula) -> tuple[Formula, ...]:
    return formula.operands if isinstance(formula, Op) and formula.op == "+" else (formula,)


def _difference(large: Formula, small: Formula) -> Formula | None:
    """What a sum has more than another one."""
    if large == small:
        return Const(0)
    rest = list(_terms(large))
    for term in _terms(small):
        if term not in rest:
            return None
        rest.remove(term)
    return sum_of(rest)
