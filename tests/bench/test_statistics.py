"""Known samples, and what follows from them."""

from __future__ import annotations

import math
import random

import pytest

pytest.importorskip("torch")

from archdsl.bench.statistics import CONFIDENCE, Estimate, estimate, judge, ratios, spread

pytestmark = pytest.mark.torch


@pytest.mark.parametrize(
    ("count", "rank"),
    [
        (6, 1),
        (7, 1),
        (8, 1),
        (9, 2),
        (10, 2),
        (12, 3),
        (15, 4),
        (20, 6),
        (25, 8),
        (30, 10),
        (50, 18),
        (100, 40),
    ],
)
def test_the_ends_are_those_of_the_tables(count: int, rank: int) -> None:
    """Conover, Practical Nonparametric Statistics (1999), table A3: the ranks of a 95 % interval of the median."""
    samples = list(range(1, count + 1))
    random.Random(count).shuffle(samples)
    found = estimate(samples)
    assert (found.middle, found.samples) == ((count + 1) / 2, count)
    assert (found.low, found.high) == (rank, count + 1 - rank)


@pytest.mark.parametrize("count", range(1, 6))
def test_few_samples_have_no_interval(count: int) -> None:
    found = estimate([2.0] * count)
    assert found == Estimate(2.0, None, None, count)
    verdict = judge(found, None)
    assert verdict.kind == "unclear"
    assert verdict.said.startswith(f"cannot conclude: {count} round")
    assert verdict.said.endswith("too few for an interval, which takes 6")


def test_the_interval_holds_the_median_as_often_as_it_says() -> None:
    """Of a skewed distribution with the median log 2."""
    draw = random.Random(0)
    held = 0
    for _ in range(4000):
        found = estimate([draw.expovariate(1) for _ in range(20)])
        assert found.low is not None and found.high is not None
        held += found.low <= math.log(2) <= found.high
    assert CONFIDENCE <= held / 4000 < CONFIDENCE + 0.02


def test_ratios_are_taken_within_a_round() -> None:
    """A round in which the machine is ten times slower tells the same as the others."""
    ours, theirs = [1.0, 10.0, 1.0, 1.0, 20.0, 1.0, 1.0], [1.5, 15.0, 1.5, 1.5, 30.0, 1.5, 1.5]
    found = estimate(ratios(theirs, ours))
    assert (found.middle, found.low, found.high) == (1.5, 1.5, 1.5)
    assert judge(found, estimate(ratios(ours, ours))).said == "1.50 times as fast (1.50–1.50)"
    with pytest.raises(ValueError, match="shorter"):
        ratios(ours, theirs[:-1])


NOISE = Estimate(1.0, 0.98, 1.03, 20)


@pytest.mark.parametrize(
    ("speed", "kind", "said"),
    [
        (Estimate(1.45, 1.43, 1.47, 20), "faster", "1.45 times as fast (1.43–1.47)"),
        (Estimate(0.80, 0.78, 0.82, 20), "slower", "0.80 times as fast (0.78–0.82)"),
        (
            Estimate(2.0, 1.5, 2.6, 20),
            "faster",
            "2.00 times as fast (1.50–2.60); the noise is too large to say it closer",
        ),
        (
            Estimate(1.05, 0.99, 1.10, 20),
            "unclear",
            "cannot conclude: 1.05 times as fast, and the interval 0.99–1.10 holds 1",
        ),
        (
            Estimate(1.02, 1.01, 1.03, 20),
            "unclear",
            "cannot conclude: 1.02 times as fast, and the noise alone makes up to 1.03",
        ),
        (
            Estimate(0.98, 0.97, 0.99, 20),
            "unclear",
            "cannot conclude: 0.98 times as fast, and the noise alone makes up to 1.03",
        ),
    ],
)
def test_what_follows(speed: Estimate, kind: str, said: str) -> None:
    verdict = judge(speed, NOISE)
    assert (verdict.kind, verdict.said) == (kind, said)


def test_noise_to_either_side_counts() -> None:
    assert spread(Estimate(1.0, 0.8, 1.1, 20)) == 1.25
    assert spread(Estimate(1.0, 0.95, 1.1, 20)) == 1.1
    assert spread(Estimate(1.0, None, None, 3)) == spread(None) == 1.0
