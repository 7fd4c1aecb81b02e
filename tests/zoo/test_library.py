"""The blocks of the standard library, each by itself."""

from __future__ import annotations

import pytest

import archdsl

#: what arrives
INPUT = [4, 8, 8]
CASES = [
    # file and names, flow, shape that leaves, parameters
    ("conv", "conv_norm_act", "conv_norm_act(8, 3)", [8, 8, 8], 4 * 8 * 9 + 16),
    ("conv", "conv_norm_act", "conv_norm_act(8, 3, stride=2, act=silu)", [8, 4, 4], 4 * 8 * 9 + 16),
    (
        "conv",
        "conv_norm_act",
        "conv_norm_act(8, 3, pad=valid, groups=2, norm=gn(4))",
        [8, 6, 6],
        2 * 8 * 9 + 16,
    ),
    ("conv", "conv_norm_act", "conv_norm_act(8, 1x7, dilation=1, act=identity)", [8, 8, 8], 4 * 8 * 7 + 16),
    ("conv", "norm_act_conv", "norm_act_conv(8, 3)", [8, 8, 8], 4 * 8 * 9 + 8),
    ("conv", "conv_act", "conv_act(8, 3, act=leaky_relu(0.1))", [8, 8, 8], 4 * 8 * 9 + 8),
    ("residual", "residual", "residual(conv(4, 3))", [4, 8, 8], 4 * 4 * 9 + 4),
    (
        "residual",
        "residual",
        "residual(conv(6, 3, stride=2), skip=conv(6, 1, stride=2), act=identity)",
        [6, 4, 4],
        4 * 6 * 10 + 12,
    ),
    ("residual", "padded_shortcut", "padded_shortcut(6, 2)", [6, 4, 4], 0),
    ("residual", "padded_shortcut", "padded_shortcut(4)", [4, 8, 8], 0),
    ("residual", "padded_shortcut", "padded_shortcut(4, 2, reduce=avgpool(2))", [4, 4, 4], 0),
    ("preact", "preact_basic", "preact_basic(8, 2)", [8, 4, 4], 8 + 4 * 8 + 4 * 8 * 9 + 16 + 8 * 8 * 9),
    ("preact", "preact_basic", "preact_basic(4) * 2", [4, 8, 8], 2 * (2 * 4 * 4 * 9 + 16)),
    ("preact", "preact_basic", "preact_basic(6, 2, padded=true)", [6, 4, 4], 8 + 4 * 6 * 9 + 12 + 6 * 6 * 9),
    (
        "preact",
        "preact_basic",
        "preact_basic(4, activate=false, inner=dropout(0.3))",
        [4, 8, 8],
        2 * 4 * 4 * 9 + 8,
    ),
    (
        "preact",
        "preact_bottleneck",
        "preact_bottleneck(2, 2)",
        [8, 4, 4],
        8 + 4 * 8 + 4 * 2 + 4 + 2 * 2 * 9 + 4 + 2 * 8,
    ),
    ("preact", "preact_bottleneck", "preact_bottleneck(1)", [4, 8, 8], 8 + 4 + 2 + 9 + 2 + 4),
    (
        "preact",
        "preact_bottleneck",
        "preact_bottleneck(2, 2, activate=false, early=true)",
        [8, 4, 4],
        4 * 8 + 4 * 2 + 4 + 2 * 2 * 9 + 4 + 2 * 8,
    ),
    ("residual", "scaled_residual", "scaled_residual(conv(6, 3), 0.1)", [4, 8, 8], 4 * 6 * 9 + 6 + 6 * 4 + 4),
    ("resnet", "basic_block", "basic_block(4) * 2", [4, 8, 8], 2 * (2 * 4 * 4 * 9 + 16)),
    ("resnet", "basic_block", "basic_block(8, 2)", [8, 4, 4], 4 * 8 * 10 + 8 * 8 * 9 + 48),
    ("resnet", "basic_block_a", "basic_block_a(8, 2)", [8, 4, 4], 4 * 8 * 9 + 8 * 8 * 9 + 32),
    ("resnet", "bottleneck", "bottleneck(1)", [4, 8, 8], 4 + 9 + 4 + 4 + 8),
    (
        "resnet",
        "bottleneck",
        "bottleneck(2, 2)",
        [8, 4, 4],
        4 * 2 + 2 * 2 * 9 + 2 * 8 + 4 * 8 + 4 + 4 + 16 + 16,
    ),
    ("resnet", "bottleneck", "bottleneck(1, groups=2, group_width=64)", [4, 8, 8], 8 + 9 * 2 + 8 + 4 + 4 + 8),
    (
        "resnet",
        "basic_block",
        "basic_block(4, groups=2, group_width=48)",
        [4, 8, 8],
        4 * 6 * 9 + 6 * 4 * 9 + 12 + 8,
    ),
    (
        "resnet",
        "bottleneck_v1",
        "bottleneck_v1(2, 2)",
        [8, 4, 4],
        4 * 2 + 2 * 2 * 9 + 2 * 8 + 4 * 8 + 4 + 4 + 16 + 16,
    ),
    (
        "resnet",
        "stages, basic_block",
        "stages(basic_block, [1, 1]); it[1]",
        [128, 1, 1],
        4 * 64 * 49 + 128 + (2 * 64 * 64 * 9 + 256) + (64 * 128 * 10 + 128 * 128 * 9 + 768),
    ),
    ("dense", "dense_layer", "dense_layer(3)", [7, 8, 8], 8 + 4 * 12 + 24 + 12 * 3 * 9),
    ("dense", "dense_layer", "dense_layer(3, bottleneck=0)", [7, 8, 8], 8 + 4 * 3 * 9),
    (
        "dense",
        "dense_block",
        "dense_block(3, 2, bottleneck=0)",
        [10, 8, 8],
        8 + 12 + 16 + (4 + 6 + 8) * 2 * 9,
    ),
    ("dense", "transition", "transition", [2, 4, 4], 8 + 8),
    (
        "fpn",
        "fpn",
        "a = identity; b = maxpool(2); ( a | b ) -> fpn(3); ( it[0] | it[1] -> upsample(2) ) -> concat",
        [6, 8, 8],
        2 * (4 * 3 + 3) + 2 * (3 * 3 * 9 + 3),
    ),
    (
        "fpn",
        "fpn",
        "( identity | maxpool(2) ) -> fpn(3, [{ it[1] -> conv(2, 3, stride=2) }]); it[2]",
        [2, 2, 2],
        2 * (4 * 3 + 3) + 2 * (3 * 3 * 9 + 3) + 2 * 3 * 9 + 2,
    ),
    ("inception", "inception", "inception(1, 2, 3, 1, 2, 1)", [7, 8, 8], 5 + 10 + 57 + 5 + 52 + 5),
    ("inception", "conv_bn", "conv_bn(6, 1x7)", [6, 8, 8], 4 * 6 * 7 + 12),
    ("inception", "conv_bn", "conv_bn(6, 3, stride=2, pad=valid)", [6, 3, 3], 4 * 6 * 9 + 12),
    ("inception", "separable_7x7", "separable_7x7(6)", [6, 4, 4], 32 * 49 + 32 * 6 + 12),
    ("inception", "mixed_3a", "mixed_3a", [4 + 96, 3, 3], 4 * 96 * 9 + 192),
    (
        "inception",
        "mixed_4a",
        "mixed_4a",
        [192, 6, 6],
        2 * (4 * 64 + 64 * 96 * 9) + 2 * 64 * 64 * 7 + 2 * (4 * 64 + 2 * 96),
    ),
    ("inception", "mixed_5a", "mixed_5a", [192 + 4, 3, 3], 4 * 192 * 9 + 384),
    (
        "inception",
        "stem",
        "upsample(10) -> stem",
        [384, 7, 7],
        (4 * 32 + 32 * 32 + 32 * 64 + 64 * 96 + 2 * 64 * 96 + 192 * 192) * 9
        + 2 * (160 * 64 + 64 * 64 * 7)
        + 2 * (32 + 32 + 64 + 96 + 4 * 64 + 2 * 96 + 192),
    ),
    (
        "inception",
        "reduction_a",
        "reduction_a(k=1, l=2, m=3, n=5)",
        [3 + 5 + 4, 3, 3],
        4 * 5 * 9 + 4 * 1 + 1 * 2 * 9 + 2 * 3 * 9 + 2 * (5 + 1 + 2 + 3),
    ),
    ("se", "se", "se(2)", [4, 8, 8], 4 * 2 + 2 + 2 * 4 + 4),
    # attention has 4 weights a pair of features and a bias a feature for queries, keys, values and what leaves
    (
        "transformer",
        "encoder_layer",
        "tokens -> encoder_layer(2, 6)",
        [64, 4],
        4 * (4 * 4 + 4) + 2 * (4 + 4) + (4 * 6 + 6) + (6 * 4 + 4),
    ),
    ("mobile", "separable", "separable(8, stride=2)", [8, 4, 4], 4 * 9 + 8 + 4 * 8 + 16),
    (
        "mobile",
        "separable",
        "separable(8, attention=affine, act=relu6)",
        [8, 8, 8],
        4 * 9 + 8 + 4 * 8 + 16 + 16,
    ),
]


