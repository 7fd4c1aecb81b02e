"""Layers write over what nothing else reads, and over nothing else."""

from __future__ import annotations

import pytest
import torch

from tests.passes.helpers import equal, network, refuses

PASSES = ("fuse", "channels-last", "in-place")


def test_an_activation() -> None:
    found = equal(network("gn(3) -> relu -> gn(3) -> leaky_relu(0.2) -> gn(3) -> hardswish"), "in-place")
    assert found.source.count("inplace=True") == 3


@pytest.mark.parametrize(
    "activation", ["relu", "relu6", "selu", "silu", "mish", "hardsigmoid", "hardswish", "elu(2)"]
)
def test_every_activation_that_has_such_a_form(activation: str) -> None:
    assert "inplace=True" in equal(network(f"conv(4, 3) -> {activation}"), "in-place").source


@pytest.mark.parametrize(
    "body, text",
    [
        ("( x | conv(3, 3) ) -> add", "y.add_(x)"),
        ("( conv(3, 3) | x ) -> add", "y.add_(x)"),
        ("( x | x -> conv(3, 3) | x -> conv(3, 1) ) -> add", ".add_("),
        ("t = conv(3, 3)\n  ( t | t -> gap -> linear(3) -> sigmoid ) -> mul", ".mul_("),
        ("t = conv(3, 3)\n  ( t | t -> adaptive_avgpool(1) -> conv(3, 1) -> sigmoid ) -> mul", ".mul_("),
        ("t = conv(3, 3)\n  ( t | t -> reduce(mean, [1, 2], keep=true) -> conv(3, 1) ) -> mul", ".mul_("),
    ],
)
def test_a_member_of_a_join(body: str, text: str) -> None:
    assert text in equal(network(body), "in-place").source


def test_a_convolution_accumulates_into_what_is_dead_behind_it() -> None:
    block = "block unit { ( in | conv(8, 3) -> relu -> conv(8, 1) ) -> add -> relu }\n"
    found = equal(block + network("conv(8, 3) -> unit -> unit -> unit"), *PASSES)
    assert found.source.count("in_place=True") == 1  # of the class of all units
    assert len(found.done["in-place"]) == 3


@pytest.mark.parametrize(
    "body",
    [
        "relu -> conv(3, 1)",  # what arrives at the network
        "flatten -> relu",  # a view of it
        "slice(1, 3) -> relu",
        "t = conv(3, 3)\n  ( relu | t ) -> concat",  # read later
        "t = conv(3, 3)\n  f = t -> flatten\n  u = t -> relu -> flatten\n  ( u | f ) -> concat",  # a view is
        "t = conv(3, 3)\n  s = t -> slice(0, 2)\n  ( t -> relu | s ) -> concat",
        "( x | x ) -> add",
        "( x | x -> flatten -> reshape([3, 8, 8]) ) -> add",
        "dropout(0.5) -> relu",
        "concat -> relu",  # of one tensor
        "t = conv(1, 1)\n  ( t | x ) -> add",  # of another size
        "t = conv(3, 3)\n  ( t | t -> adaptive_avgpool(2) -> upsample(4) -> sigmoid ) -> mul",  # a gradient reads it
        "t = conv(3, 3)\n  ( t | t -> reduce(max, [1, 2], keep=true) ) -> mul",
        "conv(4, 3) -> reduce(max, 1) -> relu",  # its own gradient does
        "conv(4, 3) -> gmp -> relu",
        "( conv(4, 3) | conv(4, 1) | conv(4, 1) ) -> maximum -> relu",
    ],
)
def test_what_others_read_is_left(body: str) -> None:
    refuses(network(body), "in-place")


def test_what_leaves_is_left() -> None:
    text = network("t = conv(4, 3)\n  relu").replace("output y", "output y\n  output seen = t")
    refuses(text, "in-place")
    body = "t = conv(8, 3) -> relu\n  ( t | conv(8, 3) ) -> add -> relu"
    text = network(body).replace("output y", "output y\n  output seen = t")
    assert not equal(text, *PASSES).done["in-place"]


def test_what_is_read_beside_is_left() -> None:
    """Another branch reads the tensor, and nothing says that it is done before."""
    body = "t = conv(8, 3) -> relu\n  u = t -> conv(4, 3)\n  v = ( t | t -> conv(8, 3) ) -> add -> relu\n  ( u | v ) -> concat"
    assert not equal(network(body), *PASSES).done["in-place"]


def test_copies_of_a_block_are_alike() -> None:
    block = "block unit { ( conv(8, 3) -> gn(2) | if in.channels != 8 { conv(8, 1) -> gn(2) } ) -> add -> relu }\n"
    found = equal(block + network("conv(4, 3) -> unit -> unit -> unit"), "in-place")
    assert found.source.count("class Unit") <= 2


def test_in_a_block_that_is_called_several_times() -> None:
    text = """
block unit { ( in | conv(3, 3) -> gn(3) -> relu ) -> add }
network net {
  input x: [3, 8, 8]
  share u = unit
  a = x -> u
  b = x -> avgpool(2) -> u -> u
  output a = a
  output b = b
}
model net = net
"""
    assert len(equal(text, "in-place").done["in-place"]) == 3


def test_gradients_of_what_arrives() -> None:
    body = """t = conv(4, 3) -> gn(2) -> silu -> conv(4, 3) -> sigmoid
  u = ( t | conv(4, 3) ) -> add -> hardswish
  w = conv(4, 3)
  v = ( u | w -> adaptive_avgpool(1) -> conv(4, 1) -> hardsigmoid | w ) -> mul
  ( v | conv(4, 3) -> relu ) -> add -> softmax -> gn(2) -> relu"""
    found = equal(network(body), *PASSES)
    assert found.done["in-place"]
    trained, net = found.trained.double(), found.net.double()
    gradients = []
    for module in (trained, net):
        x = torch.linspace(-1, 1, 2 * 3 * 64, dtype=torch.float64).view(2, 3, 8, 8).requires_grad_()
        module(x).square().sum().backward()
        gradients.append(x.grad)
    torch.testing.assert_close(gradients[1], gradients[0])


def test_what_gradients_are_worked_out_from_stays() -> None:
    refuses(network("( x | conv(3, 3) -> relu ) -> add").replace("relu", "sigmoid"), "in-place")


def test_other_memory_formats() -> None:
    body = "t = conv(8, 3) -> relu\n  ( t | conv(8, 3) -> relu -> conv(8, 1) ) -> add -> relu"
    found = equal(network(body), "fuse", "in-place")  # without channels-last
    assert found.done["in-place"]
    net, trained = found.net.float(), found.trained.float()
    with torch.no_grad():
        for image in (
            torch.randn(2, 3, 8, 8).contiguous(memory_format=torch.channels_last),
            torch.randn(1, 3, 1, 1),
            torch.randn(2, 3, 8, 9)[..., 1:],
        ):
            torch.testing.assert_close(net(image), trained(image), rtol=1e-4, atol=1e-4)
