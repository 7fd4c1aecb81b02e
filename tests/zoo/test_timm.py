"""timm's checkpoints: some load as they are, others have other names and the same weights in the same order."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import nn

from archdsl.api import open_spec
from tests.zoo.oracles import close, macs, move_statistics, timm_models
from tests.zoo.support import SPECS, architecture, tensors

pytestmark = pytest.mark.torch
slow = pytest.mark.slow

#: whose names are timm's; all of them are computed on the meta device, the quick ones with weights, too
NAMED: list[tuple[str, str, Any]] = [
    ("dpn.arch", "dpn68", ()),
    ("dpn.arch", "dpn92", slow),
    ("dpn.arch", "dpn98", slow),
    ("dpn.arch", "dpn131", ()),
    ("dla.arch", "dla34", ()),
    ("dla.arch", "dla46_c", ()),
    ("dla.arch", "dla60", slow),
    ("dla.arch", "dla102", slow),
    ("dla.arch", "dla169", slow),
    ("hrnet.arch", "hrnet_w18_small", ()),
    ("hrnet.arch", "hrnet_w18_small_v2", slow),
    ("hrnet.arch", "hrnet_w18", slow),
    ("hrnet.arch", "hrnet_w48", slow),
]
named = pytest.mark.parametrize(
    ("spec", "name"), [pytest.param(spec, name, id=name, marks=marks) for spec, name, marks in NAMED]
)

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
    ]
    + [(spec, name, name) for spec, name, _ in NAMED],
)
def test_costs(spec: str, model: str, name: str) -> None:
    with torch.device("meta"):
        oracle = timm_models().create_model(name, pretrained=False)
    arch = open_spec(SPECS / spec).architecture(model)
    assert sum(p.numel() for p in oracle.parameters()) == arch.params
    assert macs(oracle, (3, 224, 224)) == arch.macs


def pair(spec: str, name: str) -> tuple[nn.Module, nn.Module]:
    """timm's module and ours, with the same weights, loaded by their names."""
    torch.set_num_threads(2)
    torch.manual_seed(0)
    oracle = move_statistics(timm_models().create_model(name, pretrained=False))
    ours = open_spec(SPECS / spec).architecture(name).build()
    ours.load_state_dict(oracle.state_dict(), strict=True)
    return oracle, ours


@named
def test_named_outputs(spec: str, name: str) -> None:
    """In evaluation, for two sizes of batch and image."""
    oracle, ours = pair(spec, name)
    with torch.no_grad():
        for shape in [(1, 3, 224, 224), (2, 3, 96, 160)]:
            image = torch.randn(shape)
            assert close(ours.eval()(image), oracle.eval()(image)), shape


@named
def test_named_training(spec: str, name: str) -> None:
    """Outputs, gradients and running statistics of a step in training."""
    oracle, ours = pair(spec, name)
    image = torch.randn(3, 3, 96, 96)
    expected, found = oracle.train()(image), ours.train()(image)
    assert close(found, expected)
    weights = torch.randn_like(expected)
    (expected * weights).sum().backward()
    (found * weights).sum().backward()
    for (key, a), (_, b) in zip(ours.named_parameters(), oracle.named_parameters(), strict=True):
        assert a.grad is not None and b.grad is not None and close(a.grad, b.grad, 1e-4), key
    for (key, left), (_, right) in zip(ours.named_buffers(), oracle.named_buffers(), strict=True):
        assert torch.allclose(left, right, rtol=1e-5, atol=1e-6), key


@pytest.mark.parametrize(("spec", "name"), [(spec, name) for spec, name, _ in NAMED])
def test_keys_in_their_order(spec: str, name: str) -> None:
    """Optimisers keep their state by the order of parameters."""
    with torch.device("meta"):
        expected = timm_models().create_model(name, pretrained=False).state_dict()
        found = open_spec(SPECS / spec).architecture(name).build().state_dict()
    assert [(k, v.shape) for k, v in found.items()] == [(k, v.shape) for k, v in expected.items()]


#: what attention calls its weights in timm, and after `nn.MultiheadAttention`
ATTENTION = {"qkv.weight": "in_proj_weight", "qkv.bias": "in_proj_bias", "proj.": "out_proj."}


@pytest.mark.parametrize("size", [(256, 256), (192, 320)], ids=str)
@pytest.mark.parametrize("name", ["mobilevit_xxs", pytest.param("mobilevit_s", marks=slow)])
def test_mobilevit(name: str, size: tuple[int, int]) -> None:
    """Windows are cut, seen across and put together again as timm does it, forwards and backwards."""
    torch.set_num_threads(2)
    torch.manual_seed(0)
    oracle = move_statistics(timm_models().create_model(name, pretrained=False)).eval()
    arch = architecture("mobilevit.arch", name, image=(3, *size))
    assert macs(copy.deepcopy(oracle), (3, *size)) == arch.macs
    ours = arch.build().eval()
    renamed = {}
    for key, value in oracle.state_dict().items():
        for theirs, our in ATTENTION.items():
            key = key.replace(f"attn.{theirs}", f"attn.{our}")
        renamed[key] = value
    ours.load_state_dict(renamed, strict=True)
    image = torch.randn(2, 3, *size)
    results = []
    for module in (ours, oracle):
        image.grad = None
        output = module(image.requires_grad_())
        output.square().sum().backward()
        results.append((output, image.grad))
    (mine, back), (theirs, their_back) = results
    assert close(mine, theirs) and close(back, their_back, 1e-4)
