"""A class of another package, for `extern` blocks: it keeps its arguments and does nothing."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn


class Kept(nn.Module):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()
        self.args, self.kwargs = args, kwargs

    def forward(self, x: Tensor) -> Tensor:
        return x
