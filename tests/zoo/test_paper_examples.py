"""What papers and lectures compute by hand, as small programs."""

from __future__ import annotations

import pytest

import archdsl
from tests.zoo.support import architecture


def small(shape: str, body: str, before: str = "") -> archdsl.Architecture:
    return archdsl.loads(f"{before}\nnetwork n {{\ninput x: {shape}\n{body}\noutput y\n}}")


def test_depthwise_separable() -> None:
    """3 maps in and out with 3x3: 81 weights against 36."""
    full = small("[3, 8, 8]", "conv(3, 3, bias=false)")
    separable = small("[3, 8, 8]", "depthwise(3, bias=false) -> conv(3, 1, bias=false)")
    assert (full.params, separable.params) == (81, 36)
    with_norm = small("[3, 8, 8]", "separable(3)", "from std.mobile import separable")
    assert with_norm.params == 36 + 4 * 3


def test_bottleneck() -> None:
    """480 maps of 14x14 to 48 with 5x5: 112.9M operations, 5.3M with a 1x1 to 16 maps before it."""
    full = small("[480, 14, 14]", "conv(48, 5)")
    reduced = small("[480, 14, 14]", "conv(16, 1) -> conv(48, 5)")
    assert round(full.macs / 1e6, 1) == 112.9
    assert round(reduced.macs / 1e6, 1) == 5.3


@pytest.mark.parametrize(
    ("one", "factors", "ratio"),
    [("conv(8, 5, bias=false)", "conv(8, 3, bias=false) * 2", (25, 18)),
     ("conv(8, 3, bias=false)", "conv(8, 1x3, bias=false) -> conv(8, 3x1, bias=false)", (9, 6))],
)  # fmt: skip
def test_factorization(one: str, factors: str, ratio: tuple[int, int]) -> None:
    """Inception's factorizations: 5x5 against two 3x3, 3x3 against 1x3 and 3x1."""
    whole, parts = small("[8, 16, 16]", one), small("[8, 16, 16]", factors)
    assert whole.params * ratio[1] == parts.params * ratio[0]
    assert whole.macs * ratio[1] == parts.macs * ratio[0]
    assert whole.outputs == parts.outputs


@pytest.mark.parametrize(
    ("spec", "model", "depth"),
    [("densenet", f"densenet{n}", n) for n in (121, 169, 201)]
    + [("resnet", f"resnet{n}", n) for n in (18, 34, 50, 101, 152)]
    + [
        ("densenet_cifar", "densenet_bc_100_12", 100),
        ("mobilenet", "mobilenet_100", 28),
        ("unet", "unet572", 23),
    ]
    + [("dpn", f"dpn{n}", n) for n in (68, 92, 98, 131)]
    + [("dla", name, int(name[3:].removesuffix("_c"))) for name in ("dla34", "dla46_c", "dla60", "dla102")],
)
def test_depth(spec: str, model: str, depth: int) -> None:
    """Networks are named for their layers with weights; projections of shortcuts are not counted."""
    layers = architecture(f"{spec}.arch", model).summary()["layers"]
    weighted = [
        layer["path"]
        for layer in layers
        if layer["layer"] in ("conv", "depthwise", "deconv", "linear")
        and not any(shortcut in layer["path"] for shortcut in ("downsample", "project", "c1x1_w"))
    ]
    assert len(weighted) == depth


def test_densenet_output_sizes() -> None:
    """Huang et al., 2017, Table 1: 112 56 56 28 14 7 1."""
    layers = architecture("densenet.arch", "densenet121").summary()["layers"]
    sizes = []
    for layer in layers:
        size = layer["output"][1] if len(layer["output"]) == 3 else 1
        if not sizes or sizes[-1] != size:
            sizes.append(size)
    assert sizes == [112, 56, 28, 14, 7, 1]
