"""Drawings as they come out of Graphviz: nothing overlaps, nothing is cut, all is on the page."""

from __future__ import annotations

import csv
import struct
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from archdsl.api import load, loads
from archdsl.draw import DrawOptions, render
from archdsl.graph.model import Graph
from tests.draw.layout import Frame, Layout, Rect, Text, crossings, layout, mistakes
from tests.draw.pixels import flaws

pytest.importorskip("PIL")
SPECS = Path(__file__).parent.parent.parent / "specs"
SAMPLE = Path(__file__).parent.parent / "zoo" / "sample.csv"
#: Models that are looked at with every change: a chain, a dense network, branches, skips, several outputs.
QUICK = {"alexnet", "densenet121", "googlenet", "unet256", "wavenet"}
FORMS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "across": {"direction": "LR"},
    "in one column": {"columns": 1},
    "closed": {"depth": 0},
    "open": {"depth": 9},
    "with costs": {"cost": True},
}


class Model(NamedTuple):
    spec: str
    name: str

    def graph(self) -> Graph:
        return load(SPECS / self.spec, self.name)._graph


with SAMPLE.open(encoding="utf-8") as _file:
    MODELS = [Model(row["spec"], row["model"]) for row in csv.DictReader(_file)]
each = pytest.mark.parametrize(
    "model",
    [
        pytest.param(
            model,
            marks=[]
            if model.name in QUICK and model.spec != "densenet.arch"
            else [pytest.mark.slow, pytest.mark.pictures],
            id=f"{model.spec.removesuffix('.arch')}-{model.name}",
        )
        for model in MODELS
    ],
)


@each
def test_boxes(model: Model) -> None:
    """By the places that the engine tells."""
    seen = layout(model.graph(), DrawOptions())
    assert not list(mistakes(seen))
    if model.name in QUICK:
        assert not list(crossings(seen))


@each
def test_pixels(model: Model) -> None:
    png = render(model.graph(), "png", DrawOptions(dpi=72))
    assert not list(flaws(png))


@pytest.mark.slow
@pytest.mark.pictures
@pytest.mark.parametrize("form", [form for form in FORMS if FORMS[form]])
@pytest.mark.parametrize(
    "model", MODELS, ids=[f"{spec.removesuffix('.arch')}-{name}" for spec, name in MODELS]
)
def test_forms(model: Model, form: str) -> None:
    """Other ways to draw it."""
    assert not list(mistakes(layout(model.graph(), DrawOptions(**FORMS[form]))))


TINY = "network tiny { input image: [3, 8, 8]\n conv(4, 3) -> bn -> relu\n output y }"


def test_dpi() -> None:
    """Dots are as many as inches times what was asked."""
    graph = loads(TINY)._graph
    wide, twice = (_width(render(graph, "png", DrawOptions(dpi=dpi))) for dpi in (100, 200))
    assert abs(twice - 2 * wide) <= 2


def _width(png: bytes) -> int:
    return int(struct.unpack(">I", png[16:20])[0])


PAGE = Rect(0, 0, 100, 100)


def drawn(**changes: Any) -> Layout:
    whole: dict[str, Any] = {"nodes": {}, "frames": {}, "cells": [], "labels": [], "headings": []}
    whole |= changes
    return Layout(page=PAGE, names={number: f"n{number}" for number in whole["nodes"]}, **whole)


A, B = Rect(10, 10, 30, 30), Rect(20, 20, 40, 40)
FRAME = Frame("f", Rect(5, 5, 35, 35), frozenset({1}), frozenset())


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (drawn(nodes={1: A, 2: B}), ["n1 and n2 overlap"]),
        (drawn(nodes={1: Rect(90, 90, 110, 95)}), ["n1 reaches over the page"]),
        (
            drawn(nodes={1: A}, cells=[Text("words", Rect(12, 12, 40, 20), 1)]),
            ["`words` is larger than n1"],
        ),
        (
            drawn(nodes={1: A}, cells=[Text("a", A, 1), Text("b", A, 1)]),
            ["`a` and `b` stand over each other"],
        ),
        (drawn(nodes={1: B}, frames={7: FRAME}), ["n1 reaches out of f"]),
        (drawn(nodes={2: A}, frames={7: FRAME}), ["n2 stands in f, which does not hold it"]),
        (
            drawn(frames={7: FRAME, 8: Frame("g", B, frozenset(), frozenset())}),
            ["f and g overlap"],
        ),
        (
            drawn(
                frames={7: FRAME._replace(inner=frozenset({8})), 8: Frame("g", B, frozenset(), frozenset())}
            ),
            ["g reaches out of f"],
        ),
        (
            drawn(frames={7: FRAME}, headings=[Text("title", B, 7)]),
            ["`title` reaches out of f"],
        ),
        (drawn(nodes={1: A}, labels=[Text("words", B, 1, 2)]), ["`words` of an arrow stands on n1"]),
        (
            drawn(labels=[Text("a", A, 1, 2), Text("b", B, 1, 2)]),
            ["`a` and `b` of arrows stand over each other"],
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_mistakes_are_found(seen: Layout, said: list[str]) -> None:
    assert list(mistakes(seen)) == said


def test_crossings_are_found() -> None:
    seen = drawn(frames={7: FRAME}, labels=[Text("words", B, 1, 2), Text("inside", A, 1, 2)])
    assert list(crossings(seen)) == ["`words` of an arrow stands over the border of f"]


def test_flaws_are_found() -> None:
    import io

    from PIL import Image

    def png(image: Image.Image) -> bytes:
        data = io.BytesIO()
        image.save(data, "png")
        return data.getvalue()

    blank = Image.new("RGB", (100, 100), "white")
    assert list(flaws(png(blank))) == ["nothing is drawn"]
    corner = blank.copy()
    corner.paste("black", (80, 80, 100, 100))
    assert [flaw.split(":")[0] for flaw in flaws(png(corner))] == [
        "something touches the border",
        "most of the page is empty",
        "there are 2 colours",
    ]
