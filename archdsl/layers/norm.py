"""Normalisation."""

from __future__ import annotations

from archdsl.layers.base import LayerError, Param, UnaryLayer, layer
from archdsl.layers.form import Call, Lit, ModuleForm
from archdsl.layers.kinds import Bool, Float
from archdsl.layers.shape import Shape


@layer("bn", "normalisation")
class BatchNorm(UnaryLayer):
    """Batch normalisation over each channel (Ioffe and Szegedy, 2015)."""

    eps = Param(Float(least=0), "added to the variance", 1e-5)
    momentum = Param(Float(least=0, most=1), "weight of the newest batch in the running statistics", 0.1)
    affine = Param(Bool(), "learn a weight and a bias for each channel", True)

    def shape(self, x: Shape) -> Shape:
        if x.tokens:
            raise LayerError(f"`bn` normalises the channels of a map, and tokens {x} arrive", help="`ln` takes tokens")
        if len(x.dims) > 4:
            raise LayerError(f"`bn` takes up to three spatial axes, and {x} arrives")
        return x

    def weights(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        return {"weight": (xs[0].channels,), "bias": (xs[0].channels,)} if self.affine else {}

    def buffers(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        c = xs[0].channels
        return {"running_mean": (c,), "running_var": (c,), "num_batches_tracked": ()}

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ModuleForm:
        x = xs[0]
        kwargs = []
        if self.eps != 1e-5:
            kwargs.append(("eps", Lit(self.eps)))
        if self.momentum != 0.1:
            kwargs.append(("momentum", Lit(self.momentum)))
        if not self.affine:
            kwargs.append(("affine", Lit(False)))
        return ModuleForm(Call(f"nn.BatchNorm{max(1, len(x.dims) - 1)}d", (Lit(x.channels),), tuple(kwargs)))
