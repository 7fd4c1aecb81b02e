"""Programs whose modules were wrong once: the smallest of each kind that was found."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

import archdsl  # noqa: E402
from tests.property.modules import hold_module  # noqa: E402

PROGRAMS = {
    "a chain of the name of a class, around what holds that class": """
        block b { part2: { ( relu | prelu ) -> add } -> conv(4, 1) }
        network n { input x: [4, 4, 4]; part1: { b -> b }; output y }
    """,
    "a loop whose rounds read a tensor for the last time": """
        block fuse takes a, b { ( a -> conv(4, 1) | b -> conv(4, 3) ) -> add }
        network n { input x: [4, 4, 4]; e = conv(4, 3); conv(4, 1); m: { for i in range(4) { ( e | it ) -> fuse } }; output y }
    """,
    "a loop that begins with two tensors in each other's place": """
        block turn takes a, b { ( a -> conv(4, 1) | b -> conv(4, 3) ) }
        network n {
          input x: [4, 4, 4]
          ( conv(4, 1) | relu )
          m: { for i in range(4) { ( it[1] | it[0] ) -> turn } }
          add
          output y
        }
    """,
    "a fraction that is negative in one instance": """
        block b(c, t = 0.5) { conv(max(1, 4 + floor(c * t)), 1) -> conv(4, 1) }
        network n { input x: [4, 4, 4]; b(6) -> b(4) -> b(3, -0.5); output y }
    """,
    "what an argument follows from, layer by layer, through a long chain": """
        block b(n) { ({ for j in range(3) { conv(4 * (1 + it.channels % 3), 3) } }) * n; if n > 1 { b(n - 1) } }
        network n { input x: [2, 4, 4]; b(4) -> b(6); output y }
    """,
    "a child that some instances lack, of the name that a run of others has": """
        block b(n = 4, less = in.channels) {
          ( identity
          | { for k in range(n) { "step{k}": conv(max(1, k - int(log2(1 + less))), 3) } } -> conv(in.channels, 1)
          ) -> add
          conv(1, 1)
        }
        network n { input x: [8, 4, 4]; b(1) -> b(less=4) -> b(less=4) -> b; output y }
    """,
    "a join that some instances have before a child, and others behind it": """
        block b(act: layer = gelu) {
          ( identity | silu -> act ) -> concat
          { for i in [4, 8, 4] { conv((in.channels + round(1.5 * i)) // 2, 3) } }
        }
        network n { input x: [4, 4, 4]; b(identity) -> b(conv(4, 1)) -> b; output y }
    """,
    "a parameter of the name of what a loop runs through": """
        block b(layer) { (conv(4, layer) -> bn) * layer }
        network n { input x: [4, 4, 4]; b(1) -> b(3); output y }
    """,
    "a run whose widths double, and one whose widths rise": """
        block b(n) { for k in range(n) { "step{k}": conv(4 * (1 + floor(it.channels / 3) % 4 % 3), 3) } }
        network n { input x: [2, 4, 4]; b(3) -> b(6) -> b(4) -> b(2) -> b(2) -> b(2); output y }
    """,
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_mended(name: str) -> None:
    torch.manual_seed(0)
    architecture = archdsl.loads(PROGRAMS[name])
    hold_module(architecture._graph, architecture.source())
