"""The small examples: what stands side by side sees the same, and gives maps of the same size."""

from __future__ import annotations

import pytest
import torch

from tests.zoo.support import architecture

SPEC = "worked_examples.arch"


@pytest.mark.torch
@pytest.mark.parametrize(
    ("one", "parts", "sees"),
    [
        ("conv3x3", "depthwise_separable", 3),
        ("conv5x5", "bottleneck", 5),
        ("one_5x5", "two_3x3", 5),
        ("one_3x3", "rows_and_columns", 3),
    ],
)
def test_pairs(one: str, parts: str, sees: int) -> None:
    """They see a square of `sees` by `sees`; weights and operations are as many times fewer."""
    whole, less = architecture(SPEC, one), architecture(SPEC, parts)
    assert whole.outputs == less.outputs
    for arch in whole, less:
        torch.manual_seed(0)
        maps = torch.randn(1, *arch.inputs["maps"], dtype=torch.double, requires_grad=True)
        arch.build().double()(maps)[0, 0, 7, 7].backward()
        assert maps.grad is not None
        seen = maps.grad[0].abs().sum(dim=0).nonzero()
        first, last = seen.min(dim=0).values, seen.max(dim=0).values
        assert len(seen) == sees**2 and (last - first + 1).tolist() == [sees, sees]
    assert whole.macs * less.params == less.macs * whole.params
