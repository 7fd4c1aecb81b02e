"""The end of a network's forward, names of branches on the way, and weights that PyTorch declares as perhaps None."""

from __future__ import annotations

import ast

import pytest

torch = pytest.importorskip("torch")

from archdsl.api import loads  # noqa: E402
from archdsl.graph.plan import Plan  # noqa: E402
from tests.emit.generated import build  # noqa: E402

TRAINED = """
network n(classes = 10) {
  input image: [3, 8, 8]
  a = conv(8, 3)
  output logits = a -> gap -> linear(classes)
  output aux = a -> conv(4, 1) -> relu -> gap -> linear(classes) when training
  output aux2 = a -> gap -> linear(classes) when training
}
"""


def forward(source: str, name: str) -> str:
    tree = ast.parse(source)
    (found,) = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name]
    (method,) = [node for node in found.body if isinstance(node, ast.FunctionDef) and node.name == "forward"]
    return "\n".join(ast.unparse(statement) for statement in method.body)


def test_what_trains_last_is_returned_where_it_is_made() -> None:
    source = loads(TRAINED).source()
    text = forward(source, "N")
    assert text.count("if self.training:") == 1 and "None" not in text
    assert text.endswith("    return NOutput(logits, aux, aux2)\nreturn logits")
    net = build(source)
    x = torch.randn(2, 3, 8, 8)
    assert [tuple(part.shape) for part in net.train()(x)] == [(2, 10)] * 3
    assert net.eval()(x).shape == (2, 10)


def test_a_named_tuple_is_made_by_position_or_by_name() -> None:
    text = """
network n {
  input image: [3, 8, 8]
  a = conv(8, 3)
  output a
  output b = a
  output c = a -> relu
}
"""
    (call,) = [
        node
        for node in ast.walk(ast.parse(loads(text).source()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "NOutput"
    ]
    assert not call.args and [keyword.arg for keyword in call.keywords] == ["a", "b", "c"]


def test_a_branch_has_no_name_of_a_module_to_come() -> None:
    text = """
block se { conv(8, 1) -> sigmoid }
block unit {
  ( conv(8, 3) -> bn -> relu -> conv(8, 3) -> bn -> relu -> conv(8, 3) -> bn -> attention: se
  | way: se -> conv(8, 3) -> bn -> relu -> conv(8, 3) -> bn -> relu -> conv(8, 3) ) -> add
}
network n { input image: [8, 8, 8]; unit; output y }
"""
    lines = forward(loads(text).source(), "Unit").split("\n")
    named = [line for line in lines if line.startswith("attention")]
    assert len(named) == 1 and named[0].startswith("attention = self.attention("), lines
    assert lines.index(named[0]) > 1
    assert sum(line.startswith("way = ") for line in lines) > 1, lines  # the label is the first of its branch


@pytest.mark.parametrize(
    ("count", "lines"),
    [
        (1, ["if self.stem.bias is not None:", "    nn.init.zeros_(self.stem.bias)"]),
        (
            9,
            [
                "if isinstance(module, nn.Conv2d) and module.bias is not None:",
                "    nn.init.zeros_(module.bias)",
            ],
        ),
    ],
)
def test_a_bias_that_is_perhaps_none(count: int, lines: list[str]) -> None:
    more = "".join(f" -> c{i}: conv(4, 3, bias_init=zeros) -> gelu" for i in range(1, count))
    text = f"network n {{ input image: [3, 8, 8]; stem: conv(4, 3, bias_init=zeros){more}; relu; output y }}"
    source = loads(text).source()
    at = source.index(lines[0])
    assert [line.strip() for line in source[at:].split("\n")[:2]] == [line.strip() for line in lines]
    assert "get_parameter" not in source
    net = build(source)
    assert all((p == 0).all() for name, p in net.named_parameters() if name.endswith("bias"))


def test_an_output_of_training_that_the_flow_goes_on_from_is_none_in_evaluation() -> None:
    text = """network net {
  input x: [3, 8, 8]
  conv(4, 3) -> relu
  output early when training
  conv(4, 1)
  output y
  gap
  output z
}
model net = net
"""
    arch = loads(text)
    net = arch.build()
    image = torch.randn(1, 3, 8, 8)
    assert net.train()(image).early is not None
    assert net.eval()(image).early is None
    assert [*net(image)._fields] == [*arch.build(Plan())(image)._fields, "early"]
