"""`docs/gallery.md`: the networks of the zoo as `archdsl draw` shows them, and the blocks of their papers."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from archdsl.api import load
from archdsl.diff.picture import render_difference
from archdsl.draw import DrawOptions, render
from archdsl.draw.figure import render_figure
from archdsl.graph.model import Graph
from archdsl.marks import mark
from tests.test_golden import GOLDEN
from tests.zoo.support import SPECS, spec
from tests.zoo.tables import sample

DOCS = SPECS.parent / "docs"
PAGE = DOCS / "gallery.md"
PICTURES = DOCS / "gallery"

HEAD = """\
# Gallery

What `archdsl draw` makes of the [zoo](../specs/README.md), each picture by the command below it, without a word more:
repetitions are drawn once, and as many blocks are open as a text column has room for. A click shows one alone, as large
as it is. [drawing.md](drawing.md) says what the forms mean and which options there are. `make gallery` makes this page and
its pictures, and a test holds them.

"""
CHAPTERS = {
    "networks": "One of each family.",
    "blocks": "`--block` draws one block alone, as papers do.",
    "figures": "`--kind figure` draws feature maps as boxes to scale.",
    "options": "Costs, the other direction, all that is there, and what differs between two networks.",
}
#: In a row of the page, and how wide a picture is shown.
ACROSS, WIDTH = 3, 280
#: The model that stands for a family of which the sample has several.
CHOSEN = {"resnet": "resnet50", "nin": "nin_imagenet", "googlenet": "googlenet"}


class Drawing(NamedTuple):
    """One picture of the page. `words` are what stands below it."""

    chapter: str
    file: str
    spec: str
    model: str
    words: str
    options: dict[str, Any] = {}
    figure: bool = False
    former: str = ""  # the model before, of a drawing of differences

    @property
    def picture(self) -> Path:
        return PICTURES / f"{self.file}.svg"

    @property
    def command(self) -> str:
        parts = ["archdsl draw", f"{self.spec}.arch", "-m", self.model]
        parts += ["--kind figure"] if self.figure else []
        parts += [f"--diff {self.spec}.arch --from-model {self.former}"] if self.former else []
        for name, value in self.options.items():
            parts.append(f"--{name}" if value is True else f"--{name} {value}")
        return " ".join(parts)

    @property
    def seen(self) -> DrawOptions:
        return DrawOptions(**self.options)


def networks() -> list[Drawing]:
    found: dict[str, str] = {}
    for file, model in sample():
        found.setdefault(Path(file).stem, model)
    return [
        Drawing("networks", name, name, CHOSEN.get(name, model), str(doc(name)))
        for name, model in sorted((found | CHOSEN).items())
    ]


def doc(name: str) -> str | None:
    tree = spec(SPECS / f"{name}.arch")._unit.tree
    assert tree is not None
    return tree.doc


def block(name: str, file: str, model: str, words: str) -> Drawing:
    return Drawing("blocks", f"block.{name}", file, model, words, {"block": name})


OTHERS = [
    block("basic_block", "resnet", "resnet18", "ResNet: He et al. (2016), Fig. 5, left"),
    block("bottleneck", "resnet", "resnet50", "ResNet: He et al. (2016), Fig. 5, right"),
    block(
        "preact_bottleneck", "residual_attention", "attention56", "Pre-activation: He et al. (2016), Fig. 1b"
    ),
    block("inception", "googlenet", "googlenet", "GoogLeNet: Szegedy et al. (2015), Fig. 2b"),
    block("inception_c", "inception_v4", "inception_v4", "Inception-v4: Szegedy et al. (2016), Fig. 6"),
    block("bottleneck_154", "senet", "senet154", "SENet: Hu et al. (2018), Fig. 3"),
    block("shuffle_unit", "shufflenet", "shufflenet_g3", "ShuffleNet: Zhang et al. (2018), Fig. 2"),
    block("convnext_block", "convnext", "convnext_tiny", "ConvNeXt: Liu et al. (2022), Fig. 4"),
    block("encoder_layer", "vit", "vit_b_16", "Vision Transformer: Dosovitskiy et al. (2021), Fig. 1"),
    block("dual_path", "dpn", "dpn68", "Dual path networks: Chen et al. (2017), Fig. 2d"),
    block(
        "attention_module",
        "residual_attention",
        "attention56",
        "Residual attention: Wang et al. (2017), Fig. 2",
    ),
    block("layer", "wavenet", "wavenet", "WaveNet: van den Oord et al. (2016), Fig. 4"),
    Drawing("figures", "figure.vgg16", "vgg", "vgg16", "VGG-16", figure=True),
    Drawing("figures", "figure.unet572", "unet", "unet572", "U-Net", figure=True),
    Drawing("figures", "figure.densenet121", "densenet", "densenet121", "DenseNet-121", figure=True),
    Drawing("options", "option.cost", "mobilenet", "mobilenet_100", "Where the work is done", {"cost": True}),
    Drawing(
        "options",
        "option.direction",
        "resnet",
        "resnet50",
        "To the right",
        {"block": "bottleneck", "direction": "LR"},
    ),
    Drawing("options", "option.depth", "wide_resnet", "wrn_16_8", "All open", {"depth": 9}),
    Drawing("options", "option.diff", "vgg", "vgg13_bn", "From VGG-11 to VGG-13", former="vgg11_bn"),
]
DRAWINGS = [*networks(), *OTHERS]


@cache
def graph(name: str, model: str) -> Graph:
    return load(SPECS / f"{name}.arch", model)._graph


def drawn(drawing: Drawing, format: str) -> bytes:
    net = graph(drawing.spec, drawing.model)
    if drawing.figure:
        return render_figure(net, "svg", options=drawing.seen)
    if drawing.former:
        return render_difference(graph(drawing.spec, drawing.former), net, format, drawing.seen)
    return render(net, format, drawing.seen)


def picture(drawing: Drawing) -> bytes:
    """The picture; a comment in it tells what it is of."""
    head, line, rest = mark(drawn(drawing, "svg"), "svg").partition(b"-->\n")
    return head + line + f"<!-- {origin(drawing)} -->\n".encode() + rest


def origin(drawing: Drawing) -> str:
    """What the picture is of. The same DOT text may be drawn by another Graphviz in other bytes; a figure is our own.

    The DOT text of a network is that of `tests/golden`, which another test holds.
    """
    if drawing.chapter == "networks":
        data = (GOLDEN / drawing.spec / f"{drawing.model}.dot").read_bytes()
    else:
        data = drawn(drawing, "dot")
    return f"{'figure' if drawing.figure else 'DOT text'} with SHA-256 {hashlib.sha256(data).hexdigest()}"


def page() -> str:
    """The whole page."""
    parts = [HEAD.rstrip()]
    for chapter, words in CHAPTERS.items():
        parts.append(f"## {chapter.capitalize()}\n\n{words}")
        chosen = [drawing for drawing in DRAWINGS if drawing.chapter == chapter]
        rows = [chosen[at : at + ACROSS] for at in range(0, len(chosen), ACROSS)]
        parts.append("<table>\n" + "\n".join(map(row, rows)) + "\n</table>")
    return "\n\n".join(parts) + "\n"


def row(drawings: list[Drawing]) -> str:
    return "<tr>\n" + "\n".join(map(cell, drawings)) + "\n</tr>"


def cell(drawing: Drawing) -> str:
    path = drawing.picture.relative_to(DOCS).as_posix()
    return (
        f'<td valign="top"><p>{drawing.words}</p>\n'
        f'<a href="{path}"><img src="{path}" width="{WIDTH}" alt="{drawing.model}: {drawing.command}"></a>\n'
        f"<p><code>{drawing.command}</code></p></td>"
    )
