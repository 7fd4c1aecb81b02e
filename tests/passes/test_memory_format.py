"""Images are laid out with the channels last where convolutions read them."""

from __future__ import annotations

import torch

from tests.passes.helpers import equal, network, refuses


def test_images_are_laid_out_once_where_they_enter() -> None:
    found = equal(network("( conv(4, 3) | conv(4, 1) ) -> concat"), "channels-last")
    assert found.operations.count("channels_last") == 1
    weights = [w for w in found.net.parameters() if w.dim() == 4]
    assert all(w.is_contiguous(memory_format=torch.channels_last) for w in weights)
    assert isinstance(found.net(torch.zeros(1, 3, 8, 8)), torch.Tensor)


def test_the_order_reaches_the_end() -> None:
    found = equal(network("conv(4, 3) -> relu -> maxpool(2) -> conv(4, 3)"), "channels-last")
    y = found.net(torch.zeros(2, 3, 8, 8, dtype=torch.float32))
    assert y.is_contiguous(memory_format=torch.channels_last)


def test_networks_without_images_are_left() -> None:
    refuses(network("linear(4) -> relu", "[7]"), "channels-last")
    refuses(network("conv(4, 3)", "[3, 9]"), "channels-last")
    refuses(network("relu -> gap"), "channels-last")
