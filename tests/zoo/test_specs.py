"""Every spec of the zoo and of the standard library: clean, costed, compiled, trained for one step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from archdsl.api import open_spec
from tests.zoo.page import PAGE, as_printed, page, read, value
from tests.zoo.support import SPECS, architecture, tensors

FILES = sorted(SPECS.glob("*.arch"))
LIBRARY = sorted((SPECS / "std").glob("*.arch"))

#: at least one model of each family: the others are slow
SAMPLE = {
    "densenet121.arch:densenet121",
    "densenet_cifar.arch:densenet_bc_100_12",
    "dla.arch:dla34",
    "dpn.arch:dpn68",
    "dpn.arch:dpn131",
    "googlenet.arch:googlenet",
    "googlenet.arch:googlenet_paper",
    "hrnet.arch:hrnet_w18_small",
    "lenet5.arch:lenet5",
    "mobilenet.arch:mobilenet_100",
    "mobilevit.arch:mobilevit_xxs",
    "resnet.arch:resnet18",
    "resnet.arch:resnet34_v1",
    "resnet.arch:resnet50_v1",
    "se_resnet.arch:se_resnet50",
    "retinanet.arch:retinanet_resnet50_fpn",
    "unet.arch:unet256",
    "unet_plus_plus.arch:unet_plus_plus",
    "vit.arch:vit_b_16",
    "convnext.arch:convnext_tiny",
    "wavenet.arch:wavenet",
}

#: inputs to compute with, where the spec's own are large
SMALL: dict[str, dict[str, tuple[int, ...]]] = {
    "unet3d.arch": {"volume": (3, 92, 92, 92)},
    "wavenet.arch": {"wave": (256, 500)},
}
#: modules that reach no output
IDLE = {"wavenet.arch": ("stack3.9.residual",)}
#: other than images of any size
FIXED = {"densenet_cifar.arch:densenet_bc_100_12", "lenet5.arch:lenet5", "wavenet.arch:wavenet"}
#: what the sizes of an image must be a multiple of
STEPS = {
    "dla.arch:dla34": 32,
    "googlenet.arch:googlenet_paper": 32,
    "hrnet.arch:hrnet_w18_small": 32,
    "mobilevit.arch:mobilevit_xxs": 64,
    "retinanet.arch:retinanet_resnet50_fpn": 32,
    "unet_plus_plus.arch:unet_plus_plus": 16,
}


def models(sample: set[str] = SAMPLE) -> list[Any]:
    found = []
    for path in FILES:
        for model in open_spec(path).models:
            name = f"{path.name}:{model}"
            found.append(pytest.param(path, model, id=name, marks=() if name in sample else pytest.mark.slow))
    return found


def rows(name: str) -> list[Any]:
    return [
        pytest.param(
            row, id=f"{row['spec']}:{row['model']}:{row.get('quantity', '')}{row.get('printed', '')}"
        )
        for row in read(name)
    ]


@pytest.mark.parametrize("path", FILES + LIBRARY, ids=lambda path: str(path.relative_to(SPECS)))
def test_clean(path: Path) -> None:
    assert [f"{d.span.line}: {d.code} {d.message}" for d in open_spec(path).check()] == []


@pytest.mark.parametrize("path", FILES + LIBRARY, ids=lambda path: str(path.relative_to(SPECS)))
def test_documented(path: Path) -> None:
    """The file and each of its blocks and networks begin with a docstring; lines fit."""
    text = path.read_text(encoding="utf-8")
    assert text.startswith('"')
    assert max(map(len, text.splitlines())) <= 120
    tree = open_spec(path)._unit.tree
    assert tree is not None
    for declaration in tree.declarations:
        if hasattr(declaration, "doc") and path.parent.name == "std":
            assert declaration.doc, declaration.name


@pytest.mark.parametrize("row", rows("reference.csv"))
def test_reference(row: dict[str, str]) -> None:
    arch = architecture(row["spec"], row["model"])
    assert (arch.params, arch.macs) == (int(row["params"]), int(row["macs"]))


@pytest.mark.parametrize("row", rows("paper.csv"))
def test_paper(row: dict[str, str]) -> None:
    """What papers print; where `computed` stands, the printed figure is off, and the computed one is this."""
    expected = row["computed"] or row["printed"]
    assert as_printed(value(row), expected) == expected


def test_page(update: bool) -> None:
    text = page()
    if update:
        PAGE.write_text(text, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == text, (
        "docs/zoo.md is not up to date: pytest tests/zoo --update"
    )


@pytest.mark.parametrize(("path", "model"), models())
def test_summary(path: Path, model: str) -> None:
    arch = architecture(path, model)
    summary = arch.summary()
    assert summary["params"] == arch.params and summary["macs"] == arch.macs
    assert sum(layer["params"] for layer in summary["layers"]) == arch.params
    assert len(arch.inputs) == 1


@pytest.mark.parametrize("size", [(320, 320), (225, 299)], ids=str)
@pytest.mark.parametrize("name", sorted(SAMPLE - FIXED))
def test_other_sizes(name: str, size: tuple[int, int]) -> None:
    """The waypoints are right at any size, also where it is odd, if the network takes it."""
    path, model = name.split(":")
    step = STEPS.get(name, 1)
    size = (size[0] // step * step, size[1] // step * step)
    channels = architecture(path, model).inputs["image"][0]
    arch = architecture(path, model, image=(channels, *size))
    assert arch.inputs["image"] == [channels, *size]


@pytest.mark.torch
@pytest.mark.parametrize(
    ("path", "model"),
    models(SAMPLE - {"resnet.arch:resnet34_v1", "resnet.arch:resnet50_v1", "dpn.arch:dpn131"}),
)
def test_one_step(path: Path, model: str) -> None:
    """The generated module computes what the graph says, and every weight of it gets a gradient."""
    torch = pytest.importorskip("torch")
    torch.set_num_threads(2)
    torch.manual_seed(0)
    arch = architecture(path, model, **SMALL.get(path.name, {}))
    net = arch.build().train()
    assert sum(p.numel() for p in net.parameters()) == arch.params
    results = tensors(net(*[torch.randn(1, *shape) for shape in arch.inputs.values()]))
    outputs: list[Any] = list(arch.outputs.values())
    shapes = [shape for one in outputs for shape in (one if isinstance(one[0], list) else [one])]
    assert sorted(list(t.shape[1:]) for t in results) == sorted(shapes)
    sum(t.square().mean() for t in results).backward()
    for name, parameter in net.named_parameters():
        if name.rpartition(".")[0] in IDLE.get(path.name, ()):
            assert parameter.grad is None, name
        else:
            assert parameter.grad is not None and torch.isfinite(parameter.grad).all(), name
