"""Pools: windows, adaptive and global."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F  # noqa: N812
from hypothesis import strategies as st
from torch import Tensor

from archdsl.layers import Shape, Word
from tests.layers.table.core import (
    Case,
    Entry,
    Oracle,
    Values,
    anything,
    case,
    extents,
    half,
    maps,
    space,
    spread,
    tokens,
    word,
)


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


ENTRIES: dict[str, Entry] = {
    "maxpool": Entry(pools("maxpool"), pool),
    "avgpool": Entry(pools("avgpool"), avgpool),
    "adaptive_avgpool": Entry(adaptive(), adaptive_pool("avg")),
    "adaptive_maxpool": Entry(adaptive(), adaptive_pool("max")),
    "gap": Entry(case(anything() | maps(4, 4)), global_pool(torch.mean)),
    "gmp": Entry(case(anything() | maps(4, 4)), global_pool(torch.amax)),
}
