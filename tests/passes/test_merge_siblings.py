"""Linear maps of the same tensor become one."""

from __future__ import annotations

import pytest

from archdsl.graph.plan import Plan
from tests.passes.helpers import SPECS, equal, network, refuses


@pytest.mark.parametrize(
    "body, shape",
    [
        ("( conv(4, 1) | conv(5, 1, bias=false) ) -> concat", "[3, 8, 8]"),
        ("( conv(4, 1, bias=false) | conv(5, 1, bias=false) ) -> concat", "[3, 8, 8]"),
        ("( conv(4, 1) | conv(4, 3) | conv(4, 1) -> conv(4, 3) ) -> add", "[3, 8, 8]"),
        ("( linear(4) | linear(5) | linear(6) ) -> concat", "[7]"),
        ("tokens -> ( linear(4) | linear(5) ) -> concat", "[3, 8, 8]"),
    ],
)
def test_siblings_become_one(body: str, shape: str) -> None:
    found = equal(network(body, shape), "merge-siblings")
    assert found.operations.count("split") == 1
    assert len(found.done["merge-siblings"]) == 1


def test_an_activation_of_all_follows_the_whole() -> None:
    found = equal(network("( conv(4, 1) -> relu | conv(5, 1) -> relu ) -> concat"), "merge-siblings")
    assert found.operations == ["conv", "relu", "split", "concat"]


def test_unlike_activations_stay() -> None:
    found = equal(network("( conv(4, 1) -> relu | conv(5, 1) -> tanh ) -> concat"), "merge-siblings")
    assert found.operations == ["conv", "split", "relu", "tanh", "concat"]


def test_what_follows_one_of_them_stays() -> None:
    found = equal(network("( conv(4, 1) -> relu | conv(5, 1) -> avgpool(1) ) -> concat"), "merge-siblings")
    assert found.operations == ["conv", "split", "relu", "avgpool", "concat"]


def test_siblings_in_blocks_of_their_own() -> None:
    text = "block unit(c) { conv(c, 1, bias=false) -> bn -> relu }\n" + network(
        "conv(6, 3)\n  ( unit(4) | unit(5) -> conv(4, 3) | maxpool(3, stride=1, pad=1) ) -> concat"
    )
    found = equal(text, "fold-norm", "merge-siblings")
    assert found.operations == ["conv", "conv", "relu", "split", "conv", "maxpool", "concat"]


def test_inception() -> None:
    plan = Plan(passes=("pool-first", "fold-norm", "merge-siblings", "fuse"))
    found = equal(SPECS / "bn_inception.arch", plan=plan, model="bn_inception", tolerance=1e-11)
    assert found.operations.count("split") >= 8


@pytest.mark.parametrize(
    "body",
    [
        "( conv(4, 3) | conv(4, 3) ) -> add",
        "( conv(4, 1, stride=2) | conv(4, 2, stride=2) ) -> add",
        "( conv(3, 1, groups=3) | conv(3, 1) ) -> add",
        "share c = conv(4, 1)\n  ( c | c | conv(4, 1) ) -> add",
        "( conv(3, 1) | relu -> conv(3, 1) ) -> add",
    ],
)
def test_what_does_not_keep_the_function_is_left(body: str) -> None:
    refuses(network(body), "merge-siblings")


def test_no_target_chooses_it() -> None:
    found = equal(network("( conv(4, 1) | conv(5, 1) ) -> concat"))
    assert "split" not in found.operations
