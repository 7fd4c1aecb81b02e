"""Batch norm and ReLU before convolutions without padding become a clamp."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch

import archdsl
from archdsl.graph.plan import Plan
from tests.passes.helpers import difference, equal, network, randomise, refuses


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
    own = {"before.lower", "before.upper", "last.weight", "last.bias"}
    assert set(found.net.state_dict()) == {*own, "folds_mark"}
    assert found.net.state_dict()["before.lower"].shape == (3, 1, 1)


#: Of a batch norm: none, too small for single and for half precision, and such that bounds are beyond half precision.
FACTORS = [0.0, -0.0, 1e-45, -1e-42, 1e-30, -1e-12, 1e-8, -1e-6, 3e-6, -1e-5, 3e-5, -1e-4, 1e-2]
SEVERAL = network("bn -> relu -> conv(16, 1)", "[8, 8, 8]")
#: What single rounding does to sums of products, and as much again.
ROUNDING = {"float16": 2e-3, "bfloat16": 1.6e-2, "float32": 1e-6, "float64": 1e-12}


def with_factors(text: str, factor: float, bias: float) -> tuple[Any, Any]:
    """A network of which all channels but one have a batch norm with this factor, and its rewritten form."""
    arch = archdsl.loads(text)
    trained, net = arch.build().double().eval(), arch.build(Plan(passes=("clamp",)))
    randomise(trained)
    with torch.no_grad():
        trained.bn1.weight[1:] = factor
        trained.bn1.weight[2:4] *= -1
        trained.bn1.bias[1:] = bias * trained.bn1.bias[1:].abs()
    return trained, net


def bounds(net: Any) -> tuple[torch.Tensor, torch.Tensor]:
    return net.bn1.lower.flatten(), net.bn1.upper.flatten()


@pytest.mark.parametrize("activation", ["relu", "relu6"])
@pytest.mark.parametrize("dtype", list(ROUNDING))
@pytest.mark.parametrize("bias", [-1.0, 1.0, 0.0, -1e-6, 12.0])
@pytest.mark.parametrize("factor", FACTORS)
def test_a_factor_of_nearly_nothing(factor: float, bias: float, dtype: str, activation: str) -> None:
    """In the precision that the module has when it takes its weights, or is brought to later."""
    trained, net = with_factors(SEVERAL.replace("relu", activation), factor, bias)
    kind = getattr(torch, dtype)
    images = torch.randn(2, 8, 8, 8, dtype=torch.float64).to(kind)
    expected = trained(images.double())
    exact = net.double().load_trained(trained.state_dict())
    for later in (copy.deepcopy(exact).to(kind), net.to(kind).load_trained(trained.state_dict())):
        lower, upper = bounds(later)
        assert (lower < torch.inf).all() and (upper > -torch.inf).all() and (lower <= upper).all()
        with torch.no_grad():
            assert difference(expected, later(images).double()) <= ROUNDING[dtype]


@pytest.mark.parametrize(("factor", "bias"), [(1e-20, -1.0), (-1e-22, 1.0), (0.0, 2.0), (1e-5, -5.0)])
def test_a_channel_of_nearly_nothing_is_a_constant(factor: float, bias: float) -> None:
    """Its weight is nothing, and what it always gives is in the bias of the convolution."""
    trained, net = with_factors(SEVERAL, factor, bias)
    with torch.no_grad():
        trained.bn1.weight[0], trained.bn1.bias[0] = factor, bias
        trained.bn1.bias[1:] = bias
    net.double().load_trained(trained.state_dict())
    assert not net.conv1.weight.any()
    always = trained.conv1.weight.flatten(1).sum(dim=1) * max(bias, 0.0) + trained.conv1.bias
    torch.testing.assert_close(net.conv1.bias, always, rtol=1e-12, atol=1e-12)
    assert not any(bound.any() for bound in bounds(net))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("deviation", [1e-3, 1.0, 100.0, 1e5])
def test_a_channel_that_something_wakes_is_kept(deviation: float, sign: int, dtype: str) -> None:
    """What gives nothing within a thousand standard deviations gives something beyond, whatever half precision has."""
    trained, net = with_factors(SEVERAL, sign * 1e-3, -1.0)
    with torch.no_grad():
        trained.bn1.weight.fill_(sign * 1e-3)
        trained.bn1.bias.fill_(-1.0)
        trained.bn1.running_mean.zero_()
        trained.bn1.running_var.fill_(deviation**2)
    kind = getattr(torch, dtype)
    net.to(kind).load_trained(trained.state_dict())
    images = (torch.randn(2, 8, 8, 8, dtype=torch.float64) * 2000 * deviation).to(kind)
    expected = trained(images.double())
    assert expected.std() > 0.1
    with torch.no_grad():
        assert difference(expected, net(images).double()) <= ROUNDING[dtype]


def test_what_half_precision_cannot_wake_is_a_constant_there() -> None:
    """A bound of 100,000 is kept in single precision; in half precision no number is beyond it."""
    trained, net = with_factors(SEVERAL, 1e-3, -1.0)
    with torch.no_grad():
        trained.bn1.bias.fill_(-1.0)
        trained.bn1.running_var.fill_(1e4)
    net.load_trained(trained.state_dict())
    assert net.conv1.weight[:, 1:].all() and bounds(net)[0].max() > 65504
    net.half().load_trained(trained.state_dict())
    assert not net.conv1.weight[:, 1:].any()


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
