"""Networks of the zoo, with weights that all have an effect: what is exported computes what the other library's module
with these weights does, or the generated one where no other has them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

import torch
from torch import Tensor, nn

import archdsl
from archdsl.checkpoints import read_checkpoint
from archdsl.export import Settings, export
from tests.zoo.oracles import move_statistics, timm_models, torchvision_models

pytestmark = pytest.mark.torch
SPECS = Path(__file__).parents[2] / "specs"

#: Spec, model, sides of the input, the module with the same keys, axes that vary.
Row = tuple[str, str, int, str | None, tuple[str, ...]]
BOTH = ("height", "width")
ROWS: list[Row] = [
    ("mobilenet.arch", "mobilenet_025", 64, None, ()),
    ("mobilenet.arch", "mobilenetv1_100", 64, "timm:mobilenetv1_100", BOTH),
    ("googlenet.arch", "googlenet", 64, "torchvision:googlenet", ()),
    ("unet.arch", "unet256", 32, None, BOTH),
    ("densenet121.arch", "densenet121", 64, "torchvision:densenet121", ()),
    ("densenet121.arch", "densenet121", 64, "torchvision:densenet121", BOTH),
    ("resnet.arch", "resnet50", 64, "torchvision:resnet50", BOTH),
    ("se_resnet.arch", "seresnet50", 64, "timm:seresnet50", ("height",)),
    ("retinanet.arch", "retinanet", 128, None, ()),
    ("vit.arch", "vit_b_32", 0, "torchvision:vit_b_32", ()),
]
QUICK = {("mobilenet_025", "onnx"), ("mobilenet_025", "torch"), ("unet256", "torch")}


def cases() -> Iterator[Any]:
    for row in ROWS:
        for form in ("onnx", "torch"):
            slow = [] if (row[1], form) in QUICK else [pytest.mark.slow, pytest.mark.zoo]
            yield pytest.param(*row, form, id=f"{row[1]}-{'-'.join(row[4]) or 'batch'}-{form}", marks=slow)


def other_of(name: str) -> nn.Module:
    library, _, model = name.partition(":")
    if library == "timm":
        made: Any = timm_models().create_model(model)
    else:
        more = {"init_weights": False} if model == "googlenet" else {}
        made = getattr(torchvision_models(), model)(weights=None, **more)
    module: nn.Module = made
    return module


def run(form: str, data: bytes, image: Tensor) -> list[Tensor]:
    if form == "torch":
        result = torch.export.load(io.BytesIO(data)).module()(image)
        return [result] if isinstance(result, Tensor) else list(result.values())
    import onnxruntime

    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    return list(map(torch.from_numpy, session.run(None, {"image": image.numpy()})))


@pytest.mark.parametrize(("spec", "model", "side", "peer", "free", "form"), list(cases()))
def test_equal(
    spec: str, model: str, side: int, peer: str | None, free: tuple[str, ...], form: str, tmp_path: Path
) -> None:
    if form == "onnx":
        pytest.importorskip("onnxscript")
        pytest.importorskip("onnxruntime")
    arch = archdsl.load(SPECS / spec, model)
    ((channels, height, width),) = arch.inputs.values()
    if side:
        height = width = side
        arch = arch.with_inputs(image=(channels, height, width))
    net = move_statistics(arch.build() if peer is None else other_of(peer)).eval()
    torch.save(net.state_dict(), tmp_path / "weights.pth")
    found = export(arch, Settings(form, free=free), read_checkpoint(tmp_path / "weights.pth"))
    assert "the same whatever arrives" not in found.held and found.held

    sides = [(height, width)]
    if free:
        sides.append((2 * height if "height" in free else height, 3 * width if "width" in free else width))
    for number, (high, wide) in enumerate(sides):
        image = torch.randn(4 + number, channels, high, wide, generator=torch.Generator().manual_seed(number))
        with torch.no_grad():
            expected = net(image)
        expected = [expected] if isinstance(expected, Tensor) else [t for field in expected for t in field]
        results = run(form, found.data, image)
        assert len(results) == len(expected) == found.about.partition(" -> ")[2].count(",") + 1
        for one, other in zip(results, expected, strict=True):
            assert one.shape == other.shape
            assert float((one.detach() - other).abs().max()) <= 1e-4 * float(other.abs().max())
