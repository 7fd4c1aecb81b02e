"""Constructors bear the names of the text: parameters, `let`, defaults; and what may vary in a network varies."""

from __future__ import annotations

import csv
import inspect
import re
from typing import Any

import pytest
import torch

import archdsl
from archdsl.api import SettingText, open_spec
from archdsl.emit import emit_module
from tests.emit.generated import ROOT, class_text, source_of


def emit(text: str) -> str:
    return emit_module(archdsl.loads(text)._graph, "0.0.0")


def net(body: str, blocks: str = "", shape: str = "[8, 8, 8]", parameters: str = "") -> str:
    return emit(f"{blocks}\nnetwork net({parameters}) {{\n  input image: {shape}\n{body}\n  output y\n}}")


def module_of(source: str) -> Any:
    namespace: dict[str, Any] = {"__name__": "generated"}
    exec(compile(source, "<generated>", "exec"), namespace)
    return namespace[namespace["__all__"][-1]]


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("( ", "(").replace(", )", ")")


#: a block, its calls, and what its class and the network say
WRITTEN = {
    "parameters keep their names though all instances have one value": (
        "block unit(growth: int, bottleneck = 4) { conv(bottleneck * growth, 1) -> conv(growth, 3) }",
        "unit(6) -> unit(6)",
        "(self, in_channels: int, growth: int, bottleneck: int = 4)",
        [
            "nn.Conv2d(in_channels, bottleneck * growth, 1)",
            "nn.Conv2d(bottleneck * growth, growth, 3, padding=1)",
        ],
        ["Unit(8, 6)", "Unit(6, 6)"],
    ),
    "a number that only happens to be that of a parameter stays a number": (
        "block unit(growth: int) { conv(4, 1) -> conv(growth, 3) }",
        "unit(4) -> unit(4)",
        "(self, in_channels: int, growth: int)",
        ["nn.Conv2d(in_channels, 4, 1)", "nn.Conv2d(4, growth, 3, padding=1)"],
        ["Unit(8, 4)", "Unit(4, 4)"],
    ),
    "a float is multiplied and cut off": (
        "block less(theta = 0.5) { conv(floor(theta * it.channels), 1) }",
        "less -> less",
        "(self, in_channels: int, theta: float = 0.5)",
        ["nn.Conv2d(in_channels, int(theta * in_channels), 1)"],
        ["Less(8)", "Less(4)"],
    ),
    "a float that some call gives as an int stays one": (
        "block less(theta = 0.5) { conv(floor(theta * it.channels), 1) }",
        "less(1) -> less",
        "(self, in_channels: int, theta: float = 0.5)",
        ["nn.Conv2d(in_channels, int(theta * in_channels), 1)"],
        ["Less(8, theta=1)", "Less(8)"],
    ),
    "a let that is used twice is a variable": (
        "block unit(c, e = 2) { let hidden = c * e // 3\n conv(hidden, 1) -> conv(hidden, 3) -> conv(c, 1) }",
        "unit(6) -> unit(9)",
        "(self, in_channels: int, c: int, e: int = 2)",
        ["hidden = c * e // 3", "nn.Conv2d(in_channels, hidden, 1)", "nn.Conv2d(hidden, c, 1)"],
        ["Unit(8, 6)", "Unit(6, 9)"],
    ),
    "a let that is used once is its value": (
        "block unit(c) { let hidden = c // 3\n conv(hidden, 1) }",
        "unit(6) -> unit(9)",
        "(self, in_channels: int, c: int)",
        ["nn.Conv2d(in_channels, c // 3, 1)"],
        ["Unit(8, 6)"],
    ),
    "a default that follows from other parameters is no argument": (
        "block unit(c, hidden = c // 2) { conv(hidden, 1) -> conv(c, 1) }",
        "unit(6) -> unit(8)",
        "(self, in_channels: int, c: int)",
        ["hidden = c // 2", "nn.Conv2d(hidden, c, 1)"],
        ["Unit(8, 6)", "Unit(6, 8)"],
    ),
    "a default that some call changes is one": (
        "block unit(c, hidden = c // 2) { conv(hidden, 1) -> conv(c, 1) }",
        "unit(6) -> unit(8, 7)",
        "(self, in_channels: int, c: int, hidden: int)",
        ["nn.Conv2d(in_channels, hidden, 1)"],
        ["Unit(8, 6, 3)", "Unit(6, 8, 7)"],
    ),
    "layers of a function are those of the block that calls it": (
        """def branch(inner, out, strides) = { conv(inner, 1, stride=strides[0]) -> conv(out, 3, stride=strides[1]) }
        block unit(width, stride = 1) { branch(width, 4 * width, [1, stride]) }""",
        "unit(4) -> unit(8, 2)",
        "(self, in_channels: int, width: int, stride: int = 1)",
        ["nn.Conv2d(in_channels, width, 1)", "nn.Conv2d(width, 4 * width, 3, stride=stride, padding=1)"],
        ["Unit(8, 4)", "Unit(16, 8, stride=2)"],
    ),
    "a function of numbers stands where it is called": (
        "def wide(c, k = 2) = c * k + 1\nblock unit(c) { conv(wide(c), 1) -> conv(wide(c, 3), 1) }",
        "unit(4) -> unit(8)",
        "(self, in_channels: int, c: int)",
        ["nn.Conv2d(in_channels, c * 2 + 1, 1)", "nn.Conv2d(c * 2 + 1, c * 3 + 1, 1)"],
        ["Unit(8, 4)"],
    ),
    "blocks inside are given what the text gives them": (
        """block inner(c, r = 4) { conv(c // r, 1) -> conv(c, 1) }
        block outer(width, r = 2) { conv(width, 3) -> inner(2 * width, r) }""",
        "outer(4) -> outer(8, 4)",
        "(self, in_channels: int, width: int, r: int = 2)",
        ["Inner(width, 2 * width, r=r)"],
        ["Outer(8, 4)", "Outer(8, 8, r=4)"],
    ),
    "what arrives grows by a parameter": (
        "block layer(k) { ( it | conv(k, 3) ) -> concat }\nblock dense(n, k) { for i in range(n) { layer(k) } }",
        "dense(2, 3) -> dense(5, 3)",
        "(self, in_channels: int, n: int, k: int)",
        ["Layer(in_channels + k * i, k)"],
        ["Dense(8, 2, k)", "Dense(14, 5, k)", "k = 3"],
    ),
    "a choice that always falls one way is that": (
        "block unit(c, s = 1) { conv(c if s == 1 else c - it.channels, 1, stride=s) }",
        "unit(4) -> unit(8)",
        "(self, in_channels: int, c: int)",
        ["nn.Conv2d(in_channels, c, 1)"],
        ["Unit(8, 4)"],
    ),
    "a choice that falls both ways is one": (
        "block unit(c, s = 1) { conv(c if s == 1 else c - it.channels, 1, stride=s) }",
        "unit(4) -> unit(9, 2)",
        "(self, in_channels: int, c: int, s: int = 1)",
        ["nn.Conv2d(in_channels, c if s == 1 else c - in_channels, 1, stride=s)"],
        ["Unit(8, 4)", "Unit(4, 9, s=2)"],
    ),
    "half of a kernel pads": (
        "block unit(c, k = 3) { conv(c, k) }",
        "unit(4) -> unit(8, 5)",
        "(self, in_channels: int, c: int, k: int = 3)",
        ["nn.Conv2d(in_channels, c, k, padding=k // 2)"],
        ["Unit(8, 4)", "Unit(4, 8, k=5)"],
    ),
}


