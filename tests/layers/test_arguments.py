"""Arguments, their kinds and messages; nothing here needs torch."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from archdsl.layers import (
    INITIALISERS,
    REGISTRY,
    WORDS,
    ArgumentError,
    Init,
    Layer,
    LayerError,
    Shape,
    Word,
    applied,
    make_init,
)
from archdsl.layers.kinds import LIMIT
from archdsl.layers.reference import init_signature, signature

IMAGE = Shape((3, 32, 32))


def apply(name: str, *xs: Shape, **values: Any) -> tuple[Layer, tuple[Shape, ...]]:
    made = REGISTRY[name](values)
    return made, made.outputs(xs or (IMAGE,))


def test_nothing_static_imports_torch() -> None:
    code = "import sys, archdsl.layers.reference; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_declaration(name: str) -> None:
    cls = REGISTRY[name]
    assert (cls.__doc__ or "").splitlines()[0].endswith("."), "a layer says in one sentence what it is"
    for key, param in cls.params.items():
        assert param.name == key and param.doc
        assert not param.doc.endswith("."), "a parameter's text is no sentence"
    assert cls.is_join == (cls.group == "joins")
    assert not (cls.is_join and cls.is_module)


def test_no_modules_are_those_of_the_naming_rule() -> None:
    without = {name for name, cls in REGISTRY.items() if not cls.is_module and not cls.is_join}
    assert without == {
        "identity", "scale", "reshape", "permute", "upsample", "pixel_shuffle", "shuffle", "pad", "crop", "slice",
        "select", "split", "reduce", "tokens", "untokens",
    }  # fmt: skip
    assert [name for name, cls in REGISTRY.items() if cls.is_parameter] == [
        "layerscale",
        "class_token",
        "position_embedding",
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "conv",
            (
                "conv(channels, kernel, stride=1, pad=half, dilation=1, groups=1, bias=true, init=pytorch, "
                "bias_init=pytorch)"
            ),
        ),
        ("maxpool", "maxpool(kernel, stride=kernel, pad=0, ceil=false, dilation=1)"),
        ("bn", "bn(eps=1e-5, momentum=0.1, affine=true, track=true, init=pytorch, bias_init=pytorch)"),
        ("upsample", "upsample(scale=none, mode=nearest, size=none, align_corners=false)"),
        ("relu", "relu"),
    ],
)
def test_signature(name: str, text: str) -> None:
    assert signature(REGISTRY[name]) == text


def test_signature_of_an_initialiser() -> None:
    assert init_signature("kaiming_normal") == "kaiming_normal(a=0, mode=fan_in, nonlinearity=leaky_relu)"
    assert init_signature("zeros") == "zeros"


def test_words() -> None:
    assert {"half", "valid", "same", "nearest", "bilinear", "zeros", "orthogonal", "center", "mean"} <= WORDS
    assert all(isinstance(word, str) and word.isidentifier() for word in WORDS)


@pytest.mark.parametrize(
    ("name", "values", "parameter", "message"),
    [
        ("conv", {"kernel": 3}, "channels", "`conv` needs `channels`"),
        ("conv", {"channels": 64, "kernel": 3, "size": 1}, "size", "`conv` has no parameter `size`"),
        ("conv", {"channels": 0, "kernel": 3}, "channels", "`channels` of `conv` is an int of at least 1, not 0"),
        ("conv", {"channels": 1.5, "kernel": 3}, "channels", "`channels` of `conv` is an int, not 1.5"),
        ("conv", {"channels": True, "kernel": 3}, "channels", "`channels` of `conv` is an int of at least 1, not true"),
        (
            "conv",
            {"channels": 2**31, "kernel": 3},
            "channels",
            "`channels` of `conv` is an int of at most 2147483647, not 2147483648",
        ),
        (
            "conv",
            {"channels": 64, "kernel": [3, 0]},
            "kernel",
            "`kernel` of `conv` is an extent (an int or a list of ints) of at least 1, not [3, 0]",
        ),
        (
            "conv",
            {"channels": 64, "kernel": 3, "pad": Word("zeros")},
            "pad",
            "`pad` of `conv` is one of `half`, `valid`, `same`, an int of at least 0 or a list of them, not `zeros`",
        ),
        (
            "conv",
            {"channels": 64, "kernel": 3, "groups": 7},
            "groups",
            "`groups` of `conv` divides the channels that leave, and 7 does not divide 64",
        ),
        (
            "conv",
            {"channels": 64, "kernel": 3, "bias_init": Word("orthogonal")},
            "bias_init",
            "`bias_init` of `conv` is an initialiser of a vector, not the initialiser `orthogonal`",
        ),
        (
            "linear",
            {"features": 10, "init": Word("normal")},
            "init",
            "`init` of `linear` is an initialiser with its arguments, not `normal`",
        ),
        ("dropout", {"p": 2}, "p", "`p` of `dropout` is a number from 0 to 1, not 2"),
        ("bn", {"eps": 0}, "eps", "`eps` of `bn` is a number above 0, not 0"),
        ("maxpool", {"kernel": 3, "pad": Word("same"), "ceil": True}, "ceil", "`ceil` of `maxpool` has no meaning with `same`"),
        (
            "deconv",
            {"channels": 4, "kernel": 3, "pad": Word("same"), "extra": [0, 1]},
            "extra",
            "`extra` of `deconv` has no meaning with `same`",
        ),
        ("upsample", {}, "scale", "`upsample` takes one of `scale` and `size`"),
        ("upsample", {"scale": 2, "size": 4}, "scale", "`upsample` takes one of `scale` and `size`"),
        ("pointwise", {"function": "sin"}, "function", ("`function` of `pointwise` is one of `abs`, `square`, `sqrt`, "
         '`exp`, `log`, not the string "sin"')),
    ],
)  # fmt: skip
def test_argument_messages(name: str, values: dict[str, Any], parameter: str, message: str) -> None:
    with pytest.raises(ArgumentError) as raised:
        REGISTRY[name](values)
    assert (raised.value.parameter, raised.value.message) == (parameter, message)


@pytest.mark.parametrize(
    ("name", "x", "values", "code", "parameter", "message", "notes"),
    [
        (
            "conv", Shape((3, 4, 4)), {"channels": 8, "kernel": 7, "pad": 1}, "E503", None,
            "the kernel of `conv` does not fit its input",
            ("along axis 1 (height) of [3, 4, 4] the kernel is 7 and the input 4, 6 with its padding",),
        ),
        (
            "maxpool", Shape((3, 1, 1)), {"kernel": 2}, "E503", None,
            "the kernel of `maxpool` does not fit its input",
            ("along axis 1 (height) of [3, 1, 1] the kernel is 2 and the input 1",),
        ),
        (
            "conv", Shape((6, 4, 4)), {"channels": 8, "kernel": 1, "groups": 4}, "E602", "groups",
            "`groups` of `conv` does not divide the channels that arrive",
            ("4 groups, and [6, 4, 4] has 6 channels",),
        ),
        (
            "conv", Shape((6, 4)), {"channels": 8, "kernel": [3, 3]}, "E602", "kernel",
            "`kernel` of `conv` has 2 extents, and [6, 4] has 1 spatial axis", (),
        ),
        ("conv", Shape((6,)), {"channels": 8, "kernel": 1}, "E504", None, "`conv` works over spatial axes, and [6] has none", ()),
        (
            "linear", Shape((512, 7, 7)), {"features": 10}, "E504", None,
            "`linear` takes features without spatial axes, and a map [512, 7, 7] arrives", (),
        ),
        ("bn", Shape((4, 8), True), {}, "E504", None, "`bn` normalises the channels of a map, and tokens [4, 8] arrive", ()),
        (
            "softmax", Shape((4, 8)), {"axis": 2}, "E602", "axis",
            "`softmax` works along axis 2, and [4, 8] has 2 axes", (),
        ),
        (
            "split", Shape((5, 8)), {"parts": 2}, "E602", "parts",
            "`split` makes equal parts", ("axis 0 of [5, 8] has 5, which 2 does not divide",),
        ),
        (
            "maxpool", Shape((3, 8, 8)), {"kernel": 2, "pad": 2}, "E602", "pad",
            "`pad` of `maxpool` is at most half of its kernel", ("along axis 1 the padding is 2 and the kernel 2",),
        ),
        (
            "avgpool", Shape((3, 8, 8)), {"kernel": 3, "pad": [0, 0, 0, 2]}, "E602", "pad",
            "`pad` of `avgpool` is at most half of its kernel", ("along axis 2 the padding is 2 and the kernel 3",),
        ),
        (
            "maxpool", Shape((3, 8)), {"kernel": 3, "pad": [0, 1], "ceil": True}, "E602", "ceil",
            "`ceil` of `maxpool` goes with a padding that is the same on both sides", (),
        ),
        (
            "deconv", Shape((3, 2)), {"channels": 4, "kernel": 2, "pad": [0, 3]}, "E503", "pad",
            "`pad` of `deconv` takes off all that leaves", ("along axis 1 of [3, 2] it takes 3 off 3",),
        ),
    ],
)  # fmt: skip
def test_layer_messages(
    name: str,
    x: Shape,
    values: dict[str, Any],
    code: str,
    parameter: str | None,
    message: str,
    notes: tuple[str, ...],
) -> None:
    with pytest.raises(LayerError) as raised:
        apply(name, x, **values)
    error = raised.value
    assert (error.code, error.parameter, error.message, error.notes) == (code, parameter, message, notes)


HUGE = LIMIT


@pytest.mark.parametrize(
    ("name", "x", "values", "message", "note"),
    [
        ("conv", Shape((HUGE, 4, 4)), {"channels": HUGE, "kernel": 1}, "learns", f"[{HUGE}, {HUGE}, 1, 1]"),
        ("upsample", Shape((8, HUGE, 2)), {"size": HUGE}, "gives", f"[8, {HUGE}, {HUGE}]"),
        ("gap", Shape((8, HUGE, HUGE)), {}, "takes", f"[8, {HUGE}, {HUGE}]"),
        ("attention", Shape((HUGE, 8), True), {"heads": 4}, "computes", f"[4, {HUGE}, {HUGE}]"),
    ],
)
def test_what_pytorch_cannot_count(
    name: str, x: Shape, values: dict[str, Any], message: str, note: str
) -> None:
    with pytest.raises(LayerError) as raised:
        applied.apply(REGISTRY[name](values), (x,))
    error = raised.value
    assert (error.code, error.message) == (
        "E602",
        f"`{name}` {message} a tensor of more values than PyTorch can count",
    )
    assert error.notes == (f"{note} are more than 2,305,843,009,213,693,951 values",)


def test_the_largest_weight() -> None:
    """One row more, and its bytes need a 64th bit."""
    x = Shape((2**30,))
    assert applied.apply(REGISTRY["linear"]({"features": LIMIT, "bias": False}), (x,)).macs == 2**30 * LIMIT
    with pytest.raises(LayerError, match="`linear` learns a tensor"):
        applied.apply(REGISTRY["linear"]({"features": LIMIT}), (Shape((2**30 + 1,)),))


def test_linear_on_a_map_names_the_mend() -> None:
    with pytest.raises(LayerError) as raised:
        apply("linear", Shape((512, 7, 7)), features=10)
    assert "`flatten` before it leaves 25,088 features, `gap` 512" in raised.value.help


def test_a_join_names_the_branches_that_disagree() -> None:
    a, b, c = Shape((64, 56, 56)), Shape((64, 1, 1)), Shape((128, 56, 56))
    with pytest.raises(LayerError) as raised:
        apply("add", a, b, c)
    error = raised.value
    assert (error.code, error.member) == ("E502", 2)
    assert error.members == {0: "this one is [64, 56, 56]", 2: "this one is [128, 56, 56]"}
    assert error.notes == ("channels: 64 and 128",)


def test_joins_of_none_and_of_a_wrong_number() -> None:
    for name in ("add", "concat", "stack", "maximum", "mean", "sub", "matmul"):
        with pytest.raises(LayerError) as raised:
            REGISTRY[name]({}).outputs(())
        assert raised.value.code == ("E404" if name in ("sub", "matmul") else "E405")
    with pytest.raises(LayerError, match="joins two tensors, and 3 tensors arrive"):
        apply("div", IMAGE, IMAGE, IMAGE)


@pytest.mark.parametrize(
    ("name", "values", "text"),
    [
        ("conv", {"channels": 64, "kernel": 3, "stride": 2}, "conv 3×3, 64, /2"),
        ("conv", {"channels": 128, "kernel": [1, 7]}, "conv 1×7, 128"),
        (
            "conv",
            {"channels": 9, "kernel": 3, "dilation": 2, "groups": 3},
            "conv 3×3, 9, dilation 2, groups 3",
        ),
        ("conv", {"channels": 9, "kernel": 3, "stride": [2, 1]}, "conv 3×3, 9, /2×1"),
        ("depthwise", {"kernel": 3}, "depthwise 3×3"),
        ("deconv", {"channels": 4, "kernel": 2, "stride": 2}, "deconv 2×2, 4, ×2"),
        ("maxpool", {"kernel": 3, "stride": 2}, "maxpool 3×3, /2"),
        ("dropout", {}, "dropout 0.5"),
        ("drop_path", {"p": 0.2}, "drop_path 0.2"),
        ("drop_path", {"p": 0.2, "mode": "batch"}, "drop_path 0.2, batch"),
        ("bn", {}, "bn"),
        ("split", {"parts": [1, 2]}, "split 1 | 2"),
        ("upsample", {"scale": 2}, "upsample ×2"),
        ("adaptive_avgpool", {"size": 7}, "adaptive_avgpool to 7×7"),
        ("pointwise", {"function": "sqrt"}, "sqrt"),
        ("reduce", {"op": "max", "axis": [1, 2]}, "max over 1, 2"),
    ],
)
def test_describe(name: str, values: dict[str, Any], text: str) -> None:
    assert REGISTRY[name](values).describe((IMAGE,)) == text


class TestInitialisers:
    def test_call(self) -> None:
        assert make_init("normal", {"std": 0.02}) == Init("normal", (("std", 0.02),))
        assert make_init("kaiming_normal", {"mode": "fan_out", "a": 0}) == Init(
            "kaiming_normal", (("mode", "fan_out"),)
        )
        assert make_init("kaiming_uniform", {"nonlinearity": Word("relu")}).arguments == (
            ("nonlinearity", "relu"),
        )
        assert make_init("constant", {"value": 1}).arguments == (("value", 1),)
        assert make_init("uniform", {"high": 1, "low": 0}).arguments == (("low", 0), ("high", 1))
        assert make_init("trunc_normal", {"std": 1, "b": 3}).arguments == (("std", 1), ("b", 3))

    @pytest.mark.parametrize(
        ("name", "given", "message"),
        [
            ("normal", {"std": -1}, "`std` of `normal` is a number of at least 0, not -1"),
            ("trunc_normal", {"std": 0}, "`std` of `trunc_normal` is a number above 0, not 0"),
            (
                "trunc_normal",
                {"std": 1, "b": -2},
                "`b` of `trunc_normal` lies above `a`, and -2 does not lie above -2",
            ),
            (
                "uniform",
                {"low": 1, "high": 0.5},
                "`high` of `uniform` lies above `low`, and 0.5 does not lie above 1",
            ),
            (
                "kaiming_normal",
                {"a": 1e200},
                "`a` of `kaiming_normal` is a number from -1e+06 to 1e+06, not 1e+200",
            ),
        ],
    )
    def test_refused(self, name: str, given: dict[str, Any], message: str) -> None:
        with pytest.raises(ArgumentError) as raised:
            make_init(name, given)
        assert raised.value.message == message

    def test_bare_word(self) -> None:
        conv = REGISTRY["conv"]({"channels": 4, "kernel": 3, "init": Word("xavier_uniform")})
        assert conv.values()["init"] == Init("xavier_uniform")

    def test_pytorchs_way(self) -> None:
        conv = REGISTRY["conv"](
            {"channels": 4, "kernel": 3, "init": Word("pytorch"), "bias_init": Init("pytorch")}
        )
        assert conv.values()["init"] is None and conv.values()["bias_init"] is None
        assert REGISTRY["prelu"]({"init": Word("pytorch")}).values()["init"] == 0.25

    def test_all_are_offered(self) -> None:
        assert set(REGISTRY["conv"].params["init"].kind.words) == set(INITIALISERS)
