"""Distributions, and whether a sample was drawn from one: Kolmogorov and Smirnov's test."""

from __future__ import annotations

from dataclasses import dataclass
from math import erf, exp, inf, log, pi, sqrt
from typing import Any

import torch

#: One sample in as many is wrongly refused.
_CHANCES = 1e6


def phi(x: float) -> float:
    """The normal distribution up to x."""
    return (1 + erf(x / sqrt(2))) / 2


def density(x: float) -> float:
    return exp(-x * x / 2) / sqrt(2 * pi)


@dataclass(frozen=True)
class Normal:
    """A normal distribution, cut to `low` … `high`; `std` and `mean` are those before the cut."""

    std: float
    mean: float = 0
    low: float = -inf
    high: float = inf

    def ends(self) -> tuple[float, float]:
        return (self.low - self.mean) / self.std, (self.high - self.mean) / self.std

    def cdf(self, x: Any) -> Any:
        below, above = map(phi, self.ends())
        normal = (1 + torch.erf((x - self.mean) / (self.std * sqrt(2)))) / 2
        return ((normal - below) / (above - below)).clamp(0, 1)

    def moments(self) -> tuple[float, float]:
        """Mean and deviation after the cut (Johnson, Kotz and Balakrishnan, 1994, section 13.10)."""
        a, b = self.ends()
        mass = phi(b) - phi(a)
        shift = (density(a) - density(b)) / mass
        ends = (a * density(a) if a > -inf else 0) - (b * density(b) if b < inf else 0)
        return self.mean + self.std * shift, self.std * sqrt(1 + ends / mass - shift**2)

    def bounds(self) -> tuple[float, float]:
        return self.low, self.high


@dataclass(frozen=True)
class Uniform:
    low: float
    high: float

    def cdf(self, x: Any) -> Any:
        return ((x - self.low) / (self.high - self.low)).clamp(0, 1)

    def moments(self) -> tuple[float, float]:
        return (self.low + self.high) / 2, (self.high - self.low) / sqrt(12)

    def bounds(self) -> tuple[float, float]:
        return self.low, self.high


Distribution = Normal | Uniform


def distance(weights: Any, wanted: Distribution) -> float:
    """Kolmogorov and Smirnov's: the largest difference of the two distribution functions."""
    ordered = weights.detach().double().flatten().sort().values
    steps = torch.arange(len(ordered) + 1, dtype=torch.double) / len(ordered)
    cdf = wanted.cdf(ordered)
    return float(max((cdf - steps[:-1]).abs().max(), (cdf - steps[1:]).abs().max()))


def drawn_from(weights: Any, wanted: Distribution) -> bool:
    """Whether a sample may come from the distribution."""
    return distance(weights, wanted) < sqrt(log(2 * _CHANCES) / 2 / weights.numel())


def drawn_alike(one: Any, other: Any) -> bool:
    """Whether two samples may come from one distribution, whichever it is."""
    left, right = (sample.detach().double().flatten().sort().values for sample in (one, other))
    m, n = len(left), len(right)
    places = torch.cat([left, right])
    below_left = torch.searchsorted(left, places, right=True) / m
    below_right = torch.searchsorted(right, places, right=True) / n
    return float((below_left - below_right).abs().max()) < sqrt(log(2 * _CHANCES) / 2 * (m + n) / (m * n))
