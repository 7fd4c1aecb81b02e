"""What the text says of a number: its expression as a formula over the parameters of a class.

A formula from here is a guess. Who uses it holds it against the numbers of all instances first, and takes the next
one, or none, where it does not give them: so it can be wrong about the text, and never about the module.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from archdsl.emit.algebra import difference, holds, may_be_negative, operation, terms
from archdsl.emit.conditions import Flags, denied, negated
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
    parts,
    size,
    sum_of,
    value_of,
)
from archdsl.emit.locals import written_out
from archdsl.emit.scopes import Scope, Scopes, Written, own_channels, parameter_of
from archdsl.emit.template import Number, Slot
from archdsl.emit.texts import counted
from archdsl.graph.model import Module, ModuleKind, Node, Tensor
from archdsl.syntax import ast

#: Functions of the language in Python.
_FUNCTIONS = {"floor": "math.floor", "ceil": "math.ceil", "sqrt": "math.sqrt", "log2": "math.log2"}
#: A formula of more parts is none that anybody would write.
LARGEST = 24
#: How many expressions are read for one number.
_STEPS = 2000
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
        usual: Mapping[str, Number] | None = None,
    ) -> None:
        """`parameters` are names of the text, with what Python calls them; `arriving` the tensors that arrive, with
        what their channels are called; `vectors` what all of them are in each instance; `constants` the
        parameters of a network, where the class is one;
        `sample` the instance whose text it is; `usual` the defaults of the text.
        """
        self._constants = constants or {}
        self._network = constants is not None
        self._left = _STEPS
        self._scopes = scopes
        self._parameters = parameters
        self._arriving = arriving
        self._vectors = vectors
        self.sample = sample
        self._usual = usual or {}
        self._first = {name: vector[sample] for name, vector in vectors.items()}
        self._channels: dict[Tensor, Formula | None] = {}
        self._derived: dict[str, Formula | None] = {}
        self._lets: dict[
            tuple[int, int], tuple[Formula | None, Scope]
        ] = {}  # the scope stays as long as its id

    def of(self, slot: Slot) -> Iterator[Formula]:
        """Guesses for the numbers of a slot, the best first."""
        self._left = _STEPS
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
                yield None if two is None else difference(two, one)
        elif slot.of_run:
            yield from self._counts(item)
        elif slot.after is None:
            yield from self._of_item(item, slot)
        else:  # a guess for the first member must lead to that of the next one
            nexts = [found for found in self._of(slot.after) if found is not None]
            for found in self._of_item(item, slot):
                if found is not None and any(difference(one, found) is not None for one in nexts):
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

    def written(self, item: Module | Node, name: str, depth: int = 0) -> Iterator[Formula | None]:
        """What the text gives a parameter of a layer or block."""
        for written in self._scopes.arguments(item, name):
            yield self.translate(written, depth)

    def condition(self, flags: Flags) -> Formula | None:
        """What the text of the block asks, and answers in each instance with its flag, or with the opposite."""
        scope = self._scopes.of_block(self._scopes.top)
        if scope is None or scope.owner is None:
            return None
        self._left = _STEPS
        for expr in self._scopes.texts.conditions(scope.owner):
            found = self.translate(Written(expr, scope))
            if found is not None and size(found) <= LARGEST:
                if holds(found, flags, self._vectors):
                    return written_out(found)
                if holds(found, denied(flags), self._vectors):
                    return negated(written_out(found))
        return None

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
                elif isinstance(node, ast.ForElement) and counted(node.iterable) is not None:
                    count = counted(node.iterable)
                    yield None if count is None else self.translate(Written(count, scope))
                inner = node

    # --- channels ----------------------------------------------------------------------------------------------------

    def channels(self, tensor: Tensor, depth: int = 0) -> Formula | None:
        """The channels of a tensor in the level."""
        path: list[Tensor] = []  # tensors of the same channels: what is found holds for all of them
        at = tensor
        while at not in self._channels:
            path.append(at)
            before = self._before(at)
            if before is None:
                break
            at = before
        if at not in self._channels:
            self._channels[at] = None
            found = self._made(at, depth)
            if self._network and not isinstance(found, Param):
                found = None
            if found is not None and self._gives(found) == at.shape.channels:
                self._channels[at] = found
        for same in path:
            self._channels[same] = self._channels[at]
        return self._channels[at]

    def _before(self, tensor: Tensor) -> Tensor | None:
        """What a layer takes that does not say the channels itself, and leaves as many."""
        layer, inputs = tensor.node.layer, tensor.node.inputs
        if tensor in self._arriving or layer is None or own_channels(layer) is not None:
            return None
        channels = [x.shape.channels for x in inputs]
        if len(inputs) > 1 and (self._network or sum(channels) == tensor.shape.channels):
            return None
        inside = self._scopes.inside(tensor.node.scope.module)
        same = (x for x in inputs if x.shape.channels == tensor.shape.channels)
        return next(same, None) if inside else None

    def _made(self, tensor: Tensor, depth: int) -> Formula | None:
        if tensor in self._arriving:
            return Param(self._arriving[tensor])
        node, layer = tensor.node, tensor.node.layer
        if layer is None or depth > _DEPTH or not self._scopes.inside(node.scope.module):
            return None
        own = own_channels(layer)
        if own is not None:
            guesses = (f for f in self.written(node.module or node, own, depth + 1) if f is not None)
            return next((f for f in guesses if self._gives(f) == tensor.shape.channels), None)
        channels = [x.shape.channels for x in node.inputs]
        if self._network or not layer.is_join or sum(channels) != tensor.shape.channels:
            return None
        parts = [self.channels(x, depth + 1) for x in node.inputs]
        known = [part for part in parts if part is not None]
        return sum_of([t for part in known for t in terms(part)]) if len(known) == len(parts) else None

    def _gives(self, formula: Formula) -> object:
        """What it is in the instance whose text is read."""
        try:
            return value_of(formula, self._first)
        except (ArithmeticError, TypeError, ValueError):
            return None

    # --- expressions -------------------------------------------------------------------------------------------------

    def translate(self, written: Written, depth: int = 0) -> Formula | None:
        """An expression of the text; None where it says more than a formula can."""
        self._left -= 1
        self._scopes.texts.left -= 1
        if depth > _DEPTH or self._left < 0 or self._scopes.texts.left < 0:
            return None
        found = self._translated(written, depth)
        return found if found is None or size(found) <= 2 * LARGEST else None

    def _translated(self, written: Written, depth: int) -> Formula | None:
        expr, scope = written.expr, written.scope

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
            key = id(node), id(scope)
            if key not in self._lets:
                self._lets[key] = None, scope
                self._lets[key] = self._let(node, name.id, scope, depth), scope
            return self._lets[key][0]
        return None

    def _let(self, node: ast.Let, name: str, scope: Scope, depth: int) -> Formula | None:
        """The value of a `let`, which has a name."""
        home = self._scopes.texts.home(node)
        inside = home is not None and home is scope.owner
        found = self.translate(Written(node.expr, scope if inside else Scope(None)), depth + 1)
        if found is None or isinstance(found, (Param, Named, Tuple)):
            return found
        if self._network:
            value = self._gives(found)
            return Named(name, Const(value)) if isinstance(value, (int, float)) else None
        return Named(name, found) if size(found) <= LARGEST else None

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

    def _may_be_float(self, formula: Formula) -> bool:
        """Whether a formula gives a float in some instance, or would with the defaults of the text."""
        if isinstance(formula, Const):
            return isinstance(formula.value, float)
        if isinstance(formula, Param):
            numbers = (*self._vectors[formula.name], self._usual.get(formula.name))
            return any(isinstance(number, float) for number in numbers)
        if isinstance(formula, Floor) or (isinstance(formula, Function) and formula.name != "abs"):
            return not isinstance(formula, Floor) and formula.name not in ("round", "math.ceil", "int")
        divides = isinstance(formula, Op) and formula.op in ("/", "**")
        return divides or any(map(self._may_be_float, parts(formula)))

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
            if not may_be_negative(args[0], self._vectors):
                return Floor(args[0]) if self._may_be_float(args[0]) else args[0]
        return Function(name, args)
