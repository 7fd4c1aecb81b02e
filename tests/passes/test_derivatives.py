"""A module for inference gives the derivatives of the network as written, where somebody asks for them."""

from __future__ import annotations

import torch
from torch.autograd import forward_ad

import archdsl
from archdsl import Plan
from tests.passes.helpers import onednn_always

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
