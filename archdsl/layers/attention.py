"""Attention of tokens to tokens."""

from __future__ import annotations

from math import prod

from archdsl.layers.axes import count, dividing
from archdsl.layers.base import Aspect, Layer, LayerError, Param, layer
from archdsl.layers.form import Call, InitCall, Lit, ModuleForm, options
from archdsl.layers.init import bias_init_param, init_call, init_param
from archdsl.layers.kinds import Bool, Float, Int
from archdsl.layers.page import Example, Formula, Let, rows
from archdsl.layers.shape import Shape

_ROLES = ("query", "key", "value")


@layer(
    "attention",
    "attention",
    elsewhere="multiheadattention scaleddotproductattention selfattention mha",
    inferred="embed_dim key_dim",
)
class Attention(Layer):
    """Multi-head attention of tokens to each other, or to a memory or keys and values (Vaswani et al., 2017).

    `attention(8)` is of one tensor to itself. `( query | memory ) -> attention(8)` takes keys and values from the
    memory, `( query | keys | values ) -> attention(8)` has them apart.
    """

    makes_new = True
    rule = (
        "The shape of the query stays. The first member is the query; the second the memory, which is keys and "
        "values, or the keys; the third the values. Axes before the last two are batch, and equal in all members."
    )
    formula = Formula(
        "*xs",
        "query",
        (
            Let("query", "xs[0]"),
            Let("keys", "xs[min(1, len(xs) - 1)]"),
            Let("values", "xs[len(xs) - 1]"),
        ),
    )
    trained = (
        "dim * (query[-1] + keys[-1] + values[-1] + c) + (3 * dim if bias else 0) + (c if out_bias else 0)"
    )
    cost = "dim * (2 * prod(query) + prod(keys) + prod(values) + 2 * prod(query[:-1]) * keys[-2])"
    examples = (
        Example("attention(12)", rows(197, 768)),
        Example("attention(4)", rows(64, 49, 128)),
        Example("attention(8)", rows(100, 256), rows(1024, 256)),
        Example("attention(8, dim=64, bias=false)", rows(64, 32), rows(512, 128), rows(512, 16)),
    )
    takes_bundle = True
    heads = Param(Int(1), "number of heads", elsewhere="num_heads n_heads nhead")
    dim = Param(
        Int(1),
        "features of a query, a key and a value, of all heads together; the features of the query if not given",
        None,
        shown="c",
    )
    bias = Param(Bool(), "learn biases of the projections to queries, keys and values", True)
    out_bias = Param(
        Bool(), "learn a bias of the last projection; as `bias` if not given", None, shown="bias"
    )
    dropout = Param(Float(least=0, most=1), "probability of an attention weight to be dropped in training", 0)
    init = init_param()
    bias_init = bias_init_param()

    @property
    def has_modes(self) -> bool:
        return self.dropout > 0

    def _width(self, xs: tuple[Shape, ...]) -> int:
        """Features of all heads together. Raises LayerError (E602)."""
        width = xs[0].channels if self.dim is None else self.dim
        if width % self.heads:
            raise LayerError(
                f"`heads` of `attention` does not divide {'the features' if self.dim is None else '`dim`'}",
                code="E602",
                parameter="heads",
                aspect=Aspect.CHANNELS,
                notes=(f"{count(self.heads, 'head')}, and there are {count(width, 'feature')}",),
                help=dividing((width,), self.heads, "features"),
            )
        return width

    def roles(self, members: int) -> tuple[str, ...]:
        return {2: ("q", "k v"), 3: ("q", "k", "v")}.get(members, ())

    def _out_bias(self) -> bool:
        return self.bias if self.out_bias is None else self.out_bias

    def outputs(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        if len(xs) > len(_ROLES):
            raise LayerError(
                f"`attention` takes one to three tensors, and {len(xs)} arrive",
                code="E404",
                help="a query alone, a query and its memory, or a query, keys and values",
            )
        for i, x in enumerate(xs):
            if not x.tokens:
                raise LayerError(
                    f"`attention` takes tokens, and a map {x} arrives",
                    member=i,
                    help="`tokens` makes tokens of a map",
                )
        labels = {i: f"this is the {_ROLES[i]}, {x}" for i, x in enumerate(xs)}
        for i, x in enumerate(xs[1:], 1):
            if x.dims[:-2] != xs[0].dims[:-2]:
                raise LayerError(
                    "`attention` works within equal axes before the positions",
                    code="E502",
                    member=i,
                    members={0: labels[0], i: labels[i]},
                    notes=(f"they are {_leading(xs[0])} and {_leading(x)}",),
                )
        if len(xs) == 3 and xs[1].dims[-2] != xs[2].dims[-2]:
            raise LayerError(
                "`attention` takes a value for each key",
                code="E502",
                member=2,
                members={1: labels[1], 2: labels[2]},
                notes=(f"there are {xs[1].dims[-2]} keys and {xs[2].dims[-2]} values",),
            )
        self._width(xs)
        return (xs[0],)

    def _joint(self, xs: tuple[Shape, ...]) -> bool:
        """Whether one matrix projects to queries, keys and values, as in PyTorch."""
        return all(x.channels == xs[0].channels for x in xs)

    def weights(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        features, width = xs[0].channels, self._width(xs)
        weights: dict[str, tuple[int, ...]] = {}
        if self._joint(xs):
            weights["in_proj_weight"] = (3 * width, features)
        else:
            for key, x in zip("qkv", _three(xs), strict=True):
                weights[f"{key}_proj_weight"] = (width, x.channels)
        if self.bias:
            weights["in_proj_bias"] = (3 * width,)
        weights["out_proj.weight"] = (features, width)
        if self._out_bias():
            weights["out_proj.bias"] = (features,)
        return weights

    def macs(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> int:
        width = self._width(xs)
        query, key, _ = _three(xs)
        projections = sum(x.numel for x in _three(xs)) + query.numel
        products = 2 * prod(query.dims[:-1]) * key.dims[-2]
        return (projections + products) * width

    def inside(self, xs: tuple[Shape, ...]) -> tuple[tuple[int, ...], ...]:
        """The attention weights of each head."""
        query, key, _ = _three(xs)
        return ((*query.dims[:-2], self.heads, query.dims[-2], key.dims[-2]),)

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ModuleForm:
        features = xs[0].channels
        args = [Lit(features), Lit(self.heads)]
        if len(xs) > 1:
            args += [Lit(x.channels) for x in _three(xs)[1:]]
        kwargs = options(
            ("width", self._width(xs), features),
            ("bias", self.bias, True),
            ("out_bias", self._out_bias(), True),
            ("dropout", self.dropout, 0),
        )
        function = "SelfAttention" if len(xs) == 1 else "CrossAttention"
        return ModuleForm(Call(function, tuple(args), kwargs), tuple(self._inits(xs)))

    def _inits(self, xs: tuple[Shape, ...]) -> list[InitCall]:
        return [
            init_call(key, init)
            for key in self.weights(xs)
            if (init := self.bias_init if key.endswith("bias") else self.init) is not None
        ]

    def describe(self, xs: tuple[Shape, ...]) -> str:
        return f"attention, {count(self.heads, 'head')}"


def _three(xs: tuple[Shape, ...]) -> tuple[Shape, Shape, Shape]:
    """Query, keys and values, whichever of them are the same tensor."""
    return xs[0], xs[min(1, len(xs) - 1)], xs[-1]


def _leading(x: Shape) -> str:
    return str(Shape(x.dims[:-2]))
