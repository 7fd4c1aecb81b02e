"""Convolutions take a sum and an activation into their kernel, where nothing else reads what is in between."""

from __future__ import annotations

import pytest
import torch

from archdsl import Plan
from tests.passes.helpers import difference, equal, network, onednn_always, refuses, tensors, values


@pytest.mark.parametrize(
    "activation", ["relu", "relu6", "silu", "hardswish", "hardsigmoid", "sigmoid", "tanh"]
)
def test_an_activation_is_fused(activation: str) -> None:
    found = equal(network(f"conv(4, 3) -> {activation}"), "fuse")
    assert found.operations == ["fused"]
    assert f'activation="{activation}"' in found.source


@pytest.mark.parametrize(
    "body",
    [
        "residual = conv(3, 3, bias=false)\n  ( x | residual ) -> add -> relu",
        "( x | conv(3, 3) ) -> add -> relu",
        "( conv(3, 3) | x ) -> add -> relu",
        "( conv(8, 1) | conv(8, 3) ) -> add -> relu",
        "t = conv(4, 3, stride=2) -> relu\n  u = conv(4, 3)\n  ( u | t ) -> add -> relu",
    ],
)
def test_a_sum_of_two_is_fused(body: str) -> None:
    found = equal(network(body), "fuse")
    assert "add" not in found.operations
    assert "relu" not in found.operations


def test_behind_a_sum_another_activation_stays() -> None:
    found = equal(network("( conv(3, 3) | x ) -> add -> silu"), "fuse")
    assert found.operations == ["fused", "silu"]


def test_a_member_with_an_activation_is_not_the_one_that_takes_the_sum() -> None:
    found = equal(network("( conv(4, 3) -> tanh | conv(4, 1) ) -> add"), "fuse")
    assert found.operations == ["fused", "fused"]


def test_one_convolution_takes_one_sum() -> None:
    found = equal(network("t = ( conv(4, 3) | conv(4, 1) ) -> add\n  ( t | conv(4, 3) ) -> add"), "fuse")
    assert "add" not in found.operations
    assert len(found.done["fuse"]) == 2


@pytest.mark.parametrize(
    "body, shape",
    [
        ("t = conv(4, 3)\n  ( relu | t ) -> concat", "[3, 8, 8]"),  # another reader
        ("conv(4, 3) -> gelu(tanh)", "[3, 8, 8]"),  # no kernel ends with it
        ("share c = conv(3, 3)\n  x -> c -> relu -> c", "[3, 8, 8]"),  # not behind each call
        ("share c = conv(3, 3)\n  x -> c -> relu -> c -> silu", "[3, 8, 8]"),
        ("share c = conv(3, 3)\n  ( c | x -> c -> relu ) -> add", "[3, 8, 8]"),
        ("conv(4, 3) -> relu", "[3, 16]"),  # no images
        ("( conv(3, 3) | mean_of: reduce(mean, [1, 2], keep=true) ) -> add", "[3, 8, 8]"),  # it broadcasts
        ("( x | x ) -> add", "[3, 8, 8]"),
    ],
)
def test_what_cannot_be_fused_is_left(body: str, shape: str) -> None:
    refuses(network(body, shape), "fuse")


def test_a_value_that_leaves_is_not_fused_away() -> None:
    text = network("t = conv(4, 3)\n  relu").replace("output y", "output y\n  output seen = t")
    refuses(text, "fuse")


def test_a_sum_behind_a_norm_is_fused_after_it_is_folded() -> None:
    body = "conv(3, 3, bias=false) -> bn -> relu\n  ( it | conv(3, 3) -> bn ) -> add -> relu"
    found = equal(network(body), "fold-norm", "fuse")
    assert found.operations == ["fused", "fused"]


