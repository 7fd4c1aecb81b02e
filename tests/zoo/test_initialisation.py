"""Freshly built models start as torchvision's and timm's do, and as their papers say, parameter by parameter."""

from __future__ import annotations

from math import prod, sqrt
from typing import Any

import pytest
import torch
from torch import nn

from archdsl.api import open_spec
from tests.layers.distributions import Normal, drawn_alike, drawn_from
from tests.zoo.oracles import timm_models, torchvision_models
from tests.zoo.support import SPECS

pytestmark = pytest.mark.torch
slow = pytest.mark.slow

TORCHVISION = [
    ("densenet.arch", "densenet121"),
    ("resnet.arch", "resnet18"),
    ("resnet.arch", "resnet50"),
    ("resnet.arch", "wide_resnet50_2"),
    ("resnext.arch", "resnext50_32x4d"),
    ("googlenet.arch", "googlenet"),
    ("inception_v3.arch", "inception_v3"),
    ("retinanet.arch", "retinanet_resnet50_fpn"),
    ("retinanet.arch", "retinanet_resnet50_fpn_v2"),
    ("vit.arch", "vit_b_32"),
    ("convnext.arch", "convnext_tiny"),
    ("vgg.arch", "vgg11_bn"),
]
QUICK = ("densenet121", "resnet18", "googlenet", "convnext_tiny")
#: From this size on a sample shows a distribution that is wrong by √2, and from the other one that is far off.
LARGE, LEAST = 1500, 250
#: Of larger tensors about so many values are looked at.
MOST = 200_000


def ours(spec: str, model: str) -> nn.Module:
    torch.manual_seed(1)
    return open_spec(SPECS / spec).architecture(model).build()


def torchvisions(name: str) -> nn.Module:
    settings: dict[str, Any] = {"init_weights": True} if name in ("googlenet", "inception_v3") else {}
    models = torchvision_models()
    if name.startswith("retinanet"):
        models, settings = models.detection, {"weights_backbone": None}
    torch.manual_seed(2)
    return getattr(models, name)(weights=None, **settings)


