"""What a layer is in PyTorch, as a small expression tree that the emitter prints.

Numbers stay values here, never text: the emitter turns those that differ between the instances of a block
into arguments of its constructor.
"""

from __future__ import annotations

from dataclasses import field

from archdsl.records import record

Constant = int | float | bool | str | None


@record
class Lit:
    """A constant; a tuple is one constant (a kernel, a size).

    `name` is what it is called where instances of a block differ in it and PyTorch has no name for it.
    """

    value: Constant | tuple[int | float, ...]
    name: str = field(default="", compare=False)


@record
class Input:
    """The i-th tensor that arrives."""

    index: int = 0


@record
class Space:
    """The spatial sizes of the i-th tensor that arrives, a map: `x.shape[2:]`."""

    index: int


@record
class AllInputs:
    """A list of all tensors that arrive: `[x, y]`."""


@record
class Weight:
    """The parameter of a ParameterForm: `self.gamma`."""


@record
class Call:
    """`function(args, key=value)`; with `target`, the method `target.function(…)`.

    A dotted function starts with `nn.`, `F.` or `torch.`, or is that of an `extern` block; one without a dot is
    a support class, the source of which is a file of templates/support.
    """

    function: str
    args: tuple[Expr, ...] = ()
    kwargs: tuple[tuple[str, Expr], ...] = ()
    target: Expr | None = None


@record
class Binary:
    """`a op b op c`, for `+ - * /`, left to right."""

    op: str
    operands: tuple[Expr, ...]


@record
class ListOf:
    """`[a, b]`"""

    items: tuple[Expr, ...]


@record
class TupleOf:
    """`(a, b)`"""

    items: tuple[Expr, ...]


@record
class DictOf:
    """`{a: b}`"""

    items: tuple[tuple[Expr, Expr], ...]


Expr = Lit | Input | Space | AllInputs | Weight | Call | Binary | ListOf | TupleOf | DictOf


@record
class InitCall:
    """`nn.init.function(weight, **kwargs)` on one weight of a module."""

    weight: str
    function: str
    kwargs: tuple[tuple[str, Expr], ...] = ()


@record
class ModuleForm:
    """A module: `self.name = call`, then `self.name(x)`; `init` follows its construction.

    With several outputs it gives a list or tuple of them; `listed`: also where there is one.
    """

    call: Call
    init: tuple[InitCall, ...] = ()
    listed: bool = False


@record
class FunctionForm:
    """An expression of the inputs; no module. With several outputs it gives a tuple of them."""

    expr: Expr


@record
class ParameterForm:
    """One bare parameter: `self.name = nn.Parameter(create)`, used by `expr` through Weight()."""

    create: Expr
    expr: Expr
    init: tuple[InitCall, ...] = ()


Form = ModuleForm | FunctionForm | ParameterForm


def options(*options: tuple[str, Constant | tuple[int | float, ...], object]) -> tuple[tuple[str, Expr], ...]:
    """Keyword arguments from (name, value, PyTorch's default): those that are not the default."""
    return tuple((name, Lit(value)) for name, value, default in options if value != default)


def method(target: Expr, function: str, *args: Constant | tuple[int | float, ...]) -> Call:
    """`target.function(args)`."""
    return Call(function, tuple(Lit(arg) for arg in args), target=target)