SHARED = """
block unit(channels: int) {
  y = conv(channels, 3, bias=false) -> bn -> relu -> conv(channels, 3) -> bn
  ( in | y ) -> add -> relu
}
network net {
  input x: [4, 8, 8]
  share u = unit(4)
  a = x -> u
  b = avgpool(2) -> u -> u
  output a = a
  output b = b
}
model net = net
"""


def test_in_a_block_that_is_called_several_times() -> None:
    found = equal(SHARED, "fold-norm", "fuse")
    assert found.operations.count("fused") == 2 * 3
    assert "add" not in found.operations
    assert "relu" not in found.operations


def test_a_convolution_that_is_called_several_times() -> None:
    found = equal(network("share c = conv(3, 3)\n  x -> c -> relu -> c -> relu"), "fuse")
    assert found.operations == ["fused", "fused"]


@pytest.mark.parametrize(
    "body",
    [
        "a = h\n  b = x -> conv(3, 3) -> h\n  ( a | b ) -> mul",  # not every call has a convolution in front
        "a = ( x | conv(3, 3) ) -> add -> h\n  b = a -> h\n  ( a | b ) -> mul",
    ],
)
def test_an_activation_in_a_block_that_others_call_stays(body: str) -> None:
    block = "block unit { relu -> gn(3) }\n"
    found = equal(block + network("share h = unit\n  " + body), "fuse")
    assert found.operations.count("relu") == 2


def test_an_activation_in_a_block_that_only_convolutions_call() -> None:
    block = "block unit { relu -> gn(3) }\n"
    body = "share h = unit\n  share c = conv(3, 3)\n  c -> h -> c -> h"
    found = equal(block + network(body), "fuse")
    assert found.operations == ["fused", "gn", "fused", "gn"]


@pytest.mark.parametrize("groups", [1, 4, 16])
@pytest.mark.parametrize("skip", ["identity", "conv(16, 1)"], ids=["kept", "written_over"])
def test_a_sum_is_fused_in_bfloat16(groups: int, skip: str) -> None:
    """Where PyTorch's operator of a sum falls back to others, these know no bfloat16."""
    body = f"reshape([16, 8, 8])\n  ( {skip} | conv(16, 3, groups={groups}) ) -> add -> relu"
    found = equal(network(body, "[16, 64]"))
    assert ("in_place=True" in found.source) == (skip != "identity")
    image = values([16, 64], torch.float64)
    with torch.inference_mode():
        expected = found.trained.double()(image)
        fresh = found.arch.build(Plan()).bfloat16()  # its weights are packed for no kernel
        onednn_always(fresh)
        for net in (found.net.bfloat16(), fresh):
            net.load_trained(found.trained.state_dict())  # type: ignore[operator]
            (y,) = tensors(net(image.bfloat16()))
            assert difference(tensors(expected)[0], y.double()) < 0.02


@pytest.mark.parametrize("shape", [(2, 5, 8, 8), (3, 8, 8)], ids=["channels", "no batch"])
def test_images_that_do_not_fit_a_convolution_are_told_as_pytorch_tells_them(shape: tuple[int, ...]) -> None:
    found = equal(network("conv(16, 3, bias=false) -> bn -> relu"), "fuse")
    net = found.net.float()
    onednn_always(net)
    (conv,) = [part for part in net.modules() if isinstance(part, torch.nn.Conv2d)]
    plain = torch.nn.Conv2d(3, 16, 3, padding=1)
    with torch.inference_mode():
        results = []
        for layer in (plain, conv):
            try:
                results.append(layer(torch.ones(shape)).shape)
            except RuntimeError as error:
                results.append(str(error))
    assert results[0] == results[1]


def test_vectors_that_do_not_fit_a_linear_layer_are_told_as_pytorch_tells_them() -> None:
    found = equal(network("gap -> linear(16) -> relu"), "fuse")
    net = found.net.float()
    onednn_always(net)
    (linear,) = [part for part in net.modules() if isinstance(part, torch.nn.Linear)]
    with torch.inference_mode(), pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        linear(torch.ones(4, 5))
