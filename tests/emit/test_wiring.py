"""Wirings that drawn programs came upon: the module computes what the graph says."""

from __future__ import annotations

import pytest

import archdsl
from tests.emit.generated import build, class_text, expected_state
from tests.emit.interpret import interpret

torch = pytest.importorskip("torch")

pytestmark = pytest.mark.torch

#: Blocks and bodies: shared layers that build nothing, or no module, or are all that a labelled group has; a bundle
#: that a loop carries and one layer reads.
PROGRAMS = {
    "a group of one shared layer": ("", "share s = conv(8, 1)\n  group: s * 1"),
    "groups within each other": ("", "share s = conv(8, 1) -> relu\n  a: { b: { s -> s } } -> s"),
    "a shared loop without rounds": (
        "block b(n) {\n  share s = for i in range(n) { conv(8, 1) }\n  ( s | conv(8, 1) ) -> add\n}",
        "share t = b(0)\n  t -> t",
    ),
    "a shared layer that is no module": (
        "block b {\n  share s = scale(0.5)\n  s -> conv(8, 1) -> s\n}",
        "share t = b\n  t -> relu -> t",
    ),
    "empty groups within each other": ("", "share s = { conv(8, 1); a: { b: relu * 0 } }\n  s -> relu -> s"),
    "a bundle that a loop carries": (
        "block b takes p, q { add; ( identity | conv(8, 1) ) }",
        "( it | relu )\n  for i in range(4) { b }\n  stack -> select(0)",
    ),
    "a list that carries a bundle": (
        "block b takes p, q { add; ( identity | conv(8, 1) ) }\nblock c takes p, q { b * 4 -> concat }",
        "( it | relu ) -> c -> conv(8, 1)",
    ),
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_module_computes_the_graph(program: str) -> None:
    blocks, body = PROGRAMS[program]
    arch = archdsl.loads(f"{blocks}\nnetwork net {{\n  input x: [8, 4, 4]\n  {body}\n  output y\n}}")
    net = build(arch.source()).eval()
    assert {key: tuple(value.shape) for key, value in net.state_dict().items()} == expected_state(arch._graph)
    x = torch.randn(2, 8, 4, 4)
    torch.testing.assert_close(net(x), interpret(arch._graph, net, [x])["y"])


def test_a_group_around_a_shared_layer_is_handed_it() -> None:
    source = archdsl.loads(
        "network net {\n  input x: [8, 4, 4]\n  share s = conv(8, 1)\n  group: s * 2\n  output y\n}"
    ).source()
    assert "self.group(x, self.s)" in source
    assert class_text(source, "Group").count("x = s(x)") == 2


def test_a_shared_layer_that_was_nothing_at_first_stays_nothing() -> None:
    with pytest.raises(
        archdsl.ArchError, match="would be another module here than at its first use"
    ) as found:
        archdsl.loads(
            "block b {\n  share s = if in.height < 4 { conv(8, 1) }\n  ( conv(8, 1) | s ) -> add\n}\n"
            "network net {\n  input x: [8, 4, 4]\n  share t = b\n  t -> maxpool(2) -> t\n  output y\n}"
        )
    (diagnostic,) = found.value.diagnostics
    assert diagnostic.code == "E408" and "`s` is there here only" in diagnostic.notes[0]
