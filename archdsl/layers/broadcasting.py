"""Broadcasting of a bundle: as NumPy's, after a `[C]` is set on the channel axis."""

from __future__ import annotations

from archdsl.layers.base import Layer, LayerError
from archdsl.layers.disagreement import disagreement
from archdsl.layers.form import Expr, Input, method
from archdsl.layers.shape import Shape


def target(layer: Layer, xs: tuple[Shape, ...]) -> Shape:
    """The first of the tensors with the most axes: it says where channels are. Raises LayerError (E405, E502)."""
    if not xs:
        raise LayerError(f"`{layer.name}` joins at least one tensor, and none arrives", code="E405")
    highest = max(xs, key=lambda x: len(x.dims))
    for i, x in enumerate(xs):
        if len(x.dims) > 1 and x.tokens != highest.tokens:
            raise LayerError(
                f"`{layer.name}` joins maps with maps and tokens with tokens",
                code="E502",
                member=i,
                members={xs.index(highest): kind(highest), i: kind(x)},
                help="`tokens` makes tokens of a map, `untokens` a map of tokens",
            )
    return highest


def kind(x: Shape) -> str:
    """`this one is a map [64, 56, 56]`."""
    return f"this one is {'tokens' if x.tokens else 'a map'} {x}"


def padded(x: Shape, to: Shape) -> tuple[int, ...]:
    """The sizes of `x` with as many axes as `to` has."""
    missing = len(to.dims) - len(x.dims)
    if len(x.dims) == 1 and not to.tokens:
        return x.dims + (1,) * missing
    return (1,) * missing + x.dims


def broadcast(layer: Layer, xs: tuple[Shape, ...]) -> Shape:
    """The shape of all together. Raises LayerError (E502)."""
    first = xs[0] if xs else None
    if first is not None and all(x == first for x in xs):
        return first
    to = target(layer, xs)
    every = [padded(x, to) for x in xs]
    dims = tuple(max(sizes) for sizes in zip(*every, strict=True))
    for axis, size in enumerate(dims):
        largest = next(i for i, sizes in enumerate(every) if sizes[axis] == size)
        for i, sizes in enumerate(every):
            if sizes[axis] not in (1, size):
                rank = max(len(xs[largest].dims), len(xs[i].dims))
                added = (
                    len(to.dims) - rank if to.tokens or rank > 1 else 0
                )  # axes in front that only a third has
                pairs = enumerate(zip(every[largest], sizes, strict=True), -added)
                differing = {at: (m, n) for at, (m, n) in pairs if m != n and 1 not in (m, n)}
                raise disagreement(layer, xs, largest, i, differing)
    return Shape(dims, to.tokens)


def aligned(xs: tuple[Shape, ...]) -> tuple[Expr, ...]:
    """The tensors, with axes of 1 where the batch in front would keep PyTorch from broadcasting."""
    to = max(xs, key=lambda x: len(x.dims))
    return tuple(align(Input(i), x, to) for i, x in enumerate(xs))


def align(tensor: Expr, x: Shape, to: Shape) -> Expr:
    """`tensor` of shape `x` with as many axes as `to` has."""
    missing = len(to.dims) - len(x.dims)
    if missing == 0:
        return tensor
    ones = (1,) * missing
    return method(tensor, "unflatten", 1, (-1, *ones) if len(x.dims) == 1 and not to.tokens else (*ones, -1))
