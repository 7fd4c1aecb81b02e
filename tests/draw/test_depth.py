"""How much a drawing shows where nobody says it."""

from __future__ import annotations

import pytest

from archdsl.draw.columns import columns, wrapped_size
from archdsl.draw.options import DrawOptions
from archdsl.draw.page import room
from archdsl.draw.view import view
from tests.draw.outline import graph_of, outline
from tests.zoo.support import architecture

UNIT = """
block unit(c) { ( identity | conv(c, 3) -> relu -> conv(c, 1) -> relu -> conv(c, 3) ) -> add -> relu }
block other(c) { ( identity | conv(c, 5) -> sigmoid ) -> mul }
"""


def network(stages: int, between: str = "") -> str:
    body = "\n".join(
        f"s{at}: {{ conv({8 + at * at}, 3) -> unit({8 + at * at}) {between} }}" for at in range(stages)
    )
    return f"{UNIT}\nnetwork n {{ input x: [4, 32, 32]\n{body}\noutput y }}"


def boxes(text: str, **options: object) -> list[str]:
    """The titles of what is one box."""
    return [
        line.strip().strip("[").split(":")[0]
        for line in outline(text, **options).splitlines()
        if " layers" in line
    ]


def test_what_fits_is_open() -> None:
    assert boxes(network(3)) == []


def test_one_of_a_kind_is_open() -> None:
    """Where not all blocks can be, the first of each kind is, and the others are boxes."""
    assert boxes(network(9), columns=1) == [f"s{at}" for at in range(1, 9)]
    last = network(9).replace("unit(72)", "unit(72) -> other(72)")
    assert boxes(last, columns=1) == [f"s{at}" for at in range(1, 8)]
    assert "sigmoid" in outline(last, columns=1)


def test_the_page_says_how_much() -> None:
    graph = graph_of(network(9))
    for page in ((240, 650), (120, 424), (500, 650), (400, 2000)):
        options = DrawOptions(page=page, columns=1)
        wide, high = wrapped_size(columns(view(graph, options), options), options)
        assert wide <= room(options)[0] and high <= room(options)[1]
    assert boxes(network(9), page=(400, 2000), columns=1) == []
    assert boxes(network(9), page=(120, 424), columns=1) == ["unit", *(f"s{at}" for at in range(1, 9))]


def test_depth_minds_no_page() -> None:
    assert boxes(network(30), depth=9) == []


@pytest.mark.parametrize("model", ["densenet121", "densenet264"])
def test_densenet(model: str) -> None:
    picture = view(architecture("densenet.arch", model)._graph)
    clusters = [picture.root]
    nodes = 0
    for cluster in clusters:
        inner = [item for item in cluster.items if hasattr(item, "items")]
        nodes += len(cluster.items) - len(inner) + bool(cluster.head) + len(cluster.forks)
        clusters.extend(inner)  # type: ignore[arg-type]
    assert nodes <= 40
