"""What keeps two tensors from meeting in a join, in words, and the mend that fits."""

from __future__ import annotations

from archdsl.layers.axes import axis_name, count
from archdsl.layers.base import Aspect, Layer, LayerError
from archdsl.layers.shape import Shape


def disagreement(
    layer: Layer, xs: tuple[Shape, ...], one: int, other: int, differing: dict[int, tuple[int, int]]
) -> LayerError:
    """The error (E502) that two members do not agree. `differing` has both sizes, by axis."""
    if one > other:
        one, other, differing = other, one, {axis: (n, m) for axis, (m, n) in differing.items()}
    a, b = xs[one], xs[other]
    like = max(a, b, key=lambda x: len(x.dims))
    axes = list(differing)
    channels = like.channel_axis in axes
    sizes = any(axis != like.channel_axis for axis in axes)
    feature = "features" if like.tokens else "channels"
    what = " and ".join([feature] * channels + ["positions" if like.tokens else "sizes"] * sizes)
    return LayerError(
        f"`{layer.name}` cannot join {a} and {b}: their {what} differ",
        code="E502",
        member=other,
        members={one: f"this one is {a}", other: f"this one is {b}"},
        aspect=Aspect.SHAPE if channels == sizes else Aspect.CHANNELS if channels else Aspect.SIZES,
        notes=("; ".join(f"{axis_name(like, i)}: {m} and {n}" for i, (m, n) in differing.items()),),
        help=_mend(layer, xs, a, b, channels, sizes),
    )


def of_ranks(layer: Layer, xs: tuple[Shape, ...], one: int, other: int) -> LayerError:
    """The error (E502) that two members have different numbers of axes."""
    one, other = min(one, other), max(one, other)
    a, b = xs[one], xs[other]
    flat, full = (a, b) if len(a.dims) < len(b.dims) else (b, a)
    return LayerError(
        f"`{layer.name}` cannot join {a} and {b}: one has {count(len(a.dims), 'axis')}, the other {len(b.dims)}",
        code="E502",
        member=other,
        members={one: f"this one is {a}", other: f"this one is {b}"},
        help=f"`gap` or `flatten` on the branch of {full} leaves one axis"
        if len(flat.dims) == 1 and not full.tokens
        else "",
    )


def _mend(layer: Layer, xs: tuple[Shape, ...], a: Shape, b: Shape, channels: bool, sizes: bool) -> str:
    """What brings one of the two branches to the other."""
    change, like = _minority(xs, a, b)
    if a.tokens or b.tokens or len(a.dims) == 1 or len(b.dims) == 1:
        if len(change.dims) > 1 and not change.tokens:  # a vector meets a map
            change, like = like, change
        makes = f"`linear({like.channels})` on the branch of {change} makes them agree"
        return makes if channels and not sizes else ""
    if len(a.dims) != len(b.dims):
        return ""
    if not sizes:
        return _projection(change, like)
    large, small = (a, b) if a.numel // a.channels > b.numel // b.channels else (b, a)
    if not _apart(large, small):  # they differ from a third one
        return ""
    step = _step(large, small)
    if not step:
        return _of_few(large, small)
    if channels:
        return _projection(large, small, step)
    return f"`stride={step}` or a pool of {step} on the branch of {large}, or `upsample({step})` on that of {small}"


def _minority(xs: tuple[Shape, ...], a: Shape, b: Shape) -> tuple[Shape, Shape]:
    """The shape to change, and the other: more members are like it, or it has more channels."""

    def weight(x: Shape) -> tuple[int, int]:
        return sum(other.channels == x.channels for other in xs), x.channels

    return (b, a) if weight(a) > weight(b) else (a, b)


def _projection(change: Shape, like: Shape, step: int = 1) -> str:
    """A convolution of 1 on the branch to change."""
    stride = f", stride={step}" if step > 1 else ""
    text = f"a 1x1 projection, `conv({like.channels}, 1{stride})`, on the branch of {change}"
    return text + (", or `concat`, which joins different channels" if step == 1 else "")


def _apart(large: Shape, small: Shape) -> list[tuple[int, int]]:
    """The sizes that differ."""
    return [(m, n) for m, n in zip(large.spatial, small.spatial, strict=True) if m != n]


def _step(large: Shape, small: Shape) -> int:
    """The stride that takes every size of one to that of the other; 0 if there is none."""
    pairs = _apart(large, small)
    steps = {round(m / n) for m, n in pairs}
    step = min(steps)
    rounded = all(m - n == 1 and m > 3 for m, n in pairs)
    exact = all(-(-m // step) == n or m // step == n for m, n in pairs) if step > 1 else False
    return step if len(steps) == 1 and exact and not rounded and len(pairs) == len(large.spatial) else 0


def _of_few(large: Shape, small: Shape) -> str:
    """Sizes that are a little apart: a size that was odd, or a padding that is missing."""
    apart = {m - n for m, n in _apart(large, small)}
    if min(apart) < 0:
        return "the same strides and pools on both branches make them agree"
    sizes = "x".join(map(str, small.spatial)) if len(small.spatial) > 1 else str(small.spatial[0])
    cut = f"`crop({sizes})` cuts the branch of {large}"
    if apart == {1}:
        return (
            "one is lost where a stride or a pool rounds an odd size, where an even kernel pads nothing, and in a "
            f"`deconv` of an odd one (`pad=same` mends both); {cut}"
        )
    if len(apart) == 1 and max(apart) in (2, 4, 6):
        most = max(apart)
        return (
            f"a kernel of {most + 1} without padding takes off {most} (`pad=half` keeps the size), and a size that "
            f"strides round up comes back larger where it is scaled; {cut}"
        )
    return f"the same strides and pools on both branches make them agree; {cut}"
