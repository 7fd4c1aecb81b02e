"""Tensors by the names of the spec: what torchvision's feature extraction, given the graph's names, takes out."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from archdsl.api import loads  # noqa: E402
from tests.ecosystem.networks import assert_equal, network  # noqa: E402
from tests.zoo.oracles import torchvision_models  # noqa: E402

pytestmark = pytest.mark.torch
LABELLED = """
block unit(c) { ( identity | conv(c, 3) -> relu ) -> add }
network n {
  input image: [8, 16, 16]
  stem: { conv(8, 3) -> relu }
  early = enc1: unit(8)
  late = merge: (( maxpool(2) -> upsample(2) | early ) -> add)
  gap -> fc: linear(4)
  output logits
}
"""


def extractor(net: Any, names: Any) -> Any:
    torchvision_models()
    extraction = pytest.importorskip("torchvision.models.feature_extraction")
    return extraction.create_feature_extractor(net, names)


def test_names_of_the_text() -> None:
    """U-Net's e1 to e4: the graph says which module gives each, and forward has variables of these names."""
    unet = network("unet256")
    names = {
        data["module"]: name
        for _, data in unet.architecture.graph.nodes(data=True)
        for name in data["names"]
        if data["module"] and name.startswith("e")
    }
    assert sorted(names.values()) == ["e1", "e2", "e3", "e4"]
    net, x = unet.new(), unet.input()
    seen: dict[str, Any] = {}

    def watch(frame: FrameType, event: str, _: object) -> None:
        if event == "return" and frame.f_code is type(net).forward.__code__:
            seen.update(frame.f_locals)

    with torch.no_grad():
        sys.setprofile(watch)
        try:
            net(x)
        finally:
            sys.setprofile(None)
        found = extractor(net, names)(x)
    assert list(found) == ["e1", "e2", "e3", "e4"]
    for name, tensor in found.items():
        assert_equal(tensor, seen[name], 0)


def test_labels_are_names() -> None:
    """A label names what it stands before, whatever that is: a layer, a block, a group. A block's last join is its own."""
    net = loads(LABELLED).build().eval()
    x = torch.randn(1, 8, 16, 16)
    with torch.no_grad():
        found = extractor(net, {"stem": "stem", "enc1": "early", "merge": "late", "fc": "logits"})(x)
        assert_equal(found["early"], extractor(net, ["enc1.add"])(x)["enc1.add"], 0)
        assert_equal(found["late"].mean((2, 3)) @ net.fc.weight.T + net.fc.bias, net(x), 1e-5)
        assert_equal(found["logits"], net(x), 1e-6)
        assert_equal(found["stem"], net.get_submodule("stem")(x), 1e-6)
