"""Shape operations that keep every value: flatten, reshape, permute, shuffles, and identity; upsampling."""

from __future__ import annotations

from collections.abc import Mapping
from math import floor, prod

from archdsl.layers.axes import count, like, resolve, split_features
from archdsl.layers.base import ArgumentError, Layer, LayerError, Param, UnaryLayer, layer
from archdsl.layers.form import Call, Expr, FunctionForm, Input, Lit, ModuleForm, method, options
from archdsl.layers.kinds import Bool, Choice, Extent, Factor, Int, Ints
from archdsl.layers.page import Example, Formula, Let
from archdsl.layers.shape import Shape
from archdsl.layers.windows import bounded, plain, spatial_rank, spread, times


@layer("identity", "shape")
class Identity(UnaryLayer):
    """The tensor itself."""

    examples = (Example("identity", [64, 56, 56]),)

    is_view = True
    is_module = False
    is_identity = True

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> FunctionForm:
        return FunctionForm(Input())


@layer("flatten", "shape")
class Flatten(UnaryLayer):
    """Several axes become one, by default all."""

    rule = "The axes from `start` to `end` become one, whose size is their product."
    formula = Formula(
        "x",
        "[*x[:first], prod(x[first:last + 1]), *x[last + 1:]]",
        (Let("first", "start % rank"), Let("last", "end % rank")),
    )
    examples = (Example("flatten", [512, 7, 7]), Example("flatten(1)", [512, 7, 7]))

    is_view = True
    start = Param(Int(), "first axis (without the batch)", 0, elsewhere="start_dim")
    end = Param(Int(), "last axis, included", -1, elsewhere="end_dim")

    def shape(self, x: Shape) -> Shape:
        rank = len(x.dims)
        start, end = resolve(self, self.start, rank, x, "start"), resolve(self, self.end, rank, x, "end")
        if start > end:
            raise LayerError(
                "`start` of `flatten` lies behind its `end`",
                code="E602",
                parameter="start",
                notes=(f"of {x}, axes {start} to {end}",),
            )
        return like(x, (*x.dims[:start], prod(x.dims[start : end + 1]), *x.dims[end + 1 :]))

    def gives_what_arrives(self, xs: tuple[Shape, ...]) -> bool:
        return len(xs[0].dims) == 1

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ModuleForm:
        rank = len(xs[0].dims)
        start, end = (
            resolve(self, self.start, rank, xs[0], "start"),
            resolve(self, self.end, rank, xs[0], "end"),
        )
        return ModuleForm(
            Call("nn.Flatten", (), options(("start_dim", start + 1, 1), ("end_dim", end + 1 - rank - 1, -1)))
        )


