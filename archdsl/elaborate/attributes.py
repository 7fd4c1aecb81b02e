"""What a tensor says of itself."""

from __future__ import annotations

from collections.abc import Sequence

from archdsl.diagnostics.near import did_you_mean
from archdsl.elaborate.faults import Fault
from archdsl.elaborate.values import Value
from archdsl.graph.model import Tensor
from archdsl.layers import REGISTRY
from archdsl.layers.elsewhere import layer_called
from archdsl.syntax import ast

#: words of PyTorch and Keras for the attributes
_ELSEWHERE = {
    "size": "shape",
    "ndim": "rank",
    "dim": "rank",
    "dims": "shape",
    "c": "channels",
    "C": "channels",
    "h": "height",
    "H": "height",
    "w": "width",
    "W": "width",
    "features": "channels",
}


def tensor_attribute(tensor: Tensor, expr: ast.Attribute) -> Value:
    """`shape channels height width depth length rank numel` of a tensor. Raises E207."""
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
    raise unknown_attribute(expr) or Fault("E207", f"a tensor has no attribute `{name}`", expr.name_span)


_KNOWN = ("shape", "channels", "height", "width", "depth", "length", "rank", "numel")


def is_attribute(name: str) -> bool:
    """Whether a tensor has this, or would have it in another library."""
    return name in _KNOWN or name in _ELSEWHERE


def unknown_attribute(expr: ast.Attribute) -> Fault | None:
    """E207 for what no tensor has."""
    name = expr.name
    if name in _KNOWN:
        return None
    return Fault("E207", f"a tensor has no attribute `{name}`", expr.name_span, help=_mend(name, _KNOWN))


def _mend(name: str, known: Sequence[str]) -> str:
    if name in _ELSEWHERE:
        return f"did you mean `{_ELSEWHERE[name]}`?"
    layer = name if name in REGISTRY else layer_called(name)
    if layer is not None:
        return f"a layer is applied by an arrow: `x -> {layer}`"
    return did_you_mean(name, known) or "a tensor has " + ", ".join(f"`{n}`" for n in known)
