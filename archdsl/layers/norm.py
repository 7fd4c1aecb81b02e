"""Normalisation."""

from __future__ import annotations

from archdsl.layers.axes import count, feature_axis, split_features, torch_dim
from archdsl.layers.base import LayerError, Param, UnaryLayer, layer
from archdsl.layers.form import Call, Lit, ModuleForm, options
from archdsl.layers.init import bias_init_param, init_calls, init_param
from archdsl.layers.kinds import Bool, Float, Int
from archdsl.layers.page import Example, rows
from archdsl.layers.shape import Shape
from archdsl.layers.windows import spatial_rank

INFERRED = "the number of channels is inferred, and not written"
_MOMENTUM = Param(Float(least=0, most=1), "weight of the newest batch in the running statistics", 0.1)


class _ChannelNorm(UnaryLayer):
    """A norm of maps with a weight and a bias for each channel. Subclasses order the parameters."""

    makes_new = True
    trained = "2 * c if affine else 0"

    eps = Param(
        Float(least=0, above=True), "added to the variance", 1e-5, by_name=INFERRED, elsewhere="epsilon"
    )
    affine = Param(Bool(), "learn a weight and a bias for each channel", True)
    init = init_param(vector=True)
    bias_init = bias_init_param()

    def shape(self, x: Shape) -> Shape:
        if x.tokens:
            raise LayerError(
                f"`{self.name}` normalises the channels of a map, and tokens {x} arrive",
                help="`ln` takes tokens",
            )
        return x

    def weights(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        return {"weight": (xs[0].channels,), "bias": (xs[0].channels,)} if self.affine else {}

    def _form(self, call: Call) -> ModuleForm:
        return ModuleForm(call, init_calls(self.init, self.bias_init) if self.affine else ())


def _statistics(x: Shape) -> dict[str, tuple[int, ...]]:
    """Buffers of a norm that tracks running statistics."""
    return {"running_mean": (x.channels,), "running_var": (x.channels,), "num_batches_tracked": ()}


@layer(
    "bn",
    "normalisation",
    elsewhere="batchnorm batchnormalization syncbatchnorm",
    inferred="num_features channels",
)
class BatchNorm(_ChannelNorm):
    """Batch normalisation over each channel (Ioffe and Szegedy, 2015).

    In training with the mean and the variance of the batch; in evaluation with running statistics, if `track` keeps
    any.
    """

    examples = (Example("bn", [64, 56, 56]), Example("bn(eps=1e-3, momentum=0.01)", [64, 56, 56]))

    eps = _ChannelNorm.eps
    momentum = _MOMENTUM
    affine = _ChannelNorm.affine
    track = Param(
        Bool(), "keep running statistics, and use them in evaluation", True, elsewhere="track_running_stats"
    )

    def shape(self, x: Shape) -> Shape:
        super().shape(x)
        if len(x.dims) > 4:
            raise LayerError(f"`bn` takes up to three spatial axes, and {x} has {len(x.dims) - 1}")
        return x

    def buffers(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        return _statistics(xs[0]) if self.track else {}

    def least_batch(self, xs: tuple[Shape, ...], *, training: bool) -> int:
        """A variance is that of two values at least: of two samples, where each has one position."""
        return 2 if xs[0].numel == xs[0].channels and (training or not self.track) else 1

    @property
    def has_modes(self) -> bool:
        return self.track

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ModuleForm:
        x = xs[0]
        kwargs = options(
            ("eps", self.eps, 1e-5),
            ("momentum", self.momentum, 0.1),
            ("affine", self.affine, True),
            ("track_running_stats", self.track, True),
        )
        return self._form(Call(f"nn.BatchNorm{max(1, len(x.dims) - 1)}d", (Lit(x.channels),), kwargs))


@layer(
    "instancenorm", "normalisation", elsewhere="instancenormalization in", inferred="num_features channels"
)
class InstanceNorm(_ChannelNorm):
    """Normalisation of each channel of each sample by itself, over its positions (Ulyanov et al., 2016)."""

    examples = (Example("instancenorm", [64, 56, 56]), Example("instancenorm(affine=true)", [64, 56, 56]))

    eps = _ChannelNorm.eps
    momentum = _MOMENTUM
    affine = Param(Bool(), "learn a weight and a bias for each channel", False)
    track = Param(
        Bool(), "keep running statistics, and use them in evaluation", False, elsewhere="track_running_stats"
    )

    def shape(self, x: Shape) -> Shape:
        super().shape(x)
        spatial_rank(self, x, "`ln` normalises features without spatial axes")
        if x.numel == x.channels:
            raise LayerError(f"`instancenorm` normalises over positions, and {x} has one")
        return x

    def buffers(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        return _statistics(xs[0]) if self.track else {}

    @property
    def has_modes(self) -> bool:
        return self.track

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ModuleForm:
        x = xs[0]
        kwargs = options(
            ("eps", self.eps, 1e-5),
            ("momentum", self.momentum, 0.1),
            ("affine", self.affine, False),
            ("track_running_stats", self.track, False),
        )
        return self._form(Call(f"nn.InstanceNorm{len(x.dims) - 1}d", (Lit(x.channels),), kwargs))


@layer("gn", "normalisation", elsewhere="groupnorm groupnormalization", inferred="num_channels channels")
class GroupNorm(_ChannelNorm):
    """Normalisation over groups of channels of each sample (Wu and He, 2018)."""

    examples = (Example("gn(32)", [256, 56, 56]),)

    groups = Param(Int(1), "number of groups; 1 normalises over the whole sample", elsewhere="num_groups")
    eps = _ChannelNorm.eps
    affine = _ChannelNorm.affine

    def shape(self, x: Shape) -> Shape:
        super().shape(x)
        split_features(self, self.groups, x)
        if x.numel == self.groups:
            raise LayerError(
                "`gn` normalises over several values, and each group has one",
                code="E602",
                parameter="groups",
                notes=(f"{count(self.groups, 'group')} of {x}",),
            )
        return x

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ModuleForm:
        kwargs = options(("eps", self.eps, 1e-5), ("affine", self.affine, True))
        return self._form(Call("nn.GroupNorm", (Lit(self.groups), Lit(xs[0].channels)), kwargs))


@layer("ln", "normalisation", elsewhere="layernorm layernormalization", inferred="normalized_shape")
class LayerNorm(UnaryLayer):
    """Layer normalisation over the features, at each position (Ba et al., 2016).

    Of a map, the features are its channels.
    """

    makes_new = True
    trained = "c * (2 if bias else 1) if affine else 0"
    examples = (Example("ln(eps=1e-6)", rows(197, 768)), Example("ln", [96, 56, 56]))

    eps = Param(
        Float(least=0, above=True), "added to the variance", 1e-5, by_name=INFERRED, elsewhere="epsilon"
    )
    affine = Param(Bool(), "learn a weight and a bias for each feature", True)
    bias = Param(Bool(), "learn the bias too", True)
    init = init_param(vector=True)
    bias_init = bias_init_param()

    def weights(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        if not self.affine:
            return {}
        c = (xs[0].channels,)
        return {"weight": c, "bias": c} if self.bias else {"weight": c}

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ModuleForm:
        x = xs[0]
        function = "nn.LayerNorm" if x.channel_axis == len(x.dims) - 1 else "ChannelLayerNorm"
        kwargs = options(
            ("eps", self.eps, 1e-5), ("elementwise_affine", self.affine, True), ("bias", self.bias, True)
        )
        inits = init_calls(self.init, self.bias_init if self.bias else None) if self.affine else ()
        return ModuleForm(Call(function, (Lit(x.channels),), kwargs), inits)


@layer("lrn", "normalisation", elsewhere="localresponsenorm localresponsenormalization")
class LocalResponseNorm(UnaryLayer):
    """Normalisation over neighbouring channels (Krizhevsky et al., 2012).

    Each value is divided by `(k + alpha * m) ** beta`, where m is the sum of the squares of the `size` channels around
    it over `size`: PyTorch's form, in which `alpha` is `size` times the paper's.
    """

    examples = (Example("lrn(5)", [96, 55, 55]),)

    size = Param(Int(1), "number of neighbouring channels")
    alpha = Param(Float(), "factor on the mean of the squares", 1e-4)
    beta = Param(Float(), "exponent", 0.75)
    k = Param(Float(), "added to that", 1)

    def shape(self, x: Shape) -> Shape:
        spatial_rank(self, x)
        return x

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ModuleForm:
        kwargs = options(("alpha", self.alpha, 1e-4), ("beta", self.beta, 0.75), ("k", self.k, 1))
        return ModuleForm(Call("nn.LocalResponseNorm", (Lit(self.size),), kwargs))

    def describe(self, xs: tuple[Shape, ...]) -> str:
        return f"lrn {self.size}"


@layer("normalize", "normalisation", elsewhere="unitnormalization l2norm")
class Normalize(UnaryLayer):
    """Division by the norm along one axis, so that it becomes 1."""

    examples = (Example("normalize", [128]),)

    axis = Param(
        Int(),
        "axis (without the batch); the features' if not given",
        None,
        shown="features",
        elsewhere="dim axes",
    )
    p = Param(Float(least=0, above=True), "exponent of the norm", 2)
    eps = Param(Float(least=0, above=True), "the least norm to divide by", 1e-12, elsewhere="epsilon")

    def shape(self, x: Shape) -> Shape:
        feature_axis(self, self.axis, x)
        return x

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ModuleForm:
        dim = torch_dim(xs[0], feature_axis(self, self.axis, xs[0]))
        kwargs = options(("dim", dim, 1), ("p", self.p, 2), ("eps", self.eps, 1e-12))
        return ModuleForm(Call("Normalize", (), kwargs))
