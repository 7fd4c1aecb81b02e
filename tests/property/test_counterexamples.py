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
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_mended(name: str) -> None:
    torch.manual_seed(0)
    architecture = archdsl.loads(PROGRAMS[name])
    hold_module(architecture._graph, architecture.source())
