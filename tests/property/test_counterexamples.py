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
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_mended(name: str) -> None:
    torch.manual_seed(0)
    architecture = archdsl.loads(PROGRAMS[name])
    hold_module(architecture._graph, architecture.source())
