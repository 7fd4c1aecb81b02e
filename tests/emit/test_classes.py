"""One class for each block, arguments for what differs, loops where the spec repeats."""

from __future__ import annotations

import re

import pytest

import archdsl
from archdsl.emit import emit_module
from tests.emit.generated import OWN, ROOT, class_text, source_of


def emit(text: str, model: str | None = None) -> str:
    return emit_module(archdsl.loads(text, model=model)._graph, "0.0.0")


def net(body: str, blocks: str = "", shape: str = "[8, 8, 8]") -> str:
    return emit(f"{blocks}\nnetwork net {{\n  input image: {shape}\n{body}\n  output y\n}}")


def classes(source: str) -> list[str]:
    return re.findall(r"^class (\w+)", source, re.MULTILINE)


def spec(name: str, model: str) -> str:
    return source_of(ROOT / "specs" / f"{name}.arch", model)


def test_densenet_is_four_classes() -> None:
    source = spec("densenet121", "densenet121")
    assert classes(source) == ["GlobalAvgPool", "DenseLayer", "DenseBlock", "Transition", "DenseNet"]
    assert source.count("\n") < 160
    assert "DenseBlock(64, 6, growth)" in source and "DenseBlock(512, 16, growth)" in source
    assert "def densenet121(classes: int = 1000) -> DenseNet:" in source


def test_deeper_networks_are_not_longer() -> None:
    short, long = (spec("resnet", model) for model in ("resnet50", "resnet152"))
    assert short.count("\n") == long.count("\n") < 130


def test_bottlenecks() -> None:
    source = spec("resnet", "resnet50")
    assert [c for c in classes(source) if c.startswith("Bottleneck")] == ["Bottleneck"]
    assert "nn.Sequential(Bottleneck(64, 64), *(Bottleneck(256, 64) for _ in range(2)))" in source
    assert "Bottleneck(256, 128, stride=2)" in source
    text = class_text(source, "Bottleneck")
    assert "        if stride != 1 or in_channels != 4 * width:\n            self.downsample = " in text
    assert "def __init__(self, in_channels: int, width: int, stride: int = 1) -> None:" in text
    assert "self.bn3 = nn.BatchNorm2d(4 * width)" in text


def test_training_outputs() -> None:
    source = spec("googlenet", "googlenet")
    assert "class GoogLeNetOutput(NamedTuple):" in source
    assert "    aux2: Tensor | None = None" in source
    assert "def forward(self, image: Tensor) -> Tensor | GoogLeNetOutput:" in source
    together = """        aux1 = None
        aux2 = None
        if self.training:
            aux1 = self.aux1(after4a)  # [classes]
            aux2 = self.aux2(after4d)  # [classes]
"""
    assert together in source
    alone = "aux_logits = self.AuxLogits(x) if self.training else None"
    assert alone in spec("inception_v3", "inception_v3")
    assert "Inception(192, 64, 96, 128, 16, 32, 32, large=large)" in source


def test_one_class_for_all_lengths_of_a_run() -> None:
    source = source_of(next(path for path in OWN if path.stem == "runs"), "runs")
    assert classes(source).count("Stack") == 1 and "Stack2" not in source
    assert "self.stack1 = Stack(16, 1, 16)" in source and "self.stack4 = Stack(32, 7, 32)" in source
    assert "Tail(8, 1)" in source and "Tail(8, 5)" in source


def test_growth_in_a_run() -> None:
    source = net(
        "  dense(3) -> dense(5)",
        "block dense(n) { for i in range(n) { unit } }\nblock unit { ( it | conv(4, 3) ) -> concat }",
    )
    assert 'self.add_module(f"unit{i + 1}", Unit(in_channels + 4 * i))' in source
    assert "Dense(8, 3)" in source and "Dense(20, 5)" in source


def test_rounds_of_several_layers_are_a_loop() -> None:
    source = net("  (conv(8, 3, bias=false) -> bn -> relu) * 100")
    assert "for _ in range(100)" in source
    assert source.count("\n") < 50


