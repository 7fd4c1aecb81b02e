"""Weights that all contestants share: drawn once, with the statistics of norms set by what runs through them."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from archdsl.bench.settings import BenchError, Settings
from archdsl.verify.running import Shapes, arriving, scatter, steady, tensors

#: The batch that statistics are taken of.
_BATCH = 8


def settle(net: nn.Module, shapes: Shapes, device: str) -> nn.Module:
    """A module with weights that all have an effect, and running statistics of its own activations.

    With those of a fresh norm, means 0 and variances 1, activations of a deep network grow or vanish, and arithmetic on
    numbers that are infinite or denormal takes another time. Raises BenchError where what comes out is not finite.
    """
    scatter(net)
    norms = [part for part in net.modules() if isinstance(part, nn.modules.batchnorm._BatchNorm)]
    before = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 1.0
    try:
        with torch.no_grad():
            steady(net)(*arriving(shapes, _BATCH, device, torch.float32))
            results = tensors(net.eval()(*arriving(shapes, 1, device, torch.float32)))
    finally:
        for norm, momentum in zip(norms, before, strict=True):
            norm.momentum = momentum
    if not all(bool(torch.isfinite(one).all()) for one in results):
        raise BenchError("the network gives numbers that are not finite, which take another time than others")
    return net


def farthest(mine: list[Tensor], other: list[Tensor]) -> float:
    """The largest difference of results, relative to the largest value of each; infinite where shapes differ."""
    from archdsl.verify.compare import difference

    if len(mine) != len(other):
        return float("inf")
    return max((difference(a.double(), b.double()) for a, b in zip(mine, other, strict=True)), default=0.0)


#: So much may results differ, relative to the largest value, by what was computed with; on a GPU convolutions of
#: float32 take shorter numbers unless they are told otherwise.
_TOLERANCE = {"float32": 1e-3, "float16": 3e-2, "bfloat16": 2e-1}
_SHORTER = 1e-2
#: The norm of all gradients, through norms of a small batch, is as far off.
_STEP = 1e-2


def tolerance(settings: Settings) -> float:
    """What results of one function may differ by, or losses and norms of gradients in training."""
    return max(
        _TOLERANCE[settings.dtype],
        _SHORTER if settings.kind == "cuda" else 0.0,
        _STEP if settings.purpose == "training" else 0.0,
    )
