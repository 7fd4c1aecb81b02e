"""Layers in PyTorch as structure and numbers: numbers leave holes."""

from __future__ import annotations

from collections.abc import Sequence

from archdsl.emit.levels import Step
from archdsl.emit.template import (
    Applied,
    Expression,
    Fixed,
    Hole,
    Initialised,
    Joined,
    Listed,
    MadeLayer,
    MadeParameter,
    Number,
    Operand,
    Operands,
    OperandSpace,
    OwnWeight,
    Paired,
    Slot,
)
from archdsl.emit.torch_api import FUNCTIONS, METHODS, SIGNATURES, Required, SameAs
from archdsl.graph.model import Module, Node
from archdsl.layers import Layer
from archdsl.layers.form import (
    AllInputs,
    Binary,
    Call,
    DictOf,
    Expr,
    Form,
    FunctionForm,
    InitCall,
    Input,
    ListOf,
    Lit,
    ModuleForm,
    ParameterForm,
    Space,
    TupleOf,
    Weight,
)

#: Methods of tensors that PyTorch leaves without types, unlike its functions of the same names.
_UNTYPED = frozenset(["unflatten"])


#: What single layers construct, by their form, their layer and the number of the first hole, with their numbers and
#: these numbers' slots. The form is kept, so that its id is nothing else's.
Constructed = dict[
    tuple[int, int, int], tuple[Form, MadeLayer | MadeParameter, tuple[Number | None, ...], tuple[Slot, ...]]
]


class Abstraction:
    """Collects the numbers of one level while it makes the structure around them."""

    def __init__(self, constructed: Constructed | None = None) -> None:
        """`constructed` is what several of them share: copies of a block construct the same."""
        self._constructed = {} if constructed is None else constructed
        self.values: list[Number | None] = []
        self.slots: list[Slot] = []
        self._item: Module | Node | None = None  # what the numbers are of

    def hole(self, value: Number | None, slot: Slot) -> Hole:
        """A number."""
        self.values.append(value)
        self.slots.append(slot)
        return Hole(len(self.values) - 1)

    def forget(self, first: int) -> None:
        """Drop the numbers from a place on."""
        del self.values[first:], self.slots[first:]

    def layer(
        self, form: Form, owner: str, layer: Layer | None, item: Module | None = None
    ) -> MadeLayer | MadeParameter:
        """What a single layer constructs; `item` is its module, where the text has one."""
        assert not isinstance(form, FunctionForm)
        first = len(self.values)
        key = (id(form), id(layer), first)
        known = self._constructed.get(key)
        if known is not None:
            _, made, values, slots = known
            self.values += values
            self.slots += [Slot(slot.name, owner, slot.default, False, False, item) for slot in slots]
            return made
        made = self._layer(form, owner, layer, item)
        self._constructed[key] = form, made, tuple(self.values[first:]), tuple(self.slots[first:])
        return made

    def _layer(
        self, form: ModuleForm | ParameterForm, owner: str, layer: Layer | None, item: Module | None
    ) -> MadeLayer | MadeParameter:
        self._item = item
        if isinstance(form, ParameterForm):
            return MadeParameter(self._expression(form.create, owner, layer), self._inits(form.init, owner))
        return MadeLayer(self._call(form.call, owner, layer), self._inits(form.init, owner))

    def function(self, step: Step) -> Expression | None:
        """What a step that is no call of a module computes."""
        if step.form is None:
            return None
        owner = step.module.name if step.module is not None else ""
        return self.computed(step.form, owner, step.node.layer, step.node)

    def computed(
        self, form: Form, owner: str, layer: Layer | None, item: Node | None = None
    ) -> Expression | None:
        """What a single layer computes in forward, if it is no call of a module; `item` is where it works."""
        if isinstance(form, ModuleForm):
            return None
        self._item = item
        return self._expression(form.expr, owner, layer, forward=True)

    def _inits(self, inits: Sequence[InitCall], owner: str) -> tuple[Initialised, ...]:
        return tuple(
            Initialised(
                init.weight,
                init.function,
                tuple((name, self._expression(value, owner, None, name)) for name, value in init.kwargs),
            )
            for init in inits
        )

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
            return self.hole(
                value,
                Slot(expr.name or name or _argument(value, layer), owner, default, forward, item=self._item),
            )
        if isinstance(expr, Input):
            return Operand(expr.index)
        if isinstance(expr, Space):
            return OperandSpace(expr.index)
        if isinstance(expr, AllInputs):
            return Operands()
        if isinstance(expr, Weight):
            return OwnWeight()

        def inner(part: Expr, name: str = "") -> Expression:
            return self._expression(part, owner, layer, name, forward)

        if isinstance(expr, Binary):
            return Joined(expr.op, tuple(map(inner, expr.operands)))
        if isinstance(expr, ListOf):
            return Listed(tuple(inner(item, name) for item in expr.items))
        if isinstance(expr, TupleOf):
            return Listed(tuple(inner(item, name) for item in expr.items), "()")
        if isinstance(expr, DictOf):
            return Listed(tuple(Paired(inner(key), inner(value)) for key, value in expr.items), "{}")
        target = None if expr.target is None else inner(expr.target)
        if target is None:
            names = [*(SIGNATURES.get(expr.function) or FUNCTIONS.get(expr.function, ()))]
        else:
            names = [*METHODS.get(expr.function, ())]
        names += [""] * (len(expr.args) - len(names))
        positional = tuple(inner(arg, name) for arg, name in zip(expr.args, names, strict=False))
        if target is not None and expr.function in _UNTYPED:
            args = (target, *positional)
            return Applied(f"torch.{expr.function}", args, tuple((k, inner(v, k)) for k, v in expr.kwargs))
        kwargs = tuple((key, inner(value, key)) for key, value in expr.kwargs)
        return Applied(expr.function, positional, kwargs, target)


def _argument(value: Number, layer: Layer | None) -> str:
    """The argument of the layer that has this value."""
    if layer is None:
        return "value"
    values = layer.values().items()
    return next((name for name, v in values if type(v) is type(value) and v == value), layer.name)
