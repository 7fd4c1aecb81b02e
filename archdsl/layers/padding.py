"""Shape operations at the borders: pad and crop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archdsl.layers.axes import count, resolve
from archdsl.layers.base import ArgumentError, LayerError, Param, UnaryLayer, layer
from archdsl.layers.form import Call, Expr, FunctionForm, Input, Lit, Space, TupleOf, method, options
from archdsl.layers.kinds import Choice, Extent, Float, IntOrInts, Kind, Mismatch, Word
from archdsl.layers.page import Example, Formula, Let
from archdsl.layers.shape import Shape
from archdsl.layers.windows import bounded, spatial_rank, spread, times


@layer("pad", "shape", elsewhere="zeropad zeropadding constantpad reflectionpad replicationpad")
class Pad(UnaryLayer):
    """Values around the input, along any axes."""

    rule = "The size along each axis in `axis` grows by what stands before and after; the others stay."
    formula = Formula(
        "x",
        "[size + sum([more for at, more in zip(axes, added) if at == i]) for i, size in enumerate(x)]",
        (
            Let("axes", "[axis % rank]", "axis is a number"),
            Let("axes", "[a % rank for a in axis]"),
            Let("added", "[2 * amount for _ in axes]", "amount is a number"),
            Let("added", "[sum(amount) for _ in axes]", "len(amount) == 2"),
            Let("added", "[amount[2 * i] + amount[2 * i + 1] for i in range(len(axes))]"),
        ),
    )
    examples = (
        Example("pad([0, 16])", [16, 32, 32]),
        Example("pad(3, axis=[1, 2], mode=reflect)", [3, 224, 224]),
        Example("pad([0, 1, 2, 3], axis=[1, 2])", [64, 14, 14]),
    )

    is_module = False
    amount = Param(
        IntOrInts(0), "an int for both sides, before and after, or before and after for each of the axes"
    )
    axis = Param(IntOrInts(), "axis or axes (without the batch)", 0, elsewhere="dim axes")
    mode = Param(
        Choice("constant", "reflect", "replicate", "circular"),
        "a constant, or what the input has: mirrored, its edge, or its other end",
        "constant",
    )
    value = Param(Float(), "the constant", 0)

    def check(self) -> None:
        axes = 1 if isinstance(self.axis, int) else len(self.axis)
        if not isinstance(self.amount, int) and len(self.amount) not in (2, 2 * axes):
            raise ArgumentError(
                "amount",
                f"`amount` of `pad` has {count(len(self.amount), 'number')} for {count(axes, 'axis')}",
                "`[before, after]`, for each axis",
                code="E602",
            )
        if self.value != 0 and self.mode != "constant":
            raise ArgumentError("value", f"`value` has no meaning for the mode `{self.mode}`", code="E602")

    def _pads(self, x: Shape) -> dict[int, tuple[int, int]]:
        """Before and after, by axis."""
        given = (self.axis,) if isinstance(self.axis, int) else self.axis
        axes = [resolve(self, axis, len(x.dims), x) for axis in given]
        if len(set(axes)) < len(axes):
            raise LayerError("`axis` of `pad` names each axis once", code="E602", parameter="axis")
        amount = (self.amount,) * 2 if isinstance(self.amount, int) else self.amount
        amount = amount if len(amount) == 2 * len(axes) else amount * len(axes)
        return dict(zip(axes, zip(amount[::2], amount[1::2], strict=True), strict=True))

    def shape(self, x: Shape) -> Shape:
        pads = self._pads(x)
        if self.mode != "constant":
            self._check_mode(x, pads)
        dims = (size + sum(pads.get(axis, (0, 0))) for axis, size in enumerate(x.dims))
        return Shape(tuple(bounded(self, size) for size in dims), x.tokens)

    def _check_mode(self, x: Shape, pads: dict[int, tuple[int, int]]) -> None:
        """PyTorch repeats values along the spatial axes of maps alone, and not more than there are."""
        rank = spatial_rank(self, x)
        if 0 in pads:
            raise LayerError(
                f"`pad` with the mode `{self.mode}` works along spatial axes",
                code="E602",
                parameter="axis",
                help="`axis=1` is the first of them"
                if rank == 1
                else "`axis=[1, 2]` are the first two of them",
            )
        for axis, pair in pads.items():
            most = {"reflect": x.dims[axis] - 1, "circular": x.dims[axis]}.get(self.mode)
            if most is not None and max(pair) > most:
                raise LayerError(
                    f"`pad` with the mode `{self.mode}` takes at most what the input has",
                    code="E602",
                    parameter="amount",
                    notes=(f"along axis {axis} of {x} that is {most}, and {max(pair)} is wanted",),
                )

    def gives_what_arrives(self, xs: tuple[Shape, ...]) -> bool:
        return not any(n for pair in self._pads(xs[0]).values() for n in pair)

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> FunctionForm:
        pads = self._pads(xs[0])
        first = min(pads) if self.mode == "constant" else 1
        amounts = tuple(
            n for axis in range(len(xs[0].dims) - 1, first - 1, -1) for n in pads.get(axis, (0, 0))
        )
        kwargs = options(("mode", self.mode, "constant"), ("value", self.value, 0))
        return FunctionForm(Call("F.pad", (Input(), Lit(amounts)), kwargs))


class _Offset(Kind[str | int | tuple[int, ...]]):
    """Where a crop starts: `center`, an int for every axis, or a list."""

    words = ("center",)

    def convert(self, value: Any) -> str | int | tuple[int, ...]:
        if (value.name if isinstance(value, Word) else value) == "center":
            return "center"
        try:
            return Extent(0).convert(value)
        except Mismatch:
            raise Mismatch("`center`, an int of at least 0 or a list of them", value) from None


@layer("crop", "shape", elsewhere="cropping centercrop")
class Crop(UnaryLayer):
    """A part of the positions, by default from the middle."""

    rule = "The channels stay, and the spatial sizes become `size`, which is at most what arrives."
    formula = Formula("[c, *n]", "[c, *size]")
    examples = (Example("crop(56)", [128, 64, 64]), Example("crop(56, offset=0)", [128, 64, 64]))

    is_module = False
    sized = frozenset(["size"])
    size = Param(Extent(1), "spatial sizes that leave", elsewhere="output_size")
    offset = Param(_Offset(), "where it starts: `center`, an int, or one for each axis", "center")

    def _cuts(self, x: Shape) -> tuple[tuple[int, int], ...]:
        """What is taken off before and after, axis by axis."""
        spatial_rank(self, x)
        sizes = spread(self, "size", self.size, x)
        offsets = tuple((have - want) // 2 for have, want in zip(x.spatial, sizes, strict=True))
        if not isinstance(self.offset, str):
            offsets = spread(self, "offset", self.offset, x)
        cuts = []
        for axis, (have, want, offset) in enumerate(zip(x.spatial, sizes, offsets, strict=True), 1):
            if want > have or offset + want > have:
                start = f" from {offset} on" if offset > 0 else ""
                raise LayerError(
                    "`crop` takes more than there is",
                    code="E602",
                    parameter="size" if want > have else "offset",
                    notes=(f"along axis {axis} of {x} it takes {want}{start}",),
                    help="`pad` makes a map larger" if want > have else "",
                )
            cuts.append((offset, have - want - offset))
        return tuple(cuts)

    def shape(self, x: Shape) -> Shape:
        self._cuts(x)
        return Shape((x.channels, *spread(self, "size", self.size, x)))

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> FunctionForm:
        cuts = self._cuts(xs[0])
        if not any(n for cut in cuts for n in cut):
            return FunctionForm(Input())
        # a negative padding cuts
        return FunctionForm(Call("F.pad", (Input(), Lit(tuple(-n for cut in reversed(cuts) for n in cut)))))

    def sized_form(
        self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], sizes: Mapping[str, Expr]
    ) -> FunctionForm:
        size = sizes["size"]
        if not isinstance(self.offset, str) or not isinstance(size, Space):
            return self.form(xs, ys)
        wanted = TupleOf(
            tuple(method(Input(size.index), "size", axis) for axis in range(2, len(xs[0].dims) + 1))
        )
        return FunctionForm(Call("center_crop", (Input(), wanted)))

    def describe(self, xs: tuple[Shape, ...]) -> str:
        return f"crop to {times(self.size, len(xs[0].spatial))}"
