"""Identities, common subexpressions, constants, concatenations of concatenations and dead code."""

from __future__ import annotations

import pytest

import archdsl
from archdsl.graph.plan import Plan
from archdsl.passes.dead import dead
from archdsl.passes.rewriting import Rewriting
from tests.passes.helpers import equal, network, refuses

SHARED = """
block unit { BODY }
network net {
  input x: [3, 8, 8]
  share u = unit
  a = x -> u
  b = x -> avgpool(2) -> u -> u
  output a = a
  output b = b
}
model net = net
"""


@pytest.mark.parametrize(
    "body, left",
    [
        ("conv(4, 3) -> pad(0) -> relu", ["conv", "relu"]),
        ("conv(4, 3) -> upsample(1)", ["conv"]),
        ("conv(4, 3) -> upsample(scale=1, mode=bilinear)", ["conv"]),
        ("conv(4, 3) -> scale(1)", ["conv"]),
        ("gap -> flatten -> linear(4) -> flatten", ["gap", "linear"]),
        ("conv(4, 3) -> permute([0, 1, 2])", ["conv"]),
        ("conv(4, 3) -> maxpool(1) -> avgpool(1)", ["conv"]),
        ("conv(4, 3) -> concat -> add", ["conv"]),
        ("conv(4, 3) -> relu -> relu", ["conv", "relu"]),
        ("conv(4, 3) -> sigmoid -> maxpool(2) -> relu", ["conv", "sigmoid", "maxpool"]),
        ("conv(4, 3) -> relu6 -> gap -> relu", ["conv", "relu6", "gap"]),
    ],
)
def test_what_changes_nothing_is_left_out(body: str, left: list[str]) -> None:
    assert equal(network(body), "identities").operations == left


@pytest.mark.parametrize(
    "body",
    [
        "pad(1) -> conv(4, 3)",
        "upsample(2)",
        "upsample(size=8)",  # for this size alone
        "scale(1, offset=1)",
        "permute([0, 2, 1])",
        "maxpool(1, stride=2)",
        "relu -> maxpool(2, stride=2, pad=1, dilation=4) -> relu",  # -∞ of padding alone lies between
        "conv(4, 3) -> tanh -> relu",
        "conv(4, 3) -> relu -> relu6",
        "conv(4, 3) -> relu -> conv(4, 3) -> relu",
        "conv(4, 3) -> relu -> gn(2) -> relu",
        "( x | x ) -> concat",
    ],
)
def test_what_changes_something_stays(body: str) -> None:
    refuses(network(body), "identities")


@pytest.mark.parametrize("activation", ["relu", "relu6", "sigmoid", "tanh", "hardsigmoid", "selu"])
@pytest.mark.parametrize(
    "pool", ["maxpool(2)", "maxpool(3, stride=2, pad=1)", "maxpool(3, stride=2, pad=same)"]
)
def test_an_activation_follows_a_pool(activation: str, pool: str) -> None:
    found = equal(network(f"conv(4, 3) -> gn(2) -> {activation} -> {pool} -> conv(4, 1)"), "maxpool-first")
    assert found.operations == ["conv", "gn", "maxpool", activation, "conv"]
    assert [w.shape for w in found.net.parameters()] == [w.shape for w in found.trained.parameters()]


@pytest.mark.parametrize(
    "body",
    [
        "conv(4, 3) -> relu -> maxpool(2)",  # the convolution's kernel ends with it
        "( x | conv(3, 3) ) -> add -> relu -> maxpool(2)",
        "gn(3) -> relu -> avgpool(2)",
        "gn(3) -> gelu -> maxpool(2)",  # it falls below 0
        "t = gn(3) -> relu\n  ( t -> maxpool(2) -> upsample(2) | t ) -> add",
        "gn(3) -> relu -> maxpool(3, stride=1, pad=1)",  # no fewer values
        "gn(3) -> relu -> maxpool(2, stride=2, pad=1, dilation=4)",  # of a map of 3×3 a window is padding alone
        "gn(3) -> relu -> maxpool(2, stride=2, pad=same, dilation=3)",
    ],
)
def test_an_activation_stays_before_a_pool(body: str) -> None:
    refuses(network(body), "maxpool-first")


def test_the_kernel_of_a_stem_ends_with_its_activation() -> None:
    assert "fused" in equal(network("conv(4, 3, bias=false) -> bn -> relu -> maxpool(2)")).operations[1]


def test_in_all_calls_of_a_block() -> None:
    found = equal(SHARED.replace("BODY", "pad(0) -> conv(3, 3) -> relu -> relu"), "identities")
    assert found.operations.count("relu") == 3
    assert "pad" not in found.operations