@pytest.mark.parametrize("case", WRITTEN, ids=lambda case: case.replace(" ", "-"))
def test_what_is_written(case: str) -> None:
    blocks, calls, signature, lines, made = WRITTEN[case]
    names = {"parameters": "k = 3"} if "k = 3" in made else {}
    calls = calls.replace(", 3)", ", k)") if names else calls
    source = net(f"  {calls}", blocks, **names)
    name = re.findall(r"block (\w+)", blocks)[-1].capitalize()
    text = flat(class_text(source, name))
    assert f"def __init__{signature} -> None:" in text
    assert [line for line in lines if line not in text] == []
    assert [line for line in made if line not in flat(class_text(source, "Net"))] == []
    if "a let that is used once" in case:
        assert "hidden" not in text
    module_of(source)()  # it is what was checked: tests/emit/test_modules.py holds the values


def test_named_numbers_of_a_network() -> None:
    """What the text names and uses again is a variable; what it uses once is a number."""
    body = "  let wide = 3 * base\n  let once = 5\n  conv(wide, 1) -> conv(wide, 3) -> conv(once, 1) -> conv(2 * base, 1)"
    text = flat(class_text(net(body, parameters="base = 4"), "Net"))
    assert "wide = 12 " in text and "once" not in text and "base" not in text
    assert "nn.Conv2d(8, wide, 1)" in text and "nn.Conv2d(5, 8, 1)" in text


