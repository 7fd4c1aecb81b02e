"""Table 1 of the GoogLeNet paper, row by row. Where a printed figure is off the note says by what."""

from __future__ import annotations

import pytest

from tests.zoo.support import architecture

# row, modules, weights (without biases), parameters printed (K is 1024), MACs, operations printed (M)
TABLE = [
    ("convolution 7x7", ["conv1"], 9_408, 2.7, 118_013_952, 34),  # both figures of the row are wrong
    ("convolution 3x3", ["conv2", "conv3"], 114_688, 112, 359_661_568, 360),
    ("3a", ["inception3a"], 163_328, 159, 128_049_152, 128),
    ("3b", ["inception3b"], 388_096, 380, 304_267_264, 304),
    ("4a", ["inception4a"], 375_552, 364, 73_608_192, 73),  # the widths give 367K and 74M
    ("4b", ["inception4b"], 448_512, 437, 87_908_352, 88),
    ("4c", ["inception4c"], 509_440, 463, 99_850_240, 100),  # 498K
    ("4d", ["inception4d"], 604_672, 580, 118_515_712, 119),  # 591K
    ("4e", ["inception4e"], 867_328, 840, 169_996_288, 170),  # 847K
    ("5a", ["inception5a"], 1_042_432, 1072, 51_079_168, 54),  # 1018K and 51M
    ("5b", ["inception5b"], 1_442_816, 1388, 70_697_984, 71),  # 1409K
    ("linear", ["fc"], 1_024_000, 1000, 1_024_000, 1),
]
PARAMS_AGREE = {"convolution 3x3", "3a", "3b", "4b", "linear"}
MACS_DISAGREE = {"convolution 7x7", "5a"}


@pytest.mark.parametrize(
    ("row", "modules", "weights", "params", "macs", "operations"), TABLE, ids=[r[0] for r in TABLE]
)
def test_row(row: str, modules: list[str], weights: int, params: float, macs: int, operations: int) -> None:
    layers = [
        layer
        for layer in architecture("googlenet.arch", "googlenet_paper").summary()["layers"]
        if layer["path"].split(".")[0] in modules
    ]
    biases = sum(layer["output"][0] for layer in layers if layer["params"])
    assert sum(layer["params"] for layer in layers) == weights + biases
    assert sum(layer["macs"] for layer in layers) == macs
    # the paper cuts off as often as it rounds, and 4b it prints one less
    assert (abs(weights / 1024 - params) <= 1) == (row in PARAMS_AGREE)
    assert (abs(macs / 1e6 - operations) < 1) == (row not in MACS_DISAGREE)


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
