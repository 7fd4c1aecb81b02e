"""Joins: a bundle in, one tensor out."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from archdsl.layers.axes import count, feature_axis, resolve, torch_dim
from archdsl.layers.base import Layer, LayerError, Param, layer
from archdsl.layers.broadcasting import aligned, broadcast, target
from archdsl.layers.disagreement import disagreement, of_ranks
from archdsl.layers.form import AllInputs, Binary, Call, Expr, FunctionForm, Input, Lit
from archdsl.layers.kinds import Int
from archdsl.layers.page import Example, Formula, Let
from archdsl.layers.shape import Shape
from archdsl.layers.windows import bounded


class _Join(Layer):
    """A join; one tensor alone passes through, but where the rule needs two or makes an axis of their number."""

    is_join = True
    is_module = False


class _Elementwise(_Join):
    """A join that broadcasts."""

    rule = (
        "Sizes along an axis are equal or 1, and the largest leaves: shapes broadcast as in NumPy, axes of 1 "
        "being set in front of a shape that has fewer. A `[C]` that meets maps is set on the channels."
    )
    makes_new = True
    formula = Formula(
        "*xs",
        "[max(sizes) for sizes in zip(*aligned)]",
        (
            Let("aligned", "[[*ones[len(s):], *s] for s in xs]", "tokens"),
            Let("aligned", "[[*s, *ones[1:]] if len(s) == 1 else [*ones[len(s):], *s] for s in xs]"),
            Let("ones", "[1 for _ in range(rank)]"),
        ),
    )

    def outputs(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        return (broadcast(self, xs),)

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> FunctionForm:
        return FunctionForm(Input() if len(xs) == 1 else self.join(xs, aligned(xs)))

    @abstractmethod
    def join(self, xs: tuple[Shape, ...], tensors: tuple[Expr, ...]) -> Expr:
        """The tensors of shapes `xs`, two at least, together."""


def _into_first(method: str, tensors: tuple[Expr, ...]) -> Expr:
    """Of the tensors the first takes up the others: `x.add_(y)`."""
    expr = tensors[0]
    for tensor in tensors[1:]:
        expr = Call(method, (tensor,), target=expr)
    return expr


@layer("add", "joins")
class Add(_Elementwise):
    """Sum of the members."""

    sign = "+"
    examples = (Example("add", [256, 56, 56], [256, 56, 56]), Example("add", [64, 8, 8], [64, 1, 8], [64]))

    can_be_in_place = True
    commutes = True

    @property
    def keeps_input(self) -> bool:
        return False

    def join(self, xs: tuple[Shape, ...], tensors: tuple[Expr, ...]) -> Expr:
        return _into_first("add_", tensors) if self.in_place else Binary("+", tensors)


@layer("mul", "joins", elsewhere="multiply")
class Mul(_Elementwise):
    """Product of the members."""

    sign = "×"
    examples = (Example("mul", [256, 56, 56], [256]),)

    can_be_in_place = True
    commutes = True

    def join(self, xs: tuple[Shape, ...], tensors: tuple[Expr, ...]) -> Expr:
        return _into_first("mul_", tensors) if self.in_place else Binary("*", tensors)


@layer("mean", "joins", elsewhere="average")
class Mean(_Elementwise):
    """Mean of the members."""

    examples = (Example("mean", [10], [10], [10]),)

    def join(self, xs: tuple[Shape, ...], tensors: tuple[Expr, ...]) -> Expr:
        return Binary("/", (Binary("+", tensors), Lit(len(tensors))))


def _two(layer: Layer, xs: tuple[Shape, ...]) -> None:
    """Refuse all but two members."""
    if len(xs) != 2:
        arrive = f"{count(len(xs), 'tensor')} arrive{'s' * (len(xs) == 1)}"
        raise LayerError(
            f"`{layer.name}` joins two tensors, and {arrive}",
            code="E404",
            members={i: f"member {i + 1}: {x}" for i, x in enumerate(xs[:6])} if len(xs) > 1 else None,
        )


#: Of two members that do not commute.
_ORDER = ("1", "2")


class _OfTwo(_Elementwise):
    """An operation of exactly two members."""

    passes_one = False
    operator: ClassVar[str]

    def roles(self, members: int) -> tuple[str, ...]:
        return _ORDER

    def outputs(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        _two(self, xs)
        return (broadcast(self, xs),)

    def join(self, xs: tuple[Shape, ...], tensors: tuple[Expr, ...]) -> Expr:
        return Binary(self.operator, tensors)


@layer("sub", "joins", elsewhere="subtract")
class Sub(_OfTwo):
    """The first member less the second."""

    sign = "−"
    examples = (Example("sub", [64, 56, 56], [64, 56, 56]),)

    operator = "-"


@layer("div", "joins", elsewhere="divide")
class Div(_OfTwo):
    """The first member divided by the second."""

    sign = "÷"
    examples = (Example("div", [64, 56, 56], [1, 56, 56]),)

    operator = "/"


class _Extreme(_Elementwise):
    """The largest or the smallest at each place."""

    commutes = True
    keeps_output = True  # of three and more
    pairwise: ClassVar[str]
    along: ClassVar[str]

    def join(self, xs: tuple[Shape, ...], tensors: tuple[Expr, ...]) -> Expr:
        if len(xs) > 2 and all(x.dims == xs[0].dims for x in xs):
            return Call(self.along, (Call("torch.stack", (AllInputs(),)),), (("dim", Lit(0)),))
        expr = tensors[0]
        for tensor in tensors[1:]:
            expr = Call(self.pairwise, (expr, tensor))
        return expr


@layer("maximum", "joins")
class Maximum(_Extreme):
    """The largest of the members at each place (maxout; Goodfellow et al., 2013)."""

    examples = (Example("maximum", [64, 56, 56], [64, 56, 56]),)

    pairwise = "torch.maximum"
    along = "torch.amax"


@layer("minimum", "joins")
class Minimum(_Extreme):
    """The smallest of the members at each place."""

    examples = (Example("minimum", [64, 56, 56], [64, 56, 56]),)

    pairwise = "torch.minimum"
    along = "torch.amin"


@layer("concat", "joins", elsewhere="cat concatenate")
class Concat(_Join):
    """Concatenation along one axis, by default that of the features."""

    sign = "‖"
    rule = "The sizes along `axis` are added; the other axes are equal in all members and stay."
    formula = Formula(
        "*xs", "[sum(sizes) if i == axis % rank else sizes[0] for i, sizes in enumerate(zip(*xs))]"
    )
    examples = (
        Example("concat", [64, 56, 56], [32, 56, 56]),
        Example("concat(axis=1)", [64, 56, 56], [64, 8, 56]),
    )

    makes_new = True
    axis = Param(
        Int(),
        "axis (without the batch); the features' if not given",
        None,
        shown="features",
        elsewhere="dim axes",
    )

    @property
    def keeps_input(self) -> bool:
        return False

    def outputs(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        to = target(self, xs)
        axis = feature_axis(self, self.axis, to)
        highest = xs.index(to)
        for i, x in enumerate(xs):
            if len(x.dims) != len(to.dims):
                raise of_ranks(self, xs, highest, i)
            pairs = enumerate(zip(to.dims, x.dims, strict=True))
            differing = {at: (m, n) for at, (m, n) in pairs if m != n and at != axis}
            if differing:
                raise disagreement(self, xs, highest, i, differing)
        total = sum(x.dims[axis] for x in xs)
        return (Shape((*to.dims[:axis], bounded(self, total), *to.dims[axis + 1 :]), to.tokens),)

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> FunctionForm:
        if len(xs) == 1:
            return FunctionForm(Input())
        dim = torch_dim(ys[0], feature_axis(self, self.axis, ys[0]))
        return FunctionForm(Call("torch.cat", (AllInputs(),), (("dim", Lit(dim)),)))

    def describe(self, xs: tuple[Shape, ...]) -> str:
        return "concat" if self.axis is None else f"concat axis {self.axis}"


@layer("stack", "joins")
class Stack(_Join):
    """The members side by side along a new axis."""

    rule = "A new axis stands at `axis`, as large as there are members; the members are of one shape."
    formula = Formula(
        "*xs", "[*x[:at], len(xs), *x[at:]]", (Let("at", "axis % (rank + 1)"), Let("x", "xs[0]"))
    )
    examples = (Example("stack", [64, 56, 56], [64, 56, 56]), Example("stack(axis=-1)", [128], [128], [128]))

    passes_one = False
    axis = Param(Int(), "where the new axis stands (without the batch)", 0, elsewhere="dim axes")

    def outputs(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        to = target(self, xs)
        for i, x in enumerate(xs):
            if len(x.dims) != len(xs[0].dims):
                raise of_ranks(self, xs, 0, i)
            if x.dims != xs[0].dims:
                pairs = enumerate(zip(xs[0].dims, x.dims, strict=True))
                raise disagreement(self, xs, 0, i, {at: (m, n) for at, (m, n) in pairs if m != n})
        axis = resolve(self, self.axis, len(to.dims) + 1, to)
        return (Shape((*to.dims[:axis], len(xs), *to.dims[axis:]), to.tokens),)

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> FunctionForm:
        axis = resolve(self, self.axis, len(ys[0].dims), xs[0])
        return FunctionForm(Call("torch.stack", (AllInputs(),), (("dim", Lit(axis + 1)),)))

    def describe(self, xs: tuple[Shape, ...]) -> str:
        return f"stack axis {self.axis}"


def _turned(a: Shape, b: Shape) -> str:
    """The permutation with which two matrices have a product."""
    for which, x, fits in (("second", b, a.dims[-1] == b.dims[-1]), ("first", a, a.dims[-2] == b.dims[-2])):
        if fits:
            rank = len(x.dims)
            order = [*range(rank - 2), rank - 1, rank - 2]
            return f"`permute({order})` turns the {which} over"
    return ""


@layer("matmul", "joins", elsewhere="bmm dot")
class MatMul(_Join):
    """Matrix product of two members over their last two axes; axes before those broadcast.

    `( q | k -> permute([1, 0]) ) -> matmul` multiplies each row of q with each row of k, as attention does.
    """

    sign = "@"
    rule = (
        "A matrix of i rows and k columns times one of k rows and j columns is one of i rows and j columns. "
        "Axes before those broadcast: along each, sizes are equal or 1, and axes of 1 are set in front of a "
        "shape that has fewer."
    )
    formula = Formula(
        "[*p, i, k] | [*q, k, j]",
        "[*m, i, j]",
        (
            Let("m", "[max(sizes) for sizes in zip([*ones[len(p):], *p], [*ones[len(q):], *q])]"),
            Let("ones", "[1 for _ in range(max(len(p), len(q)))]"),
        ),
    )
    cost = "prod(y) * k"
    passes_one = False
    examples = (
        Example("matmul", [8, 49, 64], [8, 64, 49]),
        Example("matmul", [8, 49, 49], [49, 64]),
    )

    def outputs(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        _two(self, xs)
        a, b = xs
        labels = {0: f"this one is {a}", 1: f"this one is {b}"}
        for i, x in enumerate(xs):
            if len(x.dims) < 2:
                raise LayerError("`matmul` joins matrices", code="E502", member=i, members={i: labels[i]})
        if a.dims[-1] != b.dims[-2]:
            raise LayerError(
                "`matmul` joins as many columns as rows",
                code="E502",
                member=1,
                members=labels,
                notes=(f"the first has {a.dims[-1]} columns and the second {b.dims[-2]} rows",),
                help=_turned(a, b),
            )
        rank = max(len(a.dims), len(b.dims))
        leading = [(1,) * (rank - len(x.dims)) + x.dims[:-2] for x in xs]
        for m, n in zip(*leading, strict=True):
            if m != n and 1 not in (m, n):
                raise LayerError(
                    "`matmul` joins matrices whose axes before the last two broadcast",
                    code="E502",
                    member=1,
                    members=labels,
                )
        batch = tuple(max(m, n) for m, n in zip(*leading, strict=True))
        return (Shape((*batch, a.dims[-2], b.dims[-1]), a.tokens),)

    def macs(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> int:
        return ys[0].numel * xs[0].dims[-1]

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> FunctionForm:
        return FunctionForm(Call("torch.matmul", aligned(xs)))

    def roles(self, members: int) -> tuple[str, ...]:
        return _ORDER
