"""Weights of other people's modules, under their keys and under others, in ours: the outputs are equal."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

import torch
from torch import nn

import archdsl
from archdsl.checkpoints import encode_checkpoint, load_strictly, read_checkpoint
from archdsl.port import How, Plan, plan, port
from archdsl.port.keys import module_keys
from archdsl.resources import write_bytes
from tests.port.styles import (
    Style,
    authors_resnet,
    authors_senet,
    caffe_googlenet,
    caffe_resnet,
    flat_mobilenet,
    old_torchvision,
)
from tests.zoo.oracles import close, move_statistics, timm_models, torchvision_models

pytestmark = pytest.mark.torch

SPECS = Path(__file__).parents[2] / "specs"
#: The spec, its model, parameters for it, the oracle, and the sizes of an image.
NETS: dict[str, tuple[str, str, dict[str, Any], Callable[[], nn.Module], int]] = {
    "densenet": ("densenet", "densenet121", {}, lambda: torchvision_models().densenet121(weights=None), 224),
    "timm densenet": ("densenet", "densenet121", {}, lambda: timm_models().create_model("densenet121"), 224),
    "resnet": ("resnet", "resnet50", {}, lambda: torchvision_models().resnet50(weights=None), 64),
    "timm resnet": ("resnet", "resnet50", {}, lambda: timm_models().create_model("resnet50"), 64),
    "googlenet": (
        "googlenet",
        "googlenet",
        {},
        lambda: torchvision_models().googlenet(weights=None, init_weights=False),
        224,
    ),
    "mobilenet": (
        "mobilenet",
        "mobilenet_100",
        {},
        lambda: timm_models().create_model("mobilenetv1_100", act_layer="relu"),
        224,
    ),
    "se_resnet": (
        "se_resnet",
        "se_resnet50",
        {},
        lambda: timm_models().create_model("legacy_seresnet50", drop_rate=0),
        224,
    ),
    "timm seresnet": ("se_resnet", "seresnet50", {}, lambda: timm_models().create_model("seresnet50"), 224),
    "vit": ("vit", "vit_b_16", {"depth": 3}, lambda: torchvision_vit(), 224),
    "timm vit": (
        "vit",
        "vit_b_16",
        {"depth": 3},
        lambda: timm_models().create_model("vit_base_patch16_224", depth=3),
        224,
    ),
    "timm mobilevit": (
        "mobilevit",
        "mobilevit_xxs",
        {},
        lambda: timm_models().create_model("mobilevit_xxs"),
        256,
    ),
}


def torchvision_vit() -> nn.Module:
    made: nn.Module = torchvision_models().VisionTransformer(224, 16, 3, 12, 768, 3072)
    return made


@cache
def oracle(net: str) -> nn.Module:
    torch.manual_seed(0)
    return move_statistics(NETS[net][3]()).eval()


def same(key: str) -> str:
    return key


#: The net, the names its keys get, the order of the file, and how the least sure pair is found.
CASES: list[tuple[str, Style, str, How]] = [
    ("densenet", same, "kept", How.NAME),
    ("densenet", old_torchvision, "kept", How.NAME),
    ("densenet", old_torchvision, "sorted", How.NAME),
    ("timm densenet", same, "kept", How.NAME),
    ("resnet", same, "kept", How.NAME),
    ("timm resnet", same, "kept", How.NAME),
    ("resnet", authors_resnet, "kept", How.NUMBER),
    ("resnet", authors_resnet, "sorted", How.NUMBER),
    ("resnet", caffe_resnet, "kept", How.ORDER),
    ("googlenet", same, "kept", How.NAME),
    ("googlenet", caffe_googlenet, "sorted", How.ANALOGY),
    ("mobilenet", same, "kept", How.NAME),
    ("mobilenet", flat_mobilenet, "kept", How.ORDER),
    ("se_resnet", same, "kept", How.NAME),
    ("se_resnet", authors_senet, "sorted", How.SHAPE),
    ("timm seresnet", same, "kept", How.NAME),
    ("vit", same, "kept", How.NAME),
    ("timm vit", same, "kept", How.NUMBER),
    ("timm vit", same, "sorted", How.NUMBER),
    ("timm mobilevit", same, "kept", How.SHAPE),
]


#: in every run: the styles of DenseNet, and one of each way to find a pair
QUICK = [case for case in CASES if "densenet" in case[0]]
QUICK += [next(case for case in CASES if case[3] is how) for how in How if how in {c[3] for c in CASES}]


@pytest.mark.parametrize(
    ("net", "style", "order", "least"),
    [
        pytest.param(
            *case,
            marks=[] if case in QUICK else [pytest.mark.slow, pytest.mark.zoo],
            id=f"{case[0]}-{case[1].__name__}-{case[2]}",
        )
        for case in CASES
    ],
)
def test_outputs_are_the_oracles(net: str, style: Style, order: str, least: How, tmp_path: Path) -> None:
    theirs = oracle(net)
    state = {style(key): value for key, value in theirs.state_dict().items()}
    assert len(state) == len(theirs.state_dict())
    path = tmp_path / "theirs.pth"
    torch.save(state, path)
    if order == "sorted":  # as the package sorts keys
        sorted_path = tmp_path / "theirs.safetensors"
        tensors = read_checkpoint(path).tensors
        write_bytes(sorted_path, encode_checkpoint(str(sorted_path), dict(sorted(tensors.items()))))
        path = sorted_path
    spec, model, parameters, _, size = NETS[net]
    arch = archdsl.load(SPECS / f"{spec}.arch", model, **parameters)
    made = port(arch, read_checkpoint(path))
    assert made.complete and made.strict and not made.filled
    assert max(pair.how for pair in made.pairs) is least
    assert bool(made.doubts) == (least is How.ORDER)
    ours = load(arch, made, tmp_path)
    image = torch.randn(1, 3, size, size, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        assert close(first(ours(image)), first(theirs(image)))


def load(arch: archdsl.Architecture, made: Plan, folder: Path) -> nn.Module:
    net = arch.build().eval()
    out = folder / "ours.safetensors"
    write_bytes(out, encode_checkpoint(str(out), made.tensors()))
    load_strictly(net, read_checkpoint(out))
    return net


def first(found: Any) -> torch.Tensor:
    return found if isinstance(found, torch.Tensor) else found[0]


def test_an_order_that_is_another_is_said_and_a_map_mends_it(tmp_path: Path) -> None:
    """In the file of the authors the projection stands before the last convolution, which has its shape."""
    arch = archdsl.load(SPECS / "resnet.arch", "resnet50")
    theirs = oracle("resnet")
    state = {caffe_resnet(key): value for key, value in theirs.state_dict().items()}
    torch.save(dict(sorted(state.items())), tmp_path / "theirs.pth")
    shapes = {one.key: one.shape for one in module_keys(arch)}
    made = plan(shapes, read_checkpoint(tmp_path / "theirs.pth"))
    found = {pair.ours: pair for pair in made.pairs}
    assert found["layer1.0.conv3.weight"].theirs == "res2a_branch1.weight"  # wrong, and not silently
    assert found["layer1.0.conv3.weight"].how is How.ORDER
    doubt = next(one for one in made.doubts if "layer1.0.conv3" in one.ours)
    assert {"layer1.0.conv3", "layer1.0.downsample.0"} <= set(doubt.ours)


def test_other_classes_are_told_at_the_classifier(tmp_path: Path) -> None:
    arch = archdsl.load(SPECS / "resnet.arch", "resnet18")
    torch.save(torchvision_models().resnet18(weights=None, num_classes=10).state_dict(), tmp_path / "in.pth")
    keys = module_keys(arch)
    made = plan({one.key: one.shape for one in keys}, read_checkpoint(tmp_path / "in.pth"))
    assert [(pair.ours, pair.theirs) for pair in made.misfits] == [("fc.weight",) * 2, ("fc.bias",) * 2]
    assert len(made.pairs) == len(keys) - 2 and not made.missing and not made.unused


def test_extern_blocks_say_themselves_what_they_hold(tmp_path: Path) -> None:
    text = (
        'extern block body(c) { python = "torch.nn.Conv2d({in.channels}, {c}, 3)"; shape = [c, 6, 6] }\n'
        "network net { input x: [3, 8, 8]; body(4) -> bn; output y }"
    )
    arch = archdsl.loads(text)
    keys = {one.key: one.shape for one in module_keys(arch)}
    assert {k: tuple(v.shape) for k, v in arch.build().state_dict().items()} == keys
