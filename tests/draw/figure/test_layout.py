"""What is drawn of a network, and where."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest
from wired import Wired

from archdsl.draw import DrawError
from archdsl.draw.figure.draw import scene_of
from archdsl.draw.figure.maps import maps_of
from archdsl.draw.figure.place import Plan, plan_of
from archdsl.draw.figure.scale import Scale
from archdsl.draw.figure.settle import settle
from archdsl.draw.figure.stages import stages_of
from archdsl.draw.figure.units import Source
from archdsl.draw.options import DrawOptions
from archdsl.graph.model import Graph
from archdsl.limits import DEFAULT_LIMITS
from tests.draw.figure.audit import faults
from tests.draw.outline import graph_of
from tests.zoo.support import architecture


def told(graph: Graph, **options: object) -> list[str]:
    """The maps of a network, a line each."""
    found = maps_of(Source(graph, DrawOptions(**options)), DEFAULT_LIMITS)  # type: ignore[arg-type]
    return [
        " ".join(filter(None, (m.text, m.name, f"x{m.count}" if m.count > 1 else ""))) for m in found.maps
    ]


def zoo(path: str, model: str) -> Graph:
    return architecture(path, model)._graph


def placed(graph: Graph) -> Plan:
    found = maps_of(Source(graph), DEFAULT_LIMITS)
    plan = plan_of(found, stages_of(found), Scale("sqrt", [m.shape for m in found.maps]))
    settle(plan, found)
    return plan


def test_repeated_blocks_are_one_box() -> None:
    assert told(zoo("resnet.arch", "resnet50")) == [
        "3×224×224 image",
        "64×112×112 conv1",
        "64×56×56",
        "256×56×56 bottleneck x3",
        "512×28×28 bottleneck x4",
        "1024×14×14 bottleneck x6",
        "2048×7×7 bottleneck x3",
        "2048",
        "1000 fc",
    ]


def test_dense_blocks_grow_by_slices_joined_by_arcs() -> None:
    graph = zoo("densenet.arch", "densenet121")
    found = maps_of(Source(graph), DEFAULT_LIMITS)
    dense = [m for m in found.maps if m.dense]
    assert [(m.name, m.count, m.growth) for m in dense] == [
        ("dense_layer", 6, "64 → 256, +32 each"),
        ("dense_layer", 12, "128 → 512, +32 each"),
        ("dense_layer", 24, "256 → 1024, +32 each"),
        ("dense_layer", 16, "512 → 1024, +32 each"),
    ]
    assert [channels for channels, _ in dense[0].parts] == [64, 96, 128, 160, 192, 224, 256]
    scene = scene_of(graph)
    assert (
        sum(line.curved for line in scene.arcs) == 10 + 10 + 10 + 6
    )  # of five slices, each to all later ones; the last has room for four


def test_a_u() -> None:
    plan = placed(zoo("unet.arch", "unet256"))
    assert plan.lanes
    labels = {block.stage.maps[-1].text: block for block in plan.blocks}
    down = [labels[f"{64 * 2**k}×{256 // 2**k}×{256 // 2**k}"].axis for k in range(5)]
    assert all(a < b for a, b in pairwise(down))
    rows = [block.row for block in plan.blocks]
    assert rows == [0, 0, 1, 2, 3, 4, 3, 2, 1, 0]
    assert all(a.x < b.x for a, b in pairwise(plan.blocks))
    scene = scene_of(zoo("unet.arch", "unet256"))
    level = [line for line in scene.lines if len(line.points) == 2 and line.points[0][1] == line.points[1][1]]
    assert len(level) == 5  # the input's arrow, and four that copy
    halves = [
        prism for prism in scene.prisms if len(prism.fills) == 2
    ]  # what is copied, and what came from below
    assert len(halves) == 4 and all(abs(prism.fills[0][0] - 0.5) < 0.25 for prism in halves)


def test_side_branches_of_training_are_dashed_and_below() -> None:
    plan = placed(zoo("googlenet.arch", "googlenet"))
    assert not plan.lanes and {block.row for block in plan.blocks} == {0, 1, 2}
    assert all((block.row > 0) == block.stage.maps[0].training for block in plan.blocks)
    assert all(
        prism.dashed == ("aux" in prism.about or prism.y > plan.blocks[0].axis * 2)
        for prism in scene_of(zoo("googlenet.arch", "googlenet")).prisms
        if prism.about
    )


def test_long_rows_are_wrapped() -> None:
    plan = placed(zoo("vgg.arch", "vgg19"))
    assert {block.row for block in plan.blocks} == {0, 1} and plan.width < 760


def test_layers_of_the_same_kind_stand_side_by_side() -> None:
    scene = scene_of(zoo("vgg.arch", "vgg16"))
    assert sum("512×28×28, × 3" in prism.about for prism in scene.prisms) == 3


def test_two_tensors_of_a_block() -> None:
    assert "(512 + 320)×7×7 dual_path x2" in told(zoo("dpn.arch", "dpn68"))


def test_a_skip_leads_over_what_it_skips() -> None:
    scene = scene_of(zoo("vdsr.arch", "vdsr"))
    (arrow,) = scene.arcs
    assert arrow.head and min(y for _, y in arrow.points) < min(p.y - p.shift for p in scene.prisms)
    assert [text.text for text in scene.texts].count("+") == 1


CHAIN = "network chain { input x: [4, 8, 8]\n %s\n output y }"


def test_a_long_chain_is_one_box() -> None:
    widths = Random(0).choices(range(8, 999), k=120)
    assert told(graph_of(CHAIN % " -> ".join(f"conv({c}, 3)" for c in widths))) == [
        "4×8×8 x",
        f"{widths[-1]}×8×8 layer x120",
    ]


def test_blocks_are_opened_and_closed_as_asked() -> None:
    graph = zoo("residual_attention.arch", "attention56")
    assert "512×28×28 soft_mask" in told(graph, expand=("attention_module",))
    assert told(graph, collapse=("stage3",))[7:9] == ["1024×14×14 stage3", "2048×7×7 preact_bottleneck x3"]
    assert told(graph, depth=0)[3:6] == ["256×56×56 stage1", "512×28×28 stage2", "1024×14×14 stage3"]


def test_a_block_alone() -> None:
    graph = zoo("retinanet.arch", "retinanet_resnet50_fpn")
    found = told(graph, block="fpn")
    assert found[:3] == ["512×28×28 maps", "1024×14×14 in", "2048×7×7 in"]
    assert found[-2:] == ["256×4×4 p6", "256×2×2 p7"]


def test_two_inputs() -> None:
    text = """network two { input a: [3, 8, 8]
 input b: [5, 8, 8]
 ( a -> conv(4, 3) | b -> conv(4, 3) ) -> concat -> gap
 output y }"""
    assert told(graph_of(text))[:2] == ["3×8×8 a", "5×8×8 b"]


def test_nothing_but_an_input() -> None:
    assert told(graph_of("network none { input x: [3]\n relu\n output y }"))[0] == "3 x"


#: Of programs that are not long.
SEEDS = [seed for seed in range(80) if len(Wired(Random(seed).randint).program()) < 900][:20]


@pytest.mark.parametrize("seed", SEEDS)
def test_any_wiring(seed: int) -> None:
    """Figures of networks that nobody would write are drawn too, within the page, and nothing is covered."""
    assert faults(scene_of(graph_of(Wired(Random(seed).randint).program()))) == []


def test_arrows_without_number_are_refused_at_once() -> None:
    """Each layer reads all before it, and no block holds them."""
    rows = "\n".join(
        f"t{i} = ({' | '.join(f't{k}' for k in range(i))} | x) -> concat -> conv(4, 3)" for i in range(1, 90)
    )
    text = f"network n {{\ninput x: [4, 8, 8]\nt0 = x -> conv(4, 3)\n{rows}\nt89 -> relu\noutput y\n}}\n"
    with pytest.raises(DrawError, match="arrows over its boxes, more than 2,000"):
        scene_of(graph_of(text))
