"""timm's SE-ResNet and MobileNet: other names, the same weights in the same order."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from archdsl.api import open_spec
from tests.zoo.oracles import close, macs, move_statistics, timm_models
from tests.zoo.support import SPECS, tensors

pytestmark = pytest.mark.torch

PAIRS = [
    pytest.param("se_resnet.arch", "se_resnet50_3x3", "seresnet50", {}, id="seresnet50"),
    pytest.param(
        "mobilenet.arch", "mobilenet_100", "mobilenetv1_100", {"act": "relu6"}, id="mobilenetv1_100"
    ),
]


def copy_in_order(oracle: nn.Module, ours: nn.Module) -> None:
    """Weights one by one, in the order of the modules; a 1×1 convolution of a vector is a linear layer."""
    left, right = oracle.state_dict(), ours.state_dict()
    assert len(left) == len(right)
    for (name, a), (key, b) in zip(left.items(), right.items(), strict=True):
        assert a.numel() == b.numel() and a.shape[: b.dim()] == b.shape, (name, key)
        right[key] = a.reshape(b.shape)
    ours.load_state_dict(right, strict=True)


@pytest.mark.parametrize(("spec", "model", "name", "settings"), PAIRS)
def test_outputs(spec: str, model: str, name: str, settings: dict[str, str]) -> None:
    torch.set_num_threads(2)
    torch.manual_seed(0)
    oracle = move_statistics(timm_models().create_model(name, pretrained=False))
    text = (SPECS / spec).read_text(encoding="utf-8")
    for parameter, value in settings.items():
        text = text.replace(f"{parameter}: layer = relu", f"{parameter}: layer = {value}")
    from archdsl import loads

    ours = loads(text, filename=str(SPECS / spec), model=model).build()
    copy_in_order(oracle, ours)
    image = torch.randn(1, 3, 224, 224)
    with torch.no_grad():
        assert close(tensors(ours.eval()(image))[0], oracle.eval()(image))


@pytest.mark.parametrize(
    ("spec", "model", "name"),
    [
        ("se_resnet.arch", "se_resnet50", "legacy_seresnet50"),
        ("se_resnet.arch", "se_resnet101", "legacy_seresnet101"),
        ("se_resnet.arch", "se_resnet152", "legacy_seresnet152"),
        ("se_resnet.arch", "se_resnet50_3x3", "seresnet50"),
        ("mobilenet.arch", "mobilenet_100", "mobilenetv1_100"),
    ],
)
def test_costs(spec: str, model: str, name: str) -> None:
    with torch.device("meta"):
        oracle = timm_models().create_model(name, pretrained=False)
    arch = open_spec(SPECS / spec).architecture(model)
    assert sum(p.numel() for p in oracle.parameters()) == arch.params
    assert macs(oracle, (3, 224, 224)) == arch.macs
