"""Regularisation: what is dropped at random in training. In evaluation each of these is the identity."""

from __future__ import annotations

from archdsl.layers.base import Param, UnaryLayer, layer
from archdsl.layers.form import Call, Lit, ModuleForm, options
from archdsl.layers.kinds import Choice, Float
from archdsl.layers.page import Example
from archdsl.layers.shape import Shape
from archdsl.layers.windows import spatial_rank


@layer("dropout", "regularisation", elsewhere="alphadropout featurealphadropout")
class Dropout(UnaryLayer):
    """Zeroes single values (Srivastava et al., 2014).

    In training; what is left is divided by `1 - p`. In evaluation it is the identity.
    """

    examples = (Example("dropout", [4096]), Example("dropout(0.2)", [4096]))

    is_training_only = True
    p = Param(
        Float(least=0, most=1),
        "probability of a value to be dropped",
        0.5,
        elsewhere="rate drop_prob prob drop_rate",
    )

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ModuleForm:
        return ModuleForm(Call("nn.Dropout", (Lit(self.p),)))

    def describe(self, xs: tuple[Shape, ...]) -> str:
        return f"dropout {self.p:g}"


@layer("dropout_spatial", "regularisation", elsewhere="spatialdropout dropout1d dropout2d dropout3d")
class SpatialDropout(UnaryLayer):
    """Zeroes whole channels (Tompson et al., 2015).

    In training; what is left is divided by `1 - p`. In evaluation it is the identity.
    """

    examples = (Example("dropout_spatial(0.1)", [64, 56, 56]),)

    is_training_only = True
    p = Param(
        Float(least=0, most=1),
        "probability of a channel to be dropped",
        0.5,
        elsewhere="rate drop_prob prob drop_rate",
    )

    def shape(self, x: Shape) -> Shape:
        spatial_rank(self, x, "`dropout` drops single features")
        return x

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ModuleForm:
        return ModuleForm(Call(f"nn.Dropout{len(xs[0].dims) - 1}d", (Lit(self.p),)))

    def describe(self, xs: tuple[Shape, ...]) -> str:
        return f"dropout_spatial {self.p:g}"


@layer("drop_path", "regularisation", elsewhere="stochasticdepth")
class DropPath(UnaryLayer):
    """Stochastic depth: zeroes the whole tensor of a sample, or of the batch (Huang et al., 2016).

    In training; what is left is divided by `1 - p`. In evaluation it is the identity. `mode=row` decides for each
    sample by itself, `mode=batch` for all together.
    """

    examples = (
        Example("drop_path(0.1)", [256, 14, 14]),
        Example("drop_path(0.1, mode=batch)", [256, 14, 14]),
    )

    is_training_only = True
    p = Param(Float(least=0, most=1), "probability to be dropped", elsewhere="rate drop_prob prob drop_rate")
    mode = Param(Choice("row", "batch"), "what is dropped: each sample (row) by itself, or the batch", "row")

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ModuleForm:
        return ModuleForm(Call("DropPath", (Lit(self.p),), options(("mode", self.mode, "row"))))

    def describe(self, xs: tuple[Shape, ...]) -> str:
        return f"drop_path {self.p:g}" + (f", {self.mode}" if self.mode != "row" else "")
