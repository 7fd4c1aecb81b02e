"""Windows that slide over the spatial axes: what convolutions and pools have in common."""

from __future__ import annotations

from archdsl.layers.axes import axis_name, count
from archdsl.layers.base import Aspect, Layer, LayerError
from archdsl.layers.kinds import LIMIT
from archdsl.layers.page import Let
from archdsl.layers.shape import Shape

Pair = tuple[int, int]

#: for formulas: the first to the last tap of a kernel, and of a window without dilation
DILATED, DENSE = "dilation * (kernel - 1)", "(kernel - 1)"


def around(reach: str) -> tuple[Let, ...]:
    """For formulas: what `pad` puts before and after the input, or takes off what leaves."""
    return (
        Let("before = after", f"{reach} // 2 if kernel % 2 == 1 else 0", "pad == half", each=True),
        Let("before = after", "0", "pad == valid", each=True),
        Let("before, after", "pad", each=True),
    )


def spatial_rank(layer: Layer, x: Shape, help: str = "") -> int:
    """Number of spatial axes of the map `x`: 1 to 3. Raises LayerError (E504)."""
    if x.tokens:
        raise LayerError(
            f"`{layer.name}` takes a map, and tokens {x} arrive", help="`untokens` makes a map of tokens"
        )
    rank = len(x.dims) - 1
    if rank == 0:
        raise LayerError(f"`{layer.name}` works over spatial axes, and {x} has none", help=help)
    if rank > 3:
        raise LayerError(f"`{layer.name}` takes up to three spatial axes, and {x} has {rank}")
    return rank


def spread(layer: Layer, parameter: str, value: int | tuple[int, ...], x: Shape) -> tuple[int, ...]:
    """One size for each spatial axis of `x`. Raises LayerError (E602)."""
    rank = len(x.dims) - 1
    if isinstance(value, int):
        return (value,) * rank
    if len(value) != rank:
        raise LayerError(
            f"`{parameter}` of `{layer.name}` has {count(len(value), 'extent')}, and {x} has "
            f"{count(rank, 'spatial axis')}",
            code="E602",
            parameter=parameter,
        )
    return value