@layer("reshape", "shape", elsewhere="view unflatten")
class Reshape(Layer):
    """The same values in their order, in another shape."""

    rule = "The sizes are those of `shape`; a -1 among them becomes what is left of the number of values."
    formula = Formula(
        "x",
        "[left if size == -1 else size for size in shape]",
        (Let("left", "prod(x) // prod([size for size in shape if size != -1])"),),
    )
    examples = (Example("reshape([8, 64, 49])", [512, 7, 7]), Example("reshape([512, -1])", [512, 7, 7]))

    is_view = True
    is_module = False
    shape = Param(
        Ints(-1), "sizes (without the batch); one may be -1, which is what is left", elsewhere="target_shape"
    )

    def check(self) -> None:
        if self.shape.count(-1) > 1 or 0 in self.shape:
            raise ArgumentError(
                "shape", "`shape` of `reshape` is sizes of at least 1, of which one may be -1"
            )

    def outputs(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        x = xs[0]
        known = prod(d for d in self.shape if d != -1)
        if x.numel % known or (-1 not in self.shape and x.numel != known):
            raise LayerError(
                "`reshape` keeps the number of values",
                code="E602",
                parameter="shape",
                notes=(f"{x} has {x.numel:,}, and the sizes given have {known:,}",),
                help=self._mend(x),
            )
        return (like(x, tuple(x.numel // known if d == -1 else d for d in self.shape)),)

    def _mend(self, x: Shape) -> str:
        """The last size that would do, if there is one."""
        *kept, _ = self.shape
        if not kept or -1 in kept or x.numel % prod(kept):
            return ""
        return f"`reshape({[*kept, x.numel // prod(kept)]})` would, and `reshape({[*kept, -1]})` works it out"

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> FunctionForm:
        flat: Expr = Input() if len(xs[0].dims) == 1 else method(Input(), "flatten", 1)
        return FunctionForm(flat if len(self.shape) == 1 else method(flat, "unflatten", 1, self.shape))

    def describe(self, xs: tuple[Shape, ...]) -> str:
        return f"reshape {times(self.shape, 1)}"


@layer("permute", "shape", elsewhere="transpose swapaxes moveaxis")
class Permute(UnaryLayer):
    """The axes in another order."""

    rule = "The sizes in the order of `axes`."
    formula = Formula("x", "[x[axis] for axis in axes]")
    examples = (Example("permute([1, 2, 0])", [96, 56, 56]),)

    is_view = True
    is_module = False
    axes = Param(Ints(), "the axes (without the batch) in their new order", elsewhere="dims")

    def shape(self, x: Shape) -> Shape:
        return like(x, tuple(x.dims[axis] for axis in self._order(x)))

    def _order(self, x: Shape) -> tuple[int, ...]:
        rank = len(x.dims)
        order = tuple(resolve(self, axis, rank, x, "axes") for axis in self.axes)
        if sorted(order) != list(range(rank)):
            raise LayerError(
                "`axes` of `permute` names each axis once",
                code="E602",
                parameter="axes",
                notes=(f"{x} has {count(rank, 'axis')}, 0 to {rank - 1}",),
            )
        return order

    def gives_what_arrives(self, xs: tuple[Shape, ...]) -> bool:
        return self.shape(xs[0]) == xs[0] and [a % len(xs[0].dims) for a in self.axes] == sorted(
            a % len(xs[0].dims) for a in self.axes
        )

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> FunctionForm:
        return FunctionForm(method(Input(), "permute", 0, *(axis + 1 for axis in self._order(xs[0]))))

    def describe(self, xs: tuple[Shape, ...]) -> str:
        return "permute " + ", ".join(map(str, self.axes))


_BY_RANK = {1: "linear", 2: "bilinear", 3: "trilinear"}


@layer("upsample", "shape", elsewhere="upsampling interpolate resize")
class Upsample(UnaryLayer):
    """Interpolation to a size, or by a factor.

    `nearest` repeats values; `linear` weighs the two nearest along each axis, `bicubic` the four nearest; `area`
    takes means. Nothing is learned: `deconv` and `pixel_shuffle` behind a `conv` are enlargements that are.
    """

    rule = (
        "The channels stay. The spatial sizes become `size`, or are multiplied by `scale` and rounded down."
    )
    formula = Formula(
        "[c, *n]",
        "[c, *m]",
        (
            Let("m", "size", "size is given", each=True),
            Let("m", "floor(n * scale)", each=True),
        ),
    )
    examples = (
        Example("upsample(2)", [256, 28, 28]),
        Example("upsample(2, bilinear)", [256, 28, 28]),
        Example("upsample(size=56, mode=bicubic)", [256, 28, 28]),
        Example("upsample(scale=[1, 0.5])", [256, 28, 28]),
    )

    is_module = False
    maps_positions = True
    sized = frozenset(["size"])
    scale = Param(
        Factor(),
        "factor on each spatial size, or one for each axis; this or `size`",
        None,
        shown="none",
        elsewhere="scale_factor",
    )
    mode = Param(
        Choice("nearest", "linear", "bilinear", "trilinear", "bicubic", "area", "nearest_exact"),
        "how to interpolate; `linear` is `bilinear` or `trilinear` in two or three dimensions",
        "nearest",
        elsewhere="interpolation",
    )
    size = Param(
        Extent(1), "spatial sizes that leave; this or `scale`", None, shown="none", elsewhere="output_size"
    )
    align_corners = Param(Bool(), "let the centres of the corners stay where they are", False)

    def check(self) -> None:
        if (self.scale is None) == (self.size is None):
            raise ArgumentError(
                "scale",
                "`upsample` takes one of `scale` and `size`",
                "`upsample(2)` or `upsample(size=56)`",
                code="E602",
            )
        if self.align_corners and "linear" not in self.mode and self.mode != "bicubic":
            raise ArgumentError(
                "align_corners", f"`align_corners` has no meaning for the mode `{self.mode}`", code="E602"
            )

    def _mode(self, x: Shape) -> str:
        rank = spatial_rank(self, x)
        mode = _BY_RANK[rank] if self.mode == "linear" else self.mode
        if (mode in _BY_RANK.values() and mode != _BY_RANK[rank]) or (mode == "bicubic" and rank != 2):
            raise LayerError(
                f"the mode `{mode}` does not interpolate along {count(rank, 'axis')}",
                code="E602",
                parameter="mode",
                notes=(f"{x} has {count(rank, 'spatial axis')}",),
                help=f"`{_BY_RANK[rank]}`",
            )
        return mode.replace("_", "-")

    def _scale(self, x: Shape) -> tuple[float, ...]:
        rank = len(x.dims) - 1
        scale = self.scale
        if not isinstance(scale, tuple):
            return (scale,) * rank
        if len(scale) != rank:
            raise LayerError(
                f"`scale` of `upsample` has {count(len(scale), 'factor')}, and {x} has "
                f"{count(rank, 'spatial axis')}",
                code="E602",
                parameter="scale",
            )
        return scale

    def shape(self, x: Shape) -> Shape:
        self._mode(x)
        if self.size is not None:
            return Shape((x.channels, *spread(self, "size", self.size, x)))
        sizes = tuple(
            floor(float(size) * factor) for size, factor in zip(x.spatial, self._scale(x), strict=True)
        )
        if min(sizes) < 1:
            raise LayerError(
                "`scale` of `upsample` leaves nothing of an axis",
                code="E503",
                parameter="scale",
                notes=(f"{x} becomes {Shape((x.channels, *sizes))}",),
            )
        return Shape((x.channels, *(bounded(self, size) for size in sizes)))

    def keeps_constants(self, xs: tuple[Shape, ...]) -> bool:
        return True

    def gives_what_arrives(self, xs: tuple[Shape, ...]) -> bool:
        return self.size is None and all(s == 1 for s in self._scale(xs[0]))

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> FunctionForm:
        x = xs[0]
        if self.size is not None:
            return self._interpolated(x, "size", Lit(plain(spread(self, "size", self.size, x))))
        scale = self._scale(x)
        factor = scale[0] if all(s == scale[0] for s in scale) else scale
        return self._interpolated(x, "scale_factor", Lit(factor))

    def sized_form(
        self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], sizes: Mapping[str, Expr]
    ) -> FunctionForm:
        return self._interpolated(xs[0], "size", sizes["size"])

    def _interpolated(self, x: Shape, name: str, to: Expr) -> FunctionForm:
        more = options(("mode", self._mode(x), "nearest"), ("align_corners", self.align_corners, False))
        return FunctionForm(Call("F.interpolate", (Input(),), ((name, to), *more)))

    def describe(self, xs: tuple[Shape, ...]) -> str:
        if self.size is not None:
            return f"upsample to {times(self.size, len(xs[0].spatial))}"
        scale = self.scale if isinstance(self.scale, tuple) else (self.scale,)
        return "upsample ×" + "×".join(f"{s:g}" for s in scale)


@layer("pixel_shuffle", "shape", elsewhere="depthtospace")
class PixelShuffle(UnaryLayer):
    """Channels become positions: a finer map of fewer channels (Shi et al., 2016).

    Of each `r * r` neighbouring channels one is made, whose value at `[r * row + i, r * column + j]` is that of
    channel `r * i + j` among them at `[row, column]`.
    """

    rule = "The channels are divided by the square of `r`, and height and width multiplied by `r`."
    formula = Formula("[c, *n]", "[c // r ** 2, *m]", (Let("m", "n * r", each=True),))
    examples = (Example("pixel_shuffle(2)", [256, 28, 28]),)

    is_module = False
    r = Param(Int(1), "factor on height and width", elsewhere="upscale_factor block_size")

    def shape(self, x: Shape) -> Shape:
        if spatial_rank(self, x) != 2:
            raise LayerError(f"`pixel_shuffle` takes two spatial axes, and {x} has {len(x.dims) - 1}")
        if x.channels % self.r**2:
            raise LayerError(
                "the square of `r` of `pixel_shuffle` does not divide the channels that arrive",
                code="E602",
                parameter="r",
                notes=(f"{self.r}² is {self.r**2}, and {x} has {x.channels} channels",),
            )
        return Shape((x.channels // self.r**2, *(bounded(self, size * self.r) for size in x.spatial)))

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> FunctionForm:
        return FunctionForm(Call("F.pixel_shuffle", (Input(), Lit(self.r))))

    def describe(self, xs: tuple[Shape, ...]) -> str:
        return f"pixel_shuffle {self.r}"


@layer("shuffle", "shape", elsewhere="channelshuffle")
class ChannelShuffle(UnaryLayer):
    """Channels change places so that each group gets some of every group (Zhang et al., 2018).

    First go the first channels of all groups, then the second ones, and so on.
    """

    examples = (Example("shuffle(3)", [240, 28, 28]),)

    is_module = False
    groups = Param(Int(1), "number of groups", elsewhere="num_groups")

    def shape(self, x: Shape) -> Shape:
        split_features(self, self.groups, x)
        return x

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> FunctionForm:
        x = xs[0]
        if not x.tokens and len(x.dims) > 1:
            return FunctionForm(Call("F.channel_shuffle", (Input(), Lit(self.groups))))
        split = method(Input(), "unflatten", -1, (self.groups, -1))
        return FunctionForm(method(method(split, "transpose", -1, -2), "flatten", -2))

    def describe(self, xs: tuple[Shape, ...]) -> str:
        return f"shuffle {self.groups}"
