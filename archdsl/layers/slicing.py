"""Shape operations that take values along axes: slice, select, split, reduce."""

from __future__ import annotations

from archdsl.layers.axes import dividing, feature_axis, like, resolve, torch_dim
from archdsl.layers.base import Layer, LayerError, Param, UnaryLayer, layer
from archdsl.layers.form import Binary, Call, Expr, FunctionForm, Input, ListOf, Lit, method, options
from archdsl.layers.kinds import Bool, Choice, Int, IntOrInts
from archdsl.layers.page import Example, Formula, Let, rows
from archdsl.layers.shape import Shape
from archdsl.layers.windows import times

#: a bundle of more tensors is a mistake, and would only fill the memory
MOST_PARTS = 2**16


@layer("slice", "shape", elsewhere="narrow")
class Slice(UnaryLayer):
    """A range along one axis, as Python's `start:stop`."""

    rule = "The size along `axis` becomes the number of indices from `start` to `stop`; the others stay."
    formula = Formula(
        "x",
        "[last - first if i == axis % rank else size for i, size in enumerate(x)]",
        (
            Let("first", "start if start >= 0 else start + end"),
            Let("last", "stop if stop >= 0 else stop + end"),
            Let("end", "x[axis]"),
        ),
    )
    examples = (
        Example("slice(0, 32)", [64, 56, 56]),
        Example("slice(1)", [64, 56, 56]),
        Example("slice(1, -1, axis=2)", [64, 56, 56]),
    )

    is_view = True
    is_module = False
    start = Param(Int(), "first index; a negative one counts from the end", 0)
    stop = Param(Int(), "index behind the last; a negative one counts from the end", None, shown="end")
    axis = Param(Int(), "axis (without the batch)", 0, elsewhere="dim axes")

    def shape(self, x: Shape) -> Shape:
        axis = resolve(self, self.axis, len(x.dims), x)
        size = x.dims[axis]
        stop = size if self.stop is None else self.stop
        for parameter, at in (("start", self.start), ("stop", stop)):
            if not -size <= at <= size:
                raise LayerError(
                    f"`{parameter}` of `slice` lies outside of the input",
                    code="E602",
                    parameter=parameter,
                    notes=(f"axis {axis} of {x} has {size}, and `{parameter}` is {at}",),
                )
        start, stop = (at + size if at < 0 else at for at in (self.start, stop))
        if stop <= start:
            raise LayerError(
                "`slice` leaves nothing",
                code="E602",
                parameter="start" if self.stop is None else "stop",
                notes=(f"it takes {start} to {stop} of the {size} along axis {axis} of {x}",),
            )
        return Shape((*x.dims[:axis], stop - start, *x.dims[axis + 1 :]), x.tokens)

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> FunctionForm:
        x = xs[0]
        axis = resolve(self, self.axis, len(x.dims), x)
        dim, length = torch_dim(x, axis), ys[0].dims[axis]
        if length == x.dims[axis]:
            return FunctionForm(Input())
        taken: Expr = Lit(length)
        if self.start >= 0 and (self.stop is None or self.stop < 0):  # holds for other sizes too
            left_out = self.start - (self.stop or 0)
            taken = Binary("-", (method(Input(), "size", dim), Lit(left_out)))
        start = self.start
        if start < 0 and self.stop is not None and self.stop >= 0:
            start += x.dims[axis]
        return FunctionForm(Call("narrow", (Lit(dim), Lit(start), taken), target=Input()))

    def describe(self, xs: tuple[Shape, ...]) -> str:
        return f"slice {self.start}:{'' if self.stop is None else self.stop}"


