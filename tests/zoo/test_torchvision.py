"""torchvision's checkpoints load as they are, and the outputs are equal."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from archdsl.api import open_spec
from tests.zoo.oracles import close, macs, move_statistics, torchvision_models
from tests.zoo.support import SPECS, tensors

pytestmark = pytest.mark.torch
slow = pytest.mark.slow

MODELS = [
    ("densenet.arch", "densenet121", ()),
    ("densenet.arch", "densenet169", slow),
    ("densenet.arch", "densenet201", slow),
    ("resnet.arch", "resnet18", ()),
    ("resnet.arch", "resnet34", slow),
    ("resnet.arch", "resnet50", ()),
    ("resnet.arch", "resnet101", slow),
    ("resnet.arch", "resnet152", slow),
    ("googlenet.arch", "googlenet", ()),
    ("vit.arch", "vit_b_16", ()),
    ("vit.arch", "vit_b_32", slow),
    ("vit.arch", "vit_l_16", slow),
    ("convnext.arch", "convnext_tiny", ()),
    ("convnext.arch", "convnext_base", slow),
]
each = pytest.mark.parametrize(
    ("spec", "name"), [pytest.param(spec, name, id=name, marks=marks) for spec, name, marks in MODELS]
)


def theirs(name: str, **settings: Any) -> nn.Module:
    if name == "googlenet":
        settings = {"aux_logits": True, "transform_input": False, "init_weights": False, **settings}
    torch.manual_seed(0)
    return getattr(torchvision_models(), name)(weights=None, **settings)


def pair(spec: str, name: str) -> tuple[nn.Module, nn.Module]:
    """torchvision's module and ours, with the same weights."""
    torch.set_num_threads(2)
    oracle = move_statistics(theirs(name))
    ours = open_spec(SPECS / spec).architecture(name).build()
    ours.load_state_dict(oracle.state_dict(), strict=True)
    return oracle, ours


@each
def test_outputs(spec: str, name: str) -> None:
    oracle, ours = pair(spec, name)
    image = torch.randn(1, 3, 224, 224)
    with torch.no_grad():
        expected = oracle.eval()(image)
        found = tensors(ours.eval()(image))
    assert len(found) == 1 and close(found[0], expected)


@each
def test_keys_in_their_order(spec: str, name: str) -> None:
    """Optimisers keep their state by the order of parameters."""
    with torch.device("meta"):
        expected = list(theirs(name).state_dict())
    found = list(open_spec(SPECS / spec).architecture(name).build().state_dict())
    if name == "googlenet":  # torchvision declares the auxiliary classifiers behind all modules
        expected, found = sorted(expected), sorted(found)
    assert found == expected


@each
def test_costs(spec: str, name: str) -> None:
    arch = open_spec(SPECS / spec).architecture(name)
    with torch.device("meta"):
        oracle = theirs(name)
    assert sum(p.numel() for p in oracle.parameters()) == arch.params
    assert macs(oracle, (3, 224, 224)) == arch.macs


def test_auxiliary_classifiers() -> None:
    """In training GoogLeNet gives three results, equal to torchvision's once dropout is off."""
    oracle, ours = pair("googlenet.arch", "googlenet")
    for module in (oracle.train(), ours.train()):
        for part in module.modules():
            if isinstance(part, nn.Dropout):
                part.eval()
    image = torch.randn(4, 3, 128, 128)
    with torch.no_grad():
        expected = oracle(image)
        found = ours(image)
    results = tensors(found)
    assert len(results) == 3
    for result in (expected.logits, expected.aux_logits1, expected.aux_logits2):
        assert any(close(ours, result) for ours in results)
    # batch statistics were taken in the same way
    for (key, a), (_, b) in zip(
        sorted(ours.state_dict().items()), sorted(oracle.state_dict().items()), strict=True
    ):
        assert torch.allclose(a, b, rtol=1e-5, atol=1e-6), key


def test_inference_has_no_auxiliary_weights_to_compute() -> None:
    """In evaluation the auxiliary classifiers are not computed."""
    arch = open_spec(SPECS / "googlenet.arch").architecture("googlenet")
    ours = arch.build()
    calls: list[str] = []
    for name, part in ours.named_modules():
        if name.startswith("aux"):
            part.register_forward_hook(lambda *_, name=name: calls.append(name))
    with torch.no_grad():
        ours.eval()(torch.randn(1, 3, 64, 64))
        assert calls == []
        ours.train()(torch.randn(2, 3, 64, 64))
        assert calls


def test_densenet264() -> None:
    """The deepest one is not in torchvision by name."""
    with torch.device("meta"):
        oracle = torchvision_models().DenseNet(32, (6, 12, 64, 48), 64)
    arch = open_spec(SPECS / "densenet.arch").architecture("densenet264")
    assert sum(p.numel() for p in oracle.parameters()) == arch.params
    assert macs(oracle, (3, 224, 224)) == arch.macs
