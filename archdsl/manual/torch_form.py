"""What a layer is in PyTorch, as a person would write it."""

from __future__ import annotations

from collections.abc import Sequence

from archdsl.emit.abstraction import Abstraction
from archdsl.emit.code import Apply, Bracket, Code, Infix, Keyword, Pair, Py, constant, flat
from archdsl.emit.wording import functions
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

#: what the parameter of a layer that is one bare parameter is called, and the module of one that is a module
WEIGHT, MODULE = "weight", "layer"


def torch_lines(form: Form, names: Sequence[str]) -> tuple[str, ...]:
    """Python over tensors of these names: a module, an expression, or a parameter and an expression with it."""
    if isinstance(form, ModuleForm):
        inits = tuple(_init(init, f"{MODULE}.{init.weight}") for init in form.init)
        call = flat(_python(form.call, names))
        return (f"{MODULE} = {call}", *inits) if inits else (call,)
    if isinstance(form, ParameterForm):
        parameter = f"{WEIGHT} = nn.Parameter({flat(_python(form.create, names))})"
        return (parameter, *(_init(init, WEIGHT) for init in form.init), flat(_python(form.expr, names)))
    assert isinstance(form, FunctionForm)
    return (flat(_python(form.expr, names)),)


def support_of(form: Form) -> tuple[str, ...]:
    """Names of the functions and classes that PyTorch lacks and that archdsl writes into the module."""
    numbers = Abstraction()
    made = None if isinstance(form, FunctionForm) else numbers.layer(form, "", None)
    parts = (made, numbers.computed(form, "", None))
    called = [name for part in parts if part is not None for name in functions(part)]
    return tuple(dict.fromkeys(name for name in called if "." not in name))


def _python(expr: Expr, names: Sequence[str]) -> Py:
    match expr:
        case Lit(value):
            return constant(value)
        case Input(index):
            return Code(names[index])
        case Space(index):
            return Code(f"{names[index]}.shape[2:]")
        case AllInputs():
            return Bracket(tuple(map(Code, names)))
        case ListOf(items):
            return Bracket(tuple(_python(item, names) for item in items))
        case TupleOf(items):
            return Bracket(tuple(_python(item, names) for item in items), "()")
        case DictOf(pairs):
            return Bracket(tuple(Pair(_python(k, names), _python(v, names)) for k, v in pairs), "{}")
        case Binary(op, operands):
            return Infix(op, tuple(_python(operand, names) for operand in operands))
        case Call(function, args, kwargs, target):
            arguments = [_python(arg, names) for arg in args]
            arguments += [Keyword(key, _python(value, names)) for key, value in kwargs]
            return Apply(function, tuple(arguments), None if target is None else _python(target, names))
        case Weight():
            return Code(WEIGHT)


def _init(init: InitCall, weight: str) -> str:
    arguments: list[Py] = [Code(weight), *(Keyword(key, _python(value, ())) for key, value in init.kwargs)]
    return flat(Apply(f"nn.init.{init.function}", tuple(arguments)))
