"""What "did you mean" offers: one name, or two that are equally near, and nothing for a word that is like none."""

from __future__ import annotations

import pytest

from archdsl.diagnostics.near import did_you_mean, distance, nearest
from archdsl.elaborate.files import BUILTIN_NAMES
from archdsl.elaborate.unknown import Role, meant
from archdsl.layers import REGISTRY


@pytest.mark.parametrize(
    ("a", "b", "away"),
    [("conv", "conv", 0), ("conv", "cnov", 1), ("conv", "con", 1), ("conv", "convv", 1), ("relu", "gelu", 1),
     ("bilnear", "bilinear", 1), ("conv", "linear", 4)],
)  # fmt: skip
def test_distance(a: str, b: str, away: int) -> None:
    assert distance(a, b, 3) == distance(b, a, 3) == away


@pytest.mark.parametrize(
    ("word", "found"),
    [("strid", ["stride"]), ("dil", ["dilation"]), ("chanels", ["channels"]), ("KERNEL", ["kernel"]), ("x", []),
     ("frobnicate", []), ("ker_nel", ["kernel"])],
)  # fmt: skip
def test_nearest(word: str, found: list[str]) -> None:
    assert nearest(word, ["channels", "kernel", "stride", "pad", "dilation", "groups", "bias"]) == found


def test_two_that_are_equally_near_and_no_more() -> None:
    assert did_you_mean("node", ["mode", "code"]) == "did you mean `code` or `mode`?"
    assert nearest("xode", ["mode", "code", "node"]) == []


def test_a_name_of_the_wanted_kind_wins() -> None:
    assert nearest("width1", ["width"], ["width2"]) == ["width"]
    assert nearest("convv", ["stage"], ["conv"]) == ["conv"]


@pytest.mark.parametrize(
    ("word", "ours"),
    [("Conv2d", "conv"), ("ConvTranspose2d", "deconv"), ("BatchNorm2d", "bn"), ("Linear", "linear"), ("Dense", "linear"),
     ("MaxPooling2D", "maxpool"), ("AdaptiveAvgPool2d", "adaptive_avgpool"), ("GlobalAveragePooling2D", "gap"),
     ("Dropout", "dropout"), ("Dropout2d", "dropout_spatial"), ("LayerNorm", "ln"), ("cat", "concat"), ("view", "reshape"),
     ("LeakyReLU", "leaky_relu"), ("SiLU", "silu"), ("Swish", "silu"), ("MultiheadAttention", "attention"),
     ("globl_avg_pool", "gap"), ("interpolate", "upsample"), ("StochasticDepth", "drop_path")],
)  # fmt: skip
def test_layers_of_other_libraries(word: str, ours: str) -> None:
    assert f"did you mean `{ours}`?" in meant(word, BUILTIN_NAMES, Role.CALLEE)


def test_words_of_other_libraries_lead_to_one_layer() -> None:
    words = [word for declared in REGISTRY.values() for word in declared.elsewhere]
    assert sorted(words) == sorted(set(words))
    for declared in REGISTRY.values():
        for param in declared.params.values():
            assert not set(param.elsewhere) & {param.name}
