"""A PNG says how large it is on paper."""

from __future__ import annotations

from struct import unpack
from zlib import crc32

import pytest

from archdsl.draw import DrawOptions, render
from archdsl.draw.figure.render import render_figure
from tests.draw.outline import graph_of

TINY = "network tiny { input image: [3, 8, 8]\n conv(4, 3) -> bn -> relu\n output y }"


@pytest.mark.parametrize("dpi", [72, 300])
@pytest.mark.parametrize("kind", ["diagram", "figure"])
def test_it_has_its_dots_per_inch(kind: str, dpi: int) -> None:
    graph, options = graph_of(TINY), DrawOptions(dpi=dpi)
    if kind == "diagram":
        data = render(graph, "png", options)
    else:
        data = render_figure(graph, "png", options=options)
    at = data.index(b"pHYs")
    assert data[:at].count(b"IDAT") == 0
    assert unpack(">IIB", data[at + 4 : at + 13]) == (round(dpi / 0.0254), round(dpi / 0.0254), 1)
    assert unpack(">I", data[at + 13 : at + 17])[0] == crc32(data[at : at + 13])
