"""Batch norms of concatenations are split over the members."""

from __future__ import annotations

import pytest

from archdsl.graph.plan import Plan
from tests.passes.helpers import equal, network, refuses

JOINED = "( conv(4, 1, bias=false) | conv(5, 3) -> avgpool(3, stride=1, pad=1, count_pad=false) ) -> concat"


@pytest.mark.parametrize("norm", ["bn", "bn(eps=1e-3, affine=false)"])
def test_parts_are_folded_into_the_members(norm: str) -> None:
    found = equal(network(f"{JOINED} -> {norm}"), "split-norm", "fold-norm")
    assert found.operations == ["conv", "conv", "avgpool", "concat"]
    assert len(found.done["split-norm"]) == 1


def test_the_relu_behind_goes_with_them() -> None:
    found = equal(network(f"{JOINED} -> bn -> relu6"), "split-norm", "fold-norm", "fuse")
    assert found.operations == ["fused", "fused", "avgpool", "relu6", "concat"]


def test_it_is_right_by_itself() -> None:
    found = equal(network(f"{JOINED} -> bn -> relu"), "split-norm")
    assert found.operations.count("bn") == 2


def test_it_needs_what_folds_the_parts() -> None:
    plan = Plan(passes=("-fold-norm",))
    found = equal(network(f"{JOINED} -> bn -> relu"), plan=plan)
    assert not found.done["split-norm"]
    told = {one.name: one.why for one in found.arch.explained(plan).told}
    assert told["split-norm"] == "it pays beside fold-norm alone"


@pytest.mark.parametrize(
    "body",
    [
        "( conv(3, 1) | identity ) -> concat -> bn",  # a member that takes no norm
        "( conv(3, 1) | conv(3, 3) -> relu ) -> concat -> bn",
        "t = conv(3, 1)\n  ( t | t ) -> concat -> bn",
        "t = ( conv(3, 1) | conv(3, 1) ) -> concat\n  ( t -> bn | t ) -> add",
        "( conv(3, 1) | conv(3, 1) ) -> concat(axis=1) -> bn",
        "( conv(3, 1) | conv(3, 1) ) -> concat -> bn(track=false)",
        "share c = conv(3, 1)\n  ( c | conv(3, 1) -> c ) -> concat -> bn",
        "( conv(3, 1) | conv(3, 1) ) -> add -> bn",
    ],
)
def test_what_does_not_keep_the_function_or_pay_is_left(body: str) -> None:
    refuses(network(body), "split-norm")


def test_a_relu_in_a_block_that_others_call_stays_behind() -> None:
    block = "block unit { relu -> gn(3) }\n"
    body = (
        f"share h = unit\n  a = conv(9, 1) -> gn(3) -> h\n  b = x -> {JOINED} -> bn -> h\n  ( a | b ) -> add"
    )
    found = equal(block + network(body), "split-norm", "fold-norm")
    assert found.done["split-norm"] and "bn" not in found.operations
    assert found.operations.count("relu") == 2
