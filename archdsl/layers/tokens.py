"""Tokens: maps as sequences of positions, and what is learned for each of these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isqrt, prod

from archdsl.layers.axes import count, dividing
from archdsl.layers.base import ArgumentError, Aspect, LayerError, Param, UnaryLayer, layer
from archdsl.layers.form import (
    Binary,
    Call,
    Expr,
    FunctionForm,
    Input,
    ListOf,
    Lit,
    ParameterForm,
    Space,
    TupleOf,
    Weight,
    method,
)
from archdsl.layers.init import VectorInit, init_call
from archdsl.layers.kinds import Bool, Extent, Init, Int
from archdsl.layers.page import KEEPS, Example, Formula, Let, rows
from archdsl.layers.shape import Shape
from archdsl.layers.windows import bounded, spatial_rank, spread, times

_SIZES = ("depth", "height", "width", "length")  # in the order of the axes
_POSITIONS = ("positions", "features")  # of what is learned for tokens
_ZEROS = Init("zeros")
_SMALL = Init("normal", (("std", 0.02),))
_WINDOW = "windows of this size are cut out, each a sequence of its own: an int, or one for each axis"


@layer("tokens", "tokens", elsewhere="patchify")
class Tokens(UnaryLayer):
    """The positions of a map as a sequence of tokens, row by row; of each window by itself."""

    rule = (
        "The positions become one axis, in front of the features; those of each window, behind an axis of the "
        "windows, if there are windows; or every axis stays, and the features come last, where `flat` is false. "
        "A vector is one token."
    )
    formula = Formula(
        "[c, *n]",
        "[*positions, c]",
        (
            Let("positions", "n", "not flat"),
            Let("positions", "[prod(n) // prod(window), prod(window)]", "window is given"),
            Let("positions", "[prod(n)]"),
        ),
    )
    examples = (
        Example("tokens", [768, 14, 14]),
        Example("tokens(window=7)", [96, 56, 56]),
        Example("tokens(flat=false)", [96, 56, 56]),
    )
    is_module = False
    maps_positions = True
    window = Param(Extent(1), _WINDOW, None, shown="none")
    flat = Param(
        Bool(), "make one axis of all positions; if not, each axis stays, with the features behind", True
    )

    def check(self) -> None:
        _flat_or_cut(self)

    def _windows(self, x: Shape) -> tuple[int, ...] | None:
        if x.tokens:
            raise LayerError(f"`tokens` takes a map, and tokens {x} arrive already")
        if len(x.dims) == 1 and self.flat and self.window is None:
            return None  # a vector is one token
        spatial_rank(self, x)
        return None if self.window is None else spread(self, "window", self.window, x)

    def shape(self, x: Shape) -> Shape:
        windows = self._windows(x)
        if not self.flat:
            return Shape((*x.spatial, x.channels), True)
        if windows is None:
            return Shape((bounded(self, prod(x.spatial)), x.channels), True)
        counts = _cut(self, x.spatial, windows, f"{x}", "`pad` makes a map larger")
        return Shape((bounded(self, prod(counts)), bounded(self, prod(windows)), x.channels), True)

    def keeps_constants(self, xs: tuple[Shape, ...]) -> bool:
        return True

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> FunctionForm:
        windows = self._windows(xs[0])
        if windows is not None:
            return FunctionForm(Call("to_windows", (Input(), Lit(windows))))
        rank = len(xs[0].spatial)
        if rank == 0:
            return FunctionForm(method(Input(), "unsqueeze", 1))
        if not self.flat and rank > 1:
            return FunctionForm(method(Input(), "permute", 0, *range(2, rank + 2), 1))
        rows: Expr = Input() if rank == 1 else method(Input(), "flatten", 2)
        return FunctionForm(method(rows, "transpose", 1, 2))

    def describe(self, xs: tuple[Shape, ...]) -> str:
        return "tokens" + _of_windows(self.window, len(xs[0].spatial))


@layer("untokens", "tokens", elsewhere="unpatchify")
class Untokens(UnaryLayer):
    """A map of the given sizes from its tokens, undoing `tokens`."""

    rule = (
        "The features go in front, and the positions become the axes that are given: as many positions as the "
        "map has. Where `flat` is false, the axes of the tokens are those of the map."
    )
    formula = Formula(
        "[*positions, c]",
        "[c, *n]",
        (
            Let("n", "positions", "not flat"),
            Let("n", "[depth, height, width]", "depth is given"),
            Let("n", "[height, width]", "height is given"),
            Let("n", "[length]"),
        ),
    )
    examples = (
        Example("untokens(14, 14)", rows(196, 768)),
        Example("untokens(56, 56, window=7)", rows(64, 49, 96)),
        Example("untokens(flat=false)", rows(56, 56, 96)),
        Example("untokens(length=512)", rows(512, 64)),
    )
    is_module = False
    maps_positions = True
    sized = frozenset(_SIZES)
    height = Param(Int(1), "height of the map", None, shown="none")
    width = Param(Int(1), "width of the map", None, shown="none")
    depth = Param(
        Int(1),
        "depth of a map of three axes, which come as depth, height, width",
        None,
        shown="none",
        by_name="a map of three axes is `untokens(height, width, depth=d)`",
    )
    length = Param(Int(1), "length of a map of one axis", None, shown="none")
    window = Param(Extent(1), "the window that `tokens` had", None, shown="none")
    flat = Param(
        Bool(), "`false` undoes `tokens(flat=false)`: the features go in front, and no size is given", True
    )

    def check(self) -> None:
        _flat_or_cut(self)
        given = {name for name in _SIZES if self._given(name) is not None}
        first = next((name for name in _SIZES if name in given), "height")
        if not self.flat:
            if given:
                message = "`untokens(flat=false)` takes no sizes: its tokens have them"
                raise ArgumentError(first, message, code="E602")
        elif given not in ({"length"}, {"height", "width"}, {"depth", "height", "width"}):
            raise ArgumentError(
                first,
                "`untokens` takes a height and a width, those and a depth, or a length",
                "`untokens(14, 14)`, `untokens(14, 14, depth=8)` or `untokens(length=196)`",
                code="E602",
            )

    def _given(self, name: str) -> int | None:
        size: int | None = getattr(self, name)
        return size

    def _sizes(self) -> tuple[int, ...]:
        """Spatial sizes of the map."""
        every = map(self._given, _SIZES)
        return tuple(size for size in every if size is not None)

    def _windows(self) -> tuple[int, ...] | None:
        """The window's size along each axis. Raises LayerError (E602)."""
        axes = len(self._sizes())
        if self.window is None or isinstance(self.window, int):
            return None if self.window is None else (self.window,) * axes
        if len(self.window) != axes:
            raise LayerError(
                f"`window` of `untokens` has {count(len(self.window), 'extent')}, and the map "
                f"{count(axes, 'spatial axis')}",
                code="E602",
                parameter="window",
            )
        return self.window

    def shape(self, x: Shape) -> Shape:
        sizes, windows = self._sizes(), self._windows()
        if not x.tokens:
            raise LayerError(f"`untokens` takes tokens, and a map {x} arrives")
        if not self.flat:
            return Shape((x.channels, *x.dims[:-1]))
        rank = 2 if windows is None else 3
        if len(x.dims) != rank:
            cut = (
                "the tokens of windows, `[windows, positions, features]`"
                if windows
                else "`[positions, features]`"
            )
            mend = "`window` is that of the `tokens` before it" if len(x.dims) == 3 else ""
            raise LayerError(f"`untokens` takes {cut}, and {x} has {count(len(x.dims), 'axis')}", help=mend)
        if windows is None:
            wanted: tuple[int, ...] = (prod(sizes),)
        else:
            wanted = (prod(_cut(self, sizes, windows, times(sizes, 1))), prod(windows))
        if x.dims[:-1] != wanted:
            map_ = times(sizes, 1) + _of_windows(windows, 1)
            raise LayerError(
                "`untokens` takes as many tokens as the map has positions",
                code="E602",
                parameter="length" if self.length is not None else "height",
                notes=(f"a map of {map_} has {times(wanted, 1)}, and {x} has {times(x.dims[:-1], 1)}",),
                help=self._mend(x, wanted),
            )
        return Shape((x.channels, *sizes))

    def _mend(self, x: Shape, wanted: tuple[int, ...]) -> str:
        """Of what is not as many tokens as a map has positions."""
        if len(wanted) > 1:
            return ""
        if x.dims[0] == wanted[0] + 1:
            return "`slice(1)` takes a class token off"
        side = isqrt(x.dims[0])
        square = self.width is not None and self.depth is None and side**2 == x.dims[0]
        return f"`untokens({side}, {side})` would take {x.dims[0]}" if square else ""

    def keeps_constants(self, xs: tuple[Shape, ...]) -> bool:
        return True

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> FunctionForm:
        rank = len(xs[0].dims)
        if not self.flat and rank > 2:
            return FunctionForm(method(Input(), "permute", 0, rank, *range(1, rank)))
        return self._arranged(Lit(self._sizes()))

    def sized_form(
        self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], sizes: Mapping[str, Expr]
    ) -> FunctionForm:
        given = [name for name in _SIZES if self._given(name) is not None]
        parts = tuple(sizes.get(name, Lit(self._given(name))) for name in given)
        for at in {
            part.target.index for part in parts if isinstance(part, Call) and isinstance(part.target, Input)
        }:
            if parts == tuple(method(Input(at), "size", axis) for axis in range(2, 2 + len(parts))):
                return self._arranged(Space(at))
        return self._arranged(TupleOf(parts))

    def _arranged(self, sizes: Expr) -> FunctionForm:
        """The map of such sizes."""
        windows = self._windows()
        if windows is not None:
            return FunctionForm(Call("from_windows", (Input(), sizes, Lit(windows))))
        columns = method(Input(), "transpose", 1, 2)
        if len(self._sizes()) < 2:
            return FunctionForm(columns)
        return FunctionForm(Call("unflatten", (Lit(2), sizes), target=columns))

    def describe(self, xs: tuple[Shape, ...]) -> str:
        if not self.flat:
            return "untokens"
        return f"untokens {times(self._sizes(), 1)}{_of_windows(self.window, len(self._sizes()))}"


