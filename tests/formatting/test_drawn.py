"""Programs that are drawn, in layouts that are drawn: the formatter keeps what they say."""

from __future__ import annotations

from pathlib import Path
from random import Random

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import archdsl
from archdsl.api import Options, Spec
from archdsl.canonical import fingerprint
from archdsl.formatting.formatting import formatted
from archdsl.formatting.pen import script
from archdsl.formatting.sameness import comments
from archdsl.source import Source
from tests.formatting.relayout import relaid
from tests.formatting.texts import SPECS
from tests.property.programs import programs
from tests.property.whole import program

RELAXED = settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow, HealthCheck.data_too_large],
)
seeds = st.integers(0, 2**32 - 1)
often = st.sampled_from([0.0, 0.02, 0.1, 0.5])


def hold(text: str) -> str:
    """The text formatted; `formatted` itself sees to it that it says the same, with the same comments, for good."""
    source = Source("<text>", text)
    found = formatted(source)
    made = Source("<text>", found)
    assert formatted(made) == found
    assert comments(source, script(source)) == comments(made, script(made))
    assert not any(line != line.rstrip() for line in found.splitlines())
    assert "\n\n\n" not in found and not found.startswith("\n") and not found.endswith("\n\n")
    return found


@RELAXED
@given(st.sampled_from(SPECS), seeds, often, often)
def test_specs_in_another_layout(path: Path, seed: int, remarks: float, lines: float) -> None:
    text = relaid(path.read_text(encoding="utf-8"), Random(seed), remarks, lines)
    assert text.count("#c") + text.count("# c") == hold(text).count("#c") + hold(text).count("# c")


@RELAXED
@given(seeds, st.booleans(), often, often)
def test_drawn_files(seed: int, wrap: bool, remarks: float, lines: float) -> None:
    """Every construct of the grammar."""
    drawn = program(Random(seed), wrap)
    assume(drawn is not None)
    assert drawn is not None
    hold(drawn.text)
    hold(relaid(drawn.text, Random(seed), remarks, lines))


@RELAXED
@given(seeds, st.sampled_from([20, 40, 60, 80]))
def test_narrow_pages(seed: int, width: int) -> None:
    """Where all lines break that may."""
    import archdsl.formatting.page
    import archdsl.formatting.remarks

    drawn = program(Random(seed), True)
    assume(drawn is not None)
    assert drawn is not None
    rooms = archdsl.formatting.page, archdsl.formatting.remarks
    usual = rooms[0].WIDTH
    try:
        for room in rooms:
            room.WIDTH = width  # type: ignore[misc, attr-defined]
        hold(relaid(drawn.text, Random(seed), 0.05, 0.1))
    finally:
        for room in rooms:
            room.WIDTH = usual  # type: ignore[misc, attr-defined]


@RELAXED
@given(programs(), seeds)
def test_same_graph(drawn: object, seed: int) -> None:
    text = relaid(drawn.text, Random(seed))  # type: ignore[attr-defined]
    found = archdsl.format(text)
    assert found == archdsl.format(found)
    one, other = (Spec(Source("<text>", each), None, Options()) for each in (text, found))
    assert one.models == other.models
    for model in one.models:
        graphs = [spec.architecture(model)._graph for spec in (one, other)]
        assert fingerprint(graphs[0]) == fingerprint(graphs[1])
