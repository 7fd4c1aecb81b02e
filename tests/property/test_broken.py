"""What is said of every text: it is a program, or its mistakes are reported, each at a place of the text."""

from __future__ import annotations

from random import Random

from broken import MUTATIONS, broken
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from archdsl.api import Options
from archdsl.limits import Limits
from tests.property.oracles import hold, hold_all
from tests.property.whole import program

SMALL = Options(limits=Limits(nodes=2000))


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(broken())
def test_mistakes_are_reported(example: tuple[str, str]) -> None:
    hold(*example)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32 - 1))
def test_what_is_accepted_is_a_network(seed: int) -> None:
    """A drawn program after a mistake or two: it is refused, or its module, drawing and summary are made and it runs."""
    chance = Random(seed)
    drawn = program(chance)
    assume(drawn is not None and not drawn.files)
    assert drawn is not None
    text = drawn.text
    for _ in range(chance.choice([1, 1, 2])):
        text = chance.choice(MUTATIONS)(text, chance.randrange)
    hold_all(text, options=SMALL, models=4)
