"""For each layer: a strategy of arguments and shapes, and what one sample becomes, written anew in plain PyTorch.

Strategies give illegal cases too where there is an oracle: static checking must refuse exactly what it refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from hypothesis import strategies as st
from torch import Tensor, nn

from archdsl.layers import Shape, Word

Values = dict[str, Any]
Case = tuple[Values, tuple[Shape, ...]]
Cases = st.SearchStrategy[Case]
Oracle = Callable[[Values, Sequence[Shape], Sequence[Tensor]], Any]


@dataclass(frozen=True)
class Entry:
    cases: Cases
    oracle: Oracle | None = None
    equal: bool = True  # hold the oracle's numbers against the layer's, not its shapes alone
    refuses: tuple[Case, ...] = ()
    evaluated: int = 1  # samples of the batch in evaluation


class Refused(Exception):
    """An oracle's own refusal."""


# shapes ------------------------------------------------------------------------------------------------------

SIZES = st.integers(1, 7)
CHANNELS = st.sampled_from([1, 2, 3, 4, 6, 8])


@st.composite
def maps(
    draw: st.DrawFn, least: int = 0, most: int = 3, sizes: Any = SIZES, channels: Any = CHANNELS
) -> Shape:
    rank = draw(st.integers(least, most))
    return Shape((draw(channels), *draw(st.lists(sizes, min_size=rank, max_size=rank))))


@st.composite
def tokens(draw: st.DrawFn, least: int = 1, most: int = 2) -> Shape:
    rank = draw(st.integers(least, most))
    return Shape((*draw(st.lists(SIZES, min_size=rank, max_size=rank)), draw(CHANNELS)), True)


def anything() -> st.SearchStrategy[Shape]:
    return maps() | tokens()


def shape(*dims: int) -> Shape:
    return Shape(dims)


def row(*dims: int) -> Shape:
    return Shape(dims, True)


# arguments ---------------------------------------------------------------------------------------------------


def case(x: Any, need: dict[str, Any] | None = None, **optional: Any) -> Cases:
    """Cases of one tensor with the arguments in `need`, and some of the optional ones."""
    return st.tuples(st.fixed_dictionaries(need or {}, optional=optional), st.tuples(x))


def extents(rank: int, least: int, most: int) -> Any:
    """An int, a list of the right length, or seldom of a wrong one."""
    n = st.integers(least, most)
    exact = max(rank, 1)
    return st.one_of(
        n, n, n, st.lists(n, min_size=exact, max_size=exact), st.lists(n, min_size=1, max_size=4)
    )


