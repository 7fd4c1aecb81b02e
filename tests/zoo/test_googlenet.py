"""GoogLeNet's auxiliary classifiers: what they are made of, and that they are computed in training only."""

from __future__ import annotations

import pytest

from archdsl.api import open_spec
from tests.zoo.support import SPECS, architecture


def test_auxiliary_classifiers() -> None:
    """Section 5: average pooling to 4x4, 128 filters of 1x1, 1024 units, 1000 classes."""
    layers = architecture("googlenet.arch", "googlenet_paper").summary()["layers"]
    for name, channels in ("aux1", 512), ("aux2", 528):
        shapes = {
            layer["layer"]: (layer["inputs"][0], layer["output"])
            for layer in layers
            if layer["path"].startswith(f"{name}.") and layer["layer"] in ("avgpool", "conv", "flatten")
        }
        assert shapes == {
            "avgpool": ([channels, 14, 14], [channels, 4, 4]),
            "conv": ([channels, 4, 4], [128, 4, 4]),
            "flatten": ([128, 4, 4], [2048]),
        }
        assert [layer["output"] for layer in layers if layer["path"] in (f"{name}.fc1", f"{name}.fc2")] == [
            [1024],
            [1000],
        ]


@pytest.mark.torch
def test_inference_has_no_auxiliary_weights_to_compute() -> None:
    """In evaluation the auxiliary classifiers are not computed."""
    import torch

    arch = open_spec(SPECS / "googlenet.arch").architecture("googlenet")
    ours = arch.build()
    calls: list[str] = []
    for name, part in ours.named_modules():
        if name.startswith("aux"):
            part.register_forward_hook(lambda *_, name=name: calls.append(name))
    with torch.no_grad():
        ours.eval()(torch.randn(1, 3, 64, 64))
        assert calls == []
        ours.train()(torch.randn(2, 3, 64, 64))
        assert calls
