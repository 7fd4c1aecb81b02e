"""A compiled module gives the derivatives of the network as written, where somebody asks for them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.autograd import forward_ad
from torch.func import functional_call

import archdsl
from archdsl import Plan
from tests.passes.helpers import onednn_always
from tests.passes.stepping import Pair, pair

TWO = """
network net() {
  input a: [3, 8, 8]
  input b: [4, 8, 8]
  ( a -> conv(4, 3) -> bn | b ) -> add -> relu
  output y
}
model m = net()
"""


def test_gradients_of_all_that_arrives_are_kept() -> None:
    """oneDNN's kernels know none: where one of several inputs wants them, PyTorch's run."""
    arch = archdsl.loads(TWO)
    written = arch.build().eval().requires_grad_(False)
    net = arch.build(Plan()).load_trained(written.state_dict())
    onednn_always(net)
    a, b = torch.rand(2, 3, 8, 8), torch.rand(2, 4, 8, 8)
    for wanted in ((True, False), (False, True)):
        found = []
        for module in (written, net):
            given = [x.clone().requires_grad_(want) for x, want in zip((a, b), wanted, strict=True)]
            module(*given).square().sum().backward()
            found.append([x.grad for x in given])
        for mine, theirs in zip(*found, strict=True):
            assert (mine is None) is (theirs is None)
            assert mine is None or torch.allclose(mine, theirs, rtol=1e-4, atol=1e-5)


def test_derivatives_forwards_and_transforms_are_kept() -> None:
    arch = archdsl.loads(TWO)
    written = arch.build().eval().requires_grad_(False)
    net = arch.build(Plan()).load_trained(written.state_dict())
    onednn_always(net)
    given = torch.rand(2, 3, 8, 8), torch.rand(2, 4, 8, 8)
    along = tuple(map(torch.rand_like, given))
    for mine, theirs in zip(
        torch.func.jvp(net, given, along), torch.func.jvp(written, given, along), strict=True
    ):
        assert torch.allclose(mine, theirs, rtol=1e-4, atol=1e-5)
    with forward_ad.dual_level(), torch.no_grad():
        dual = [forward_ad.make_dual(x, v) for x, v in zip(given, along, strict=True)]
        tangents = [forward_ad.unpack_dual(module(*dual)).tangent for module in (net, written)]
    assert torch.allclose(tangents[0], tangents[1], rtol=1e-4, atol=1e-5)
    several = [x.expand(3, *x.shape) for x in given]
    assert torch.allclose(torch.vmap(net)(*several), torch.vmap(written)(*several), rtol=1e-4, atol=1e-5)


DENSE = """
block grown { ( identity | bn -> relu -> conv(8, 1) -> bn -> relu -> conv(3, 3) ) -> concat }
network dense() {
  input image: [4, 6, 6]
  conv(4, 3, bias=false) -> grown * 3 -> bn -> relu -> gap -> linear(3)
  output logits
}
model m = dense()
"""


@pytest.fixture(params=[(), ("grown",)], ids=["recompute", "checkpoint"])
def training(request: pytest.FixtureRequest) -> Pair:
    """A network that stores less for the backward pass."""
    return pair(DENSE, *request.param)


def test_a_second_run_has_the_weights_of_the_first(training: Pair) -> None:
    """Those of a functional call are gone from the modules when the backward pass begins."""
    (image,) = training.images()
    found = []
    for net in (training.plain, training.net):
        weights = {name: (w.detach() * 1.5 + 0.1).requires_grad_() for name, w in net.named_parameters()}
        loss = functional_call(net, weights, image).square().mean()
        net.load_state_dict({n: 2 * t for n, t in net.state_dict().items()}, assign=True)
        net.double()
        found.append(torch.autograd.grad(loss, list(weights.values())))
    for theirs, ours in zip(*found, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-12)
    assert all(weight.is_leaf for weight in training.net.parameters())


def test_a_change_of_weights_before_the_second_run_is_noticed(training: Pair) -> None:
    """As autograd notices it of what it saved: gradients would be those of no weights at all."""
    for net in (training.plain, training.net):
        loss = net(*training.images()).square().mean()
        with torch.no_grad():
            net.get_parameter("grown1.1.bn1.weight").add_(1)
        with pytest.raises(RuntimeError, match="modified by an inplace operation"):
            loss.backward()


def test_tracers_and_transforms_take_networks_that_store_less(training: Pair) -> None:
    (image,) = training.images()
    (other,) = training.images(1)
    weights = {name: weight.detach() for name, weight in training.plain.named_parameters()}

    def trace(net: nn.Module) -> Tensor:
        traced: Tensor = torch.jit.trace(net, image)(other)
        return traced

    def gradient(net: nn.Module) -> Tensor:
        of_weights = torch.func.grad(lambda w, x: functional_call(net, w, x[None]).square().sum())
        by_sample = torch.func.vmap(of_weights, in_dims=(None, 0))(weights, image)
        return torch.cat([each.flatten() for each in by_sample.values()])

    def forwards(net: nn.Module) -> Tensor:
        with forward_ad.dual_level():
            dual = forward_ad.make_dual(image, other)
            tangent: Tensor = forward_ad.unpack_dual(net(dual)).tangent
        return tangent

    uses: tuple[Callable[[nn.Module], Tensor], ...] = (trace, gradient, forwards)
    plain, net = training.plain.eval(), training.net.eval()
    for use in uses:
        torch.testing.assert_close(use(net), use(plain), rtol=1e-9, atol=1e-12)
    plain.train(), net.train()
    torch.testing.assert_close(forwards(net), forwards(plain), rtol=1e-9, atol=1e-12)


def test_samples_that_do_not_go_together_are_told() -> None:
    both = pair(
        """
network two {
  input a: [3, 4, 4]
  input b: [3, 4, 4]
  x = a -> conv(4, 3)
  y = ( x | x -> conv(2, 3) ) -> concat
  ( y | b ) -> concat -> bn -> relu -> conv(2, 3)
  output z
}
"""
    )
    assert both.source.count("= concatenated(") == 2
    a, b = both.images()
    for net in (both.plain, both.net):
        with pytest.raises(RuntimeError, match="Sizes of tensors must match"):
            net(a, b[:1])
