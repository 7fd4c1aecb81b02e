"""Every spec of the zoo and of the standard library: clean, costed, compiled, trained for one step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from archdsl.api import open_spec
from tests.zoo.support import SPECS, architecture, tensors
from tests.zoo.tables import Row, each, read, sample

FILES = sorted(SPECS.glob("*.arch"))
LIBRARY = sorted((SPECS / "std").glob("*.arch"))

#: inputs to compute with, where the spec's own are large
SMALL: dict[str, dict[str, tuple[int, ...]]] = {
    "unet3d.arch": {"volume": (3, 92, 92, 92)},
    "wavenet.arch": {"wave": (256, 500)},
}
#: modules that reach no output
IDLE = {"wavenet.arch": ("stack3.9.residual",)}
MODELS = [(path, model) for path in FILES for model in open_spec(path).models]
SAMPLE = sample()


def models(chosen: list[tuple[Path, str]]) -> list[Any]:
    return [
        pytest.param(
            path,
            model,
            id=f"{path.name}:{model}",
            marks=() if (path.name, model) in SAMPLE else pytest.mark.slow,
        )
        for path, model in chosen
    ]


#: what no step of training against a peer holds
ALONE = [pair for pair in MODELS if pair not in {(SPECS / r["spec"], r["model"]) for r in read("peers.csv")}]


def test_every_spec_has_a_sample() -> None:
    assert {spec for spec, _ in SAMPLE} == {path.name for path in FILES}
    assert set(SAMPLE) <= {(path.name, model) for path, model in MODELS}
    assert list(SAMPLE) == sorted(SAMPLE, key=lambda pair: pair[0])


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


@pytest.mark.parametrize(("path", "model"), models(MODELS))
def test_summary(path: Path, model: str) -> None:
    arch = architecture(path, model)
    summary = arch.summary()
    assert summary["params"] == arch.params and summary["macs"] == arch.macs
    assert sum(layer["params"] for layer in summary["layers"]) == arch.params
    assert len(arch.inputs) == 1


@pytest.mark.parametrize("size", [(320, 320), (225, 299)], ids=str)
@pytest.mark.parametrize("row", each([row for row in SAMPLE.values() if row["step"]]))
def test_other_sizes(row: Row, size: tuple[int, int]) -> None:
    """The waypoints are right at any size, also where it is odd, if the network takes it."""
    step = int(row["step"])
    size = (size[0] // step * step, size[1] // step * step)
    channels = architecture(row["spec"], row["model"]).inputs["image"][0]
    arch = architecture(row["spec"], row["model"], image=(channels, *size))
    assert arch.inputs["image"] == [channels, *size]


@pytest.mark.torch
@pytest.mark.parametrize(("path", "model"), models(ALONE))
def test_one_step(path: Path, model: str) -> None:
    """The generated module computes what the graph says, and every weight of it gets a gradient."""
    torch = pytest.importorskip("torch")
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
