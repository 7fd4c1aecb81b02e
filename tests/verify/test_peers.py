"""Finding modules of torchvision and timm by name."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

torch = pytest.importorskip("torch")

from archdsl.verify import PeerError, find_peer  # noqa: E402
from archdsl.verify.peers import _LIBRARIES  # noqa: E402

pytestmark = pytest.mark.torch


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("torchvision:resnet18", 11_689_512),
        ("torchvision:googlenet", 13_004_888),
        ("torchvision:retinanet_resnet50_fpn", 34_068_119),
        ("timm:mobilevit_xxs", 1_272_024),
    ],
)
def test_built_without_weights(name: str, count: int) -> None:
    if find_spec(name.partition(":")[0]) is None:
        pytest.skip("it is not installed")
    peer = find_peer(name)
    assert peer.name == name and peer.version[0].isdigit()
    with torch.device("meta"):
        module = peer.build()
    assert sum(p.numel() for p in module.parameters() if p.requires_grad) == count


def test_settings() -> None:
    with torch.device("meta"):
        assert find_peer("torchvision:resnet18", {"num_classes": 10}).build().fc.out_features == 10
    with pytest.raises(PeerError, match="`resnet18` cannot be built: TypeError"):
        find_peer("torchvision:resnet18", {"depth": 10}).build()


@pytest.mark.parametrize("name", ["", ":", "resnet18", "keras:resnet18", "torchvision:", "torchvision"])
def test_names_that_are_none(name: str) -> None:
    with pytest.raises(PeerError, match="names no module") as error:
        find_peer(name)
    assert "torchvision:NAME" in error.value.help


def test_names_of_weights() -> None:
    if find_spec("timm") is None:
        pytest.skip("it is not installed")
    with pytest.raises(PeerError, match=r"no model `resnet50\.a1_in1k`") as error:
        find_peer("timm:resnet50.a1_in1k")
    assert error.value.help == "did you mean `resnet50`?"


def test_a_library_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(_LIBRARIES, "nowhere_to_be_found", _LIBRARIES["timm"])
    with pytest.raises(PeerError, match="nowhere_to_be_found is not installed"):
        find_peer("nowhere_to_be_found:resnet18")