def test_a_first_round_that_differs_stands_by_itself() -> None:
    source = net("  stage: { unit(16) * 50 }", "block unit(c) { conv(c, 3) -> relu }")
    assert "nn.Sequential(Unit(8, 16), *(Unit(16, 16) for _ in range(49)))" in source


def test_formulas() -> None:
    blocks = """
    block unit(c, e, k, s = 1) {
      conv(c * e, 1) -> depthwise(k, stride=s) -> conv(c, 1) -> gap -> linear(c // 4) -> linear(in.channels + c)
    }"""
    body = "  share stem = conv(8, 1)\n" + "\n".join(
        f"  a{i} = image -> unit({c}, {e}, {k}, {s})"
        for i, (c, e, k, s) in enumerate([(16, 2, 3, 1), (24, 3, 5, 2), (40, 6, 3, 1)])
    )
    source = emit(
        f"{blocks}\nnetwork net {{ input image: [8, 8, 8]\n{body}\n ( a0 | a1 | a2 ) -> concat\n output y }}"
    )
    source = re.sub(r"\s+", " ", source).replace("( ", "(").replace(", )", ")")
    assert "nn.Conv2d(in_channels, c * e, 1)" in source
    assert "nn.Conv2d(c * e, c * e, k, stride=s, padding=k // 2, groups=c * e)" in source
    assert "nn.Linear(c, c // 4)" in source
    assert "nn.Linear(c // 4, in_channels + c)" in source


def test_channels_are_called_after_what_arrives() -> None:
    """In a block of several inputs; terms of one kind are added up."""
    source = net(
        "  ( conv(5, 1) | conv(11, 1) ) -> mix(2) -> mix(3)",
        """block mix(k) takes low, high {
          grown = ( high -> conv(2 * k, 1) | high -> conv(k, 3) ) -> concat
          ( low -> conv(3 * k, 3) | grown )
        }""",
    )
    text = class_text(source, "Mix")
    assert "def __init__(self, low_channels: int, high_channels: int, k: int) -> None:" in text
    assert "# [3 * k, 8, 8]" in text and "2 * k + k" not in text


def test_flags_and_words_are_structure() -> None:
    source = net(
        "  unit(true) -> unit(false) -> unit(true)",
        "block unit(b: bool) { conv(8, 3, bias=b) -> if b { relu } else { gelu } }",
    )
    assert classes(source) == ["Unit", "UnitWithGelu", "Net"]


def test_numbers_of_forward_are_attributes() -> None:
    source = net("  unit(0.1) -> unit(0.2)", "block unit(f) { ( it | conv(8, 3) -> scale(f) ) -> add }")
    text = class_text(source, "Unit")
    assert "self.f = f" in text and "self.conv1(x) * self.f" in text


def test_equal_blocks_of_other_names_stay_apart() -> None:
    source = net("  a -> b", "block a { conv(8, 3) -> relu }\nblock b { conv(8, 3) -> relu }")
    assert classes(source) == ["A", "B", "Net"]


@pytest.mark.parametrize("name", ["OrderedDict", "nn", "module", "tensor", "parameter", "exception"])
def test_class_names_hide_nothing(name: str) -> None:
    source = net(f"  {name}", f"block {name} {{ conv(8, 3) -> relu }}")
    compile(source, "<generated>", "exec")
    made = classes(source)[0]
    assert made not in {"OrderedDict", "Module", "Tensor", "Parameter", "Exception"}
    assert f"class {made}(nn.Sequential)" in source


def test_the_factory_keeps_the_name_of_the_model() -> None:
    source = emit("network Net { input image: [3, 4, 4]; conv(3, 1); output y }")
    assert "def Net() -> NetBlock:" in source


def test_support_classes_are_pasted_once() -> None:
    source = net("  ( gap | gmp ) -> add -> linear(8) -> linear(8)")
    assert source.count("class GlobalAvgPool(") == source.count("class GlobalMaxPool(") == 1
    assert "import math" not in source


def test_overrides_stand_in_the_header() -> None:
    from archdsl.api import SettingText, open_spec

    path = ROOT / "specs" / "densenet121.arch"
    arch = open_spec(path).architecture("densenet121", {"growth": SettingText("24")})
    assert "(model densenet121, growth=24)" in emit_module(arch._graph, "0.0.0")


