"""What an entry of the table is, and the shapes, arguments and oracles that several groups draw on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from torch import Tensor

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


AXES = st.integers(-4, 4)
EPS = st.sampled_from([1e-6, 1e-3])
VECTOR_INITS = st.sampled_from([Word("zeros"), Word("ones")])


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
