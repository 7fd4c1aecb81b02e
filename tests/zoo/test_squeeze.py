"""SE-VGG-16 and SE-MobileNet: the networks of torchvision and timm, with blocks set in where Hu et al. (2018) say."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from tests.zoo.oracles import close, move_statistics, timm_models, torchvision_models
from tests.zoo.support import architecture

pytestmark = pytest.mark.torch


def excite(state: dict[str, Tensor], name: str, x: Tensor) -> Tensor:
    """Section 3, equations 2 to 4."""
    w1, w2 = (state[f"{name}.{layer}.weight"].flatten(1) for layer in ("fc1", "fc2"))
    s = F.relu(F.linear(x.mean(dim=(2, 3)), w1, state[f"{name}.fc1.bias"]))
    return x * torch.sigmoid(F.linear(s, w2, state[f"{name}.fc2.bias"]))[:, :, None, None]


def without_blocks(net: nn.Module, oracle: nn.Module) -> None:
    """The oracle gets the weights that are not of the blocks, in their order; both are in double precision."""
    for module in net, oracle:
        module.double().eval()
    kept = [value for name, value in net.state_dict().items() if not name.split(".")[-2].startswith("fc")]
    oracle.load_state_dict(dict(zip(oracle.state_dict(), kept, strict=True)), strict=True)


def hook(state: dict[str, Tensor], name: str) -> Any:
    return lambda _module, _arriving, leaving: excite(state, name, leaving)


@pytest.mark.slow
def test_vgg() -> None:
    """Section 3.3: after the non-linearity that follows each convolution."""
    torch.manual_seed(0)
    net = move_statistics(architecture("vgg.arch", "se_vgg16").build())
    oracle = torchvision_models().vgg16_bn(weights=None, init_weights=False)
    without_blocks(net, oracle)
    state = net.state_dict()
    blocks = list(dict.fromkeys(name.split(".fc")[0] for name in state if ".fc" in name))
    rectifiers = [part for part in oracle.features if isinstance(part, nn.ReLU)]
    for rectifier, name in zip(rectifiers, blocks, strict=True):
        rectifier.register_forward_hook(hook(state, name))
    image = torch.randn(2, 3, 64, 96, dtype=torch.double)
    with torch.no_grad():
        assert close(net(image), oracle(image))


def test_mobilenet() -> None:
    """Behind each depthwise separable convolution."""
    torch.manual_seed(0)
    net = move_statistics(architecture("mobilenet.arch", "se_mobilenet").build())
    oracle = timm_models().create_model("mobilenetv1_100", pretrained=False, act_layer="relu")
    without_blocks(net, oracle)
    state = net.state_dict()
    for name, part in oracle.blocks.named_modules():
        if type(part).__name__ == "DepthwiseSeparableConv":
            part.register_forward_hook(hook(state, f"blocks.{name}.se"))
    image = torch.randn(2, 3, 64, 96, dtype=torch.double)
    with torch.no_grad():
        assert close(net(image), oracle(image))