# --- networks --------------------------------------------------------------------------------------------------------

MODELS = [
    (row["spec"], row["model"])
    for row in csv.DictReader((ROOT / "tests/zoo/sample.csv").read_text(encoding="utf-8").splitlines())
]


@pytest.mark.parametrize(("spec", "model"), MODELS, ids=[model for _, model in MODELS])
def test_what_may_vary_gives_what_would_be_compiled(spec: str, model: str) -> None:
    """The module for another value is the one that is compiled for it, letter for letter but for the default."""
    path = ROOT / "specs" / spec
    source = source_of(path, model)
    factory = module_of(source)
    for name, parameter in inspect.signature(factory).parameters.items():
        other = 0.625 if isinstance(parameter.default, float) else 7
        arch = open_spec(path).architecture(model, {name: SettingText(str(other))})
        compiled = emit_module(arch._graph, "0.0.0")
        before, after = (
            f"{name}: {type(other).__name__} = {parameter.default}",
            f"{name}: {type(other).__name__} = {other}",
        )
        at = source.rindex("\nclass ")
        blocks, network = source[:at], source[at:]
        assert network.count(before) == 2  # of the class and of the factory
        assert body_of(compiled) == body_of(blocks + network.replace(before, after))
        with torch.device("meta"):
            made, wanted = factory(**{name: other}), module_of(compiled)()
        assert {k: v.shape for k, v in made.state_dict().items()} == {
            k: v.shape for k, v in wanted.state_dict().items()
        }


def body_of(source: str) -> str:
    """A module behind its docstring."""
    return source.split('"""\n', 1)[1]


def test_a_network_with_other_classes_has_the_same_weights_elsewhere() -> None:
    factory = module_of(source_of(ROOT / "specs" / "resnet_cifar.arch", "resnet20"))
    one, other = factory(), factory(classes=3)
    weights = {name: value for name, value in one.state_dict().items() if not name.startswith("fc.")}
    missing, unexpected = other.load_state_dict(weights, strict=False)
    assert sorted(missing) == ["fc.bias", "fc.weight"] and not unexpected
    image = torch.randn(2, 3, 32, 32)
    assert other.eval()(image).shape == (2, 3)


def test_values_that_are_none_raise_as_pytorch_does() -> None:
    source = net("  gap -> dropout(rate) -> linear(classes)", parameters="rate = 0.2, classes = 10")
    factory = module_of(source)
    assert list(inspect.signature(factory).parameters) == ["rate", "classes"]
    with pytest.raises(RuntimeError, match="negative dimension"):
        factory(classes=-1)
    with pytest.raises(ValueError, match="between 0 and 1"):
        factory(rate=1.5)
    drops = net("  drop_path(rate)", parameters="rate = 0.2")
    with pytest.raises(ValueError, match="between 0 and 1"):
        module_of(drops)(rate=-0.5)


#: what stands in the text, and why the number cannot vary
FIXED = {
    "linear(classes) -> [10]": "a waypoint states it",
    "linear(classes)\n  let k = classes": "something else reads it",
    "linear(classes) -> linear(classes)": "a layer with weights reads what it changes",
    "linear(classes) -> if it.channels > 9 { relu }": "the flow is read",
    "linear(2 * classes)": "it is a part of an expression",
    "if classes > 3 { linear(classes) }": "it decides what there is",
    "linear(classes, init=normal(1 / classes))": "something else reads it",
    "linear(classes) -> ln": "a norm has a weight for each",
    "linear(classes) -> reshape([2, 5])": "a shape states it",
    "linear(classes)\n  expect y.channels == 10": "an expectation is about it",
    "linear(classes)\n  expect params > 10": "an expectation is about a figure that it changes",
    "linear(classes)\n  expect classes > 3": "an expectation is about it",
    "a = linear(classes)\n  ( image -> gap -> linear(10) | a ) -> add": "it must be another tensor's",
    "for i in range(2) { linear(classes) }": "a copy reads what the one before changes",
    "maxpool(2) -> [8]": "nothing reads it",
}