def build(file: str, names: str, flow: str) -> archdsl.Architecture:
    return archdsl.loads(
        f"from std.{file} import {names}\nnetwork example {{ input x: {INPUT}; {flow}; output y }}"
    )


@pytest.mark.parametrize(("file", "names", "flow", "shape", "params"), CASES, ids=[case[2] for case in CASES])
def test_block(file: str, names: str, flow: str, shape: list[int], params: int) -> None:
    arch = build(file, names, flow)
    assert (arch.outputs["y"], arch.params, arch.warnings) == (shape, params, [])


def test_stride_of_the_bottlenecks() -> None:
    """The same weights; the published one computes less."""
    v1 = build("resnet", "bottleneck_v1", "bottleneck_v1(2, 2)")
    ours = build("resnet", "bottleneck", "bottleneck(2, 2)")
    assert ours.macs - v1.macs == 4 * 2 * (64 - 16)


def test_stride_of_the_preactivated() -> None:
    """The same weights; with the stride in the first convolution there is less to compute."""
    late = build("preact", "preact_bottleneck", "preact_bottleneck(2, 2)")
    early = build("preact", "preact_bottleneck", "preact_bottleneck(2, 2, early=true)")
    assert late.macs - early.macs == 4 * 2 * (64 - 16)


@pytest.mark.torch
def test_option_a() -> None:
    """Every other pixel, and zeros behind the channels that there are."""
    import torch

    net = build("resnet", "basic_block_a", "basic_block_a(6, 2)").build().eval()
    for parameter in net.parameters():
        torch.nn.init.zeros_(parameter)
    x = torch.rand(2, 4, 8, 8)
    y = net(x)
    assert torch.equal(y[:, :4], x[:, :, ::2, ::2]) and not y[:, 4:].any()


