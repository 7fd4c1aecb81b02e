"""Convolutions."""

from __future__ import annotations

from abc import abstractmethod
from math import prod

from archdsl.layers.base import ArgumentError, LayerError, Param, UnaryLayer, layer
from archdsl.layers.form import Call, Lit, ModuleForm, options
from archdsl.layers.init import bias_init_param, init_calls, init_param
from archdsl.layers.kinds import Bool, Extent, Int, Padding
from archdsl.layers.shape import Shape
from archdsl.layers.windows import Pair, bounded, pad_pairs, plain, slide, spatial_rank, spread, suffix, times

_NO_SPACE = "`linear` takes features without spatial axes"


class _Convolution(UnaryLayer):
    """What `conv` and `depthwise` share. They repeat the parameters in their own order."""

    kernel = Param(Extent(1), "extent of the window")
    stride = Param(Extent(1), "step of the window", 1)
    pad = Param(
        Padding("half", "valid", "same"),
        "zeros around the input: `half` of an odd kernel on both sides and none for an even one, none "
        "(`valid`), TensorFlow's `same`, an int, one for each axis, or before and after, axis by axis",
        "half",
    )
    dilation = Param(Extent(1), "distance between the taps of the kernel", 1)
    bias = Param(Bool(), "learn a bias for each channel that leaves", True)
    init = init_param()
    bias_init = bias_init_param()

    @abstractmethod
    def leaving(self, x: Shape) -> int:
        """Channels that leave."""

    @abstractmethod
    def grouping(self, x: Shape) -> int:
        """Groups of channels that do not see each other."""

    def _pads(self, x: Shape) -> tuple[Pair, ...] | None:
        """Padding before and after, axis by axis; None where it depends on the size of the input."""
        kernel = spread(self, "kernel", self.kernel, x)
        stride = spread(self, "stride", self.stride, x)
        dilation = spread(self, "dilation", self.dilation, x)
        if self.pad != "same":
            return pad_pairs(self, self.pad, kernel, dilation, x)
        totals = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
        if any(total and s > 1 for total, s in zip(totals, stride, strict=True)):
            return None
        return tuple((total // 2, total - total // 2) for total in totals)

    def shape(self, x: Shape) -> Shape:
        spatial_rank(self, x, _NO_SPACE)
        pads = self._pads(x)
        stride = spread(self, "stride", self.stride, x)
        groups = self.grouping(x)
        if x.channels % groups:
            raise LayerError(
                f"`groups` of `{self.name}` does not divide the channels that arrive",
                code="E602",
                parameter="groups",
                notes=(f"{groups} groups, and {x} has {x.channels} channels",),
            )
        if pads is None:
            sizes = tuple(-(-size // s) for size, s in zip(x.spatial, stride, strict=True))
        else:
            kernel, dilation = (
                spread(self, "kernel", self.kernel, x),
                spread(self, "dilation", self.dilation, x),
            )
            sizes = slide(self, x, kernel, stride, pads, dilation)
        return Shape((bounded(self, self.leaving(x)), *sizes))

    def weights(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        x = xs[0]
        channels = self.leaving(x)
        weights = {
            "weight": (channels, x.channels // self.grouping(x), *spread(self, "kernel", self.kernel, x))
        }
        return {**weights, "bias": (channels,)} if self.bias else weights

    def macs(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> int:
        x = xs[0]
        return ys[0].numel * (x.channels // self.grouping(x)) * prod(spread(self, "kernel", self.kernel, x))

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ModuleForm:
        x = xs[0]
        rank = len(x.dims) - 1
        kernel = plain(spread(self, "kernel", self.kernel, x))
        pads = self._pads(x)
        padding: tuple[str, int | tuple[int, ...], object] = ("padding", 0, 0)
        if pads is None:
            function = f"SameConv{rank}d"
        elif all(before == after for before, after in pads):
            function, padding = f"nn.Conv{rank}d", ("padding", plain(tuple(p for p, _ in pads)), 0)
        else:  # in the order of F.pad: the last axis first
            function, padding = (
                f"PaddedConv{rank}d",
                ("pad", tuple(p for pair in reversed(pads) for p in pair), None),
            )
        call = Call(
            function,
            (Lit(x.channels), Lit(self.leaving(x)), Lit(kernel)),
            options(
                ("stride", plain(spread(self, "stride", self.stride, x)), 1),
                padding,
                ("dilation", plain(spread(self, "dilation", self.dilation, x)), 1),
                ("groups", self.grouping(x), 1),
                ("bias", self.bias, True),
            ),
        )
        return ModuleForm(call, init_calls(self.init, self.bias_init if self.bias else None))


@layer("conv", "convolution")
class Conv(_Convolution):
    """Convolution over one, two or three spatial axes (LeCun et al., 1989)."""

    channels = Param(Int(1), "channels that leave")
    kernel = _Convolution.kernel
    stride = _Convolution.stride
    pad = _Convolution.pad
    dilation = _Convolution.dilation
    groups = Param(Int(1), "groups of channels that do not see each other", 1)
    bias = _Convolution.bias

    def check(self) -> None:
        _groups_divide(self.name, self.groups, self.channels)

    def leaving(self, x: Shape) -> int:
        return self.channels

    def grouping(self, x: Shape) -> int:
        return self.groups

    def describe(self, xs: tuple[Shape, ...]) -> str:
        kernel = times(self.kernel, len(xs[0].spatial))
        return f"conv {kernel}, {self.channels}{suffix(self.stride, self.dilation, self.groups)}"


@layer("depthwise", "convolution")
class Depthwise(_Convolution):
    """Convolution of each channel by itself, the first half of a separable one (Sifre and Mallat, 2014)."""

    kernel = _Convolution.kernel
    stride = _Convolution.stride
    multiplier = Param(Int(1), "channels that leave for each that arrives", 1)
    pad = _Convolution.pad

    def leaving(self, x: Shape) -> int:
        return x.channels * self.multiplier

    def grouping(self, x: Shape) -> int:
        return x.channels

    def describe(self, xs: tuple[Shape, ...]) -> str:
        kernel = times(self.kernel, len(xs[0].spatial))
        multiplier = f", ×{self.multiplier}" if self.multiplier != 1 else ""
        return f"depthwise {kernel}{multiplier}{suffix(self.stride, self.dilation)}"


@layer("deconv", "convolution")
class Deconv(UnaryLayer):
    """Transposed convolution: the gradient of a convolution taken as a layer (Zeiler et al., 2010)."""

    channels = Param(Int(1), "channels that leave")
    kernel = Param(Extent(1), "extent of the window")
    stride = Param(Extent(1), "step of the window in what leaves", 1)
    pad = Param(
        Padding("half", "valid"),
        "taken off both sides of what leaves: `half` of an odd kernel and none for an even one, none "
        "(`valid`), an int, or one for each axis",
        "half",
    )
    extra = Param(Extent(0), "added to one side of what leaves (PyTorch's output padding)", 0)
    dilation = Param(Extent(1), "distance between the taps of the kernel", 1)
    groups = Param(Int(1), "groups of channels that do not see each other", 1)
    bias = Param(Bool(), "learn a bias for each channel that leaves", True)
    init = init_param()
    bias_init = bias_init_param()

    def check(self) -> None:
        _groups_divide(self.name, self.groups, self.channels)

    def _pads(self, x: Shape, kernel: tuple[int, ...], dilation: tuple[int, ...]) -> tuple[int, ...]:
        pads = pad_pairs(self, self.pad, kernel, dilation, x)
        if any(before != after for before, after in pads):
            raise LayerError(
                "`pad` of `deconv` is the same on both sides",
                code="E602",
                parameter="pad",
                help="`crop` cuts one side of what leaves",
            )
        return tuple(before for before, _ in pads)

    def shape(self, x: Shape) -> Shape:
        spatial_rank(self, x, _NO_SPACE)
        kernel, stride = spread(self, "kernel", self.kernel, x), spread(self, "stride", self.stride, x)
        dilation, extra = spread(self, "dilation", self.dilation, x), spread(self, "extra", self.extra, x)
        pads = self._pads(x, kernel, dilation)
        if x.channels % self.groups:
            raise LayerError(
                "`groups` of `deconv` does not divide the channels that arrive",
                code="E602",
                parameter="groups",
                notes=(f"{self.groups} groups, and {x} has {x.channels} channels",),
            )
        sizes = []
        for axis, (size, k, s, p, d, e) in enumerate(
            zip(x.spatial, kernel, stride, pads, dilation, extra, strict=True), 1
        ):
            if e >= s and e >= d:
                raise LayerError(
                    "`extra` of `deconv` is smaller than its stride or its dilation",
                    code="E602",
                    parameter="extra",
                    notes=(f"along axis {axis} it is {e}, the stride {s} and the dilation {d}",),
                )
            out = (size - 1) * s - 2 * p + d * (k - 1) + e + 1
            if out < 1:
                raise LayerError(
                    "`pad` of `deconv` takes off all that leaves",
                    code="E503",
                    parameter="pad",
                    notes=(f"along axis {axis} of {x} it takes {2 * p} off {out + 2 * p}",),
                )
            sizes.append(bounded(self, out))
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
        kernel, dilation = spread(self, "kernel", self.kernel, x), spread(self, "dilation", self.dilation, x)
        call = Call(
            f"nn.ConvTranspose{len(x.dims) - 1}d",
            (Lit(x.channels), Lit(self.channels), Lit(plain(kernel))),
            options(
                ("stride", plain(spread(self, "stride", self.stride, x)), 1),
                ("padding", plain(self._pads(x, kernel, dilation)), 0),
                ("output_padding", plain(spread(self, "extra", self.extra, x)), 0),
                ("groups", self.groups, 1),
                ("bias", self.bias, True),
                ("dilation", plain(dilation), 1),
            ),
        )
        return ModuleForm(call, init_calls(self.init, self.bias_init if self.bias else None))

    def describe(self, xs: tuple[Shape, ...]) -> str:
        kernel = times(self.kernel, len(xs[0].spatial))
        return f"deconv {kernel}, {self.channels}{suffix(self.stride, self.dilation, self.groups)}"


def _groups_divide(name: str, groups: int, channels: int) -> None:
    if channels % groups:
        raise ArgumentError(
            "groups",
            f"`groups` of `{name}` divides the channels that leave, and {groups} does not divide {channels}",
            code="E602",
        )
