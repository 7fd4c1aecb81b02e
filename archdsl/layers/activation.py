"""Activations: functions of each value, and softmax."""

from __future__ import annotations

from math import inf
from typing import ClassVar

from archdsl.layers.axes import feature_axis, torch_dim
from archdsl.layers.base import LayerError, Param, UnaryLayer, layer
from archdsl.layers.form import Call, Lit, ModuleForm, options
from archdsl.layers.init import NumberOrInit, init_calls
from archdsl.layers.kinds import Bool, Choice, Float, Init, Int
from archdsl.layers.page import Example
from archdsl.layers.shape import Shape


class _Activation(UnaryLayer):
    """A module of PyTorch without arguments; in place only by a rewrite, since other branches may read the tensor."""

    torch_name: ClassVar[str]
    makes_new = True
    keeps_output = True
    can_be_in_place = True

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ModuleForm:
        return ModuleForm(Call(f"nn.{self.torch_name}", (), options(("inplace", self.in_place, False))))


@layer("relu", "activation")
class ReLU(_Activation):
    """Rectified linear unit: max(x, 0) (Nair and Hinton, 2010)."""

    examples = (Example("relu", [64, 56, 56]),)

    makes_positive = True
    leaves_positive = True
    never_falls = True
    torch_name = "ReLU"
    bounds = (0.0, inf)


@layer("relu6", "activation")
class ReLU6(_Activation):
    """Rectified linear unit that ends at 6: min(max(x, 0), 6)."""

    examples = (Example("relu6", [64, 56, 56]),)

    makes_positive = True
    never_falls = True
    torch_name = "ReLU6"
    bounds = (0.0, 6.0)


@layer("selu", "activation")
class SELU(_Activation):
    """Scaled exponential linear unit: `elu`, times constants that keep mean and variance (Klambauer et al., 2017)."""

    examples = (Example("selu", [64, 56, 56]),)

    never_falls = True
    torch_name = "SELU"


@layer("silu", "activation", elsewhere="swish")
class SiLU(_Activation):
    """Sigmoid linear unit, or swish: x * sigmoid(x) (Hendrycks and Gimpel, 2016)."""

    examples = (Example("silu", [64, 56, 56]),)

    torch_name = "SiLU"


@layer("mish", "activation")
class Mish(_Activation):
    """A smooth rectifier that dips below 0: x * tanh(softplus(x)) (Misra, 2019)."""

    examples = (Example("mish", [64, 56, 56]),)

    torch_name = "Mish"


@layer("sigmoid", "activation")
class Sigmoid(_Activation):
    """The logistic function: 1 / (1 + exp(-x))."""

    examples = (Example("sigmoid", [64, 56, 56]),)

    can_be_in_place = False  # PyTorch has no module of it that is
    makes_positive = True
    never_falls = True
    torch_name = "Sigmoid"


@layer("tanh", "activation")
class Tanh(_Activation):
    """The hyperbolic tangent."""

    examples = (Example("tanh", [64, 56, 56]),)

    can_be_in_place = False
    never_falls = True
    torch_name = "Tanh"


@layer("hardsigmoid", "activation", elsewhere="hsigmoid")
class Hardsigmoid(_Activation):
    """Sigmoid in three straight pieces: relu6(x + 3) / 6."""

    examples = (Example("hardsigmoid", [64, 56, 56]),)

    makes_positive = True
    never_falls = True
    torch_name = "Hardsigmoid"


@layer("hardswish", "activation", elsewhere="hardsilu hswish")
class Hardswish(_Activation):
    """Swish in pieces: x * relu6(x + 3) / 6 (Howard et al., 2019)."""

    examples = (Example("hardswish", [64, 56, 56]),)

    torch_name = "Hardswish"


@layer("leaky_relu", "activation")
class LeakyReLU(UnaryLayer):
    """Rectified linear unit with a slope below 0 (Maas et al., 2013)."""

    examples = (Example("leaky_relu(0.2)", [64, 56, 56]), Example("leaky_relu", [64, 56, 56]))

    makes_new = True
    keeps_output = True
    can_be_in_place = True
    slope = Param(Float(), "slope below 0", 0.01, elsewhere="negative_slope alpha")

    def writes_over(self) -> bool:
        """Without a slope that falls: then what leaves does not tell on which side of 0 a value was."""
        return self.slope >= 0

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ModuleForm:
        args = () if self.slope == 0.01 else (Lit(self.slope),)
        return ModuleForm(Call("nn.LeakyReLU", args, options(("inplace", self.in_place, False))))


