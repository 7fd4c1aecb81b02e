"""Specs at the limits of the language: written before there was a compiler, with the figures they must come to."""

from __future__ import annotations

from pathlib import Path

import pytest
from language_support import weights

from archdsl.api import open_spec

EXAMPLES = Path(__file__).parent / "examples"

PARAMS = {
    ("antialiased_resnet", "resnet18"): 11_689_512,
    ("densenet", "densenet121"): 7_978_856,
    ("dla", "dla34"): 15_742_104,
    ("dpn", "dpn131"): 79_254_504,
    ("googlenet", "googlenet"): 13_004_888,
    ("hrnet", "hrnet_w18_small"): 13_187_464,
    ("inception_v4", "inception_v4"): 42_679_816,
    ("inception_v4", "inception_resnet_v2"): None,
    ("lenet5", "lenet5"): 60_850,
    ("preact_resnet", "original"): None,
    ("preact_resnet", "exclusive"): None,
    ("preact_resnet", "preresnet"): None,
    ("residual_attention", "attention92"): None,
    ("resnet", "resnet50"): 25_557_032,
    ("se_resnet", "se_pre"): None,
    ("se_resnet", "se_post"): None,
    ("se_resnet", "se_identity"): None,
    ("vgg", "vgg16_bn"): 138_365_992,
    ("vit", "vit"): 86_567_656,
    ("wavenet", "wavenet"): 1_267_392,
    ("wavenet", "wavenet_by_list"): 1_267_392,
}

MACS = {
    ("densenet", "densenet121"): 2_834_161_664,
    ("dpn", "dpn131"): 16_013_648_896,
    ("googlenet", "googlenet"): 1_498_376_192,
    ("inception_v4", "inception_v4"): 12_253_974_624,
    ("resnet", "resnet50"): 4_089_184_256,
    ("vgg", "vgg16_bn"): 15_470_264_320,
}


def test_all_of_them() -> None:
    found = {(path.stem, model) for path in EXAMPLES.glob("*.arch") for model in open_spec(path).models}
    assert found == set(PARAMS)


@pytest.mark.parametrize(("file", "model"), PARAMS, ids=lambda part: str(part))
def test_figures(file: str, model: str) -> None:
    arch = open_spec(EXAMPLES / f"{file}.arch").architecture(model)
    expected = PARAMS[file, model]
    assert expected is None or arch.params == expected
    assert MACS.get((file, model), arch.macs) == arch.macs


def test_lenet_layers() -> None:
    """LeCun et al., 1998, Table I and section II-B."""
    arch = open_spec(EXAMPLES / "lenet5.arch").architecture()
    parts: dict[str, int] = {}
    for layer in arch.summary()["layers"]:
        part = layer["path"].split(".")[0]
        parts[part] = parts.get(part, 0) + layer["params"]
    parts = {part: count for part, count in parts.items() if count}
    assert parts == {"c1": 156, "s2": 12, "c3": 1516, "s4": 32, "c5": 48_120, "f6": 10_164, "rbf": 850}


@pytest.mark.parametrize(
    ("file", "model", "some"),
    [
        ("densenet", "densenet121", ["features.denseblock3.denselayer24.conv2.weight", "features.transition1.norm.bias"]),
        ("vgg", "vgg16_bn", ["features.0.weight", "features.1.bias", "features.40.weight", "classifier.6.bias"]),
        ("resnet", "resnet50", ["layer1.0.downsample.1.weight", "layer4.2.bn3.bias", "fc.bias"]),
        ("googlenet", "googlenet", ["inception5b.branch4.1.conv.weight", "aux2.conv.bn.weight", "aux1.fc2.bias"]),
        ("lenet5", "lenet5", ["c3.15.0.weight"]),
    ],
)
def test_names_of_weights(file: str, model: str, some: list[str]) -> None:
    found = weights(open_spec(EXAMPLES / f"{file}.arch").architecture(model))
    assert set(some) <= set(found)


@pytest.mark.torch
@pytest.mark.parametrize(("file", "model"), PARAMS, ids=lambda part: str(part))
def test_modules(file: str, model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the meta device: names of weights, shapes that leave, and PyTorch's own count of operations."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent / "packages"))
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    arch = open_spec(EXAMPLES / f"{file}.arch").architecture(model)
    with torch.device("meta"):
        net = arch.build().eval()
        inputs = [torch.empty(1, *shape) for shape in arch.inputs.values()]
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            result = net(*inputs)
    assert sorted(name for name, _ in net.named_parameters()) == sorted(weights(arch))
    assert sum(p.numel() for p in net.parameters()) == arch.params
    assert counter.get_total_flops() == 2 * arch.macs
    (output,) = (output for output in arch._graph.outputs if not output.training)
    assert list(result.shape[1:]) == arch.outputs[output.name]
