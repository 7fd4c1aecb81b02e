"""What samples say: the median of ratios, how far it can be trusted, and whether anything follows from it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

#: How sure an interval is to hold the median.
CONFIDENCE = 0.95
#: An interval whose ends differ by more than this factor tells a direction, and hardly a size.
WIDE = 1.1


@dataclass(frozen=True, slots=True)
class Estimate:
    """The median of some samples and an interval that holds the true median with CONFIDENCE.

    The ends are order statistics of the sample, whatever its distribution is (David and Nagaraja, Order Statistics,
    2003, 7.1). Fewer than six samples give none: `low` and `high` are None.
    """

    middle: float
    low: float | None
    high: float | None
    samples: int

    def as_data(self) -> dict[str, float | int | None]:
        return {"median": self.middle, "low": self.low, "high": self.high, "samples": self.samples}


def estimate(samples: Sequence[float]) -> Estimate:
    """The median with its interval. There must be a sample."""
    ordered = sorted(samples)
    rank = _rank(len(ordered))
    low, high = (None, None) if rank is None else (ordered[rank], ordered[-1 - rank])
    return Estimate(median(ordered), low, high, len(ordered))


def ratios(above: Sequence[float], below: Sequence[float]) -> list[float]:
    """What was measured in one round, by each other: what slows a round down slows both."""
    return [a / b for a, b in zip(above, below, strict=True)]


def _rank(count: int) -> int | None:
    """The place from either end, from 0, of the innermost samples that hold the median between them.

    The median lies outside of them where no more than that many samples fall on one side of it: a tail of the
    binomial distribution with one half, on both sides.
    """
    found, tail = None, 0
    for rank in range(count // 2):
        tail += math.comb(count, rank)
        if 2 * tail > (1 - CONFIDENCE) * 2**count:
            break
        found = rank
    return found


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows from a ratio of times: `faster`, `slower` or `unclear`; `said` is it in words."""

    kind: str
    said: str


def judge(speed: Estimate, noise: Estimate | None) -> Verdict:
    """What follows for who is `speed` times as fast, where the same module beside itself came out at `noise`."""
    if speed.low is None or speed.high is None:
        few = f"{speed.samples} round is" if speed.samples == 1 else f"{speed.samples} rounds are"
        return Verdict("unclear", f"cannot conclude: {few} too few for an interval, which takes 6")
    between = f"{speed.low:.2f}–{speed.high:.2f}"
    if speed.low <= 1 <= speed.high:
        return Verdict(
            "unclear",
            f"cannot conclude: {speed.middle:.2f} times as fast, and the interval {between} holds 1",
        )
    floor = spread(noise)
    if max(speed.middle, 1 / speed.middle) <= floor:
        return Verdict(
            "unclear",
            f"cannot conclude: {speed.middle:.2f} times as fast, and the noise alone makes up to {floor:.2f}",
        )
    kind = "faster" if speed.middle > 1 else "slower"
    said = f"{speed.middle:.2f} times as fast ({between})"
    if speed.high / speed.low > WIDE:
        said += "; the noise is too large to say it closer"
    return Verdict(kind, said)


def spread(noise: Estimate | None) -> float:
    """The factor that noise alone makes: the far end of the interval of a module beside itself."""
    if noise is None or noise.low is None or noise.high is None:
        return 1.0
    return max(noise.high, 1 / noise.low)
