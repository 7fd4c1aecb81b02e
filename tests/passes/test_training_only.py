"""What only training has is left out of an inference module."""

from __future__ import annotations

import torch

from tests.passes.helpers import equal, network

AUXILIARY = """
network net {
  input x: [3, 8, 8]
  t = conv(4, 3) -> relu
  output auxiliary = t -> conv(2, 1) -> gap when training
  t -> conv(5, 3) -> dropout(0.5) -> gap
  output y
}
model net = net
"""


def test_layers_of_training_are_left_out() -> None:
    text = network("conv(4, 3) -> dropout(0.2) -> relu -> drop_path(0.1) -> dropout_spatial(0.3)")
    found = equal(text, "training-only")
    assert found.operations == ["conv", "relu"]
    assert len(found.done["training-only"]) == 3


def test_a_training_module_keeps_its_weights_names() -> None:
    found = equal(network("conv(4, 3) -> dropout(0.2) -> conv(4, 3) -> relu -> conv(2, 1)"), "training-only")
    assert list(found.net.state_dict()) == list(found.trained.state_dict())


def test_an_output_of_training_goes_with_what_leads_to_it() -> None:
    found = equal(AUXILIARY, "training-only")
    assert [output.name for output in found.graph.outputs] == ["y"]
    assert found.operations == ["conv", "relu", "conv", "gap"]
    assert "output of training alone left out" in dict(found.what("training-only"))["auxiliary"]


def test_it_is_part_of_every_inference_module() -> None:
    found = equal(network("conv(4, 3) -> dropout(0.2)"), "fold-norm")
    assert found.operations == ["conv"]


def test_an_inference_module_is_ready_to_run() -> None:
    found = equal(network("conv(4, 3) -> dropout(0.2) -> bn -> prelu"), "training-only")
    assert not found.net.training
    assert not any(weight.requires_grad for weight in found.net.parameters())
    assert isinstance(found.net(torch.zeros(1, 3, 8, 8)), torch.Tensor)
