"""The transposed convolution."""

from __future__ import annotations

from math import prod

from archdsl.layers.axes import split_features
from archdsl.layers.base import ArgumentError, LayerError, Param, UnaryLayer, layer
from archdsl.layers.conv import NO_SPACE, groups_divide
from archdsl.layers.form import Call, Lit, ModuleForm, options
from archdsl.layers.init import bias_init_param, init_calls, init_param
from archdsl.layers.kinds import Bool, Extent, Int, Padding
from archdsl.layers.page import Example, Formula, Let
from archdsl.layers.shape import Shape
from archdsl.layers.windows import (
    DILATED,
    Pair,
    around,
    bounded,
    flat,
    pad_pairs,
    plain,
    spatial_rank,
    spread,
    suffix,
    times,
)


@layer(
    "deconv",
    "convolution",
    elsewhere="convtranspose convolutiontranspose transposedconv",
    inferred="in_channels input_channels",
)
class Deconv(UnaryLayer):
    """Transposed convolution: the gradient of a convolution taken as a layer (Zeiler et al., 2010)."""

    makes_new = True
    rule = (
        "Channels become `channels`. Each value that arrives puts the kernel, times itself, into what leaves; along "
        "each spatial axis these copies begin `stride` apart and add up where they overlap, and `pad` is then taken "
        "off both ends. So a kernel as large as its stride multiplies the size by it, and a kernel of 3 with a stride "
        "of 2 needs `extra=1`, or `pad=same`, to double it."
    )
    formula = Formula(
        "[c, *n]",
        "[channels, *m]",
        (
            Let("m", "n * stride", "pad == same", each=True),
            Let("m", f"(n - 1) * stride + {DILATED} + 1 + extra - before - after", each=True),
            *around(DILATED),
        ),
    )
    trained = "c * (channels // groups) * prod(kernel) + (channels if bias else 0)"
    cost = "prod(x) * (channels // groups) * prod(kernel)"
    examples = (
        Example("deconv(64, 2, stride=2)", [128, 28, 28]),
        Example("deconv(64, 3, stride=2, extra=1)", [128, 28, 28]),
        Example("deconv(64, 4, stride=2, pad=same)", [128, 28, 28]),
    )

    weight_axis = 1
    channels = Param(
        Int(1), "channels that leave", elsewhere="out_channels filters out_planes output_channels num_filters"
    )
    kernel = Param(Extent(1), "extent of the window", elsewhere="kernel_size pool_size filter_size ksize")
    stride = Param(Extent(1), "step of the window in what leaves", 1, elsewhere="strides")
    pad = Param(
        Padding("half", "valid", "same"),
        "taken off what leaves: `half` of an odd kernel on both sides and none for an even one, none "
        "(`valid`), what TensorFlow's `same` takes, an int, one for each axis, or before and after, axis by axis",
        "half",
        elsewhere="padding paddings",
    )
    extra = Param(
        Extent(0),
        "added to one side of what leaves (PyTorch's output padding)",
        0,
        elsewhere="output_padding",
    )
    dilation = Param(Extent(1), "distance between the taps of the kernel", 1, elsewhere="dilation_rate")
    groups = Param(
        Int(1),
        "groups of channels that do not see each other; it divides those that arrive and those that leave",
        1,
        elsewhere="num_groups",
    )
    bias = Param(Bool(), "learn a bias for each channel that leaves", True, elsewhere="use_bias")
    init = init_param()
    bias_init = bias_init_param()

    def check(self) -> None:
        groups_divide(self.name, self.groups, self.channels)
        if self.pad == "same" and plain(self.extra if isinstance(self.extra, tuple) else (self.extra,)) != 0:
            raise ArgumentError(
                "extra",
                "`extra` of `deconv` has no meaning with `same`",
                "`same` leaves the size times the stride",
                code="E602",
            )

    def _cuts(self, x: Shape) -> tuple[Pair, ...]:
        """What is taken off before and after, axis by axis; less than 0 is added."""
        kernel, stride = spread(self, "kernel", self.kernel, x), spread(self, "stride", self.stride, x)
        dilation = spread(self, "dilation", self.dilation, x)
        if self.pad != "same":
            return pad_pairs(self, self.pad, kernel, dilation, x)
        totals = (d * (k - 1) + 1 - s for k, s, d in zip(kernel, stride, dilation, strict=True))
        return tuple((max(total, 0) // 2, total - max(total, 0) // 2) for total in totals)

    def shape(self, x: Shape) -> Shape:
        spatial_rank(self, x, NO_SPACE)
        kernel, stride = spread(self, "kernel", self.kernel, x), spread(self, "stride", self.stride, x)
        dilation, extra = spread(self, "dilation", self.dilation, x), spread(self, "extra", self.extra, x)
        cuts = self._cuts(x)
        split_features(self, self.groups, x, self.channels)
        sizes = []
        for axis, (size, k, s, cut, d, e) in enumerate(
            zip(x.spatial, kernel, stride, cuts, dilation, extra, strict=True), 1
        ):
            if e >= s and e >= d:
                raise LayerError(
                    "`extra` of `deconv` is smaller than its stride or its dilation",
                    code="E602",
                    parameter="extra",
                    notes=(f"along axis {axis} it is {e}, the stride {s} and the dilation {d}",),
                )
            full = (size - 1) * s + d * (k - 1) + e + 1
            if full - sum(cut) < 1:
                raise LayerError(
                    "`pad` of `deconv` takes off all that leaves",
                    code="E503",
                    parameter="pad",
                    notes=(f"along axis {axis} of {x} it takes {sum(cut)} off {full}",),
                )
            sizes.append(bounded(self, full - sum(cut)))
        return Shape((self.channels, *sizes))

    def weights(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        x = xs[0]
        weights = {
            "weight": (x.channels, self.channels // self.groups, *spread(self, "kernel", self.kernel, x))
        }
        return {**weights, "bias": (self.channels,)} if self.bias else weights

    def macs(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> int:
        x = xs[0]
        return x.numel * (self.channels // self.groups) * prod(spread(self, "kernel", self.kernel, x))

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ModuleForm:
        x = xs[0]
        kernel, stride = spread(self, "kernel", self.kernel, x), spread(self, "stride", self.stride, x)
        dilation, extra = spread(self, "dilation", self.dilation, x), spread(self, "extra", self.extra, x)
        cuts = self._cuts(x)
        # PyTorch takes the same off both sides, and gives some back behind: less than the stride or the dilation
        back = tuple(e + before - after for e, (before, after) in zip(extra, cuts, strict=True))
        padding: tuple[str, int | tuple[int, ...], object]
        if all(0 <= b < max(s, d) for b, s, d in zip(back, stride, dilation, strict=True)):
            function, padding = "nn.ConvTranspose", ("padding", plain(tuple(before for before, _ in cuts)), 0)
        else:
            function = "CroppedConvTranspose"
            padding = ("crop", flat(tuple((before, max(after, 0)) for before, after in cuts)), None)
            back = tuple(e + max(-after, 0) for e, (_, after) in zip(extra, cuts, strict=True))
        call = Call(
            f"{function}{len(x.dims) - 1}d",
            (Lit(x.channels), Lit(self.channels), Lit(plain(kernel))),
            options(
                ("stride", plain(stride), 1),
                padding,
                ("output_padding", plain(back), 0),
                ("groups", self.groups, 1),
                ("bias", self.bias, True),
                ("dilation", plain(dilation), 1),
            ),
        )
        return ModuleForm(call, init_calls(self.init, self.bias_init if self.bias else None))

    def describe(self, xs: tuple[Shape, ...]) -> str:
        kernel = times(self.kernel, len(xs[0].spatial))
        return f"deconv {kernel}, {self.channels}{suffix(self.stride, self.dilation, self.groups, '×')}"