def half(kernel: Sequence[int], dilation: Sequence[int]) -> list[tuple[int, int]]:
    return [((k - 1) * d // 2,) * 2 if k % 2 == 1 else (0, 0) for k, d in zip(kernel, dilation, strict=True)]


def spread(value: Any, rank: int) -> list[int]:
    value = [value] * rank if isinstance(value, int) else list(value)
    if len(value) != rank:
        raise Refused("rank")
    return value


def space(x: Shape) -> int:
    """The spatial rank of a map that convolutions take."""
    if x.tokens or not 1 <= len(x.dims) - 1 <= 3:
        raise Refused("spatial rank")
    return len(x.dims) - 1


def flat(pairs: Sequence[tuple[int, int]]) -> list[int]:
    """Before and after, axis by axis, as F.pad takes it."""
    return [n for pair in reversed(pairs) for n in pair]


# convolutions ------------------------------------------------------------------------------------------------

WORDS_OF_PAD = st.sampled_from([Word("half"), Word("valid"), Word("same"), "half"])


@st.composite
def convolutions(draw: st.DrawFn, name: str) -> Case:
    x = draw(st.one_of(maps(1, 3), maps(1, 3), maps(1, 3), maps(0, 4), tokens()))
    rank = len(x.dims) - 1
    need: dict[str, Any] = {"kernel": extents(rank, 1, 4)}
    if name != "depthwise":
        need["channels"] = CHANNELS
    pads = st.one_of(
        extents(rank, 0, 3), WORDS_OF_PAD, st.lists(st.integers(0, 3), min_size=2 * rank, max_size=2 * rank)
    )
    if name == "deconv":
        pads = st.one_of(extents(rank, 0, 3), st.sampled_from([Word("half"), Word("valid")]))
    optional = {
        "stride": extents(rank, 1, 3),
        "pad": pads.filter(lambda p: p != []),
        "dilation": extents(rank, 1, 3),
        "bias": st.booleans(),
        "init": st.sampled_from([Word("zeros"), Word("kaiming_normal"), Word("orthogonal")]),
        "bias_init": st.sampled_from([Word("zeros"), Word("ones")]),
    }
    if name == "depthwise":
        optional["multiplier"] = st.integers(1, 3)
    else:
        optional["groups"] = st.sampled_from([1, 1, 1, 2, 3, 4])
    if name == "deconv":
        optional["extra"] = extents(rank, 0, 2)
    return draw(st.fixed_dictionaries(need, optional=optional)), (x,)


def word(value: Any) -> Any:
    return value.name if isinstance(value, Word) else value


def conv(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    x, rank = samples[0], space(xs[0])
    kernel, stride, dilation = (spread(v.get(k, 1), rank) for k in ("kernel", "stride", "dilation"))
    pad = word(v.get("pad", "half"))
    if pad == "half":
        pairs = half(kernel, dilation)
    elif pad == "valid":
        pairs = [(0, 0)] * rank
    elif pad == "same":
        spans = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
        counts = [-(-n // s) for n, s in zip(x.shape[1:], stride, strict=True)]
        lacking = [
            max((c - 1) * s + span - n, 0)
            for c, s, span, n in zip(counts, stride, spans, x.shape[1:], strict=True)
        ]
        pairs = [(n // 2, n - n // 2) for n in lacking]
    elif isinstance(pad, list) and len(pad) == 2 * rank:
        pairs = list(zip(pad[::2], pad[1::2], strict=True))
    else:
        pairs = [(p, p) for p in spread(pad, rank)]
    groups = v.get("groups", 1)
    channels = v.get("channels", 1)
    if "channels" not in v:
        groups, channels = x.shape[0], x.shape[0] * v.get("multiplier", 1)
    module = getattr(nn, f"Conv{rank}d")(x.shape[0], channels, kernel, stride, 0, dilation, groups)
    y: Tensor = module(F.pad(x, flat(pairs))[None])[0]
    return y


def deconv(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    x, rank = samples[0], space(xs[0])
    kernel, stride, dilation = (spread(v.get(k, 1), rank) for k in ("kernel", "stride", "dilation"))
    pad = word(v.get("pad", "half"))
    if pad == "half":
        pad = [before for before, _ in half(kernel, dilation)]
    if isinstance(pad, list) and len(pad) == 2 * rank and pad[::2] == pad[1::2]:
        pad = pad[::2]
    pads = [0] * rank if pad == "valid" else spread(pad, rank)
    module = getattr(nn, f"ConvTranspose{rank}d")(
        x.shape[0],
        v["channels"],
        kernel,
        stride,
        pads,
        spread(v.get("extra", 0), rank),
        v.get("groups", 1),
        True,
        dilation,
    )
    y: Tensor = module(x[None])[0]
    return y


# pools -------------------------------------------------------------------------------------------------------


@st.composite
def pools(draw: st.DrawFn, name: str) -> Case:
    x = draw(st.one_of(maps(1, 3), maps(1, 3), maps(1, 3), maps(0, 4), tokens()))
    rank = len(x.dims) - 1
    optional = {
        "stride": extents(rank, 1, 4),
        "pad": st.one_of(extents(rank, 0, 2), st.sampled_from([Word("half"), Word("valid")])),
        "ceil": st.booleans(),
    }
    if name == "maxpool":
        optional["dilation"] = extents(rank, 1, 3)
    else:
        optional["count_pad"] = st.booleans()
    return draw(st.fixed_dictionaries({"kernel": extents(rank, 1, 4)}, optional=optional)), (x,)


def pool(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    x, rank = samples[0], space(xs[0])
    kernel = spread(v["kernel"], rank)
    stride = spread(v.get("stride", kernel), rank)
    dilation = spread(v.get("dilation", 1), rank)
    pad = word(v.get("pad", 0))
    if pad == "half":
        pad = [before for before, _ in half(kernel, dilation)]
    if isinstance(pad, list) and len(pad) == 2 * rank and pad[::2] == pad[1::2]:
        pad = pad[::2]
    pads = [0] * rank if pad == "valid" else spread(pad, rank)
    arguments = {"stride": stride, "padding": pads, "ceil_mode": v.get("ceil", False)}
    if "count_pad" in v:
        function, arguments["count_include_pad"] = "avg", v["count_pad"]
    elif "dilation" in v:
        function, arguments["dilation"] = "max", dilation
    else:
        function = v.get("of", "max")
    y: Tensor = getattr(F, f"{function}_pool{rank}d")(x[None], kernel, **arguments)[0]
    return y


def avgpool(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    return pool({**v, "count_pad": v.get("count_pad", True)}, xs, samples)


@st.composite
def adaptive(draw: st.DrawFn) -> Case:
    x = draw(maps(0, 4))
    return {"size": draw(extents(len(x.dims) - 1, 1, 5))}, (x,)


def adaptive_pool(function: str) -> Oracle:
    def oracle(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
        rank = space(xs[0])
        pooled: Tensor = getattr(F, f"adaptive_{function}_pool{rank}d")(
            samples[0][None], spread(v["size"], rank)
        )
        return pooled[0]

    return oracle


def global_pool(function: Callable[..., Tensor]) -> Oracle:
    def oracle(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
        return function(samples[0], dim=tuple(range(1, space(xs[0]) + 1)))

    return oracle


# other layers of one tensor ----------------------------------------------------------------------------------


def on(function: Callable[..., Any]) -> Oracle:
    """A function of one sample and the arguments."""
    return lambda v, xs, samples: function(samples[0], **v)


def features(x: Shape) -> int:
    return -1 if x.tokens else 0


def along(function: Callable[..., Any]) -> Oracle:
    """A function along an axis, by default that of the features."""

    def oracle(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Any:
        rest = {key: value for key, value in v.items() if key != "axis"}
        return function(samples[0], dim=v.get("axis", features(xs[0])), **rest)

    return oracle


def group_norm(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    if xs[0].tokens:
        raise Refused("tokens")
    return F.group_norm(samples[0][None], v["groups"], eps=v.get("eps", 1e-5))[0]


def instance_norm(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    rank = space(xs[0])
    y: Tensor = getattr(nn, f"InstanceNorm{rank}d")(samples[0].shape[0], eps=v.get("eps", 1e-5))(
        samples[0][None]
    )[0]
    return y


def batch_norm(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    rank = len(xs[0].dims) - 1
    if xs[0].tokens or rank > 3:
        raise Refused("rank")
    y: Tensor = getattr(nn, f"BatchNorm{max(rank, 1)}d")(samples[0].shape[0]).eval()(samples[0][None])[0]
    return y


def layer_norm(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    x = samples[0].movedim(features(xs[0]), -1)
    return F.layer_norm(x, x.shape[-1:], eps=v.get("eps", 1e-5)).movedim(-1, features(xs[0]))


def response_norm(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    space(xs[0])
    return nn.LocalResponseNorm(**v)(samples[0][None])[0]


AXES = st.integers(-4, 4)
EPS = st.sampled_from([1e-6, 1e-3])
PROBABILITIES = st.sampled_from([0, 0.1, 0.5, 1, 1.0])
VECTOR_INITS = st.sampled_from([Word("zeros"), Word("ones")])


# shape operations --------------------------------------------------------------------------------------------


def flatten(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    return samples[0].flatten(v.get("start", 0), v.get("end", -1))


@st.composite
def reshapes(draw: st.DrawFn) -> Case:
    x = draw(anything())
    sizes, left = [], x.numel
    for _ in range(draw(st.integers(0, 3))):
        divisor = draw(st.sampled_from([d for d in range(1, left + 1) if left % d == 0]))
        sizes.append(divisor)
        left //= divisor
    sizes.append(draw(st.sampled_from([left, left, -1, left + 1, 1])))
    if draw(st.integers(0, 4)) == 0:
        sizes[0] = -1
    return {"shape": draw(st.permutations(sizes))}, (x,)


@st.composite
def permutations(draw: st.DrawFn) -> Case:
    x = draw(anything())
    order = draw(st.permutations(range(len(x.dims))))
    order = [axis - len(x.dims) if draw(st.booleans()) else axis for axis in order]
    return {"axes": draw(st.sampled_from([order, order, [*order, 0], [0] * len(order)]))}, (x,)


MODES = ["nearest", "linear", "bilinear", "trilinear", "bicubic", "area", "nearest_exact"]


@st.composite
def upsamples(draw: st.DrawFn) -> Case:
    x = draw(maps(0, 4))
    rank = max(len(x.dims) - 1, 1)
    number = st.sampled_from([0.3, 0.5, 1, 1.5, 2, 3])
    values: Values = {}
    if draw(st.integers(0, 9)) or "size" not in values:
        values["scale"] = draw(
            st.one_of(number, st.lists(number, min_size=rank, max_size=rank), st.lists(number, min_size=1))
        )
        if draw(st.booleans()):
            del values["scale"]
    if "scale" not in values or draw(st.integers(0, 9)) == 0:
        values["size"] = draw(extents(rank, 1, 6))
    if draw(st.booleans()):
        values["mode"] = Word(draw(st.sampled_from(MODES)))
    if draw(st.integers(0, 4)) == 0:
        values["align_corners"] = draw(st.booleans())
    return values, (x,)


def upsample(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    rank = space(xs[0])
    mode = word(v.get("mode", "nearest"))
    if mode == "linear":
        mode = ["linear", "bilinear", "trilinear"][rank - 1]
    scale = v.get("scale")
    if scale is not None and isinstance(scale, list) and len(scale) != rank:
        raise Refused("scale")
    size = None if v.get("size") is None else spread(v["size"], rank)
    align = True if v.get("align_corners") else None
    return F.interpolate(samples[0][None], size, scale, mode.replace("_", "-"), align)[0]


def pixel_shuffle(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    if space(xs[0]) != 2:
        raise Refused("rank")
    return F.pixel_shuffle(samples[0], v["r"])


def shuffle(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    x = samples[0].movedim(features(xs[0]), 0)
    y = x.reshape(v["groups"], x.shape[0] // v["groups"], *x.shape[1:]).transpose(0, 1).reshape(x.shape)
    return y.movedim(0, features(xs[0]))


@st.composite
def pads(draw: st.DrawFn) -> Case:
    x = draw(anything())
    axis = draw(st.integers(-5, 4) | st.lists(st.integers(-4, 3), min_size=1, max_size=3))
    axes = 1 if isinstance(axis, int) else len(axis)
    n = st.integers(0, 3)
    amount = draw(n | st.lists(n, min_size=2, max_size=2) | st.lists(n, min_size=2 * axes, max_size=2 * axes))
    more = st.fixed_dictionaries(
        {},
        optional={
            "mode": st.sampled_from(["constant", "reflect", "replicate", "circular"]),
            "value": st.sampled_from([0, 1.5]),
        },
    )
    values = {"amount": amount, "axis": axis, **draw(more)}
    if draw(st.integers(0, 3)) == 0:
        del values["axis"]
    if "axis" not in values and not isinstance(amount, int):
        values["amount"] = amount[:2]
    return values, (x,)


def pad(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    x, axes = samples[0], v.get("axis", 0)
    axes = [axes] if isinstance(axes, int) else axes
    axes = [range(x.dim())[axis] for axis in axes]
    amount = [v["amount"]] * 2 if isinstance(v["amount"], int) else v["amount"]
    amount = amount if len(amount) == 2 * len(axes) else amount * len(axes)
    if len(set(axes)) < len(axes):
        raise Refused("axes")
    pairs = [(0, 0)] * x.dim()
    for i, axis in enumerate(axes):
        pairs[axis] = (amount[2 * i], amount[2 * i + 1])
    mode, value = v.get("mode", "constant"), v.get("value", 0)
    if mode == "constant":
        return F.pad(x, flat(pairs), value=value)
    if value:
        raise Refused("value")
    space(xs[0])
    if 0 in axes:
        raise Refused("channels")
    return F.pad(x[None], flat(pairs[1:]), mode=mode)[0]


@st.composite
def crops(draw: st.DrawFn) -> Case:
    x = draw(maps(0, 4))
    rank = len(x.dims) - 1
    values = {"size": draw(extents(rank, 1, 6))}
    if draw(st.booleans()):
        values["offset"] = draw(st.one_of(st.just(Word("center")), extents(rank, 0, 2)))
    return values, (x,)


def crop(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    x, rank = samples[0], space(xs[0])
    offset = word(v.get("offset", "center"))
    sizes = spread(v["size"], rank)
    offsets = [(n - s) // 2 for n, s in zip(x.shape[1:], sizes, strict=True)]
    if offset != "center":
        offsets = spread(offset, rank)
    for axis, (at, size) in enumerate(zip(offsets, sizes, strict=True), 1):
        x = x.narrow(axis, at, size)
    return x


def slice_(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    x, axis = samples[0], v.get("axis", 0)
    size = x.shape[axis]
    for at in (v.get("start", 0), v.get("stop", size)):
        if not -size <= at <= size:
            raise Refused("outside")
    y = x.movedim(axis, 0)[v.get("start", 0) : v.get("stop", size)]
    if not y.numel():
        raise Refused("empty")
    return y.movedim(0, axis)


def select(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    x, axis, indices = samples[0], v.get("axis", 0), v["indices"]
    if isinstance(indices, int):
        y = x.select(axis, indices)
        if not y.dim():
            raise Refused("scalar")
        return y
    return x.movedim(axis, 0)[indices].movedim(0, axis)


@st.composite
def splits(draw: st.DrawFn) -> Case:
    x = draw(anything())
    values: Values = {}
    axis = x.channel_axis
    if draw(st.booleans()):
        axis = values["axis"] = draw(st.integers(-len(x.dims), len(x.dims) - 1))
    size = x.dims[axis]
    if draw(st.booleans()):
        return {**values, "parts": draw(st.integers(1, 4))}, (x,)
    parts, left = [], size
    while left:
        parts.append(draw(st.integers(1, left)))
        left -= parts[-1]
    return {**values, "parts": draw(st.sampled_from([parts, parts, [*parts, 1]]))}, (x,)


def split(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Any:
    axis = v.get("axis", features(xs[0]))
    size = samples[0].shape[axis]
    if isinstance(v["parts"], int):
        if size % v["parts"]:
            raise Refused("unequal")
        return torch.split(samples[0], size // v["parts"], axis)
    return torch.split(samples[0], v["parts"], axis)


def reduce(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    function = {"max": torch.amax, "min": torch.amin, "mean": torch.mean, "sum": torch.sum}[v["op"]]
    y: Tensor = function(samples[0], dim=v["axis"], keepdim=v.get("keep", False))
    if not y.dim():
        raise Refused("scalar")
    return y


# joins -------------------------------------------------------------------------------------------------------


@st.composite
def bundles(draw: st.DrawFn, least: int = 1, most: int = 4) -> tuple[Shape, ...]:
    """Shapes that often broadcast: sizes of a whole become 1, axes in front fall away, `[C]` among them."""
    whole = draw(anything())
    members = []
    for _ in range(draw(st.integers(least, most))):
        dims = list(whole.dims)
        for axis in range(len(dims)):
            change = draw(st.integers(0, 9))
            if change == 0:
                dims[axis] = 1
            elif change == 1 and draw(st.booleans()):
                dims[axis] += 1
        kind = draw(st.integers(0, 5))
        if kind == 0:
            dims = [dims[whole.channel_axis]]
        elif kind == 1:
            dims = dims[draw(st.integers(0, len(dims) - 1)) :]
        foreign = draw(st.integers(0, 19)) == 0 and len(dims) > 1
        members.append(Shape(tuple(dims), whole.tokens != foreign and len(dims) > 1))
    return tuple(members)


def joins(least: int = 1, most: int = 4, **optional: Any) -> Cases:
    return st.tuples(st.fixed_dictionaries({}, optional=optional), bundles(least, most))


def one_kind(xs: Sequence[Shape]) -> Shape:
    highest = max(xs, key=lambda x: len(x.dims))
    if any(len(x.dims) > 1 and x.tokens != highest.tokens for x in xs):
        raise Refused("maps and tokens")
    return highest


def elementwise(function: Callable[[Tensor, Tensor], Tensor], exactly: int | None = None) -> Oracle:
    def oracle(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
        if exactly is not None and len(samples) != exactly:
            raise Refused("number")
        highest = one_kind(xs)
        if not highest.tokens:
            samples = [x.reshape(-1, *(1,) * (len(highest.dims) - 1)) if x.dim() == 1 else x for x in samples]
        result = samples[0]
        for sample in samples[1:]:
            result = function(result, sample)
        return result

    return oracle


def mean(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    total: Tensor = elementwise(torch.add)(v, xs, samples)
    return total / len(samples)


def concat(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    return torch.cat(list(samples), v.get("axis", features(one_kind(xs))))


def stack(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    one_kind(xs)
    return torch.stack(list(samples), v.get("axis", 0))


@st.composite
def matrices(draw: st.DrawFn) -> Case:
    m, k, n = draw(SIZES), draw(SIZES), draw(SIZES)
    batch = draw(st.lists(st.integers(1, 3), max_size=2))
    a, b = (*batch, m, k), (*batch, k + (draw(st.integers(0, 5)) == 0), n)
    if draw(st.booleans()):
        a = a[draw(st.integers(0, 2)) :]
    if draw(st.booleans()):
        b = b[draw(st.integers(0, 3)) :]
    if draw(st.booleans()):
        b = (draw(st.integers(1, 3)), *b)
    shapes = [Shape(dims) for dims in (a, b) if dims]
    return {}, tuple(shapes)


def matmul(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    if len(samples) != 2 or min(x.dim() for x in samples) < 2:
        raise Refused("matrices")
    return torch.matmul(*samples)


# the table ---------------------------------------------------------------------------------------------------

PLAIN = {
    "relu": F.relu,
    "relu6": F.relu6,
    "selu": F.selu,
    "silu": F.silu,
    "mish": F.mish,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "hardsigmoid": F.hardsigmoid,
    "hardswish": F.hardswish,
}

TABLE: dict[str, Entry] = {
    **{name: Entry(case(anything()), on(function)) for name, function in PLAIN.items()},
    "leaky_relu": Entry(
        case(anything(), slope=st.sampled_from([0, 0.2, 0.01])),
        on(lambda x, slope=0.01: F.leaky_relu(x, slope)),
    ),
    "prelu": Entry(
        case(maps(), per_channel=st.booleans(), init=st.sampled_from([0.1, 0, Word("ones")])),
        refuses=(({"per_channel": True}, (row(4, 8),)), ({"init": Word("orthogonal")}, (shape(3),))),
    ),
    "elu": Entry(
        case(anything(), alpha=st.sampled_from([0.5, 1, 2])), on(lambda x, alpha=1: F.elu(x, alpha))
    ),
    "gelu": Entry(
        case(anything(), approximate=st.sampled_from([Word("none"), "tanh"])),
        on(lambda x, approximate="none": F.gelu(x, approximate=word(approximate))),
    ),
    "softplus": Entry(
        case(anything(), beta=st.sampled_from([0.5, 2]), threshold=st.sampled_from([1, 5.5])),
        on(lambda x, **v: F.softplus(x, **v)),
    ),
    "softmax": Entry(case(anything(), axis=AXES), along(F.softmax)),
    "log_softmax": Entry(case(anything(), axis=AXES), along(F.log_softmax)),
    "pointwise": Entry(
        case(anything(), {"function": st.sampled_from(["abs", "square", "sqrt", "exp", "log"])}),
        on(lambda x, function: getattr(torch, function)(x)),
    ),
    "conv": Entry(convolutions("conv"), conv, equal=False),
    "depthwise": Entry(convolutions("depthwise"), conv, equal=False),
    "deconv": Entry(convolutions("deconv"), deconv, equal=False),
    "linear": Entry(
        case(
            maps(0, 0) | tokens(),
            {"features": CHANNELS},
            bias=st.booleans(),
            init=st.just(Word("xavier_normal")),
        ),
        refuses=(({"features": 10}, (shape(3, 4, 4),)), ({"features": 0}, (shape(3),))),
    ),
    "maxpool": Entry(pools("maxpool"), pool),
    "avgpool": Entry(pools("avgpool"), avgpool),
    "adaptive_avgpool": Entry(adaptive(), adaptive_pool("avg")),
    "adaptive_maxpool": Entry(adaptive(), adaptive_pool("max")),
    "gap": Entry(case(anything() | maps(4, 4)), global_pool(torch.mean)),
    "gmp": Entry(case(anything() | maps(4, 4)), global_pool(torch.amax)),
    "bn": Entry(
        case(
            anything() | maps(4, 4),
            eps=EPS,
            momentum=st.just(0.5),
            affine=st.booleans(),
            track=st.booleans(),
            init=VECTOR_INITS,
            bias_init=VECTOR_INITS,
        ),
        batch_norm,
        equal=False,
        evaluated=2,
        refuses=(({"eps": 0}, (shape(3, 4, 4),)), ({"init": Word("kaiming_normal")}, (shape(3, 4, 4),))),
    ),
    "instancenorm": Entry(
        case(
            anything() | maps(4, 4),
            eps=EPS,
            affine=st.booleans(),
            track=st.booleans(),
            init=st.just(Word("ones")),
        ),
        instance_norm,
        equal=False,
    ),
    "gn": Entry(
        case(
            anything(),
            {"groups": st.integers(1, 4)},
            eps=EPS,
            affine=st.booleans(),
            init=st.just(Word("ones")),
        ),
        group_norm,
    ),
    "ln": Entry(
        case(anything(), eps=EPS, affine=st.booleans(), bias=st.booleans(), bias_init=st.just(Word("zeros"))),
        layer_norm,
    ),
    "lrn": Entry(
        case(anything(), {"size": st.integers(1, 5)}, alpha=st.just(0.1), beta=st.just(0.5), k=st.just(2)),
        response_norm,
    ),
    "normalize": Entry(
        case(anything(), axis=AXES, p=st.sampled_from([1, 2, 3.5]), eps=EPS), along(F.normalize)
    ),
    "affine": Entry(
        case(anything(), bias=st.booleans(), init=st.just(Word("ones")), bias_init=st.just(Word("zeros"))),
        on(lambda x, **v: x),
    ),
    "scale": Entry(
        case(anything(), {"factor": st.sampled_from([1, 2.5, -3])}, offset=st.sampled_from([0, 1.5, -1])),
        on(lambda x, factor, offset=0: x * factor + offset),
    ),
    "layerscale": Entry(
        case(anything(), init=st.sampled_from([0.1, 1, Word("zeros")])),
        on(lambda x, init=1e-6: x * (0 if isinstance(init, Word) else init)),
    ),
    "dropout": Entry(
        case(anything(), p=PROBABILITIES), on(lambda x, **v: x), refuses=(({"p": 1.5}, (shape(3),)),)
    ),
    "dropout_spatial": Entry(
        case(maps(1, 3), p=PROBABILITIES),
        on(lambda x, **v: x),
        refuses=(({}, (shape(3),)), ({}, (row(3, 4),)), ({}, (shape(3, 1, 1, 1, 1),))),
    ),
    "drop_path": Entry(
        case(anything(), {"p": PROBABILITIES}), on(lambda x, **v: x), refuses=(({}, (shape(3),)),)
    ),
    "identity": Entry(case(anything()), on(lambda x: x)),
    "flatten": Entry(case(anything(), start=AXES, end=AXES), flatten),
    "reshape": Entry(reshapes(), on(lambda x, shape: x.reshape(shape))),
    "permute": Entry(permutations(), on(lambda x, axes: x.permute(axes))),
    "upsample": Entry(upsamples(), upsample),
    "pixel_shuffle": Entry(case(maps(0, 4), {"r": st.integers(1, 3)}), pixel_shuffle),
    "shuffle": Entry(case(anything(), {"groups": st.integers(1, 4)}), shuffle),
    "pad": Entry(pads(), pad),
    "crop": Entry(crops(), crop),
    "slice": Entry(case(anything(), start=st.integers(-4, 4), stop=st.integers(-4, 6), axis=AXES), slice_),
    "select": Entry(
        case(
            anything(),
            {"indices": st.integers(-4, 4) | st.lists(st.integers(-3, 3), min_size=1, max_size=5)},
            axis=AXES,
        ),
        select,
    ),
    "split": Entry(splits(), split),
    "reduce": Entry(
        case(
            anything(),
            {
                "op": st.sampled_from(["mean", "sum", "max", "min"]),
                "axis": st.integers(-3, 3) | st.lists(st.integers(-3, 3), min_size=1, max_size=3),
            },
            keep=st.booleans(),
        ),
        reduce,
    ),
    "add": Entry(joins(), elementwise(torch.add)),
    "mul": Entry(joins(), elementwise(torch.mul)),
    "mean": Entry(joins(), mean),
    "maximum": Entry(joins(), elementwise(torch.maximum)),
    "minimum": Entry(joins(), elementwise(torch.minimum)),
    "sub": Entry(joins(1, 3), elementwise(torch.sub, 2)),
    "div": Entry(joins(1, 3), elementwise(torch.div, 2)),
    "concat": Entry(joins(axis=AXES), concat),
    "stack": Entry(joins(axis=AXES), stack),
    "matmul": Entry(matrices(), matmul),
}
