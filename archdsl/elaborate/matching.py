"""Arguments and the parameters that take them; names and those that come near."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import NamedTuple

from archdsl.diagnostics import Label
from archdsl.elaborate.faults import Fault, Silence
from archdsl.elaborate.free import children
from archdsl.elaborate.values import POISON, BlockValue, Value, is_bundle, is_layer, show, type_name
from archdsl.graph.model import Tensor
from archdsl.source import Span
from archdsl.syntax import ast


class Given(NamedTuple):
    """One argument of a call, evaluated."""

    name: str | None
    value: Value
    span: Span
    name_span: Span | None


def are(count: int) -> str:
    return "is" if count == 1 else "are"


def parameter_names(value: BlockValue) -> list[str]:
    target = value.target
    return list(target.params) if isinstance(target, type) else [p.name for p in target.parameters]


def find_name(expr: ast.Expr, name: str) -> Span | None:
    """The first place in an expression where a name stands."""
    stack: list[ast.AstNode] = [expr]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Name) and node.id == name:
            return node.span
        stack.extend(reversed(list(children(node))))
    return None


def uses_flow(expr: ast.Expr) -> bool:
    """Whether an expression reads `it` or `in`."""
    stack: list[ast.AstNode] = [expr]
    while stack:
        node = stack.pop()
        if isinstance(node, (ast.It, ast.In)):
            return True
        stack.extend(children(node))
    return False


def suggestion(name: str, names: set[str]) -> str:
    """A help line with the names that come near one, or ""."""
    near = (
        get_close_matches(name, sorted(names), n=3, cutoff=0.7 if len(name) > 3 else 0.8)
        if len(name) < 100
        else []
    )
    lower = [n for n in sorted(names) if n.lower() == name.lower() and n not in near]
    found = [f"`{n}`" for n in (*lower, *near)][:3]
    return f"did you mean {' or '.join(found)}?" if found else ""


#: Words of Python, PyTorch and Keras with what the language has in their place.
_HABITS = {
    "True": "`true`, in small letters",
    "False": "`false`, in small letters",
    "None": "there is no `None`: leave the argument out, or give the parameter a default",
    "return": "a block gives what its last statement leaves: no `return` is needed",
    "pass": "an empty body is `{ }`",
    "self": "names stand alone, without `self`",
    "print": '`expect condition, "message"` checks a value, and `archdsl summary` shows shapes',
}
_SYNONYMS = {
    "adaptiveavgpool": "adaptive_avgpool",
    "adaptivemaxpool": "adaptive_maxpool",
    "alphadropout": "dropout",
    "batchnorm": "bn",
    "batch_norm": "bn",
    "cat": "concat",
    "concatenate": "concat",
    "convtranspose": "deconv",
    "conv_transpose": "deconv",
    "dense": "linear",
    "depthwiseconv": "depthwise",
    "fc": "linear",
    "globalaveragepooling": "gap",
    "globalavgpool": "gap",
    "globalmaxpool": "gmp",
    "groupnorm": "gn",
    "group_norm": "gn",
    "interpolate": "upsample",
    "layernorm": "ln",
    "layer_norm": "ln",
    "leakyrelu": "leaky_relu",
    "localresponsenorm": "lrn",
    "maxpooling": "maxpool",
    "max_pool": "maxpool",
    "averagepooling": "avgpool",
    "avg_pool": "avgpool",
    "multiply": "mul",
    "pixelshuffle": "pixel_shuffle",
    "swish": "silu",
    "upsampling": "upsample",
}


def unknown_name(name: str, span: Span, names: set[str]) -> Fault:
    """E201, with the word of the language where the name is one of Python, PyTorch or Keras."""
    return Fault(
        "E201", f"the name `{name}` is not known here", span, help=_HABITS.get(name) or meant(name, names)
    )


def meant(name: str, names: set[str]) -> str:
    """A help line with the name that was meant: that of the language for one of PyTorch or Keras, or those near it."""
    if len(name) < 40:
        stem = re.sub(r"[123]d$", "", name.lower())
        ours = _SYNONYMS.get(stem, stem)
        if ours != name and ours in names:
            help = f"did you mean `{ours}`?"
            return (
                help
                if name.lower() == stem
                else f"{help} The number of dimensions follows from what arrives."
            )
    return suggestion(name, names)


def unbound_name(name: str, span: Span, places: list[tuple[ast.AstNode, tuple[ast.IfArm, ...]]]) -> Fault:
    """A name that is bound elsewhere in the block, and not on the path that led to `span`."""
    labels: list[Label] = []
    notes: list[str] = []
    for node, arms in places[:3]:
        place = node.target.span if isinstance(node, (ast.ForElement, ast.Let)) else node.span
        if isinstance(node, ast.ForElement):
            labels.append(Label(place, "it ends with this loop"))
        elif place.start >= span.start:
            labels.append(Label(place, "bound here, later"))
        elif arms:
            conditions = " and ".join(f"`{' '.join(arm.condition.span.text.split())[:50]}`" for arm in arms)
            labels.append(Label(place, "bound here"))
            notes.append(f"the path taken does not go through {conditions}, line {arms[-1].span.line}")
        else:
            labels.append(Label(place, "bound here"))
    return Fault(
        "E202",
        f"the name `{name}` is not bound on the path taken",
        span,
        labels=tuple(labels),
        notes=tuple(notes),
    )


def unknown_argument(callee: str, argument: Given, names: list[str]) -> Fault:
    help = suggestion(argument.name or "", set(names))
    known = ", ".join(f"`{n}`" for n in names)
    notes = (f"`{callee}` takes {known}" if names else f"`{callee}` takes no arguments",)
    span = argument.name_span or argument.span
    return Fault("E203", f"`{callee}` has no parameter `{argument.name}`", span, notes=notes, help=help)


def missing_argument(callee: str, parameter: str, span: Span) -> Fault:
    return Fault("E204", f"`{callee}` needs the argument `{parameter}`", span)


def match_arguments(callee: str, names: list[str], given: list[Given], span: Span) -> dict[str, Given]:
    """Arguments by the parameter that takes them. Raises E203, E205, E206; Silence if a name stands twice (E108)."""
    if len(set(names)) != len(names):
        raise Silence
    bound: dict[str, Given] = {}
    position = 0
    for argument in given:
        name = argument.name
        if name is None:
            if position >= len(names):
                count = sum(1 for g in given if g.name is None)
                takes = f"{len(names)} argument{'s' * (len(names) != 1)}" if names else "no arguments"
                raise Fault(
                    "E205", f"`{callee}` takes {takes}, and {count} {are(count)} given", argument.span
                )
            name = names[position]
            position += 1
        elif name not in names:
            raise unknown_argument(callee, argument, names)
        if name in bound:
            raise Fault(
                "E206",
                f"the argument `{name}` of `{callee}` is given twice",
                argument.name_span or argument.span,
            )
        bound[name] = argument
    return bound


def mistaken(callee: str, name: str, argument: Given, mend: str) -> Fault:
    """An int by position that was hardly meant for the parameter that stands there."""
    return Fault(
        "E205",
        f"`{callee}` takes `{name}` by its name, and {show(argument.value)} stands by its position",
        argument.span,
        help=f"{mend}; `{name}={show(argument.value)}` if that is meant",
    )


_ANNOTATIONS = ("int", "float", "bool", "str", "list", "layer", "block", "tensor")


def holds(annotation: str, value: Value) -> bool:
    """An int is accepted where a float is wanted, never the reverse; a bool is no int."""
    kind = type(value)
    match annotation:
        case "int":
            return kind is int
        case "float":
            return kind is float or kind is int
        case "bool":
            return kind is bool
        case "str":
            return kind is str
        case "list":
            return kind is list
        case "layer":
            return is_layer(value)
        case "block":
            return kind is BlockValue
        case "tensor":
            return kind is Tensor or (kind is list and len(value) == 1 and is_bundle(value))
    return True


def check_annotation(parameter: ast.Parameter, value: Value, span: Span) -> None:
    """Raises E306 at the argument."""
    annotation = parameter.annotation
    if annotation is None or value is POISON or holds(annotation, value):
        return
    article = "an" if annotation == "int" else "a"
    name = "string" if annotation == "str" else annotation
    help = "`//` divides to an int, `floor`, `ceil` and `round` make one" if type(value) is float else ""
    if annotation == "block" and is_layer(value):
        help = "pass the block without calling it"
    raise Fault(
        "E306", f"`{parameter.name}` is {article} {name}, and this is {type_name(value)}", span, help=help
    )


def tensor_attribute(tensor: Tensor, expr: ast.Attribute) -> Value:
    """`shape channels height width depth length rank numel` of a tensor."""
    shape, name = tensor.shape, expr.name
    dims = shape.dims
    wants = {"height": (2, 3), "width": (2, 3), "depth": (3,), "length": (1,)}
    if name == "shape":
        return list(dims)
    if name == "channels":
        return shape.channels
    if name == "rank":
        return len(dims)
    if name == "numel":
        return shape.numel
    if name in wants:
        spatial = len(dims) - 1
        if shape.tokens or spatial not in wants[name]:
            raise Fault("E207", f"a tensor of shape {shape} has no `{name}`", expr.name_span)
        return dims[{"height": -2, "width": -1, "depth": -3, "length": -1}[name]]
    known = {"shape", "channels", "rank", "numel", *wants}
    raise Fault(
        "E207", f"a tensor has no attribute `{name}`", expr.name_span,
        help=suggestion(name, known) or "a tensor has " + ", ".join(f"`{n}`" for n in sorted(known)),
    )  # fmt: skip