@pytest.mark.parametrize(
    "body, count",
    [
        ("( relu -> conv(4, 3) | relu -> conv(4, 1) ) -> add", {"relu": 1}),
        ("( maxpool(2) | maxpool(2) ) -> concat", {"maxpool": 1}),
        ("( maxpool(2) -> conv(4, 1) | maxpool(2, stride=2) -> conv(4, 1) ) -> concat", {"maxpool": 2}),
        ("t = conv(3, 3)\n  ( ( t | x ) -> add -> relu | ( x | t ) -> add -> tanh ) -> concat", {"add": 1}),
        ("t = conv(3, 3)\n  ( ( t | x ) -> sub -> relu | ( x | t ) -> sub -> tanh ) -> concat", {"sub": 2}),
        ("( conv(4, 3) | conv(4, 3) ) -> concat", {"conv": 2}),  # their weights differ
        (
            "( relu -> maxpool(2) -> flatten | relu -> maxpool(2) -> flatten ) -> add",
            {"relu": 1, "flatten": 1},
        ),
        ("( relu | leaky_relu(0.1) | leaky_relu(0.2) ) -> concat", {"relu": 1, "leaky_relu": 2}),
        ("a: { relu -> conv(4, 3) } -> b: { relu -> conv(4, 3) }", {"relu": 2}),  # of other tensors
    ],
)
def test_what_is_computed_twice_is_computed_once(body: str, count: dict[str, int]) -> None:
    found = equal(network(body), "common")
    assert {name: found.operations.count(name) for name in count} == count


def test_it_is_computed_once_in_each_call_of_a_block() -> None:
    found = equal(SHARED.replace("BODY", "( relu -> conv(3, 3) | relu ) -> add"), "common")
    assert found.operations.count("relu") == 3


def test_in_a_block_that_takes_the_same_twice_in_one_call_alone() -> None:
    """What arrives is the same tensor at one call and not at the other."""
    text = """
block two takes a, b { ( a -> relu -> conv(3, 3) | b -> relu ) -> add }
network net {
  input x: [3, 8, 8]
  share u = two
  y = tanh
  p = ( x | x ) -> u
  q = ( x | y ) -> u
  output p = p
  output q = q
}
model net = net
"""
    assert equal(text, "common").operations.count("relu") == 4


@pytest.mark.parametrize(
    "body, left",
    [
        ("conv(3, 3) -> scale(2) -> scale(3, offset=1) -> scale(0.5)", ["conv", "scale"]),
        ("conv(3, 3) -> scale(2) -> scale(0.5) -> relu", ["conv", "relu"]),  # together they change nothing
        ("scale(2) -> scale(0.5, offset=1) -> scale(3, offset=-3) -> scale(2)", ["scale"]),
        ("conv(3, 3) -> layerscale -> layerscale", ["conv", "layerscale"]),
        ("conv(3, 3) -> scale(0.5) -> layerscale", ["conv", "layerscale"]),
        ("conv(3, 3) -> position_embedding -> position_embedding", ["conv", "position_embedding"]),
        ("conv(3, 3) -> scale(0.5, offset=1) -> layerscale", ["conv", "scale", "layerscale"]),
        ("t = scale(2)\n  ( t -> scale(3) | t ) -> concat", ["scale", "scale", "concat"]),
        ("layerscale -> scale(3)", ["layerscale", "scale"]),
    ],
)
def test_constants_and_parameters_become_one(body: str, left: list[str]) -> None:
    assert equal(network(body), "constants").operations == left


@pytest.mark.parametrize(
    "body, count",
    [
        ("( x | ( relu | conv(4, 3) ) -> concat | tanh ) -> concat", 1),
        ("( ( x | relu ) -> concat | ( ( tanh | x ) -> concat | x ) -> concat ) -> concat", 1),
        ("( x | ( relu | x -> conv(3, 3) ) -> concat(axis=1) -> maxpool([2, 1]) ) -> concat", 2),
        ("t = ( x | relu ) -> concat\n  ( t | t -> conv(3, 3) ) -> concat", 2),  # another reader
        ("( ( x | x ) -> concat(axis=1) | ( x | x ) -> concat(axis=1) ) -> concat", 3),  # another axis
    ],
)
def test_concatenations_of_concatenations(body: str, count: int) -> None:
    assert equal(network(body), "flatten-concat").operations.count("concat") == count


def test_concatenations_in_all_calls_of_a_block() -> None:
    found = equal(
        SHARED.replace("BODY", "( in | ( relu | tanh ) -> concat ) -> concat -> conv(3, 3)"), "flatten-concat"
    )
    assert found.operations.count("concat") == 3


def test_what_nothing_reads_any_more_is_left_out() -> None:
    graph = archdsl.loads(network("conv(4, 3) -> relu -> tanh -> gap")).rewritten(Plan(passes=("none",)))[0]
    work = Rewriting(graph)
    conv, _, tanh, _ = list(work)
    work.redirect(tanh.outputs[0], conv.outputs[0])
    assert [done.path for done in dead(work, Plan())] == ["tanh1", "relu1"]
    work.finish()
    assert [node.operation for node in graph.nodes] == ["input", "conv", "gap"]


def test_what_is_read_is_no_dead_code() -> None:
    text = network("t = conv(4, 3)\n  relu -> gap").replace("output y", "output y\n  output seen = t")
    refuses(text, "dead")


def test_all_of_them_together() -> None:
    body = """t = conv(4, 3) -> pad(0) -> scale(2) -> scale(0.5) -> relu
  ( t -> maxpool(2) -> relu -> conv(2, 1) | ( t -> maxpool(2) -> conv(2, 1) | t -> avgpool(2) ) -> concat ) -> concat"""
    found = equal(network(body), "identities", "common", "constants", "flatten-concat", "dead")
    assert found.operations.count("maxpool") == 1
    assert found.operations.count("concat") == 1
