"""Numbers and tables as people read them."""

from __future__ import annotations

import pytest

from archdsl.analysis.figures import human, share
from archdsl.cli.table import comma_separated, markdown, plain
from archdsl.diagnostics.cells import width


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "-"),
        (7, "7"),
        (999, "999"),
        (1000, "1.00K"),
        (9_408, "9.41K"),
        (99_999, "100K"),
        (999_499, "999K"),
        (999_500, "1.00M"),
        (7_978_856, "7.98M"),
        (25_557_032, "25.6M"),
        (2_834_161_664, "2.83G"),
        (10**15, "1000T"),
    ],
)
def test_human(number: int, text: str) -> None:
    assert human(number) == text


def test_share() -> None:
    assert (share(1, 3), share(0, 3), share(0, 0), share(3, 3)) == ("33.3%", "-", "-", "100.0%")
    assert (share(1, 2000), share(1, 2001)) == ("0.1%", "<0.1%")


def test_plain() -> None:
    rows = [["a", "1"], ["층.conv", "100"]]
    assert plain(["path", "n"], rows, [1], None) == "path       n\na          1\n층.conv  100"


def test_plain_keeps_the_ends_of_long_paths() -> None:
    rows = [["features.denseblock1.denselayer1.conv1", "conv", "1"], ["short", "conv", "2"]]
    text = plain(["path", "layer", "n"], rows, [2], 30)
    assert all(width(line) <= 30 for line in text.split("\n"))
    assert text.split("\n")[1] == "…1.denselayer1.conv1  conv   1"


def test_markdown() -> None:
    assert markdown(["a", "b"], [["x|y", "1"]], [1]) == "| a | b |\n| --- | ---: |\n| x\\|y | 1 |"


def test_comma_separated() -> None:
    assert comma_separated(["a", "b"], [["x,y", "1"]]) == 'a,b\n"x,y",1'
