"""The linear layer."""

from __future__ import annotations

from archdsl.layers.base import LayerError, Param, UnaryLayer, layer
from archdsl.layers.form import Call, Lit, ModuleForm, options
from archdsl.layers.init import bias_init_param, init_calls, init_param
from archdsl.layers.kinds import Bool, Int
from archdsl.layers.page import Example, Formula, rows
from archdsl.layers.shape import Shape


@layer("linear", "convolution", elsewhere="dense fc fullyconnected", inferred="in_features input_dim")
class Linear(UnaryLayer):
    """A matrix times the features, and a bias."""

    makes_new = True
    rule = "The features become `features`. Of tokens, the features of each; a map with spatial axes is an error."
    formula = Formula("[*n, c]", "[*n, features]")
    trained = "features * (c + (1 if bias else 0))"
    cost = "prod(y) * c"
    examples = (
        Example("linear(1000)", [2048]),
        Example("linear(10, bias=false)", [512]),
        Example("linear(3072)", rows(197, 768)),
    )

    weight_axis = 0
    features = Param(Int(1), "features that leave", elsewhere="out_features units output_dim out_channels")
    bias = Param(
        Bool(),
        "learn a bias for each feature that leaves",
        True,
        by_name="the features that arrive are inferred, and not written",
        elsewhere="use_bias",
    )
    init = init_param()
    bias_init = bias_init_param()

    def shape(self, x: Shape) -> Shape:
        if not x.tokens and len(x.dims) > 1:
            raise LayerError(
                f"`linear` takes features without spatial axes, and a map {x} arrives",
                help=f"`flatten` before it leaves {x.numel:,} features, `gap` {x.channels:,}; "
                "`conv` with a kernel of 1 works at each position",
            )
        return x.with_channels(self.features)

    def weights(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        weights: dict[str, tuple[int, ...]] = {"weight": (self.features, xs[0].channels)}
        return {**weights, "bias": (self.features,)} if self.bias else weights

    def macs(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> int:
        return ys[0].numel * xs[0].channels

    def keeps_constants(self, xs: tuple[Shape, ...]) -> bool:
        return True

    def is_pointwise(self, xs: tuple[Shape, ...]) -> bool:
        return True

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ModuleForm:
        call = Call(
            "nn.Linear", (Lit(xs[0].channels), Lit(self.features)), options(("bias", self.bias, True))
        )
        return ModuleForm(call, init_calls(self.init, self.bias_init if self.bias else None))

    def describe(self, xs: tuple[Shape, ...]) -> str:
        return f"linear {self.features}"
