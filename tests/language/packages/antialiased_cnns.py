"""Stands in for the package of Zhang, 2019, with the one class that an example takes from it."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional


class BlurPool(nn.Module):
    """A binomial filter, the same for each channel, over a reflected border; then every `stride`-th position."""

    def __init__(self, channels: int, filt_size: int = 4, stride: int = 2) -> None:
        super().__init__()
        row = [1.0]
        while len(row) < filt_size:
            row = [a + b for a, b in pairwise([0.0, *row, 0.0])]
        line = torch.tensor(row) / sum(row)
        self.stride = stride
        self.border = [(filt_size - 1) // 2, filt_size // 2] * 2
        self.register_buffer("filt", torch.outer(line, line).repeat(channels, 1, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        padded = functional.pad(x, self.border, mode="reflect")
        return functional.conv2d(padded, self.get_buffer("filt"), stride=self.stride, groups=x.shape[1])