@layer("class_token", "tokens", elsewhere="clstoken")
class ClassToken(UnaryLayer):
    """A learned token in front of the others (Devlin et al., 2019; Dosovitskiy et al., 2021)."""

    rule = "There are `count` more tokens; axes before are batch."
    formula = Formula("[*batch, positions, c]", "[*batch, count + positions, c]")
    trained = "count * c"
    examples = (Example("class_token", rows(196, 768)),)
    is_parameter = True
    count = Param(Int(1), "number of tokens", 1)
    init = Param(VectorInit(_ZEROS), "how they start", _ZEROS)

    def shape(self, x: Shape) -> Shape:
        _need_tokens(self, x)
        return Shape((*x.dims[:-2], bounded(self, x.dims[-2] + self.count), x.channels), True)

    def weights(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        return {"": (1, self.count, xs[0].channels)}

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ParameterForm:
        x = xs[0]
        leading = (method(Input(), "size", axis) for axis in range(len(x.dims) - 1))  # the batch among them
        token = Call("expand", (*leading, Lit(-1), Lit(-1)), target=Weight())
        joined = Call("torch.cat", (ListOf((token, Input())),), (("dim", Lit(len(x.dims) - 1)),))
        return _parameter((1, self.count, x.channels), _POSITIONS, joined, self.init)

    def describe(self, xs: tuple[Shape, ...]) -> str:
        return "class token" if self.count == 1 else f"{self.count} class tokens"


@layer("position_embedding", "tokens", elsewhere="positionalembedding positionalencoding posembed")
class PositionEmbedding(UnaryLayer):
    """A learned vector added at each position (Gehring et al., 2017; Dosovitskiy et al., 2021)."""

    rule = "The shape stays. Axes of tokens before the last two are batch, and share the vectors."
    formula = KEEPS
    trained = "prod(x[-2:] if tokens else x)"
    examples = (Example("position_embedding", rows(197, 768)),)
    is_parameter = True
    init = Param(VectorInit(_SMALL), "how they start", _SMALL)

    def _sizes(self, x: Shape) -> tuple[int, ...]:
        """Of the parameter; leading axes of tokens are batch."""
        return (1, *(x.dims[-2:] if x.tokens else x.dims))

    def weights(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        return {"": self._sizes(xs[0])}

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ParameterForm:
        sizes = self._sizes(xs[0])
        names = _POSITIONS if xs[0].tokens else ("channels", *["size"] * len(xs[0].spatial))
        return _parameter(sizes, names, Binary("+", (Input(), Weight())), self.init)

    def describe(self, xs: tuple[Shape, ...]) -> str:
        return "position embedding"


def _parameter(sizes: tuple[int, ...], names: Sequence[str], expr: Expr, init: Init) -> ParameterForm:
    """A parameter with an axis of 1 for the batch; `names` are those of its other sizes."""
    dims = tuple(map(Lit, sizes, ("batch", *names)))
    if init == _ZEROS:
        return ParameterForm(Call("torch.zeros", dims), expr)
    return ParameterForm(Call("torch.empty", dims), expr, (init_call("", init),))


def _flat_or_cut(layer: Tokens | Untokens) -> None:
    """Windows are flat sequences. Raises ArgumentError."""
    if layer.window is not None and not layer.flat:
        raise ArgumentError("flat", f"`{layer.name}` with a `window` is flat", code="E602")


def _need_tokens(layer: UnaryLayer, x: Shape) -> None:
    """Refuse maps."""
    if not x.tokens:
        raise LayerError(
            f"`{layer.name}` takes tokens, and a map {x} arrives", help="`tokens` makes tokens of a map"
        )


def _cut(
    layer: UnaryLayer, sizes: tuple[int, ...], windows: tuple[int, ...], what: str, mend: str = ""
) -> tuple[int, ...]:
    """How many windows there are along each axis. Raises LayerError (E602)."""
    for axis, (size, window) in enumerate(zip(sizes, windows, strict=True), 1):
        if size % window:
            raise LayerError(
                f"`window` of `{layer.name}` does not divide the map",
                code="E602",
                aspect=Aspect.SIZES,
                parameter="window",
                notes=(f"along axis {axis} of {what} there are {size}, and the window has {window}",),
                help=dividing((size,), window, "positions") + (f", and {mend}" if mend else ""),
            )
    return tuple(size // window for size, window in zip(sizes, windows, strict=True))


def _of_windows(window: int | tuple[int, ...] | None, rank: int) -> str:
    return "" if window is None else f" in windows of {times(window, rank)}"
