"""Joins: a bundle in, one tensor out."""

from __future__ import annotations

from archdsl.layers.base import Layer, LayerError, Param, layer
from archdsl.layers.form import AllInputs, Binary, Call, FunctionForm, Input, Lit
from archdsl.layers.kinds import Int
from archdsl.layers.shape import Shape


@layer("concat", "joins")
class Concat(Layer):
    """Concatenation along one axis, by default that of the features."""

    is_join = True
    is_module = False
    axis = Param(Int(), "axis (without the batch); the features' if not given", None)

    def outputs(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        first = xs[0]
        axis = first.channel_axis if self.axis is None else self.axis
        for i, x in enumerate(xs):
            if x.dims[:axis] + x.dims[axis + 1 :] != first.dims[:axis] + first.dims[axis + 1 :]:
                raise LayerError(
                    f"`concat` joins shapes that are equal but for axis {axis}",
                    code="E502",
                    member=i,
                    members={0: f"this one is {first}", i: f"this one is {x}"},
                )
        total = sum(x.dims[axis] for x in xs)
        return (Shape((*first.dims[:axis], total, *first.dims[axis + 1 :]), first.tokens),)

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> FunctionForm:
        axis = xs[0].channel_axis if self.axis is None else self.axis
        return FunctionForm(Call("torch.cat", (AllInputs(),), (("dim", Lit(axis + 1)),)))


@layer("add", "joins")
class Add(Layer):
    """Sum of the members."""

    is_join = True
    is_module = False

    def outputs(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        for i, x in enumerate(xs):
            if x != xs[0]:
                raise LayerError(
                    "`add` joins equal shapes",
                    code="E502",
                    member=i,
                    members={0: f"this one is {xs[0]}", i: f"this one is {x}"},
                )
        return (xs[0],)

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> FunctionForm:
        return FunctionForm(Binary("+", tuple(Input(i) for i in range(len(xs)))))
