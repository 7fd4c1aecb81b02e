"""A copy of a graph is the same network, and to change it leaves the other one as it is."""

from __future__ import annotations

import pytest

import archdsl
from archdsl.emit import emit_module
from archdsl.graph.copies import copied
from archdsl.passes import rewrite
from tests.zoo.support import SPECS

SHARED = """
block unit(c) { ( identity | conv(c, 3, bias=false) -> bn -> relu ) -> add -> dropout(0.1) }
network net {
  input image: [8, 16, 16]
  share s = unit(8)
  s * 3
  kept = conv(12, 1, bias=false) -> bn -> relu
  (kept -> conv(4, 1) | kept) -> concat
  -> dense_part(kept)
  gap -> linear(4)
  output logits
}
block dense_part(more) { (identity | more) -> concat -> reshape([more.channels + 16, more.height, more.width]) }
"""
MODELS = {"unet": "unet572"}


@pytest.fixture(scope="module", params=["shared", "densenet121", "unet"])
def arch(request: pytest.FixtureRequest) -> archdsl.Architecture:
    if request.param == "shared":
        return archdsl.loads(SHARED)
    return archdsl.load(SPECS / f"{request.param}.arch", model=MODELS.get(request.param))


def test_it_is_the_same_network(arch: archdsl.Architecture) -> None:
    assert emit_module(copied(arch._graph), "0") == emit_module(arch._graph, "0")


@pytest.mark.parametrize("purpose", ["inference", "training"])
def test_rewriting_a_copy_leaves_the_network(arch: archdsl.Architecture, purpose: str) -> None:
    before = emit_module(arch._graph, "0")
    plan = archdsl.Plan(purpose=purpose)
    graph = copied(arch._graph)
    rewrite(graph, plan)
    worked_out = arch.with_inputs()._graph
    rewrite(worked_out, plan)
    assert emit_module(graph, "0") == emit_module(worked_out, "0")
    assert emit_module(arch._graph, "0") == before
