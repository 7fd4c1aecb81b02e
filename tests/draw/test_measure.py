"""The estimate of a picture's size against the layout that Graphviz makes."""

from __future__ import annotations

import json

import pytest

from archdsl.draw.columns import columns, wrapped_size
from archdsl.draw.dot import drawing_of
from archdsl.draw.engine import picture
from archdsl.draw.labels import label_size
from archdsl.draw.metrics import LINE, width
from archdsl.draw.spacing import PAD
from archdsl.draw.view import view
from tests.zoo.support import architecture

#: A model of each sort: chains, blocks with skips, branches, many streams, long skips.
DRAWN = [
    ("alexnet", "alexnet"),
    ("densenet121", "densenet121"),
    ("resnet", "resnet50"),
    ("googlenet", "googlenet"),
    ("hrnet", "hrnet_w18"),
    ("unet_plus_plus", "unet_plus_plus"),
    ("vit", "vit_b_16"),
    ("dla", "dla34"),
]


def test_text() -> None:
    assert width("", 11) == 0
    assert width("iiii", 100) == pytest.approx(4 * 27.8)
    assert width("WWWW", 100) == pytest.approx(4 * 98.9)
    assert width("conv", 100, bold=True) > width("conv", 100) == 2 * width("conv", 50)
    assert width("e\u0301", 100) == width("e", 100)  # an accent stands above
    assert width("層", 100) == 100


def test_tables() -> None:
    line = 10 * LINE
    assert label_size("ii", 10) == (width("ii", 10), line)
    assert label_size("ii<BR/>iiii", 10) == (width("iiii", 10), 2 * line)
    assert label_size("<B>i</B>&amp;", 10) == (width("i", 10, True) + width("&", 10), line)
    attributes = 'BORDER="1" CELLBORDER="0" CELLSPACING="0" CELLPADDING="3"'
    table = f"<TABLE {attributes}><TR><TD>i</TD><TD ROWSPAN='2'>W</TD></TR><TR><TD>ii</TD></TR></TABLE>"
    wide = width("ii", 10) + width("W", 10) + 2 * 6 + 2
    assert label_size(table, 10) == pytest.approx((wide, 2 * (line + 6) + 2))


@pytest.mark.parametrize(("spec", "model"), DRAWN)
def test_pictures(spec: str, model: str) -> None:
    seen = view(architecture(f"{spec}.arch", model)._graph)
    laid_out = json.loads(picture(drawing_of(seen).source, "json"))
    _, _, wide, high = map(float, laid_out["bb"].split(","))
    estimate = wrapped_size(columns(seen))
    assert 0.75 * wide < estimate[0] < 1.5 * wide
    assert 0.85 * high < estimate[1] < 1.1 * (high + 2 * PAD)
