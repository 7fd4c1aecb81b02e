"""Figures of the zoo: within their page, nothing covered, legible; three of them as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from archdsl.draw.figure.draw import scene_of
from archdsl.draw.figure.labels import SHAPE
from archdsl.draw.figure.svg import svg
from archdsl.draw.page import LEGIBLE, WIDE
from tests.draw.figure.audit import faults
from tests.zoo.support import SPECS, architecture, spec
from tests.zoo.tables import sample

#: They are shown in docs/drawing.md.
GOLDEN = Path(__file__).parents[3] / "docs" / "figures"
#: Families whose figures have little in common.
VARIED = [
    "alexnet",
    "densenet121",
    "dpn",
    "googlenet",
    "hrnet",
    "lenet5",
    "mobilevit",
    "pyramidnet",
    "residual_attention",
    "resnet",
    "retinanet",
    "srdensenet",
    "unet",
    "unet3d",
    "unet_plus_plus",
    "vdsr",
    "vgg",
    "vit",
    "wavenet",
]
SAMPLE = [(path, model) for path, model in sample() if path.removesuffix(".arch") in VARIED]


def hold(path: str, model: str) -> None:
    scene = scene_of(architecture(path, model)._graph)
    assert faults(scene) == []
    wide, high = WIDE
    assert SHAPE * min(1.0, wide / scene.width, high / scene.height) >= LEGIBLE, (scene.width, scene.height)
    assert 3 <= len(scene.prisms) <= 100


@pytest.mark.parametrize(("path", "model"), SAMPLE, ids=[":".join(pair) for pair in SAMPLE])
def test_sample(path: str, model: str) -> None:
    hold(path, model)


@pytest.mark.slow
@pytest.mark.zoo
@pytest.mark.parametrize("path", sorted(SPECS.glob("*.arch")), ids=lambda path: path.stem)
def test_all(path: Path) -> None:
    for model in spec(path).models:
        hold(path.name, model)


@pytest.mark.parametrize(
    ("path", "model"),
    [("vgg.arch", "vgg16"), ("densenet.arch", "densenet121"), ("unet.arch", "unet256")],
)
def test_golden(path: str, model: str, update: bool) -> None:
    text = svg(scene_of(architecture(path, model)._graph))
    golden = GOLDEN / f"{model}.svg"
    if update:
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8"), f"{golden.name} has changed: look at it, then --update"


def test_no_golden_file_is_left_over() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == {"vgg16.svg", "densenet121.svg", "unet256.svg"}