def hold_alike(name: str, mine: Any, other: Any) -> None:
    """Two tensors start alike: constants exactly, others with the same distribution, mean, deviation and bounds."""
    assert mine.shape == other.shape, name
    if bool((other == other.flatten()[0]).all()):
        torch.testing.assert_close(mine, other, rtol=1e-6, atol=0, msg=name)  # a rounding of the constant
        return
    step = max(1, mine.numel() // MOST)
    mine, other = (tensor.detach().flatten()[::step].double() for tensor in (mine, other))
    size = mine.numel()
    assert not torch.equal(mine, other), f"{name}: two draws are equal"
    assert size >= LEAST, f"{name} is too small to tell"
    assert drawn_alike(mine, other), name
    std = float(other.std())
    assert abs(float(mine.mean() - other.mean())) < 5 * std * sqrt(2 / size), name
    assert abs(float(mine.std()) / std - 1) < 5 / sqrt(size), name  # of a normal; a uniform one has less
    if float(other.abs().max()) < 1.75 * std:  # uniform: it ends at √3 deviations
        assert abs(float(mine.abs().max() / other.abs().max()) - 1) < 20 / size, name


@pytest.mark.parametrize(
    ("spec", "name"),
    [pytest.param(spec, name, id=name, marks=() if name in QUICK else slow) for spec, name in TORCHVISION],
)
def test_torchvision(spec: str, name: str) -> None:
    mine, other = dict(ours(spec, name).named_parameters()), dict(torchvisions(name).named_parameters())
    assert mine.keys() == other.keys()
    for key, parameter in other.items():
        hold_alike(key, mine[key], parameter)


def test_what_is_wrong_is_told_apart() -> None:
    """The other fan, another shape, a gain without its √2, PyTorch's own way."""
    torch.manual_seed(0)

    def made(init: Any, **arguments: Any) -> torch.Tensor:
        weight = nn.Conv2d(64, 128, 3).weight
        init(weight, **arguments)
        return weight

    normal, uniform = nn.init.kaiming_normal_, nn.init.kaiming_uniform_
    right = made(normal, mode="fan_out")
    hold_alike("alike", right, made(normal, mode="fan_out"))
    for wrong in (
        made(normal),
        made(uniform, mode="fan_out"),
        made(normal, mode="fan_out", nonlinearity="linear"),
        made(nn.init.trunc_normal_, std=0.01),
        made(nn.init.zeros_),
        nn.Conv2d(64, 128, 3).weight,
        right,
    ):
        with pytest.raises(AssertionError):
            hold_alike("wrong", wrong, right)
        with pytest.raises(AssertionError):
            hold_alike("wrong", right, wrong)


@slow
@pytest.mark.parametrize(
    ("spec", "model", "name", "settings"),
    [
        ("se_resnet.arch", "seresnet50", "seresnet50", {"zero_init_last": False}),
        ("senet.arch", "se_resnext50_32x4d", "legacy_seresnext50_32x4d", {}),
        ("senet.arch", "senet154", "legacy_senet154", {}),
        ("mobilenet.arch", "mobilenet_100", "mobilenetv1_100", {}),
        ("dla.arch", "dla34", "dla34", {}),
        ("dpn.arch", "dpn68", "dpn68", {}),
        ("hrnet.arch", "hrnet_w18_small", "hrnet_w18_small", {}),
        ("preact_resnet.arch", "resnetv2_18", "resnetv2_18", {}),
        ("preact_resnet.arch", "resnetv2_50", "resnetv2_50", {}),
        ("inception_resnet.arch", "inception_resnet_v2", "inception_resnet_v2", {}),
        ("inception_v4.arch", "inception_v4", "inception_v4", {}),
    ],
)
def test_timm(spec: str, model: str, name: str, settings: dict[str, Any]) -> None:
    """The same names, or the same order."""
    mine = dict(ours(spec, model).named_parameters())
    torch.manual_seed(2)
    others = dict(timm_models().create_model(name, pretrained=False, **settings).named_parameters())
    if mine.keys() != others.keys():
        others = dict(zip(mine, others.values(), strict=True))
    for key, parameter in mine.items():
        other = others[key]
        if ".se" in key and key.endswith("bias"):  # timm leaves them as PyTorch has them, He et al. at 0
            assert not parameter.any()
        else:
            hold_alike(key, parameter, other.reshape(parameter.shape))


@slow
@pytest.mark.parametrize(
    ("spec", "model"),
    [
        ("unet.arch", "unet256"),
        ("bn_inception.arch", "bn_inception"),
        ("densenet_cifar.arch", "densenet_40_12"),
        ("vdsr.arch", "vdsr"),
        ("srdensenet.arch", "srdensenet_all"),
    ],
)
def test_papers(spec: str, model: str) -> None:
    """A deviation of √(2 / N), N the nodes that come into one (Ronneberger et al., 2015, section 3; He et al., 2015)."""
    net = ours(spec, model)
    seen = 0
    for name, module in net.named_modules():
        if isinstance(module, nn.Conv2d):
            incoming = module.in_channels * module.kernel_size[0] * module.kernel_size[1]
        elif isinstance(module, nn.ConvTranspose2d):
            # each position of what leaves sees so many that arrive, on average: one in U-Net
            incoming = module.in_channels * prod(module.kernel_size) / prod(module.stride)
        else:
            continue
        wanted = Normal(sqrt(2 / incoming))
        assert module.weight.numel() >= LEAST or module.out_channels == 2  # U-Net's last
        assert drawn_from(module.weight, wanted), name
        if module.weight.numel() >= LARGE:
            seen += 1
            assert not drawn_from(module.weight, Normal(wanted.std / sqrt(2))), name
            assert not drawn_from(module.weight, Normal(wanted.std * sqrt(2))), name
        assert module.bias is None or not module.bias.any(), name
    assert (
        seen
        == {"unet256": 21, "bn_inception": 69, "densenet_40_12": 38, "vdsr": 18, "srdensenet_all": 68}[model]
    )


@slow
@pytest.mark.parametrize(
    ("spec", "model"),
    [
        ("resnet_cifar.arch", "resnet20"),
        ("preact_cifar.arch", "preact_resnet164"),
        ("stochastic_depth.arch", "resnet110_stochastic"),
        ("wide_resnet.arch", "wrn_16_8"),
        ("pyramidnet.arch", "pyramidnet110_48"),
        ("residual_attention.arch", "attention56"),
    ],
)
def test_backward_variance(spec: str, model: str) -> None:
    """A deviation of √(2 / N), N the nodes that one leads to (He et al., 2015, equation 14): the authors' code for Torch."""
    net = ours(spec, model)
    convolutions = {n: m for n, m in net.named_modules() if isinstance(m, nn.Conv2d)}
    for name, module in convolutions.items():
        wanted = Normal(sqrt(2 / (module.out_channels * module.kernel_size[0] * module.kernel_size[1])))
        weight = module.weight.detach().flatten()[:: max(1, module.weight.numel() // MOST)]
        assert module.bias is None and weight.numel() >= LEAST, name
        assert drawn_from(weight, wanted), name
        assert weight.numel() < LARGE or not drawn_from(weight, Normal(wanted.std * sqrt(2))), name
    (linear,) = (module for module in net.modules() if isinstance(module, nn.Linear))
    zeroed = model in ("preact_resnet164", "wrn_16_8", "pyramidnet110_48")
    assert bool(linear.bias.any()) != zeroed
