"""Pools: windows, adaptive and global."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F  # noqa: N812
from hypothesis import strategies as st
from torch import Tensor

from archdsl.layers import Shape
from tests.layers.table.core import (
    Case,
    Entry,
    Oracle,
    Refused,
    Values,
    case,
    extents,
    flat,
    given_pairs,
    mapped,
    paddings,
    seldom,
    space,
    spread,
    tensorflow_same,
    word,
)


@st.composite
def pools(draw: st.DrawFn, name: str) -> Case:
    x = draw(mapped())
    rank = len(x.dims) - 1
    kernel = draw(extents(rank, 1, 5))
    least = kernel if isinstance(kernel, int) else min(kernel)
    optional = {"stride": extents(rank, 1, 4), "ceil": st.booleans()}
    if name == "maxpool":
        optional["dilation"] = extents(rank, 1, 3)
    else:
        optional["count_pad"] = st.booleans()
    values = draw(
        st.fixed_dictionaries(
            {"pad": seldom(paddings(rank, least // 2), paddings(rank, 3))}, optional=optional
        )
    )
    if draw(st.booleans()) or (not isinstance(values["pad"], int) and draw(st.booleans())):
        values.pop("ceil", None)
    if draw(st.integers(0, 3)) == 0:
        del values["pad"]
    return {"kernel": kernel, **values}, (x,)


def pool(function: str) -> Oracle:
    """With equal sides the pool is PyTorch's; else the input is padded before it, as far as PyTorch would."""

    def oracle(v: Values, xs: Sequence[Shape], samples: Sequence[Tensor]) -> Tensor:
        x, rank = samples[0][None], space(xs[0])
        kernel = spread(v["kernel"], rank)
        stride = spread(v.get("stride", kernel), rank)
        dilation = spread(v.get("dilation", 1), rank)
        pad, ceil = word(v.get("pad", 0)), v.get("ceil", False)
        if pad == "same":
            windows = zip(x.shape[2:], kernel, stride, dilation, strict=True)
            pairs = [tensorflow_same(*window) for window in windows]
        else:
            pairs = given_pairs(pad, kernel, dilation)
            if all(before == after for before, after in pairs):
                pads = [before for before, _ in pairs]
                of = getattr(F, f"{function}_pool{rank}d")
                more = {"dilation": dilation} if function == "max" else {}
                if function == "avg":
                    more["count_include_pad"] = v.get("count_pad", True)
                y: Tensor = of(x, kernel, stride, pads, ceil_mode=ceil, **more)
                return y[0]
            if any(max(pair) > k // 2 for pair, k in zip(pairs, kernel, strict=True)):
                raise Refused("wide")
        if ceil:
            raise Refused("ceil")
        if function == "max":
            padded = F.pad(x, flat(pairs), value=-torch.inf)
            largest: Tensor = getattr(F, f"max_pool{rank}d")(padded, kernel, stride, 0, dilation)
            return largest[0]
        counted = v.get("count_pad", pad != "same")
        one = torch.ones(1, 1, *kernel)
        total = getattr(F, f"conv{rank}d")(F.pad(x.transpose(0, 1), flat(pairs)), one, stride=stride)
        inside = F.pad(torch.ones(1, 1, *x.shape[2:]), flat(pairs), value=float(counted))
        mean: Tensor = total / getattr(F, f"conv{rank}d")(inside, one, stride=stride)
        return mean[:, 0]

    return oracle


@st.composite
def adaptive(draw: st.DrawFn) -> Case:
    x = draw(mapped())
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


ENTRIES: dict[str, Entry] = {
    "maxpool": Entry(pools("maxpool"), pool("max"), reaches=("nn.MaxPool", "PaddedMaxPool", "SameMaxPool")),
    "avgpool": Entry(pools("avgpool"), pool("avg"), reaches=("nn.AvgPool", "PaddedAvgPool", "SameAvgPool")),
    "adaptive_avgpool": Entry(adaptive(), adaptive_pool("avg")),
    "adaptive_maxpool": Entry(adaptive(), adaptive_pool("max")),
    "gap": Entry(case(mapped()), global_pool(torch.mean)),
    "gmp": Entry(case(mapped()), global_pool(torch.amax)),
}
