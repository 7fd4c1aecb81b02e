"""Tokens and attention."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import torch
from hypothesis import strategies as st
from torch import Tensor, nn

from archdsl.layers import Shape, Word
from tests.layers.table.core import (
    SIZES,
    Case,
    Entry,
    Refused,
    Values,
    anything,
    case,
    extents,
    maps,
    row,
    shape,
    space,
    spread,
    tokens,
    word,
)

INITS = st.sampled_from([Word("zeros"), Word("ones")])


def blocks(sizes: Sequence[int], window: Sequence[int]) -> Iterator[tuple[slice, ...]]:
    """The windows of a map, row by row."""
    if any(size % w for size, w in zip(sizes, window, strict=True)):
        raise Refused("window")
    steps = (range(0, size, w) for size, w in zip(sizes, window, strict=True))
    for corner in product(*steps):
        yield tuple(slice(start, start + w) for start, w in zip(corner, window, strict=True))


@st.composite
def windowed(draw: st.DrawFn) -> Case:
    x = draw(st.one_of(maps(1, 3), maps(1, 3, sizes=st.sampled_from([2, 4, 6])), maps(0, 4), tokens()))
    optional = {"window": extents(len(x.spatial), 1, 3), "flat": st.booleans()}
    return draw(st.fixed_dictionaries({}, optional=optional)), (x,)


def to_tokens(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    x = samples[0]
    if len(xs[0].dims) == 1 and v.get("flat", True) and "window" not in v:
        return x[None]
    rank = space(xs[0])
    if not v.get("flat", True):
        if "window" in v:
            raise Refused("both")
        return x.movedim(0, -1)
    if "window" not in v:
        return x.reshape(len(x), -1).T
    window = spread(v["window"], rank)
    return torch.stack([x[:, *block].reshape(len(x), -1).T for block in blocks(x.shape[1:], window)])


@st.composite
def maps_again(draw: st.DrawFn) -> Case:
    """Tokens of a map and the arguments that undo them, some of them wrong."""
    x = draw(st.one_of(maps(1, 3, sizes=st.sampled_from([1, 2, 4, 6])), maps(1, 3)))
    names = {1: ["length"], 2: ["height", "width"], 3: ["depth", "height", "width"]}[len(x.spatial)]
    values: Values = dict(zip(names, x.spatial, strict=True))
    arrive = row(x.numel // x.channels, x.channels)
    kind = draw(st.integers(0, 3))
    if kind == 1:
        window = [draw(st.sampled_from([w for w in (1, 2, 3) if n % w == 0])) for n in x.spatial]
        cells = 1
        for w in window:
            cells *= w
        values["window"] = window
        arrive = row(x.numel // x.channels // cells, cells, x.channels)
    elif kind == 2:
        values, arrive = {"flat": False}, row(*x.spatial, x.channels)
    wrong = draw(st.integers(0, 9))
    if wrong == 0:
        values |= draw(st.fixed_dictionaries({}, optional=dict.fromkeys((*names, "depth", "length"), SIZES)))
    elif wrong == 1:
        values |= draw(
            st.fixed_dictionaries({}, optional={"window": extents(2, 1, 3), "flat": st.booleans()})
        )
    elif wrong == 2:
        arrive = draw(anything())
    return values, (arrive,)


def from_tokens(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    x = samples[0]
    if not xs[0].tokens:
        raise Refused("map")
    given = {name for name in v if name not in ("window", "flat")}
    if not v.get("flat", True):
        if given or "window" in v:
            raise Refused("sizes")
        return x.movedim(-1, 0)
    if given not in ({"length"}, {"height", "width"}, {"depth", "height", "width"}):
        raise Refused("sizes")
    sizes = [v[name] for name in ("depth", "height", "width", "length") if name in v]
    if "window" not in v:
        if x.dim() != 2:
            raise Refused("rank")
        return x.T.reshape(-1, *sizes)
    window = spread(v["window"], len(sizes))
    places = list(blocks(sizes, window))
    if x.dim() != 3 or len(x) != len(places):
        raise Refused("windows")
    y = torch.zeros(x.shape[-1], *sizes)
    for tokens_, place in zip(x, places, strict=True):
        y[:, *place] = tokens_.T.reshape(-1, *window)
    return y


def start(v: Values) -> float:
    return {"zeros": 0.0, "ones": 1.0}[word(v.get("init", "zeros"))]


def class_token(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
    x = samples[0]
    if not xs[0].tokens:
        raise Refused("map")
    return torch.cat([torch.full((*x.shape[:-2], v.get("count", 1), x.shape[-1]), start(v)), x], dim=-2)


# attention ---------------------------------------------------------------------------------------------------


@st.composite
def attentions(draw: st.DrawFn) -> Case:
    """One to three members, which mostly fit each other."""
    leading = draw(st.lists(st.integers(1, 3), max_size=2))
    features = draw(st.sampled_from([1, 2, 4, 6, 8]))
    queries, keys = draw(SIZES), draw(SIZES)
    members = [row(*leading, queries, features)]
    for _ in range(draw(st.sampled_from([0, 0, 1, 1, 2, 2, 3]))):
        width = draw(st.sampled_from([features, features, 3, 5]))
        n = keys if draw(st.integers(0, 9)) else draw(SIZES)
        front = leading if draw(st.integers(0, 9)) else [2]
        members.append(row(*front, n, width) if draw(st.integers(0, 14)) else shape(width, n))
    optional: dict[str, Any] = {
        "dim": st.sampled_from([2, 4, 6, 12]),
        "bias": st.booleans(),
        "out_bias": st.booleans(),
        "dropout": st.just(0),  # what is dropped is drawn: see `tests/layers/test_attention.py`
        "init": st.just(Word("xavier_normal")),
        "bias_init": st.just(Word("ones")),
    }
    values = draw(st.fixed_dictionaries({"heads": st.sampled_from([1, 2, 2, 3, 4])}, optional=optional))
    return values, tuple(members)


class Written(nn.Module):
    """Attention written out, head by head, over one sample at a time."""

    def __init__(self, v: Values, *xs: Shape) -> None:
        super().__init__()
        if len(xs) > 3 or not all(x.tokens for x in xs):
            raise Refused("members")
        self.widths = [xs[min(i, len(xs) - 1)].channels for i in range(3)]
        self.heads, c = v["heads"], self.widths[0]
        dim = v.get("dim", c)
        if dim % self.heads:
            raise Refused("heads")
        rows = [dim] * 3 if any(width != c for width in self.widths) else [3 * dim]
        for i, (n, width) in enumerate(zip(rows, self.widths, strict=False)):
            self.register_parameter(f"weight{i}", nn.Parameter(torch.zeros(n, width)))
        self.bias = nn.Parameter(torch.zeros(3 * dim)) if v.get("bias", True) else None
        self.out = nn.Linear(dim, c, v.get("out_bias", v.get("bias", True)))

    def forward(self, *members: Tensor) -> Tensor:
        query, key, value = (members[min(i, len(members) - 1)] for i in range(3))
        if not query.shape[:-2] == key.shape[:-2] == value.shape[:-2]:
            raise Refused("leading axes")
        weights = [p for name, p in self.named_parameters(recurse=False) if name != "bias"]
        matrices = weights[0].chunk(3) if len(weights) == 1 else weights
        biases = [0, 0, 0] if self.bias is None else self.bias.chunk(3)
        q, k, v = (x @ w.T + b for x, w, b in zip((query, key, value), matrices, biases, strict=True))
        heads = []
        for a, b, c in zip(*(x.chunk(self.heads, -1) for x in (q, k, v)), strict=True):
            heads.append((a @ b.transpose(-1, -2) / a.shape[-1] ** 0.5).softmax(-1) @ c)
        result: Tensor = self.out(torch.cat(heads, -1))
        return result


ENTRIES = {
    "tokens": Entry(windowed(), to_tokens),
    "untokens": Entry(maps_again(), from_tokens),
    "class_token": Entry(case(anything(), {}, count=st.integers(1, 3), init=INITS), class_token),
    "position_embedding": Entry(
        case(anything(), {"init": INITS}),
        lambda v, xs, samples: samples[0] + start(v),
        refuses=(({"init": Word("orthogonal")}, (row(4, 8),)),),
    ),
    "attention": Entry(
        attentions(),
        module=Written,
        reaches=("SelfAttention", "CrossAttention"),
        refuses=(({}, (row(4, 8),)), ({"heads": 0}, (row(4, 8),))),
    ),
}
