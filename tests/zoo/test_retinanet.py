"""RetinaNet against torchvision: the features, and the logits and boxes of all anchors in torchvision's order."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from archdsl import load
from archdsl.api import open_spec
from tests.zoo.oracles import close, move_statistics, torchvision_models
from tests.zoo.support import SPECS

pytestmark = pytest.mark.torch
SPEC = SPECS / "retinanet.arch"
NAMES = ["retinanet_resnet50_fpn", "retinanet_resnet50_fpn_v2"]


def theirs(name: str) -> Any:
    torch.manual_seed(0)
    return getattr(torchvision_models().detection, name)(weights=None, weights_backbone=None)


def side_by_side(levels: list[Tensor], values: int) -> Tensor:
    """The anchors of all positions of all levels, one behind the other, with so many values each."""
    parts = []
    for level in levels:
        batch, channels, height, width = level.shape
        by_anchor = level.reshape(batch, channels // values, values, height, width)
        parts.append(by_anchor.permute(0, 3, 4, 1, 2).reshape(batch, -1, values))
    return torch.cat(parts, dim=1)


@pytest.mark.parametrize("name", NAMES)
def test_outputs(name: str) -> None:
    oracle = move_statistics(theirs(name)).eval()
    ours = open_spec(SPEC).architecture(name).build().eval()
    ours.load_state_dict(oracle.state_dict(), strict=True)
    image = torch.randn(1, 3, 128, 192)
    with torch.no_grad():
        features = list(oracle.backbone(image).values())
        expected = oracle.head(features)
        pyramid = ours.backbone(image)
        found = ours(image)
    for level, one in zip(pyramid, features, strict=True):
        assert close(level, one)
    assert close(side_by_side(found.logits, 91), expected["cls_logits"])
    assert close(side_by_side(found.boxes, 4), expected["bbox_regression"])


def test_initial_weights() -> None:
    """Section 4.1: sigma = 0.01 and no bias, but for the classes, which start at a probability of 0.01."""
    torch.manual_seed(0)
    head = load(SPEC, model="retinanet").build().head
    assert torch.allclose(head.classification_head.cls_logits.bias.sigmoid(), torch.tensor(0.01))
    assert not head.regression_head.bbox_reg.bias.any()
    for weight in (head.classification_head.cls_logits.weight, head.regression_head.conv[2][0].weight):
        assert abs(weight.std().item() - 0.01) < 1e-3
