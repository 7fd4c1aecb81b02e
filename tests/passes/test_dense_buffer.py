"""Dense blocks write their maps into one buffer, each once."""

from __future__ import annotations

import pytest
import torch

from tests.passes.helpers import SPECS, equal, network, refuses

BLOCKS = """
block layer(growth: int) {
  y = conv(growth, 3) -> relu
  ( in | y ) -> concat
}
block dense(layers: int, growth: int) { layer(growth) * layers }
network net {
  input x: [3, 8, 8]
  conv(5, 3) -> dense(4, 2) -> conv(6, 1) -> avgpool(2) -> dense(2, 3)
  output y
}
model net = net
"""


def test_a_block_makes_room_once_and_each_layer_appends() -> None:
    found = equal(BLOCKS, "dense-buffer")
    assert "concat" not in found.operations
    assert found.operations.count("with_room") == 2
    assert found.operations.count("appended") == 6
    assert found.source.count("class Layer(") == 1
    assert "torch.cat" not in found.source.partition("class Layer(")[2]


@pytest.mark.parametrize("target", ["eager", "cuda-graph"])
def test_it_is_chosen_for_what_runs_as_it_is_written(target: str) -> None:
    assert equal(BLOCKS.replace("[3, 8, 8]", "[3, 64, 64]"), target=target).done["dense-buffer"]


def test_a_compiler_keeps_the_concatenations() -> None:
    found = equal(BLOCKS, target="compile")
    assert not found.done["dense-buffer"]
    assert found.operations.count("concat") == 6


def test_members_that_are_listed_each_time() -> None:
    body = """a = conv(4, 3)
  b = ( a | conv(2, 1) ) -> concat -> conv(3, 3)
  c = ( a | b ) -> concat -> conv(5, 3)
  d = ( a | b | c ) -> concat -> conv(5, 3)
  ( a | b | c | d ) -> concat -> conv(4, 1)"""
    found = equal(network(body), "dense-buffer")
    assert found.operations.count("appended") == 3
    assert found.operations.count("concat") == 1


def test_what_is_read_later_is_what_it_was() -> None:
    """A part of the buffer stays as it is when more is written behind it."""
    body = """a = conv(4, 3)
  b = ( a | conv(2, 1) ) -> concat
  c = ( b | b -> conv(2, 1) ) -> concat
  d = ( c | c -> conv(2, 1) ) -> concat
  ( a -> conv(3, 1) | b -> conv(3, 1) | c -> conv(3, 1) | d -> conv(3, 1) ) -> add"""
    found = equal(network(body).replace("output y", "output y\n  output seen = c"), "dense-buffer")
    assert found.operations.count("appended") == 3


def test_one_that_is_gone_on_with_twice() -> None:
    """The second way begins with a copy, which leaves the first alone."""
    body = """a = ( conv(4, 3) | conv(2, 1) ) -> concat
  b = ( a | a -> conv(2, 1) ) -> concat
  c = ( a | a -> conv(3, 1) ) -> concat
  d = ( c | b ) -> concat
  ( d | c | b ) -> concat"""
    equal(network(body), "dense-buffer")


@pytest.mark.parametrize(
    "body, shape",
    [
        ("( x | conv(4, 3) ) -> concat", "[3, 8, 8]"),  # alone
        ("a = ( x | conv(4, 3) ) -> concat\n  ( conv(4, 3) | a ) -> concat", "[3, 8, 8]"),  # in front
        ("a = ( x | relu ) -> concat\n  ( a | relu ) -> concat", "[12]"),  # no images
        (
            "a = ( x | relu ) -> concat(axis=1)\n  ( a | a ) -> concat(axis=1)",
            "[3, 8, 8]",
        ),  # not the channels
        ("share c = conv(3, 3)\n  ( x -> c | x ) -> concat", "[3, 8, 8]"),
    ],
)
def test_other_concatenations_stay(body: str, shape: str) -> None:
    refuses(network(body, shape), "dense-buffer")


def test_sizes_and_batches_are_free() -> None:
    found = equal(BLOCKS, "dense-buffer", "channels-last")
    trained, net = found.trained.float(), found.net.float()
    for batch, height, width in ((1, 8, 8), (3, 10, 14), (1, 2, 2), (0, 8, 8)):
        x = torch.randn(batch, 3, height, width)
        with torch.no_grad():
            torch.testing.assert_close(net(x), trained(x), rtol=1e-4, atol=1e-4)


def test_gradients_of_what_arrives() -> None:
    """Where gradients are wanted nothing is written over."""
    found = equal(BLOCKS, "dense-buffer")
    trained, net = found.trained.double(), found.net.double()
    gradients = []
    for module in (trained, net):
        x = torch.linspace(-1, 1, 2 * 3 * 64, dtype=torch.float64).view(2, 3, 8, 8).requires_grad_()
        module(x).square().sum().backward()
        gradients.append(x.grad)
    torch.testing.assert_close(gradients[1], gradients[0])


@pytest.mark.slow
def test_it_can_be_exported() -> None:
    found = equal(BLOCKS, "dense-buffer")
    x = torch.randn(2, 3, 8, 8)
    net = found.net.float()
    program = torch.export.export(net, (x,))
    torch.testing.assert_close(program.module()(x), net(x))


@pytest.mark.slow
@pytest.mark.zoo
@pytest.mark.parametrize(
    "spec, model", [("densenet_cifar", "densenet_40_12"), ("dpn", "dpn68"), ("srdensenet", "srdensenet_all")]
)
def test_networks_of_the_zoo(spec: str, model: str) -> None:
    assert equal(SPECS / f"{spec}.arch", model=model).done["dense-buffer"]
