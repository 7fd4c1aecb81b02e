"""What is drawn of every model of the zoo, where nobody says how much, is legible at the width of a text column."""

from __future__ import annotations

import json
from typing import Any

import pytest

from archdsl.draw.columns import columns, wrapped_size
from archdsl.draw.dot import drawing_of
from archdsl.draw.engine import picture
from archdsl.draw.options import DEFAULT_OPTIONS
from archdsl.draw.page import WIDE, room
from archdsl.draw.picture import Cluster, Picture
from archdsl.draw.view import view
from tests.zoo.support import SPECS, spec
from tests.zoo.tables import sample

#: Streams side by side, each read by many others: these take two text columns.
OF_TWO_COLUMNS = {"unet_plus_plus", "unet_plus_plus_l3"}
#: Those that `make pictures` looks at.
REST = (pytest.mark.slow, pytest.mark.pictures)
#: Boxes and joins that a reader takes in.
MOST = 45


def models() -> list[Any]:
    known = sample()
    return [
        pytest.param(path.stem, model, marks=() if (path.name, model) in known else REST, id=model)
        for path in sorted(SPECS.glob("*.arch"))
        for model in spec(path).models
    ]


@pytest.mark.parametrize(("name", "model"), models())
def test_the_picture_fits_a_text_column(name: str, model: str) -> None:
    seen = view(spec(SPECS / f"{name}.arch").architecture(model, {}, {})._graph)
    wide, high = room(DEFAULT_OPTIONS)
    if model in OF_TWO_COLUMNS:
        wide *= WIDE[0] / 240
    estimate = wrapped_size(columns(seen), DEFAULT_OPTIONS)
    assert estimate[0] <= wide and estimate[1] <= high
    drawing = json.loads(picture(drawing_of(seen).source, "json"))
    _, _, *size = map(float, drawing["bb"].split(","))
    assert size[0] <= wide and size[1] <= high
    assert estimate[0] > 0.6 * size[0] and estimate[1] > 0.85 * size[1]
    nodes = [item for item in drawing["objects"] if "pos" in item]
    assert 1 < things(seen) <= MOST
    if name.startswith("densenet"):
        assert len(nodes) <= 40


def things(seen: Picture) -> int:
    """Boxes, joins, inputs and outputs."""
    clusters = [seen.root]
    for cluster in clusters:  # grows while it is walked
        clusters.extend(item for item in cluster.items if isinstance(item, Cluster))
    return sum(not isinstance(item, Cluster) for cluster in clusters for item in cluster.items)
