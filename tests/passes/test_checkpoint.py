"""Blocks that are computed again in the backward pass, by choice."""

from __future__ import annotations

import copy
import pickle
import re

import pytest
import torch
from torch import nn

import archdsl
from archdsl.graph.plan import Plan, PlanError
from tests.passes.helpers import SPECS
from tests.passes.stepping import assert_alike, assert_close, pair, step

SHARED = """
block unit(c: int) { conv(c, 3) -> bn -> relu -> dropout(0.3) }
network shared {
  input image: [3, 8, 8]
  share u = unit(3)
  u -> u -> norm: bn -> u -> gap -> linear(4)
  output logits
}
"""
WIRED = """
block mixed takes a, b {
  "Two tensors in, two out."
  x = (a | b) -> add -> conv(4, 3) -> bn -> relu
  y = x -> conv(4, 1) -> bn
  (x | y)
}
block outer { (identity | conv(4, 3)) -> inner: mixed -> add }
network wired {
  input image: [4, 8, 8]
  outer -> second: outer -> gap -> linear(4)
  output logits
}
"""
#: for `make zoo` alone
ZOO = [pytest.mark.slow, pytest.mark.zoo]


@pytest.mark.parametrize(
    ("spec", "model", "blocks", "sizes", "share"),
    [
        ("resnet", "resnet18", ["basic_block"], {"image": 64}, 0.65),
        ("resnet", "resnet50", ["bottleneck"], {"image": 64}, 0.45),
        pytest.param("resnet", "resnet50", ["layer1", "layer[23].0"], {"image": 64}, 0.75, marks=ZOO),
        ("densenet", "densenet121", ["dense_layer"], {"image": 64}, 0.25),
        pytest.param(
            "densenet", "densenet121", ["features.denseblock*", "transition"], {"image": 64}, 0.3, marks=ZOO
        ),
        pytest.param("unet", "unet256", ["*"], {"image": 32}, 0.7, marks=ZOO),
        ("mobilenet", "mobilenet_100", ["*"], {"image": 64}, 0.6),
        ("stochastic_depth", "resnet110_stochastic", ["*"], {}, 0.6),
    ],
)
def test_networks_train_alike_in_less_memory(
    spec: str, model: str, blocks: list[str], sizes: dict[str, int], share: float
) -> None:
    both = pair(SPECS / f"{spec}.arch", *blocks, model=model, **sizes)
    assert both.share <= share
    assert_alike(both)


def test_shared_blocks_and_dropout() -> None:
    both = pair(SHARED, "unit")
    assert_alike(both, steps=3)
    assert both.net.get_buffer("norm.num_batches_tracked") == 3
    counts = [b for name, b in both.net.named_buffers() if name.endswith("num_batches_tracked")]
    assert sorted(map(int, counts)) == [3, 9]  # the shared block runs three times a step


@pytest.mark.parametrize("blocks", [["mixed"], ["outer"], ["outer", "mixed"], ["second"], ["*.inner"]])
def test_several_tensors_and_blocks_in_blocks(blocks: list[str]) -> None:
    both = pair(WIRED, *blocks)
    assert both.share < 1
    assert_alike(both)


def test_some_instances_have_a_class_of_their_own() -> None:
    both = pair(SPECS / "resnet.arch", "layer1", "layer[23].0", model="resnet50", image=32)
    text = both.source.split("class Bottleneck")[1]
    assert "class CheckpointedBottleneck(Bottleneck):" in text
    assert "class Layer1(nn.Sequential):" in text
    assert text.count("@checkpointed") == 2
    assert "CheckpointedBottleneck(256, 128, stride=2)" in text


def test_the_mode_of_the_first_run_counts() -> None:
    both = pair(SHARED, "unit")
    losses = []
    for net in (both.plain, both.net):
        torch.manual_seed(3)
        losses.append(net(*both.images()).square().sum())
        net.eval()
    for loss in losses:
        loss.backward()
    assert not any(module.training for module in both.net.modules())
    for (name, ours), theirs in zip(both.net.named_parameters(), both.plain.parameters(), strict=True):
        assert ours.grad is not None and theirs.grad is not None
        assert_close(ours.grad, theirs.grad, name, 1e-12)


def test_frozen_norms_stay_as_they_are() -> None:
    both = pair(SPECS / "resnet.arch", "basic_block", model="resnet18", image=32)
    for net in (both.plain, both.net):
        for module in net.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
        step(net, both.images(), 0)
    for (name, ours), theirs in zip(both.net.named_parameters(), both.plain.parameters(), strict=True):
        assert_close(ours, theirs, name, 1e-12)
    assert both.net.get_buffer("bn1.num_batches_tracked") == 0


def test_evaluation_runs_straight_through() -> None:
    both = pair(SHARED, "unit")
    both.plain.eval(), both.net.eval()
    (image,) = both.images()
    image.requires_grad_()
    ours, theirs = (torch.autograd.grad(net(image).sum(), image)[0] for net in (both.net, both.plain))
    assert torch.equal(ours, theirs)
    with torch.no_grad():
        assert torch.equal(both.net(image), both.plain(image))


def test_copies_and_compiled() -> None:
    both = pair(WIRED, "mixed")
    both.net = copy.deepcopy(both.net)
    assert_alike(both)
    compiled = torch.compile(both.net, backend="aot_eager")
    (image,) = both.images()
    torch.testing.assert_close(compiled(image), both.plain(image), rtol=1e-12, atol=1e-14)
    weights = pickle.loads(pickle.dumps(both.net.state_dict()))
    both.net.load_state_dict(weights)


@pytest.mark.parametrize(
    ("word", "message", "help"),
    [
        ("botleneck", "there is no block `botleneck`", "did you mean `bottleneck`?"),
        ("layer9", "there is no block `layer9`", "lists the paths of blocks"),
        ("conv1", "`conv1` is a single layer, and no block", ""),
        (
            "resnet50",
            "`resnet50` is the whole network, of which nothing is left to store",
            "names blocks in it",
        ),
        ("", "there is no block ``", "archdsl summary"),
    ],
)
def test_words_that_name_no_block(word: str, message: str, help: str) -> None:
    arch = archdsl.load(SPECS / "resnet.arch", model="resnet50")
    with pytest.raises(PlanError, match=f"^{re.escape(message)}") as error:
        arch.source(plan=Plan("training", checkpoint=(word,)))
    assert help in error.value.help