@pytest.mark.parametrize(
    "values", ["1e308 1e307 1e300 1e308 | 100 900 7 100", "0.5 0.25 0.75 0.1 | 10**100 10**400 7 100"]
)
def test_numbers_beyond_all_are_no_part_of_a_formula(values: str) -> None:
    """Four blocks whose numbers follow from no argument, though a float times an int is tried."""
    rates, counts = (part.split() for part in values.split("|"))
    calls = " -> ".join(f"b({r}, {k}, {c})" for r, k, c in zip(rates, counts, (3, 4, 6, 5), strict=True))
    source = net(
        f"  {calls}", "block b(r, k, c) { linear(sum([c ** 5, 1])) -> dropout(1 / sum([c])) }", "[4]"
    )
    assert "B(4, 244, " in source


def test_a_label_keeps_its_number_where_a_class_stands_for_it_alone() -> None:
    source = spec("hrnet", "hrnet_w18_small")
    for stage in "234":
        assert f"self.stage{stage} = Stage{stage}()" in source
    source = spec("wavenet", "wavenet")
    assert "self.stack1 = Stack1()" in source and "self.stack2 = Stack2()" in source


def test_labels_that_share_a_class_share_their_word() -> None:
    source = net("\n".join(f"  branch{i}: {{ ( it | conv(8, 3) ) -> add }}" for i in (1, 2)))
    assert "self.branch1 = Branch()" in source and "self.branch2 = Branch()" in source


def test_sizes_of_parameters_have_names() -> None:
    source = net(
        "  tokens -> e -> slice(1, 9) -> e -> untokens(2, 4) -> m -> conv(4, 1, stride=2) -> m",
        "block e { position_embedding -> linear(3) -> position_embedding }\nblock m { position_embedding }",
    )
    assert "def __init__(self, in_channels: int, positions: int) -> None:" in class_text(source, "E")
    assert "torch.empty(1, positions, in_channels)" in source
    assert "def __init__(self, in_channels: int, size: int) -> None:" in class_text(source, "M")


LISTS = next(path for path in OWN if path.stem == "lists")


def test_children_that_are_places_are_arguments() -> None:
    """One class for chains of all lengths; names that are out of order stay names."""
    source = source_of(LISTS, "chains")
    assert "(*(nn.Conv2d(8, 8, 3, padding=1) for _ in range(n)), nn.BatchNorm2d(8))" in source
    assert all(f"= Chain({n})" in source for n in (1, 2, 6))
    assert 'self.add_module("2", nn.ReLU())' in class_text(source, "Nested")
    assert "add_module" not in class_text(spec("hrnet", "hrnet_w18"), "Down")


def test_equal_members_of_a_list_stand_together() -> None:
    assert "super().__init__(nn.Conv2d(8, 8, 1) for _ in range(8))" in source_of(LISTS, "alike")
    text = class_text(spec("lenet5", "lenet5"), "C3")
    assert "                *(nn.Conv2d(3, 1, 5) for _ in range(6)),\n" in text
    assert "                *(nn.Conv2d(4, 1, 5) for _ in range(9)),\n" in text


def test_members_that_differ_are_called_in_a_loop() -> None:
    source = source_of(LISTS, "uneven")
    text = class_text(source, "Powers")
    assert "super().__init__(Layer(2**i) for i in range(6))" in text
    assert "        for layer in self:\n            x, y = layer(x, y)  # [8, 8, 8], [8, 8, 8]\n" in text
    text = class_text(source_of(LISTS, "growing"), "G")
    assert "image, x = wide(image, x)  # [C, 8, 8], [C, 8, 8]" in text
    source = spec("wavenet", "wavenet")
    assert "for layer in list(self)[1:]:" in class_text(source, "Stack1")
    assert "for layer in list(self)[:9]:" in source


def test_a_run_within_a_list_has_all_its_members() -> None:
    text = class_text(source_of(LISTS, "uneven"), "Even")
    assert text.startswith("class Even(nn.Module):")
    assert "        for i in range(6):\n            self.add_module(str(i + 1), Layer(1))\n" in text
