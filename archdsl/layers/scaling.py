"""Learned and fixed scales."""

from __future__ import annotations

from archdsl.layers.base import Param, UnaryLayer, layer
from archdsl.layers.form import (
    Binary,
    Call,
    Expr,
    FunctionForm,
    Input,
    Lit,
    ModuleForm,
    ParameterForm,
    Weight,
    options,
)
from archdsl.layers.init import NumberOrInit, bias_init_param, init_call, init_calls, init_param
from archdsl.layers.kinds import Bool, Float, Init
from archdsl.layers.norm import INFERRED
from archdsl.layers.page import Example
from archdsl.layers.shape import Shape


@layer("affine", "normalisation", inferred="num_features channels")
class Affine(UnaryLayer):
    """A learned weight and bias for each channel (as in ResMLP, Touvron et al., 2021)."""

    trained = "2 * c if bias else c"
    examples = (Example("affine", [96, 56, 56]), Example("affine(bias=false)", [96, 56, 56]))

    bias = Param(Bool(), "learn a bias too", True)
    init = init_param(vector=True)
    bias_init = bias_init_param()

    def weights(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        c = (xs[0].channels,)
        return {"weight": c, "bias": c} if self.bias else {"weight": c}

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ModuleForm:
        x = xs[0]
        kwargs = options(("dim", -1 if x.tokens else 1, 1), ("bias", self.bias, True))
        inits = init_calls(self.init, self.bias_init if self.bias else None)
        return ModuleForm(Call("Affine", (Lit(x.channels),), kwargs), inits)


@layer("scale", "normalisation", elsewhere="rescaling lambda")
class Scale(UnaryLayer):
    """A constant factor, and a constant added."""

    examples = (Example("scale(0.1)", [256, 35, 35]), Example("scale(2, offset=-1)", [3, 224, 224]))

    is_module = False
    factor = Param(Float(), "what to multiply by")
    offset = Param(Float(), "what to add then", 0)

    def gives_what_arrives(self, xs: tuple[Shape, ...]) -> bool:
        return self.factor == 1 and self.offset == 0

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> FunctionForm:
        expr: Expr = Input()
        if self.factor != 1:
            expr = Binary("*", (expr, Lit(self.factor)))
        if self.offset != 0:
            expr = Binary("+" if self.offset > 0 else "-", (expr, Lit(abs(self.offset))))
        return FunctionForm(expr)

    def describe(self, xs: tuple[Shape, ...]) -> str:
        return f"scale {self.factor:g}" + (f" + {self.offset:g}" if self.offset else "")


@layer("layerscale", "normalisation", inferred="dim channels")
class LayerScale(UnaryLayer):
    """A learned factor for each channel that starts small (Touvron et al., 2021)."""

    trained = "c"
    examples = (Example("layerscale", [96, 56, 56]),)

    is_parameter = True
    init = Param(NumberOrInit(1e-6), "how the factors start", 1e-6, by_name=INFERRED)

    def weights(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        return {"": self._sizes(xs[0])}

    def _sizes(self, x: Shape) -> tuple[int, ...]:
        """With an axis of 1 for each spatial axis of a map, so that it broadcasts."""
        return (x.channels,) if x.tokens else (x.channels, *(1,) * len(x.spatial))

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ParameterForm:
        sizes = self._sizes(xs[0])
        expr = Binary("*", (Input(), Weight()))
        if isinstance(self.init, Init):
            return ParameterForm(
                Call("torch.empty", tuple(map(Lit, sizes))), expr, (init_call("", self.init),)
            )
        return ParameterForm(Call("torch.full", (Lit(sizes), Lit(float(self.init)))), expr)

    def describe(self, xs: tuple[Shape, ...]) -> str:
        return "layerscale"
