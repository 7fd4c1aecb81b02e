"""Batch norm and ReLU before convolutions without padding become a clamp."""

from __future__ import annotations

import pytest
import torch

import archdsl
from archdsl.graph.plan import Plan
from tests.passes.helpers import equal, network, randomise, refuses


@pytest.mark.parametrize(
    "body",
    [
        "bn -> relu -> conv(4, 1)",
        "bn -> relu -> conv(4, 1, bias=false)",
        "bn(eps=1e-3, affine=false) -> relu -> conv(4, 1, stride=2)",
        "bn -> relu6 -> conv(4, 1)",
        "bn -> relu -> conv(6, 1, groups=3)",
        "bn -> relu -> conv(4, 3, pad=valid, dilation=2)",
        "bn -> relu -> depthwise(3, pad=valid)",
        "bn -> relu -> avgpool(2) -> conv(4, 1)",
        "bn -> relu -> avgpool(3, stride=1, pad=1, count_pad=false) -> conv(4, 1)",
        "bn -> relu -> gap -> linear(5)",
        "t = bn -> relu\n  ( t -> conv(4, 1) | t -> conv(5, 1) | t -> avgpool(1) -> conv(6, 1) ) -> concat",
    ],
)
def test_norm_and_relu_become_a_clamp(body: str) -> None:
    found = equal(network(body), "clamp")
    assert found.operations[0] == "channel_clamp"
    assert not {"bn", "relu", "relu6"} & set(found.operations)
    (done,) = found.done["clamp"]
    assert done.values == 2 * 3 * 8 * 8


def test_the_clamp_has_the_name_of_the_norm() -> None:
    found = equal(network("before: bn -> relu -> last: conv(4, 1)"), "clamp")
    assert set(found.net.state_dict()) == {"before.lower", "before.upper", "last.weight", "last.bias"}
    assert found.net.state_dict()["before.lower"].shape == (3, 1, 1)


@pytest.mark.parametrize("factor", [0.0, -0.0, 1e-42, -1e-30, 1e-12])
def test_a_factor_of_nearly_nothing(factor: float) -> None:
    arch = archdsl.loads(network("bn -> relu -> conv(4, 1)"))
    trained, net = arch.build().eval(), arch.build(Plan(passes=("clamp",)))
    randomise(trained)
    with torch.no_grad():
        trained.bn1.weight[1:] = factor
    images = torch.randn(2, 3, 8, 8)
    net.load_trained(trained.state_dict())
    torch.testing.assert_close(net(images), trained(images), rtol=1e-5, atol=1e-6)


def test_copies_of_a_block_stay_copies() -> None:
    text = "block unit { bn -> relu -> conv(it.channels, 1) }\n" + network("for i in range(3) { unit }")
    found = equal(text, "clamp")
    assert found.source.count("ChannelClamp(") == 2  # its class, and the block's


def test_a_slice_of_channels_is_read_where_it_is() -> None:
    found = equal(network("slice(1) -> bn -> relu -> conv(4, 1)", "[5, 6, 6]"), "clamp")
    assert "channel_clamp" in found.operations


@pytest.mark.parametrize(
    "body",
    [
        "bn -> relu -> conv(4, 3)",  # zeros of a padding would be clamped values
        "bn -> relu -> avgpool(3, stride=1, pad=1) -> conv(4, 1)",
        "bn -> relu -> maxpool(2) -> conv(4, 1)",
        "bn(track=false) -> relu -> conv(4, 1)",
        "bn -> silu -> conv(4, 1)",
        "bn -> conv(4, 1)",
        "bn -> relu",
        "t = bn\n  ( t -> relu -> conv(3, 1) | t ) -> add",
        "t = bn -> relu\n  ( t -> conv(3, 1) | t ) -> add",
        "t = bn -> relu\n  ( t -> conv(3, 1) | t -> conv(3, 3) ) -> add",
        "share c = conv(3, 1)\n  bn -> relu -> c -> c",
        "share n = bn\n  n -> relu -> conv(3, 1) -> n",
        "share u = unit\n  x -> u -> u",
    ],
)
def test_what_does_not_keep_the_function_is_left(body: str) -> None:
    text = network(body)
    if "unit" in body:
        text = "block unit { bn -> relu -> conv(3, 1) }\n" + text
    refuses(text, "clamp")


def test_one_axis_is_left() -> None:
    refuses(network("bn -> relu -> conv(4, 1)", "[3, 16]"), "clamp")


def test_what_leaves_is_left() -> None:
    text = network("t = bn -> relu\n  conv(4, 1)").replace("output y", "output y\n  output seen = t")
    refuses(text, "clamp")


def test_a_relu_in_a_block_that_others_call_stays() -> None:
    block = "block unit { relu -> avgpool(3, stride=1) }\n"
    body = "share h = unit\n  a = h -> conv(4, 1)\n  b = x -> bn -> h -> conv(4, 1)\n  ( a | b ) -> add"
    refuses(block + network(body), "clamp")
