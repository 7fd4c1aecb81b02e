"""Draws cases in many short runs of Hypothesis: within one run cases are alike, since most vary an earlier one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

T = TypeVar("T")

RUN = 25


def in_runs(strategy: st.SearchStrategy[T], check: Callable[[T], None], cases: int) -> None:
    """Hold `check` against so many cases, the same each time."""
    each = settings(
        max_examples=RUN,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    for run in range(-(-cases // RUN)):
        seed(run)(each(given(strategy)(lambda case: check(case))))()
