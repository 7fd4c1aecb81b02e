"""Activations."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812
from hypothesis import strategies as st
from torch import nn

from archdsl.layers import Shape, Word
from tests.layers.table.core import AXES, Entry, Refused, Values, along, anything, case, on, row, shape, word

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


def prelu(v: Values, x: Shape) -> nn.Module:
    if v.get("per_channel", False) and x.tokens:
        raise Refused("tokens")
    return nn.PReLU(x.channels if v.get("per_channel", False) else 1)


ENTRIES: dict[str, Entry] = {
    **{name: Entry(case(anything()), on(function)) for name, function in PLAIN.items()},
    "leaky_relu": Entry(
        case(anything(), slope=st.sampled_from([0, 0.2, 0.01])),
        on(lambda x, slope=0.01: F.leaky_relu(x, slope)),
    ),
    "prelu": Entry(
        case(anything(), per_channel=st.booleans(), init=st.sampled_from([0.1, 0, Word("ones")])),
        module=prelu,
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
}
