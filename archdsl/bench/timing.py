"""Interleaved runs: in each round everyone runs once, so that what slows the machine down meets all alike."""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable, Sequence

from archdsl.bench.machine import settle
from archdsl.bench.settings import Settings
from archdsl.bench.steps import Step

#: A sample is at least so many seconds: a shorter run is repeated within it.
SHORTEST = 0.01
#: Runs before anything counts, and seconds for which they go on.
_WARM_UPS, _WARM = 3, 0.1


def warm_up(step: Step, device: str) -> int:
    """Run it until it is in its stride. How many runs make a sample."""
    times: list[float] = []
    while len(times) < _WARM_UPS or (sum(times) < _WARM and len(times) < 1000):
        times.append(sample(step, 1, device))
    return max(1, math.ceil(SHORTEST / max(min(times), 1e-9)))


def sample(step: Step, calls: int, device: str) -> float:
    """Seconds of a run, as the mean of some."""
    run = step.run
    with step.around():
        settle(device)
        start = time.perf_counter()
        for _ in range(calls):
            run()
        settle(device)
        return (time.perf_counter() - start) / calls


def order(count: int, number: int) -> list[int]:
    """Who runs when in a round: everyone comes first in turn, and every second round goes the other way."""
    turned = [(place + number // 2) % count for place in range(count)]
    return turned[::-1] if number % 2 else turned


def rounds(
    steps: Sequence[Step],
    settings: Settings,
    say: Callable[[str], None],
    clock: Callable[[], float] = time.monotonic,
) -> list[list[float]]:
    """Seconds of each step, round by round."""
    calls = [warm_up(step, settings.device) for step in steps]
    found: list[list[float]] = [[] for _ in steps]
    collecting = gc.isenabled()
    gc.collect()
    gc.disable()
    start = clock()
    try:
        for number in range(settings.most):
            elapsed = clock() - start
            if number >= settings.fewest and elapsed >= settings.limit:
                break
            say(f"round {number + 1}")
            for place in order(len(steps), number):
                found[place].append(sample(steps[place], calls[place], settings.device))
    finally:
        if collecting:
            gc.enable()
    return found
