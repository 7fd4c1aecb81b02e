"""What is said of every text: it is a program, or its mistakes are reported, each at a place of the text."""

from __future__ import annotations

from broken import broken
from hypothesis import HealthCheck, given, settings

from tests.property.oracles import hold


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(broken())
def test_mistakes_are_reported(example: tuple[str, str]) -> None:
    hold(*example)
