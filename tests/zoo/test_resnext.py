"""The three forms of a ResNeXt block are one function (Xie et al., 2017, Figs. 3 and 4), and so are the networks."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

import archdsl
from tests.zoo.oracles import close, move_statistics
from tests.zoo.support import SPECS

pytestmark = pytest.mark.torch

#: Normalisation and ReLU follow each convolution, but for the last: there the paths are put together first.
SPLIT = """
from resnet import resnet
from std.resnet import basic_block, bottleneck

default conv(bias=false)

block sum_of_paths(width, stride, attention: layer, groups, group_width) {
  "Fig. 3 (a)"
  let d = width * group_width // 64
  ( ( "path{i}": {
        conv1: conv(d, 1) -> bn1: bn -> relu -> conv2: conv(d, 3, stride=stride) -> bn2: bn -> relu
        conv3: conv(4 * width, 1)
      } for i in range(groups)
    ) -> add -> bn3: bn -> attention
  | downsample: { if stride != 1 or in.channels != 4 * width { conv(4 * width, 1, stride=stride) -> bn } }
  ) -> add -> relu
}
block paths_side_by_side(width, stride, attention: layer, groups, group_width) {
  "Fig. 3 (b)"
  let d = width * group_width // 64
  ( ( "path{i}": {
        conv1: conv(d, 1) -> bn1: bn -> relu -> conv2: conv(d, 3, stride=stride) -> bn2: bn -> relu
      } for i in range(groups)
    ) -> concat -> conv3: conv(4 * width, 1) -> bn3: bn -> attention
  | downsample: { if stride != 1 or in.channels != 4 * width { conv(4 * width, 1, stride=stride) -> bn } }
  ) -> add -> relu
}
block two_layers(width, stride, attention: layer, groups, group_width) {
  "Fig. 4, left: with two layers nothing is in groups"
  let d = width * group_width // 64
  ( ( "path{i}": {
        conv1: conv(d, 3, stride=stride) -> bn1: bn -> relu
        conv2: conv(width, 3)
      } for i in range(groups)
    ) -> add -> bn2: bn -> attention
  | downsample: { if stride != 1 or in.channels != width { conv(width, 1, stride=stride) -> bn } }
  ) -> add -> relu
}

model a = resnet(sum_of_paths, [2, 1], groups=32, group_width=4)
model b = resnet(paths_side_by_side, [2, 1], groups=32, group_width=4)
model c = resnet(bottleneck, [2, 1], groups=32, group_width=4)
model two = resnet(two_layers, [2, 1], groups=32, group_width=4)
model one = resnet(basic_block, [2, 1], groups=32, group_width=4)
"""


def form(model: str) -> archdsl.Architecture:
    return archdsl.loads(SPLIT, filename=str(SPECS / "split.arch"), model=model)


def of_path(key: str, weights: dict[str, Tensor], joining: str) -> Tensor:
    """The weight of one path, cut out of the weights of all of them.

    A path has its rows of each layer, and its columns of the layer that adds the paths up, if that is in it.
    """
    unit, _, rest = key.partition(".path")
    path, _, name = rest.partition(".")
    whole = weights[f"{unit}.{name}"]
    if whole.dim() == 0:
        return whole  # how many batches were seen
    axis = 1 if name == joining else 0
    width = whole.shape[axis] // 32
    return whole.narrow(axis, int(path) * width, width)


@pytest.mark.parametrize(
    ("split", "grouped", "joining"),
    [("a", "c", "conv3.weight"), ("b", "c", ""), ("two", "one", "conv2.weight")],
)
def test_split(split: str, grouped: str, joining: str) -> None:
    """In evaluation, and a step of training: results, and the gradients of the image."""
    torch.set_num_threads(2)
    torch.manual_seed(0)
    left, right = form(split), form(grouped)
    assert (left.params, left.macs) == (right.params, right.macs)
    theirs, ours = left.build(), move_statistics(right.build())
    weights = ours.state_dict()
    theirs.load_state_dict(
        {
            key: of_path(key, weights, joining) if ".path" in key else weights[key]
            for key in theirs.state_dict()
        },
        strict=True,
    )
    image = torch.randn(2, 3, 48, 64)
    with torch.no_grad():
        assert close(theirs.eval()(image), ours.eval()(image), 1e-5)
    exact = torch.randn(2, 3, 33, 40, dtype=torch.double, requires_grad=True)
    results = [module.double().train()(exact) for module in (theirs, ours)]
    gradients = [torch.autograd.grad(result.square().sum(), exact)[0] for result in results]
    assert close(results[0], results[1], 1e-9) and close(gradients[0], gradients[1], 1e-7)


def test_paths_are_told_apart() -> None:
    """What the paths have is not the same: exchanged ones give another result."""
    torch.manual_seed(0)
    ours = move_statistics(form("c").build().eval())
    weights = ours.state_dict()
    first = weights["layer1.0.conv2.weight"]
    image = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        before = ours(image)
        first.copy_(first.roll(4, 0))
        assert not close(ours(image), before, 1e-3)
