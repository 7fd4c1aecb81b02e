"""What papers print, of whole networks and of their parts."""

from __future__ import annotations

from decimal import Decimal

import pytest

from archdsl.api import open_spec
from tests.zoo.figures import agrees, as_printed, values
from tests.zoo.reasons import WAYS, explained
from tests.zoo.support import SPECS
from tests.zoo.tables import Row, each, read

ROWS = read("paper.csv")


@pytest.mark.parametrize("row", each(ROWS, "part", "quantity", "printed", quick=True))
def test_figure(row: Row) -> None:
    """A figure agrees, or it does not for a reason, and is then what the table says."""
    assert bool(row["reason"]) == bool(row["computed"])
    assert row["source"]
    if row["reason"]:
        assert as_printed(values(row), row["computed"]) == row["computed"]
        assert not agrees(row), "a reason, and the figure agrees"
    else:
        assert as_printed(values(row), row["printed"]) == row["printed"]


@pytest.mark.parametrize(
    "row", each([row for row in ROWS if row["reason"] in WAYS], "part", "quantity", "printed", quick=True)
)
def test_reason(row: Row) -> None:
    """Counted as the reason says that the paper counts, the figure is the printed one."""
    assert explained(row) == row["printed"]


def test_each_way_is_taken() -> None:
    assert set(WAYS) <= {row["reason"] for row in ROWS}


@pytest.mark.parametrize(
    ("figures", "printed", "found"),
    [
        ([2_834_161_664], "2.83G", "2.83G"),
        ([2_834_161_664], "2.8G", "2.8G"),
        ([2_835_000_000], "2.83G", "2.84G"),
        ([999_500], "999K", "1000K"),
        ([25, 18], "25 : 18", "25 : 18"),
        ([9, 6], "25 : 18", "9 : 6"),
        ([81, 36], "81 against 35", "81 against 36"),
        ([112, 56], "112 57", "112 56"),
        ([163_328], "163,328", "163,328"),
        ([1040], "over 1000", "over 1000"),
        ([1000], "over 1000", "1000"),
    ],
)
def test_digits(figures: list[int], printed: str, found: str) -> None:
    """As many digits as are printed, with the unit that is printed; half a digit is rounded up."""
    assert as_printed([Decimal(value) for value in figures], printed) == found


def test_order_of_the_table() -> None:
    """By the specs' names, and in them as the models stand."""
    models = {row["spec"]: open_spec(SPECS / row["spec"]).models for row in ROWS}
    places = [(row["spec"], models[row["spec"]].index(row["model"].split()[0])) for row in ROWS]
    assert places == sorted(places)