@layer("select", "shape", elsewhere="gather indexselect")
class Select(UnaryLayer):
    """Some indices along one axis; a single int drops the axis."""

    rule = "The axis is gone, or its size becomes the number of the indices in the list; the other axes stay."
    formula = Formula(
        "x",
        "m",
        (
            Let("m", "[size for i, size in enumerate(x) if i != axis % rank]", "indices is a number"),
            Let("m", "[len(indices) if i == axis % rank else size for i, size in enumerate(x)]"),
        ),
    )
    examples = (
        Example("select(0, axis=1)", [64, 8, 8]),
        Example("select([2, 1, 0])", [3, 224, 224]),
        Example("select(0)", rows(197, 768)),
    )

    is_module = False
    indices = Param(
        IntOrInts(), "an index, or a list of them; negative ones count from the end", elsewhere="index"
    )
    axis = Param(Int(), "axis (without the batch)", 0, elsewhere="dim axes")

    def shape(self, x: Shape) -> Shape:
        axis = resolve(self, self.axis, len(x.dims), x)
        size = x.dims[axis]
        for index in (self.indices,) if isinstance(self.indices, int) else self.indices:
            if not -size <= index < size:
                raise LayerError(
                    "`select` takes an index that the input does not have",
                    code="E602",
                    parameter="indices",
                    notes=(f"axis {axis} of {x} has {size}, and the index is {index}",),
                )
        if not isinstance(self.indices, int):
            return Shape((*x.dims[:axis], len(self.indices), *x.dims[axis + 1 :]), x.tokens)
        if len(x.dims) == 1:
            raise LayerError(
                f"`select` with an int drops the only axis of {x}",
                parameter="indices",
                help=f"`select([{self.indices}])` keeps it",
            )
        return like(x, (*x.dims[:axis], *x.dims[axis + 1 :]))

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> FunctionForm:
        x = xs[0]
        axis = resolve(self, self.axis, len(x.dims), x)
        dim = torch_dim(x, axis)
        if isinstance(self.indices, int):
            return FunctionForm(method(Input(), "select", dim, self.indices))
        runs: list[list[int]] = []  # consecutive indices are one piece
        for index in (index % x.dims[axis] for index in self.indices):
            if runs and index == runs[-1][-1] + 1:
                runs[-1].append(index)
            else:
                runs.append([index])
        pieces = tuple(method(Input(), "narrow", dim, run[0], len(run)) for run in runs)
        if len(pieces) == 1:
            return FunctionForm(pieces[0])
        return FunctionForm(Call("torch.cat", (ListOf(pieces),), (("dim", Lit(dim)),)))

    def describe(self, xs: tuple[Shape, ...]) -> str:
        return f"select {self.indices}" if isinstance(self.indices, int) else f"select {len(self.indices)}"