def pad_pairs(
    layer: Layer,
    pad: str | int | tuple[int, ...],
    kernel: tuple[int, ...],
    dilation: tuple[int, ...],
    x: Shape,
) -> tuple[Pair, ...]:
    """Padding before and after, axis by axis, for all but `same`. Raises LayerError (E602)."""
    if pad == "half":
        return tuple(
            (d * (k - 1) // 2,) * 2 if k % 2 else (0, 0) for k, d in zip(kernel, dilation, strict=True)
        )
    if isinstance(pad, str):
        return ((0, 0),) * len(kernel)
    if isinstance(pad, int):
        return ((pad, pad),) * len(kernel)
    if len(pad) == len(kernel):
        return tuple((p, p) for p in pad)
    if len(pad) == 2 * len(kernel):
        return tuple(zip(pad[::2], pad[1::2], strict=True))
    raise LayerError(
        f"`pad` of `{layer.name}` has {count(len(pad), 'number')}, and {x} has "
        f"{count(len(kernel), 'spatial axis')}",
        code="E602",
        parameter="pad",
        help=f"{len(kernel)} pad both sides alike, {2 * len(kernel)} are before and after, axis by axis",
    )


def same_pairs(
    kernel: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]
) -> tuple[Pair, ...] | None:
    """Padding of TensorFlow's `SAME`, before and after; None where it depends on the size of the input.

    In all, `max((ceil(n / s) - 1) * s + span - n, 0)` with `span = d * (k - 1) + 1`: half of it before, rounded
    down, the rest after (the documentation of `tf.nn`).
    """
    totals = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
    if any(total and s > 1 for total, s in zip(totals, stride, strict=True)):
        return None
    return tuple((total // 2, total - total // 2) for total in totals)


def same_sizes(x: Shape, stride: tuple[int, ...]) -> tuple[int, ...]:
    """Spatial sizes that leave with `same`: those that arrive over the stride, rounded up."""
    return tuple(-(-size // s) for size, s in zip(x.spatial, stride, strict=True))


def alike(pads: tuple[Pair, ...]) -> bool:
    """Is the padding of each axis the same on both sides?"""
    return all(before == after for before, after in pads)


def flat(pads: tuple[Pair, ...]) -> tuple[int, ...]:
    """In the order of F.pad: the last axis first."""
    return tuple(p for pair in reversed(pads) for p in pair)


def slide(
    layer: Layer,
    x: Shape,
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    pads: tuple[Pair, ...],
    dilation: tuple[int, ...],
    ceil: bool = False,
    mend: str = "",
) -> tuple[int, ...]:
    """Spatial sizes that leave. Raises LayerError (E503), with a `mend` beside a smaller kernel."""
    sizes = []
    for axis, (size, k, s, (before, after), d) in enumerate(
        zip(x.spatial, kernel, stride, pads, dilation, strict=True), 1
    ):
        span = d * (k - 1) + 1
        room = size + before + after - span
        out = (room + (s - 1 if ceil else 0)) // s + 1
        if ceil and (out - 1) * s >= size + before:  # the last window must start inside
            out -= 1
        if out < 1:
            raise unfit(layer, x, axis, span, before + after, k, mend)
        sizes.append(bounded(layer, out))
    return tuple(sizes)


def unfit(
    layer: Layer, x: Shape, axis: int, span: int, padding: int, kernel: int, mend: str = ""
) -> LayerError:
    """The error that a window is larger than its input."""
    size = x.dims[axis]
    dilated = "" if span == kernel else f", {span} with its dilation,"
    padded = f", {size + padding} with its padding" if padding else ""
    return LayerError(
        f"the kernel of `{layer.name}` does not fit its input",
        code="E503",
        aspect=Aspect.SIZES,
        notes=(
            f"along {axis_name(x, axis)} of {x} the kernel is {kernel}{dilated} and the input {size}{padded}",
        ),
        help=_written(layer, x, kernel)
        or "fewer strides or pools before it" + (f", or {mend}" if mend else ""),
    )


def _written(layer: Layer, x: Shape, kernel: int) -> str:
    """A help line where the arguments are those of PyTorch, which begin with the channels that arrive."""
    channels, stride = getattr(layer, "channels", None), getattr(layer, "stride", None)
    if channels != x.channels or kernel < 16 or "stride" not in layer.given:
        return ""
    small = plain(stride) if isinstance(stride, tuple) else stride
    return f"the channels that arrive are inferred, and not written: `{layer.name}({kernel}, {small})`"


def bounded(layer: Layer, size: int) -> int:
    """A size that leaves, if it is a size that PyTorch can count."""
    if size > LIMIT:
        raise LayerError(f"`{layer.name}` gives an axis that is longer than {LIMIT}", code="E602")
    return size


def plain(values: tuple[int, ...]) -> int | tuple[int, ...]:
    """An int where all are equal: `3` rather than `(3, 3)`."""
    return values[0] if all(v == values[0] for v in values) else values


def times(value: int | tuple[int, ...], rank: int) -> str:
    """`3×3`, as drawings show an extent."""
    return "×".join(map(str, (value,) * rank if isinstance(value, int) else value))


def suffix(
    stride: int | tuple[int, ...], dilation: int | tuple[int, ...] = 1, groups: int = 1, sign: str = "/"
) -> str:
    """`, /2`, as drawings show what is not usual about a window; `sign` says whether sizes shrink or grow (×)."""
    text = ""
    if isinstance(stride, int):
        text += f", {sign}{stride}" if stride != 1 else ""
    elif any(s != 1 for s in stride):
        text += f", {sign}{times(plain(stride), 1)}"
    if dilation != 1 and plain(dilation if isinstance(dilation, tuple) else (dilation,)) != 1:
        text += f", dilation {times(dilation, 1)}"
    return text + (f", groups {groups}" if groups != 1 else "")