@pytest.mark.torch
@pytest.mark.parametrize(("size", "pad", "leaves"), [(572, 0, 388), (188, 0, 4), (64, 1, 64)])
def test_unet_sizes(size: int, pad: int, leaves: int) -> None:
    """Without padding a border is lost, and the maps that are copied are cropped to the middle."""
    import torch

    from tests.zoo.support import SPECS

    arch = archdsl.load(SPECS / "unet.arch", model="unet256", size=size, pad=pad)
    assert arch.outputs == {"mask": [2, leaves, leaves]}
    with torch.device("meta"):
        assert arch.build()(torch.empty(1, 1, size, size)).shape == (1, 2, leaves, leaves)


@pytest.mark.torch
def test_padded_shortcut() -> None:
    """Every other pixel or the mean of four, and zeros behind the channels that there are."""
    import torch

    x = torch.rand(2, 4, 8, 8)
    for reduce, expected in [
        ("", x[:, :, ::2, ::2]),
        (", reduce=avgpool(2)", x.unfold(2, 2, 2).unfold(3, 2, 2).mean((4, 5))),
    ]:
        y = build("residual", "padded_shortcut", f"padded_shortcut(6, 2{reduce})").build()(x)
        torch.testing.assert_close(y[:, :4], expected)
        assert y.shape == (2, 6, 4, 4) and not y[:, 4:].any()
