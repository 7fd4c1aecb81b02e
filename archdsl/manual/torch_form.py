"""What a layer is in PyTorch, as a person would write it."""

from __future__ import annotations

from collections.abc import Sequence

from archdsl.emit.code import Apply, Bracket, Code, Infix, Keyword, Py, constant, flat
from archdsl.layers.form import (
    AllInputs,
    Binary,
    Call,
    Expr,
    Form,
    FunctionForm,
    InitCall,
    Input,
    ListOf,
    Lit,
    ModuleForm,
    ParameterForm,
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
    found: list[str] = []
    todo: list[Expr] = [form.call] if isinstance(form, ModuleForm) else [form.expr]
    while todo:
        expr = todo.pop()
        if isinstance(expr, Call):
            if expr.target is None and "." not in expr.function:
                found.append(expr.function)
            todo += [*expr.args, *(value for _, value in expr.kwargs)]
            todo += [expr.target] if expr.target is not None else []
        elif isinstance(expr, (Binary, ListOf)):
            todo += expr.operands if isinstance(expr, Binary) else expr.items
    return tuple(dict.fromkeys(found))


def _python(expr: Expr, names: Sequence[str]) -> Py:
    match expr:
        case Lit(value):
            return constant(value)
        case Input(index):
            return Code(names[index])
        case AllInputs():
            return Bracket(tuple(map(Code, names)))
        case ListOf(items):
            return Bracket(tuple(_python(item, names) for item in items))
        case Binary(op, operands):
            return Infix(op, tuple(_python(operand, names) for operand in operands))
        case Call(function, args, kwargs, target):
            arguments = [_python(arg, names) for arg in args]
            arguments += [Keyword(key, _python(value, names)) for key, value in kwargs]
            return Apply(function, tuple(arguments), None if target is None else _python(target, names))
        case _:
            return Code(WEIGHT)


def _init(init: InitCall, weight: str) -> str:
    arguments: list[Py] = [Code(weight), *(Keyword(key, _python(value, ())) for key, value in init.kwargs)]
    return flat(Apply(f"nn.init.{init.function}", tuple(arguments)))