@pytest.mark.parametrize("body", FIXED)
def test_what_may_not_vary(body: str) -> None:
    before = "gap -> " if "maxpool" not in body and not body.startswith(("if", "for")) else ""
    start = "  gap\n  " if body.startswith(("if", "for")) else "  "
    if "maxpool" in body:
        body, start = "gap", "  "
    source = net(f"{start}{before}{body}".replace("gap -> a =", "a = gap ->"), parameters="classes = 10")
    assert not inspect.signature(module_of(source)).parameters


#: what stands in the text where the number may vary
FREE = [
    "gap -> linear(classes) -> dropout -> softmax",
    "conv(classes, 1) -> relu -> upsample(2) -> gap",
    "a = gap -> linear(classes)\n  ( a | a -> relu ) -> add",
    "head(classes)",
    "gap -> [8] -> linear(classes)",
    "expect shift > 0\n  gap -> linear(classes)",
]


@pytest.mark.parametrize("body", FREE)
def test_what_may_vary(body: str) -> None:
    source = net(f"  {body}", "block head(n) { gap -> linear(n) }", parameters="classes = 10, shift = 1")
    factory = module_of(source)
    assert str(inspect.signature(factory)).startswith("(classes: 'int' = 10)")
    assert factory(classes=3)(torch.zeros(2, 8, 8, 8)).shape[1] == 3


# --- the header ------------------------------------------------------------------------------------------------------


def header_of(spec: str, model: str, **settings: str) -> list[str]:
    given = {name: SettingText(value) for name, value in settings.items()}
    graph = open_spec(ROOT / "specs" / spec).architecture(model, given)._graph
    return emit_module(graph, "0.0.0").split('"""')[1].split("\n")


def test_the_header_says_what_it_was_compiled_for() -> None:
    lines = header_of("densenet.arch", "densenet121", growth="24")
    assert "Generated by archdsl 0.0.0 from densenet.arch (model densenet121, growth=24)." in lines
    assert "Compiled for: depths=[6, 12, 24, 16], growth=24, theta=0.5" in lines
    assert "By default: classes=1000" in lines
    assert "Input: image [3, 224, 224], height and width may vary" in lines


def test_layers_that_are_arguments_stand_by_their_text() -> None:
    lines = " ".join(header_of("resnet.arch", "resnet50"))
    assert "unit=bottleneck, depths=[3, 4, 6, 3], attention=identity, groups=1" in lines
    assert "attention=se(16)" in " ".join(header_of("shufflenet.arch", "se_shufflenet_g3"))


@pytest.mark.parametrize(
    ("body", "shape", "said"),
    [
        ("conv(4, 3)", "[3, 8, 8]", "[3, 8, 8], height and width may vary"),
        ("conv(4, 3) -> flatten -> linear(2)", "[3, 8, 8]", "[3, 8, 8], of this size alone"),
        (
            "conv(4, 3) -> adaptive_avgpool(2) -> flatten -> linear(2)",
            "[3, 8, 8]",
            "[3, 8, 8], height and width may vary",
        ),
        ("conv(4, 3)", "[3, 8]", "[3, 8], length may vary"),
        ("conv(4, 3) -> [4, _, _, _]", "[3, 2, 2, 2]", "[3, 2, 2, 2], depth, height and width may vary"),
        ("tokens -> position_embedding", "[3, 4, 4]", "[3, 4, 4], of this size alone"),
        ("linear(2)", "[3]", "[3]"),
    ],
)
def test_the_header_says_which_sizes_may_vary(body: str, shape: str, said: str) -> None:
    source = net(f"  {body}", shape=shape)
    assert f"\nInput: image {said}\n" in source
    sizes = [int(size) for size in shape.strip("[]").split(",")]
    larger = torch.zeros(2, sizes[0], *(2 * size for size in sizes[1:]))
    made = module_of(source)()
    if said.endswith("alone"):
        with pytest.raises(RuntimeError):
            made(larger)
    else:
        assert made(larger).shape[0] == 2