@layer("split", "shape", elsewhere="chunk unbind tensorsplit")
class Split(Layer):
    """A bundle of parts along one axis, by default that of the channels.

    `a, b = split(2)` names the parts. One name for all is a list of them: `parts = split(4)`, then `parts[0]`.
    """

    rule = (
        "A bundle of as many tensors as there are parts. Along `axis` their sizes are those of the parts, "
        "which together are what arrives; the other axes stay."
    )
    formula = Formula(
        "x",
        "[[part if i == axis % rank else size for i, size in enumerate(x)] for part in sizes]",
        (
            Let("sizes", "[x[axis] // parts for _ in range(parts)]", "parts is a number"),
            Let("sizes", "parts"),
        ),
    )
    examples = (
        Example("split(2)", [64, 56, 56]),
        Example("split([16, 48])", [64, 56, 56]),
        Example("split(2, axis=1)", [64, 56, 56]),
    )

    is_view = True
    is_module = False
    parts = Param(
        IntOrInts(1),
        "the number of equal parts, or a list of their sizes",
        elsewhere="chunks split_size_or_sections sections num_or_size_splits",
    )
    axis = Param(
        Int(),
        "axis (without the batch); the features' if not given",
        None,
        shown="features",
        elsewhere="dim axes",
    )

    def outputs(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        x = xs[0]
        axis = feature_axis(self, self.axis, x)
        size = x.dims[axis]
        if isinstance(self.parts, int):
            if self.parts > MOST_PARTS:
                raise LayerError(f"`split` makes at most {MOST_PARTS} parts", code="E602", parameter="parts")
            if size % self.parts:
                raise LayerError(
                    "`split` makes equal parts",
                    code="E602",
                    parameter="parts",
                    notes=(f"axis {axis} of {x} has {size}, which {self.parts} does not divide",),
                    help=f"{dividing((size,), self.parts, 'values')}; a list gives the size of each part",
                )
            part = Shape((*x.dims[:axis], size // self.parts, *x.dims[axis + 1 :]), x.tokens)
            return (part,) * self.parts
        if sum(self.parts) != size:
            raise LayerError(
                "`split` leaves nothing out",
                code="E602",
                parameter="parts",
                notes=(f"axis {axis} of {x} has {size}, and the parts have {sum(self.parts)} together",),
                help=f"`split({[*self.parts, size - sum(self.parts)]})` has the rest too"
                if sum(self.parts) < size
                else "",
            )
        return tuple(Shape((*x.dims[:axis], part, *x.dims[axis + 1 :]), x.tokens) for part in self.parts)

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> FunctionForm:
        if len(ys) == 1:
            return FunctionForm(Input())
        dim = ("dim", Lit(torch_dim(xs[0], feature_axis(self, self.axis, xs[0]))))
        if isinstance(self.parts, int):
            return FunctionForm(Call("chunk", (Lit(self.parts),), (dim,), target=Input()))
        return FunctionForm(
            Call("torch.split", (Input(), ListOf(tuple(Lit(part) for part in self.parts))), (dim,))
        )

    def describe(self, xs: tuple[Shape, ...]) -> str:
        if isinstance(self.parts, int):
            return f"split {self.parts}"
        return "split " + " | ".join(map(str, self.parts))


@layer("reduce", "shape")
class Reduce(UnaryLayer):
    """The mean, sum, maximum or minimum along axes, which it drops."""

    rule = "The axes in `axis` are gone, or stay with a size of 1 where `keep` is true; the others stay."
    formula = Formula(
        "x",
        "m",
        (
            Let("m", "[1 if i in axes else size for i, size in enumerate(x)]", "keep"),
            Let("m", "[size for i, size in enumerate(x) if i not in axes]"),
            Let("axes", "[axis % rank]", "axis is a number"),
            Let("axes", "[a % rank for a in axis]"),
        ),
    )
    examples = (
        Example("reduce(mean, 0)", [64, 56, 56]),
        Example("reduce(max, [1, 2], keep=true)", [64, 56, 56]),
    )

    makes_new = True
    is_module = False
    op = Param(Choice("mean", "sum", "max", "min"), "what to take")
    axis = Param(IntOrInts(), "axis or axes (without the batch)", elsewhere="dim axes")
    keep = Param(Bool(), "keep the axes, with a size of 1", False, elsewhere="keepdim keepdims")

    def check(self) -> None:
        self.keeps_output = self.keeps_input  # of the largest and the smallest

    @property
    def keeps_input(self) -> bool:
        return self.op not in ("mean", "sum")

    def _axes(self, x: Shape) -> tuple[int, ...]:
        given = (self.axis,) if isinstance(self.axis, int) else self.axis
        axes = tuple(resolve(self, axis, len(x.dims), x) for axis in given)
        if len(set(axes)) < len(axes):
            raise LayerError("`axis` of `reduce` names each axis once", code="E602", parameter="axis")
        return axes

    def shape(self, x: Shape) -> Shape:
        axes = self._axes(x)
        if self.keep:
            return Shape(tuple(1 if axis in axes else size for axis, size in enumerate(x.dims)), x.tokens)
        if len(axes) == len(x.dims):
            raise LayerError(
                f"`reduce` drops every axis of {x}",
                parameter="axis",
                help="`keep=true` keeps them, with a size of 1",
            )
        return like(x, tuple(size for axis, size in enumerate(x.dims) if axis not in axes))

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> FunctionForm:
        dims = tuple(torch_dim(xs[0], axis) for axis in self._axes(xs[0]))
        function = {"max": "amax", "min": "amin"}.get(self.op, self.op)
        kwargs = (("dim", Lit(dims[0] if len(dims) == 1 else dims)), *options(("keepdim", self.keep, False)))
        return FunctionForm(Call(function, (), kwargs, target=Input()))

    def describe(self, xs: tuple[Shape, ...]) -> str:
        return f"{self.op} over {times(self.axis, 1).replace('×', ', ')}"
