"""What an entry of the table is, and the shapes, arguments and oracles that several groups draw on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch.nn.functional as F  # noqa: N812
from hypothesis import strategies as st
from torch import Tensor, nn

from archdsl.layers import Shape, Word

Values = dict[str, Any]
Case = tuple[Values, tuple[Shape, ...]]
Cases = st.SearchStrategy[Case]
Oracle = Callable[[Values, Sequence[Shape], Sequence[Tensor]], Any]
Builder = Callable[..., nn.Module]  # of the arguments and the shapes that arrive


@dataclass(frozen=True)
class Entry:
    """What a layer is held against: an `oracle`, or a `module` where it has weights; else shapes alone.

    An oracle says what one sample becomes in evaluation. A module is put together of PyTorch's own: it takes the
    layer's weights and runs on whole batches, in training and in evaluation. Both refuse by their exceptions.
    """

    cases: Cases
    oracle: Oracle | None = None
    module: Builder | None = None
    refuses: tuple[Case, ...] = ()
    reaches: tuple[
        str, ...
    ] = ()  # what the layer may be in PyTorch, without its rank: the cases lead to each


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


AXES = st.integers(-4, 4)
EPS = st.sampled_from([1e-6, 1e-3])
VECTOR_INITS = st.sampled_from([Word("zeros"), Word("ones")])


def case(x: Any, need: dict[str, Any] | None = None, **optional: Any) -> Cases:
    """Cases of one tensor with the arguments in `need`, and some of the optional ones."""
    return st.tuples(st.fixed_dictionaries(need or {}, optional=optional), st.tuples(x))


def seldom(usual: st.SearchStrategy[Any], other: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The other one in one case of twelve."""
    return st.integers(0, 11).flatmap(lambda n: usual if n < 11 else other)


def extents(rank: int, least: int, most: int) -> Any:
    """An int, a list of the right length, or seldom of a wrong one."""
    n = st.integers(least, most)
    exact = max(rank, 1)
    return seldom(n | st.lists(n, min_size=exact, max_size=exact), st.lists(n, min_size=1, max_size=4))


def mapped() -> st.SearchStrategy[Shape]:
    """A map of one to three spatial axes, seldom something else."""
    return seldom(maps(1, 3), maps(0, 4) | tokens())


def tensorflow_same(size: int, kernel: int, stride: int, dilation: int = 1) -> tuple[int, int]:
    """Padding of `SAME` before and after, as the documentation of tf.nn prints it."""
    effective = (kernel - 1) * dilation + 1
    along = max(effective - (size % stride or stride), 0)
    return along // 2, along - along // 2


class Around(nn.Module):
    """Pads what arrives: `pads` are before and after, axis by axis, for the spatial sizes."""

    def __init__(self, pads: Callable[[Sequence[int]], Sequence[tuple[int, int]]], value: float = 0) -> None:
        super().__init__()
        self.pads, self.value = pads, value

    def forward(self, x: Tensor) -> Tensor:
        return F.pad(x, flat(self.pads(x.shape[2:])), value=self.value)


def half(kernel: Sequence[int], dilation: Sequence[int]) -> list[tuple[int, int]]:
    return [((k - 1) * d // 2,) * 2 if k % 2 == 1 else (0, 0) for k, d in zip(kernel, dilation, strict=True)]


def spread(value: Any, rank: int) -> list[int]:
    value = [value] * rank if isinstance(value, int) else list(value)
    if len(value) != rank:
        raise Refused("rank")
    return value


def given_pairs(pad: Any, kernel: Sequence[int], dilation: Sequence[int]) -> list[tuple[int, int]]:
    """Padding before and after, axis by axis, as any of its forms but `same` gives it."""
    rank, pad = len(kernel), word(pad)
    if pad == "half":
        return half(kernel, dilation)
    if isinstance(pad, list) and len(pad) == 2 * rank:
        return list(zip(pad[::2], pad[1::2], strict=True))
    return [(p, p) for p in spread(0 if pad == "valid" else pad, rank)]


def paddings(rank: int, most: int) -> Any:
    """Padding in each of its forms: a word, a number, one for each axis, before and after."""
    n, exact = st.integers(0, most), max(rank, 1)
    both_sides = st.lists(n, min_size=exact, max_size=exact)
    each_side = st.lists(n, min_size=2 * exact, max_size=2 * exact)
    words = st.sampled_from([Word("half"), Word("valid"), "half"])
    usual = st.sampled_from([st.just(Word("same")), each_side, words, n, both_sides]).flatmap(
        lambda kind: kind
    )
    return seldom(usual, st.lists(n, min_size=1, max_size=7))


def space(x: Shape) -> int:
    """The spatial rank of a map that convolutions take."""
    if x.tokens or not 1 <= len(x.dims) - 1 <= 3:
        raise Refused("spatial rank")
    return len(x.dims) - 1


def flat(pairs: Sequence[tuple[int, int]]) -> list[int]:
    """Before and after, axis by axis, as F.pad takes it."""
    return [n for pair in reversed(pairs) for n in pair]


def word(value: Any) -> Any:
    return value.name if isinstance(value, Word) else value


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
