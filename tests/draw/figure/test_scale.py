"""Boxes are to scale: the ratios of their sides are those of the shapes."""

from __future__ import annotations

from math import log2, sqrt

import pytest

from archdsl.draw.figure.draw import scene_of
from archdsl.draw.figure.scale import BAR, LEAST, OBLIQUE, SCALES, Scale
from archdsl.draw.figure.scene import Prism, Scene
from archdsl.layers import Shape
from tests.draw.outline import graph_of
from tests.zoo.support import architecture

MEASURES = {"sqrt": sqrt, "log": lambda size: log2(1 + size), "linear": float}
CHAIN = """network chain { input image: [3, 64, 32]
 conv(16, 3) -> maxpool(2) -> conv(64, 3) -> maxpool(4) -> conv(256, 3) -> gap -> linear(512) -> linear(100)
 output y }"""


def boxes(scene: Scene) -> dict[str, Prism]:
    """By shape, the last box of each."""
    return {
        prism.about.rpartition(": ")[2].split(",")[0].split(";")[0]: prism
        for prism in scene.prisms
        if prism.about
    }


@pytest.mark.parametrize("scale", SCALES)
def test_ratios(scale: str) -> None:
    measure = MEASURES[scale]
    drawn = boxes(scene_of(graph_of(CHAIN), scale))
    assert list(drawn) == [
        "3×64×32", "16×64×32", "16×32×16", "64×32×16", "64×8×4", "256×8×4", "256", "512", "100"
    ]  # fmt: skip
    maps = {tuple(map(int, name.split("×"))): box for name, box in drawn.items() if "×" in name}
    (c, h, w), first = next(reversed(maps.items()))
    for (channels, high, wide), box in maps.items():
        assert box.height / first.height == pytest.approx(measure(high) / measure(h))
        assert box.shift / first.shift == pytest.approx(measure(wide) / measure(w))
        assert box.shift / OBLIQUE / box.height == pytest.approx(measure(wide) / measure(high))
        if box.width > LEAST and first.width > LEAST:
            assert box.width / first.width == pytest.approx(measure(channels) / measure(c))
    assert drawn["512"].height / drawn["100"].height == pytest.approx(measure(512) / measure(100))
    assert drawn["256"].height == pytest.approx(drawn["256×8×4"].width)  # channels share a unit


def test_vgg() -> None:
    drawn = boxes(scene_of(architecture("vgg.arch", "vgg16")._graph))
    assert drawn["64×224×224"].height / drawn["512×14×14"].height == pytest.approx(4.0)  # √(224 / 14)
    assert drawn["512×14×14"].width / drawn["128×112×112"].width == pytest.approx(2.0)  # √(512 / 128)


@pytest.mark.parametrize(
    ("shape", "high", "wide"),
    [
        (Shape((8, 100)), 100, None),  # a signal
        (Shape((197, 8), tokens=True), 197, None),
        (Shape((4, 256, 8), tokens=True), 256, None),
        (Shape((8, 7, 100, 50)), 100, 50),  # a volume: its slices are only told
    ],
)
def test_which_axis_is_which(shape: Shape, high: int, wide: int | None) -> None:
    scale = Scale("sqrt", [shape])
    sides = scale.sides(shape)
    assert sides.height == pytest.approx(scale.space * sqrt(high))
    assert sides.length == pytest.approx(scale.channels * sqrt(8))
    assert sides.depth == (BAR if wide is None else pytest.approx(scale.space * sqrt(wide)))


def test_no_side_vanishes() -> None:
    sides = Scale("linear", [Shape((4096, 512, 512)), Shape((1, 1, 1))]).sides(Shape((1, 1, 1)))
    assert (sides.length, sides.height, sides.depth) == (LEAST, LEAST, LEAST)