@layer("prelu", "activation", inferred="num_parameters")
class PReLU(UnaryLayer):
    """Rectified linear unit with a learned slope below 0 (He et al., 2015)."""

    trained = "c if per_channel else 1"
    examples = (Example("prelu", [64, 56, 56]), Example("prelu(per_channel=true)", [64, 56, 56]))

    makes_new = True
    per_channel = Param(
        Bool(), "learn a slope for each channel, not one for all", False, elsewhere="shared_axes"
    )
    init = Param(NumberOrInit(0.25), "how the slopes start", 0.25)

    def _slopes(self, x: Shape) -> int:
        if self.per_channel and x.tokens and len(x.dims) > 1:
            raise LayerError(
                f"`prelu` has a slope for each channel of a map, and tokens {x} arrive",
                parameter="per_channel",
                help="`prelu` with one slope for all takes tokens",
            )
        return x.channels if self.per_channel else 1

    def shape(self, x: Shape) -> Shape:
        self._slopes(x)
        return x

    def weights(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        return {"weight": (self._slopes(xs[0]),)}

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ModuleForm:
        slopes = self._slopes(xs[0])
        if isinstance(self.init, Init):
            return ModuleForm(Call("nn.PReLU", (Lit(slopes),) if slopes > 1 else ()), init_calls(self.init))
        kwargs = options(("init", self.init, 0.25))
        return ModuleForm(Call("nn.PReLU", (Lit(slopes),) if slopes > 1 else (), kwargs))


@layer("elu", "activation")
class ELU(UnaryLayer):
    """Exponential linear unit: x, and alpha * (exp(x) - 1) below 0 (Clevert et al., 2016)."""

    examples = (Example("elu", [64, 56, 56]),)

    makes_new = True
    keeps_output = True
    can_be_in_place = True
    alpha = Param(Float(), "what it tends to below 0, with its sign turned", 1)

    def writes_over(self) -> bool:
        """Without an alpha below 0: then what leaves does not tell on which side of 0 a value was."""
        return self.alpha >= 0

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ModuleForm:
        return ModuleForm(
            Call("nn.ELU", (), options(("alpha", self.alpha, 1), ("inplace", self.in_place, False)))
        )


@layer("gelu", "activation")
class GELU(UnaryLayer):
    """Gaussian error linear unit: x times the normal distribution's share below x (Hendrycks and Gimpel, 2016)."""

    examples = (Example("gelu", [3072]), Example("gelu(tanh)", [3072]))

    makes_new = True
    approximate = Param(Choice("none", "tanh"), "exact (`none`) or by `tanh`", "none")

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ModuleForm:
        return ModuleForm(Call("nn.GELU", (), options(("approximate", self.approximate, "none"))))


@layer("softplus", "activation")
class Softplus(UnaryLayer):
    """A smooth rectifier: log(1 + exp(beta * x)) / beta (Dugas et al., 2001)."""

    examples = (Example("softplus", [64, 56, 56]), Example("softplus(beta=2)", [64, 56, 56]))

    makes_new = True
    beta = Param(Float(least=0, above=True), "sharpness of the bend", 1)
    threshold = Param(Float(), "from this `beta * x` on it is `x` itself", 20)

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ModuleForm:
        return ModuleForm(
            Call("nn.Softplus", (), options(("beta", self.beta, 1), ("threshold", self.threshold, 20)))
        )


class _Softmax(UnaryLayer):
    """What `softmax` and `log_softmax` share."""

    makes_new = True
    keeps_output = True
    torch_name: ClassVar[str]
    axis = Param(
        Int(),
        "axis (without the batch) that sums to 1; the features' if not given",
        None,
        shown="features",
        elsewhere="dim axes",
    )

    def shape(self, x: Shape) -> Shape:
        feature_axis(self, self.axis, x)
        return x

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ModuleForm:
        dim = torch_dim(xs[0], feature_axis(self, self.axis, xs[0]))
        return ModuleForm(Call(f"nn.{self.torch_name}", (), (("dim", Lit(dim)),)))


@layer("softmax", "activation")
class Softmax(_Softmax):
    """Exponentials divided by their sum."""

    examples = (Example("softmax", [1000]), Example("softmax(axis=-1)", [8, 49, 49]))

    makes_positive = True
    torch_name = "Softmax"


@layer("log_softmax", "activation")
class LogSoftmax(_Softmax):
    """Logarithm of `softmax`."""

    examples = (Example("log_softmax", [1000]),)

    torch_name = "LogSoftmax"


@layer("pointwise", "activation")
class Pointwise(UnaryLayer):
    """A function of each value: its absolute value, square, square root, exponential or logarithm."""

    examples = (Example("pointwise(square)", [64, 56, 56]),)

    function = Param(Choice("abs", "square", "sqrt", "exp", "log"), "the function")

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ModuleForm:
        return ModuleForm(Call("Pointwise", (Lit(self.function),)))

    def describe(self, xs: tuple[Shape, ...]) -> str:
        return self.function
