"""Arguments that are the size of a tensor as the text writes it: `size=in.shape[1:]`, `untokens(x.height, x.width)`."""

from __future__ import annotations

from collections.abc import Callable

from archdsl.elaborate.faults import Fault, Silence
from archdsl.elaborate.values import Value
from archdsl.graph.model import Tensor
from archdsl.syntax import ast

#: A tensor, and which of its axes (without the batch) is meant; None: all of space.
Size = tuple[Tensor, int | None]
_AXES = {"depth": -3, "height": -2, "width": -1, "length": -1}


def measured(expr: ast.Expr | ast.Star, value: Callable[[ast.Expr], Value]) -> Size | None:
    """The size that an expression reads, if it does nothing else; `value` gives what the name of a tensor means."""
    while type(expr) is ast.Group:
        expr = expr.inner
    if type(expr) is ast.ListExpr:
        found = [measured(item, value) for item in expr.items]
        tensors = {size[0] for size in found if size is not None}
        if len(tensors) != 1 or None in found:
            return None
        (tensor,) = tensors
        axes = [size[1] for size in found if size is not None]
        return (tensor, None) if axes == list(range(1, len(tensor.shape.dims))) else None
    if type(expr) is ast.Slice:
        whole = expr.target
        first = type(expr.start) is ast.Number and expr.start.value == 1
        if type(whole) is ast.Attribute and whole.name == "shape" and first and not (expr.stop or expr.step):
            return _of(whole, value, None)
    if type(expr) is ast.Attribute and expr.name in _AXES:
        return _of(expr, value, _AXES[expr.name])
    return None


def _of(expr: ast.Attribute, value: Callable[[ast.Expr], Value], axis: int | None) -> Size | None:
    if type(expr.target) not in (ast.Name, ast.It, ast.In):
        return None
    try:
        tensor = value(expr.target)
    except (Fault, Silence):
        return None
    if type(tensor) is not Tensor or tensor.shape.tokens:
        return None
    return tensor, None if axis is None else axis % len(tensor.shape.dims)
