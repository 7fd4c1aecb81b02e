"""Pooling: windows, adaptive and global."""

from __future__ import annotations

from typing import ClassVar

from archdsl.layers.base import LayerError, Param, UnaryLayer, layer
from archdsl.layers.form import Call, Lit, ModuleForm, options
from archdsl.layers.kinds import Bool, Extent, Padding
from archdsl.layers.page import Example, Formula, Let
from archdsl.layers.shape import Shape
from archdsl.layers.windows import (
    DENSE,
    DILATED,
    around,
    pad_pairs,
    plain,
    slide,
    spatial_rank,
    spread,
    suffix,
    times,
    unfit,
)

_RULE = (
    "The channels stay. Along each spatial axis one value leaves for each place of the window; with `ceil`, "
    "also for a last window that reaches over the end, if it starts before it."
)


def _windows(reach: str) -> Formula:
    """The shape rule of a pool whose window reaches so far."""
    return Formula(
        "[c, *n]",
        "[c, *m]",
        (
            Let("m", "room // stride + 1", "not ceil", each=True),
            Let("m", "places - 1 if (places - 1) * stride >= n + before else places", each=True),
            Let("places", "(room + stride - 1) // stride + 1", each=True),
            Let("room", f"n + before + after - {reach} - 1", each=True),
            *around(reach),
        ),
    )


class _Pool(UnaryLayer):
    """What `maxpool` and `avgpool` share."""

    kernel = Param(Extent(1), "extent of the window")
    stride = Param(Extent(1), "step of the window; its extent if not given", None, shown="kernel")
    pad = Param(
        Padding("half", "valid"),
        "around the input, at most half of the kernel: `half` of an odd kernel, none (`valid`), an int, or "
        "one for each axis",
        0,
    )
    ceil = Param(Bool(), "keep a last window that the input does not fill", False)

    def _dilation(self, x: Shape) -> tuple[int, ...]:
        return (1,) * (len(x.dims) - 1)

    def _pads(self, x: Shape, kernel: tuple[int, ...]) -> tuple[int, ...]:
        pads = pad_pairs(self, self.pad, kernel, self._dilation(x), x)
        for axis, ((before, after), k) in enumerate(zip(pads, kernel, strict=True), 1):
            if before != after:
                raise LayerError(
                    f"`pad` of `{self.name}` is the same on both sides",
                    code="E602",
                    parameter="pad",
                    help="`pad` as a layer before it pads one side",
                )
            if before > k // 2:
                raise LayerError(
                    f"`pad` of `{self.name}` is at most half of its kernel",
                    code="E602",
                    parameter="pad",
                    notes=(f"along axis {axis} the padding is {before} and the kernel {k}",),
                )
        return tuple(before for before, _ in pads)

    def shape(self, x: Shape) -> Shape:
        spatial_rank(self, x)
        kernel = spread(self, "kernel", self.kernel, x)
        stride = kernel if self.stride is None else spread(self, "stride", self.stride, x)
        pads = tuple((p, p) for p in self._pads(x, kernel))
        return Shape((x.channels, *slide(self, x, kernel, stride, pads, self._dilation(x), self.ceil)))

    def _call(self, function: str, x: Shape) -> Call:
        kernel = spread(self, "kernel", self.kernel, x)
        stride = kernel if self.stride is None else spread(self, "stride", self.stride, x)
        return Call(
            f"nn.{function}{len(x.dims) - 1}d",
            (Lit(plain(kernel)),),
            options(
                ("stride", plain(stride), plain(kernel)),
                ("padding", plain(self._pads(x, kernel)), 0),
                ("dilation", plain(self._dilation(x)), 1),
                ("ceil_mode", self.ceil, False),
            ),
        )

    def describe(self, xs: tuple[Shape, ...]) -> str:
        stride = self.kernel if self.stride is None else self.stride
        return f"{self.name} {times(self.kernel, len(xs[0].spatial))}{suffix(stride)}"


@layer("maxpool", "pooling")
class MaxPool(_Pool):
    """The maximum of each window."""

    rule = _RULE
    formula = _windows(DILATED)
    examples = (
        Example("maxpool(2)", [64, 112, 112]),
        Example("maxpool(3, stride=2, pad=1)", [64, 112, 112]),
        Example("maxpool(3, stride=2, ceil=true)", [64, 112, 112]),
    )

    kernel = _Pool.kernel
    stride = _Pool.stride
    pad = _Pool.pad
    ceil = _Pool.ceil
    dilation = Param(Extent(1), "distance between the members of the window", 1)

    def _dilation(self, x: Shape) -> tuple[int, ...]:
        return spread(self, "dilation", self.dilation, x)

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ModuleForm:
        return ModuleForm(self._call("MaxPool", xs[0]))


