"""Instances that differ in structure share a class, with a condition, where that reads better than two classes."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
import torch
from torch import nn

import archdsl
from archdsl.emit import emit_module
from archdsl.graph.model import Graph
from tests.emit.generated import ROOT, build, class_text, expected_state, graph_of, source_of
from tests.emit.interpret import interpret
from tests.emit.test_classes import classes

RESIDUAL = """
block unit(c, stride = 1) {
  ( { downsample: if stride != 1 or in.channels != c { conv(c, 1, stride=stride) -> bn } }
  | conv(c, 3, stride=stride) -> bn -> relu -> conv(c, 3)
  ) -> add
}"""


def graph(body: str, blocks: str, shape: str = "[8, 8, 8]") -> Graph:
    return archdsl.loads(f"{blocks}\nnetwork net {{\n  input image: {shape}\n{body}\n  output y\n}}")._graph


def check(found: Graph) -> tuple[str, nn.Module]:
    """The module, which has the weights of the graph, computes what the graph says, and can be traced and compiled."""
    source = emit_module(found, "0.0.0")
    net: nn.Module = build(source).eval()
    state = {key: tuple(value.shape) for key, value in net.state_dict().items()}
    assert state == expected_state(found)
    generator = torch.Generator().manual_seed(0)
    for weight in net.state_dict().values():
        if weight.is_floating_point():
            weight.copy_(torch.rand(weight.shape, generator=generator) + 0.1)
    inputs = [torch.randn(2, *t.shape.dims, generator=generator) for t in found.inputs.values()]
    with torch.no_grad():
        made = net(*inputs)
        (wanted,) = interpret(found, net, inputs).values()
        torch.testing.assert_close(made, wanted)
        torch.testing.assert_close(torch.fx.symbolic_trace(net)(*inputs), wanted)
    return source, net


def test_an_optional_child_hands_on_what_arrives() -> None:
    source, net = check(
        graph("  unit(8) -> unit(16, 2) -> unit(16) * 3 -> unit(24) -> unit(24, 2)", RESIDUAL)
    )
    assert classes(source) == ["Unit", "Net"]
    text = class_text(source, "Unit")
    assert "        self.downsample: nn.Module = nn.Identity()\n" in text
    assert "        if stride != 1 or in_channels != c:\n            self.downsample = nn.Sequential(" in text
    assert "self.unit2 = Unit(8, 16, stride=2)" in source
    assert not any(key.startswith("unit1.downsample") for key in net.state_dict())


def test_a_shape_without_a_rule_is_a_flag_of_the_childs_name() -> None:
    source, _ = check(
        graph(
            "  unit(8, extra) -> unit(8, identity) -> unit(16, extra) -> unit(16, identity)",
            "block extra { conv(in.channels, 3) -> bn }\n"
            "block unit(c, more: layer) { conv(c, 3) -> gate: { more -> relu } -> conv(c, 1) }",
        )
    )
    assert "Unit(8, 8" in source


def test_a_flag_of_the_text_keeps_its_name() -> None:
    source, _ = check(
        graph(
            "  unit(true) -> unit(false) -> unit(true)",
            "block unit(se: bool) { conv(8, 3) -> if se { weigh: conv(8, 1) } -> conv(8, 3, bias=se) }",
        )
    )
    assert classes(source) == ["Unit", "Net"]
    assert "def __init__(self, in_channels: int, se: bool = True) -> None:" in source
    assert "if se" in source and "bias=se)" in source


def test_a_condition_of_the_text_is_that_of_the_class() -> None:
    source, _ = check(
        graph(
            "  unit(8, true, 2) -> unit(8, false, 2) -> unit(8, true) -> conv(16, 1) -> unit(16, true, 4)",
            """block unit(c, wide: bool, n = 1) {
  let k = 2 * c
  ( if wide and n > 1 { skip: conv(c, 1) } | conv(c, 3) -> if k > 20 { act: relu } else { act: silu } ) -> add
}""",
        )
    )
    assert classes(source) == ["Unit", "Net"]
    text = class_text(source, "Unit")
    assert "self.skip = nn.Conv2d(in_channels, c, 1) if wide and n > 1 else nn.Identity()\n" in text
    assert "nn.ReLU() if 2 * c > 20 else nn.SiLU()\n" in text


def test_a_condition_of_the_text_that_is_one_in_all_instances_is_left_out() -> None:
    source, _ = check(
        graph(
            "  unit(8) -> unit(8, 2) -> unit(8)",
            """block unit(c, stride = 1, deep = false) {
  ( if stride != 1 or in.channels != (2 * c if deep else c) { skip: conv(c, 1, stride=stride) }
  | conv(c, 3, stride=stride)
  ) -> add
}""",
        )
    )
    text = class_text(source, "Unit")
    assert "deep" not in source
    assert "if stride != 1 or in_channels != c" in text


def test_a_residual_that_is_there_or_not() -> None:
    source, _ = check(
        graph(
            "  unit(8, 1) -> unit(16, 1) -> unit(16, 2) -> unit(16, 1)",
            "block unit(c, stride) {\n"
            "  let body = { a: conv(c, 3, stride=stride) -> b: bn }\n"
            "  if stride == 1 and in.channels == c { ( identity | body ) -> add } else { body }\n}",
        )
    )
    assert classes(source) == ["Unit", "Net"]
    assert "self.has_residual = stride == 1 and in_channels == c" in source
    assert "if self.has_residual else" in source


def test_a_chain_that_is_there_or_not_is_one_expression() -> None:
    source, _ = check(
        graph(
            "  unit(8) -> unit(16) -> unit(16)",
            "block unit(c) {\n  ( if in.channels != c { down: conv(c, 1) -> norm: bn }\n  | main: conv(c, 3) -> relu -> conv(c, 3)\n  ) -> add -> relu\n}",
        )
    )
    text = class_text(source, "Unit")
    assert "self.down = nn.Conv2d(in_channels, c, 1) if self.has_down else nn.Identity()" in text
    assert "self.norm(self.down(x)) if self.has_down else x" in text


def test_one_kind_or_another_under_one_name() -> None:
    source, _ = check(
        graph(
            "  unit(true) -> unit(false)",
            "block unit(smooth: bool) { conv(8, 3) -> act: if smooth { silu } else { relu } }",
        )
    )
    assert classes(source) == ["Unit", "Net"]


def test_the_last_of_a_chain_is_set_where_it_is() -> None:
    source, net = check(
        graph(
            "  unit(8, relu) -> unit(8, identity)",
            "block unit(c, act: layer) { conv: conv(c, 3) -> bn: bn -> act }",
        )
    )
    assert "class Unit(nn.Sequential):" in source
    assert [len(child) for child in net.children()] == [3, 2]  # type: ignore[arg-type]


def test_a_factor_of_one_is_no_condition() -> None:
    source, _ = check(
        graph(
            "  unit(0.5) -> unit(0.25) -> unit(1.0)",
            "block unit(f: float) { ( identity | conv(8, 3) -> scale(f) ) -> add }",
        )
    )
    assert "Unit(8, 1.0)" in source and " if " not in class_text(source, "Unit")


def test_inner_classes_are_merged_first() -> None:
    source, _ = check(
        graph(
            "  stage(8, 1) -> stage(16, 2) -> stage(16, 1)",
            f"{RESIDUAL}\nblock stage(c, s) {{ unit(c, s) -> relu }}",
        )
    )
    assert classes(source) == ["Unit", "Stage", "Net"]


def test_what_shares_little_stays_apart() -> None:
    source, _ = check(
        graph(
            "  unit(1) -> unit(2)",
            "block unit(k) { if k == 1 { conv(8, 3) -> relu } else { a: bn -> b: gelu -> c: conv(8, 1) -> d: tanh } }",
        )
    )
    assert len([name for name in classes(source) if name.startswith("Unit")]) == 2


@pytest.mark.parametrize(
    ("spec", "model", "names"),
    [
        ("resnet", "resnet18", ["BasicBlock"]),
        ("pyramidnet", "pyramidnet110_48", ["PaddedShortcut", "PyramidBasic"]),
        ("mobilevit", "mobilevit_xxs", ["Unit", "InvertedResidual"]),
        ("shufflenet", "shufflenet_g3", ["ShuffleUnit"]),
        ("preact_resnet", "resnetv2_50", ["PreactBottleneck"]),
    ],
)
def test_one_class_for_a_block_of_the_zoo(spec: str, model: str, names: list[str]) -> None:
    found = classes(source_of(ROOT / "specs" / f"{spec}.arch", model))
    assert [name for name in found if name.startswith(tuple(names))] == names


def test_what_is_missing_can_be_scripted(tmp_path: Path) -> None:
    """TorchScript compiles both sides of a condition: a child that is not there is one that hands on."""
    path = tmp_path / "scripted.py"
    path.write_text(source_of(ROOT / "specs" / "preact_resnet.arch", "resnetv2_18"), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("scripted", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    torch.jit.script(module.resnetv2_18().eval())


def test_many_variants_end_in_bounded_time() -> None:
    from time import process_time

    def seconds(count: int) -> float:
        body = "\n".join(f"  unit({i})" for i in range(1, count + 1))
        found = graph(
            body, 'block unit(n: int) { for i in range(n % 40) { "c{i * n}": conv(8, 1) -> relu } }'
        )
        start = process_time()
        emit_module(found, "0.0.0")
        return process_time() - start

    assert seconds(240) < 12 * seconds(60) + 0.5


def test_the_graph_of_a_merged_network_is_kept() -> None:
    check(graph_of(ROOT / "specs" / "resnet_cifar.arch", "resnet20"))


def test_classes_that_remain_are_named_for_what_tells_them_apart() -> None:
    found = classes(source_of(ROOT / "specs" / "dla.arch", "dla34"))
    assert {"Basic", "BasicWithSkip", "RootWithBottom"} <= set(found)
    assert "LayerWithoutSkips" in classes(source_of(ROOT / "specs" / "wavenet.arch", "wavenet"))
    found = classes(source_of(ROOT / "specs" / "preact_cifar.arch", "preact_resnet164"))
    assert "PreactBottleneckWithoutNormAndRelu" in found
