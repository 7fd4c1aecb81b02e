"""What a file computes is held against the module, also where it is not finite."""

from __future__ import annotations

import pytest
import torch

from archdsl.export.compare import Comparison, hold
from archdsl.export.faults import ExportError
from archdsl.export.ports import Ports

pytestmark = pytest.mark.torch
NAN, INF = float("nan"), float("inf")


class Gives(torch.nn.Module):
    """What arrives, and behind it always the same value."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self.value = value

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([x, torch.full_like(x, self.value)], dim=1)


def compared(file: float, module: float) -> Comparison:
    run = Gives(file)
    return hold(
        lambda xs: [run(xs[0])], [(Gives(module), [(2,)])], Ports({"x": (2,)}, ("y",), {}), "the file"
    )


@pytest.mark.parametrize("value", [0.0, NAN, INF, -INF])
def test_equal(value: float) -> None:
    assert compared(value, value) == Comparison(0.0, ())


@pytest.mark.parametrize(("file", "module"), [(0.0, NAN), (NAN, 0.0), (INF, NAN), (-INF, INF), (3e38, INF)])
def test_what_is_not_finite_must_be_the_same(file: float, module: float) -> None:
    with pytest.raises(ExportError, match="gives another `y`"):
        compared(file, module)
