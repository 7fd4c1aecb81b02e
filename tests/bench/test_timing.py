"""The order of runs, and how many there are. Times themselves are never asserted."""

from __future__ import annotations

from collections import Counter
from contextlib import nullcontext

import pytest

pytest.importorskip("torch")

from archdsl.bench import Settings
from archdsl.bench.steps import Step
from archdsl.bench.timing import order, rounds

pytestmark = pytest.mark.torch


def test_everyone_runs_once_in_a_round_and_in_every_place() -> None:
    table = [order(4, number) for number in range(8)]
    assert all(sorted(one) == [0, 1, 2, 3] for one in table)
    assert table[:3] == [[0, 1, 2, 3], [3, 2, 1, 0], [1, 2, 3, 0]]
    for place in range(4):
        assert Counter(one[place] for one in table) == dict.fromkeys(range(4), 2)


def test_nobody_follows_the_same_one_always() -> None:
    before = {(one[place - 1], one[place]) for one in (order(3, n) for n in range(6)) for place in (1, 2)}
    assert before == {(a, b) for a in range(3) for b in range(3) if a != b}


def counted(settings: Settings, seconds: float) -> tuple[int, int, list[str]]:
    """Rounds of two steps on a clock that goes on by so much each time it is read, and runs of the first of them."""
    now = iter(range(10_000))
    ran: list[int] = []
    said: list[str] = []
    steps = [Step(lambda: ran.append(1), nullcontext, []), Step(lambda: None, nullcontext, [])]
    first, second = rounds(steps, settings, said.append, lambda: seconds * next(now))
    assert len(first) == len(second)
    assert all(one > 0 for one in first)
    return len(first), len(ran), said


def test_rounds_end_by_time() -> None:
    assert counted(Settings(seconds=5.0), 1.0)[0] == 7, "not before an interval can be told"
    assert counted(Settings(seconds=12.0), 1.0)[0] == 11
    assert counted(Settings(), 0.0)[0] == 99


def test_rounds_as_many_as_asked_for() -> None:
    number, ran, said = counted(Settings(rounds=3), 1000.0)
    assert number == 3 and said == ["round 1", "round 2", "round 3"]
    assert ran > 3, "a short run is repeated within a sample"
    assert counted(Settings(rounds=3, seconds=1.0), 1000.0)[0] == 1
    assert counted(Settings(rounds=3, seconds=1.0), 0.0)[0] == 3
