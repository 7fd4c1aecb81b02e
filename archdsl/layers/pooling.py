"""Pooling: windows, adaptive and global."""

from __future__ import annotations

from typing import ClassVar

from archdsl.layers.base import ArgumentError, LayerError, Param, UnaryLayer, layer
from archdsl.layers.form import Call, Lit, ModuleForm, options
from archdsl.layers.kinds import Bool, Extent, Padding
from archdsl.layers.page import Example, Formula, Let
from archdsl.layers.shape import Shape
from archdsl.layers.windows import (
    DENSE,
    DILATED,
    Pair,
    alike,
    around,
    flat,
    pad_pairs,
    plain,
    same_pairs,
    same_sizes,
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
            Let("m", "(n + stride - 1) // stride", "pad == same", each=True),
            Let("m", "room // stride + 1", "not ceil", each=True),
            Let("m", "places - 1 if (places - 1) * stride >= n + before else places", each=True),
            Let("places", "(room + stride - 1) // stride + 1", each=True),
            Let("room", f"n + before + after - {reach} - 1", each=True),
            *around(reach),
        ),
    )


class _Pool(UnaryLayer):
    """What `maxpool` and `avgpool` share."""

    makes_new = True
    kernel = Param(Extent(1), "extent of the window", elsewhere="kernel_size pool_size filter_size ksize")
    stride = Param(
        Extent(1), "step of the window; its extent if not given", None, shown="kernel", elsewhere="strides"
    )
    pad = Param(
        Padding("half", "valid", "same"),
        "around the input, at most half of the kernel: `half` of an odd kernel, none (`valid`), TensorFlow's "
        "`same`, an int, one for each axis, or before and after, axis by axis",
        0,
        elsewhere="padding paddings",
    )
    ceil = Param(Bool(), "keep a last window that the input does not fill", False, elsewhere="ceil_mode")
    #: its global form
    whole: ClassVar[str]

    def check(self) -> None:
        if self.ceil and self.pad == "same":
            raise ArgumentError(
                "ceil",
                f"`ceil` of `{self.name}` has no meaning with `same`",
                "`same` leaves the size over the stride, rounded up",
                code="E602",
            )

    def _dilation(self, x: Shape) -> tuple[int, ...]:
        return (1,) * (len(x.dims) - 1)

    def _window(self, x: Shape) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Kernel and stride."""
        kernel = spread(self, "kernel", self.kernel, x)
        return kernel, kernel if self.stride is None else spread(self, "stride", self.stride, x)

    def _pads(self, x: Shape) -> tuple[Pair, ...] | None:
        """Padding before and after, axis by axis; None where it depends on the size of the input."""
        kernel, stride = self._window(x)
        if self.pad == "same":
            return same_pairs(kernel, stride, self._dilation(x))
        pads = pad_pairs(self, self.pad, kernel, self._dilation(x), x)
        for axis, (pair, k) in enumerate(zip(pads, kernel, strict=True), 1):
            if max(pair) > k // 2:
                raise LayerError(
                    f"`pad` of `{self.name}` is at most half of its kernel",
                    code="E602",
                    parameter="pad",
                    notes=(f"along axis {axis} the padding is {max(pair)} and the kernel {k}",),
                )
        if self.ceil and not alike(pads):
            raise LayerError(
                f"`ceil` of `{self.name}` goes with a padding that is the same on both sides",
                code="E602",
                parameter="ceil",
                help="a larger padding behind makes room for a last window",
            )
        return pads

    def shape(self, x: Shape) -> Shape:
        spatial_rank(self, x)
        kernel, stride = self._window(x)
        dilation, pads = self._dilation(x), self._pads(x)
        if pads is None:
            return Shape((x.channels, *same_sizes(x, stride)))
        sizes = slide(self, x, kernel, stride, pads, dilation, self.ceil, self._whole())
        return Shape((x.channels, *sizes))

    def gives_what_arrives(self, xs: tuple[Shape, ...]) -> bool:
        kernel, stride = self._window(xs[0])
        return set(kernel) == set(stride) == {1} and not any(map(any, self._pads(xs[0]) or ()))

    def _whole(self) -> str:
        """The pool that fits any size, as a mend."""
        return f"`{self.whole}`, which pools a map of any size"

    def _fits(self, x: Shape, pads: tuple[Pair, ...]) -> bool:
        """Does PyTorch's own pool take this padding?"""
        kernel, _ = self._window(x)
        return alike(pads) and all(p <= k // 2 for (p, _), k in zip(pads, kernel, strict=True))

    def _call(self, function: str, x: Shape) -> Call:
        kernel, stride = self._window(x)
        pads = self._pads(x)
        padding: tuple[str, int | tuple[int, ...], object] = ("padding", 0, 0)
        if pads is None:
            name, padding = f"Same{function}", ("rank", len(x.dims) - 1, 2)
        elif self._fits(x, pads):
            name = f"nn.{function}{len(x.dims) - 1}d"
            padding = ("padding", plain(tuple(p for p, _ in pads)), 0)
        else:
            name, padding = f"Padded{function}", ("pad", flat(pads), None)
        return Call(
            name,
            (Lit(plain(kernel)),),
            options(
                ("stride", plain(stride), plain(kernel)),
                padding,
                ("dilation", plain(self._dilation(x)), 1),
                ("ceil_mode", self.ceil, False),
            ),
        )

    def describe(self, xs: tuple[Shape, ...]) -> str:
        stride = self.kernel if self.stride is None else self.stride
        return f"{self.name} {times(self.kernel, len(xs[0].spatial))}{suffix(stride)}"


@layer("maxpool", "pooling", elsewhere="maxpooling")
class MaxPool(_Pool):
    """The maximum of each window."""

    rule = _RULE
    formula = _windows(DILATED)
    examples = (
        Example("maxpool(2)", [64, 112, 112]),
        Example("maxpool(3, stride=2, pad=1)", [64, 112, 112]),
        Example("maxpool(3, stride=2, ceil=true)", [64, 112, 112]),
        Example("maxpool(3, stride=2, pad=same)", [64, 112, 112]),
    )

    whole = "gmp"
    kernel = _Pool.kernel
    stride = _Pool.stride
    pad = _Pool.pad
    ceil = _Pool.ceil
    dilation = Param(Extent(1), "distance between the members of the window", 1, elsewhere="dilation_rate")

    def _dilation(self, x: Shape) -> tuple[int, ...]:
        return spread(self, "dilation", self.dilation, x)

    @property
    def takes_largest(self) -> bool:
        """Not where a window may lie in the padding alone, over a small map between its members: -∞ leaves then."""
        pads, steps = ((n,) if isinstance(n, (int, str)) else n for n in (self.pad, self.dilation))
        return set(pads) <= {0, "valid"} or set(steps) == {1}

    @property
    def keeps_positive(self) -> bool:
        return self.takes_largest

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ModuleForm:
        return ModuleForm(self._call("MaxPool", xs[0]))


@layer("avgpool", "pooling", elsewhere="averagepooling averagepool")
class AvgPool(_Pool):
    """The mean of each window."""

    rule = _RULE
    formula = _windows(DENSE)
    examples = (
        Example("avgpool(2)", [128, 56, 56]),
        Example("avgpool(3, stride=1, pad=half, count_pad=false)", [128, 56, 56]),
    )

    whole = "gap"
    kernel = _Pool.kernel
    stride = _Pool.stride
    pad = _Pool.pad
    ceil = _Pool.ceil
    count_pad = Param(
        Bool(),
        "count the zeros of the padding in the mean; if not given, those of `same` are left out",
        None,
        shown="pad != same",
        elsewhere="count_include_pad",
    )

    keeps_positive = True
    maps_positions = True

    def keeps_constants(self, xs: tuple[Shape, ...]) -> bool:
        pads = self._pads(xs[0])
        return not self._counted() or (pads is not None and not any(map(any, pads)))

    def _counted(self) -> bool:
        """Are zeros of the padding counted?"""
        return self.pad != "same" if self.count_pad is None else self.count_pad

    def shape(self, x: Shape) -> Shape:
        y = super().shape(x)
        pads = self._pads(x)
        axis = self._lacking(x)
        if axis is not None and self.pad != "same" and pads is not None and alike(pads):
            k = self._window(x)[0][axis - 1]
            raise unfit(self, x, axis, k, 0, k, self._whole())
        return y

    def _lacking(self, x: Shape) -> int | None:
        """The axis that is shorter than the kernel: in 3-D PyTorch's pool takes none, whatever the padding."""
        kernel, _ = self._window(x)
        axes = enumerate(zip(x.spatial, kernel, strict=True), 1)
        return next((axis for axis, (size, k) in axes if len(x.dims) == 4 and size < k), None)

    def _fits(self, x: Shape, pads: tuple[Pair, ...]) -> bool:
        return self._lacking(x) is None and super()._fits(x, pads)

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ModuleForm:
        call = self._call("AvgPool", xs[0])
        default = call.function != "SameAvgPool"
        kwargs = (*call.kwargs, *options(("count_include_pad", self._counted(), default)))
        return ModuleForm(Call(call.function, call.args, kwargs))


class _AdaptivePool(UnaryLayer):
    """Windows as large as the input asks for."""

    keeps_positive = True
    makes_new = True
    rule = "The channels stay, and the spatial sizes become `size`, whatever arrives."
    formula = Formula("[c, *n]", "[c, *size]")

    torch_name: ClassVar[str]
    size = Param(Extent(1), "spatial sizes that leave", elsewhere="output_size")

    def shape(self, x: Shape) -> Shape:
        spatial_rank(self, x)
        return Shape((x.channels, *spread(self, "size", self.size, x)))

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ModuleForm:
        size = plain(spread(self, "size", self.size, xs[0]))
        return ModuleForm(Call(f"nn.{self.torch_name}{len(xs[0].dims) - 1}d", (Lit(size),)))

    def describe(self, xs: tuple[Shape, ...]) -> str:
        return f"{self.name} to {times(self.size, len(xs[0].spatial))}"


@layer("adaptive_avgpool", "pooling", elsewhere="adaptiveaveragepooling")
class AdaptiveAvgPool(_AdaptivePool):
    """The mean of windows as large as the size that leaves asks for."""

    examples = (
        Example("adaptive_avgpool(7)", [512, 12, 16]),
        Example("adaptive_avgpool([1, 4])", [512, 12, 16]),
    )

    torch_name = "AdaptiveAvgPool"
    maps_positions = True

    @property
    def keeps_input(self) -> bool:
        return self.size != 1  # of all positions it is a plain mean

    def keeps_constants(self, xs: tuple[Shape, ...]) -> bool:
        return True


@layer("adaptive_maxpool", "pooling", elsewhere="adaptivemaxpooling")
class AdaptiveMaxPool(_AdaptivePool):
    """The maximum of windows as large as the size that leaves asks for."""

    takes_largest = True
    examples = (Example("adaptive_maxpool(7)", [512, 12, 16]),)

    torch_name = "AdaptiveMaxPool"


class _GlobalPool(UnaryLayer):
    """All positions become one."""

    keeps_positive = True
    makes_new = True
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


@layer("gap", "pooling", elsewhere="globalaveragepooling globalaveragepool globalavgpool")
class GlobalAvgPool(_GlobalPool):
    """Global average pooling: the mean of each channel (Lin et al., 2014)."""

    examples = (Example("gap", [2048, 7, 7]),)

    support = "GlobalAvgPool"
    word = "mean"
    maps_positions = True

    @property
    def keeps_input(self) -> bool:
        return False

    def keeps_constants(self, xs: tuple[Shape, ...]) -> bool:
        return True


@layer("gmp", "pooling", elsewhere="globalmaxpooling globalmaxpool")
class GlobalMaxPool(_GlobalPool):
    """Global maximum pooling: the maximum of each channel."""

    takes_largest = True
    examples = (Example("gmp", [2048, 7, 7]),)

    keeps_output = True
    support = "GlobalMaxPool"
    word = "max"