@layer("avgpool", "pooling")
class AvgPool(_Pool):
    """The mean of each window."""

    rule = _RULE
    formula = _windows(DENSE)
    examples = (
        Example("avgpool(2)", [128, 56, 56]),
        Example("avgpool(3, stride=1, pad=half, count_pad=false)", [128, 56, 56]),
    )

    kernel = _Pool.kernel
    stride = _Pool.stride
    pad = _Pool.pad
    ceil = _Pool.ceil
    count_pad = Param(Bool(), "count the zeros of the padding in the mean", True)

    def shape(self, x: Shape) -> Shape:
        y = super().shape(x)
        if len(x.dims) == 4:  # in 3-D PyTorch wants a full window inside the input, whatever the padding
            for axis, (size, k) in enumerate(
                zip(x.spatial, spread(self, "kernel", self.kernel, x), strict=True), 1
            ):
                if size < k:
                    raise unfit(self, x, axis, k, 0, k)
        return y

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ModuleForm:
        call = self._call("AvgPool", xs[0])
        kwargs = (*call.kwargs, *options(("count_include_pad", self.count_pad, True)))
        return ModuleForm(Call(call.function, call.args, kwargs))


class _AdaptivePool(UnaryLayer):
    """Windows as large as the input asks for."""

    rule = "The channels stay, and the spatial sizes become `size`, whatever arrives."
    formula = Formula("[c, *n]", "[c, *size]")

    torch_name: ClassVar[str]
    size = Param(Extent(1), "spatial sizes that leave")

    def shape(self, x: Shape) -> Shape:
        spatial_rank(self, x)
        return Shape((x.channels, *spread(self, "size", self.size, x)))

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ModuleForm:
        size = plain(spread(self, "size", self.size, xs[0]))
        return ModuleForm(Call(f"nn.{self.torch_name}{len(xs[0].dims) - 1}d", (Lit(size),)))

    def describe(self, xs: tuple[Shape, ...]) -> str:
        return f"{self.name} to {times(self.size, len(xs[0].spatial))}"


@layer("adaptive_avgpool", "pooling")
class AdaptiveAvgPool(_AdaptivePool):
    """The mean of windows as large as the size that leaves asks for."""

    examples = (
        Example("adaptive_avgpool(7)", [512, 12, 16]),
        Example("adaptive_avgpool([1, 4])", [512, 12, 16]),
    )

    torch_name = "AdaptiveAvgPool"


@layer("adaptive_maxpool", "pooling")
class AdaptiveMaxPool(_AdaptivePool):
    """The maximum of windows as large as the size that leaves asks for."""

    examples = (Example("adaptive_maxpool(7)", [512, 12, 16]),)

    torch_name = "AdaptiveMaxPool"


class _GlobalPool(UnaryLayer):
    """All positions become one."""

    rule = "A value for each channel; the spatial axes are gone."
    formula = Formula("[c, *n]", "[c]")

    support: ClassVar[str]
    word: ClassVar[str]

    def shape(self, x: Shape) -> Shape:
        if x.tokens:
            raise LayerError(
                f"`{self.name}` takes a map, and tokens {x} arrive",
                help=f"`reduce({self.word}, 0)` runs over the first axis of tokens",
            )
        spatial_rank(self, x, f"`{self.name}` has nothing to do here and can go")
        return Shape((x.channels,))

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ModuleForm:
        return ModuleForm(Call(self.support))


@layer("gap", "pooling")
class GlobalAvgPool(_GlobalPool):
    """Global average pooling: the mean of each channel (Lin et al., 2014)."""

    examples = (Example("gap", [2048, 7, 7]),)

    support = "GlobalAvgPool"
    word = "mean"


@layer("gmp", "pooling")
class GlobalMaxPool(_GlobalPool):
    """Global maximum pooling: the maximum of each channel."""

    examples = (Example("gmp", [2048, 7, 7]),)

    support = "GlobalMaxPool"
    word = "max"
