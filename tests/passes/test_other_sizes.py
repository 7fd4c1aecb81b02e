"""A module whose header says that sizes may vary computes the same at other sizes, where maps of 1×1 have grown."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch

from tests.passes.helpers import Rewritten, difference, equal, network, values

GATE = "( t -> adaptive_avgpool(1) -> conv(4, 1) -> sigmoid | t ) -> mul"


def assert_alike_at(found: Rewritten, *sizes: Sequence[int], batches: Sequence[int] = ()) -> None:
    """Both networks give the same at other sizes of all inputs, or with so many samples in each."""
    batches = batches or [2] * len(found.arch.inputs)
    shapes = [
        (s[0], *size) for size in sizes for s in found.arch.inputs.values()
    ] or found.arch.inputs.values()
    for dtype, bound in ((torch.float64, 1e-12), (torch.float32, 1e-4)):
        trained, net = found.trained.to(dtype), found.net.to(dtype)
        for shape in shapes:
            images = [values(shape, dtype, i, batch) for i, batch in enumerate(batches)]
            with torch.no_grad():
                expected, first, second = trained(*images), net(*images).clone(), net(*images)
            assert expected.shape == first.shape
            assert difference(expected, first) <= bound and difference(expected, second) <= bound


@pytest.mark.parametrize(
    "body",
    [
        "( t | t -> adaptive_avgpool(1) -> conv(4, 1) ) -> add",
        "( t -> adaptive_avgpool(1) -> conv(4, 1) | t -> conv(4, 1) ) -> add",
        "( t -> conv(4, 1) | t -> adaptive_maxpool(1) -> conv(4, 1) ) -> add -> relu",
        "( t -> reduce(mean, [1, 2], keep=true) | t ) -> mul",
        GATE,
        "a = t -> adaptive_avgpool(1) -> conv(4, 1)\n  ( a | t -> conv(4, 1) | t ) -> add -> relu",
        "a = t -> adaptive_avgpool(1)\n  b = t -> avgpool(1)\n  ( a -> conv(4, 1) | b -> conv(4, 1) ) -> add",
    ],
)
def test_maps_of_one_position(body: str) -> None:
    found = equal(network(f"t = conv(4, 3)\n  {body}", "[3, 1, 1]"))
    assert "may vary" in found.source
    assert_alike_at(found, (1, 1), (5, 4), (1, 6))


def test_rows_of_one_map() -> None:
    body = "t = conv(4, 3)\n  ( t -> reduce(mean, 1, keep=true) -> conv(4, 1) | t ) -> add"
    assert_alike_at(equal(network(body, "[3, 1, 8]")), (1, 8), (4, 8))


def test_a_size_that_is_read() -> None:
    body = """t = conv(4, 3)
  a = t -> adaptive_avgpool(1) -> upsample(size=[t.height, t.width]) -> conv(4, 1)
  ( a | t ) -> add"""
    found = equal(network(body, "[3, 1, 1]"))
    assert found.done["fuse"] and "add" not in found.operations
    assert_alike_at(found, (1, 1), (5, 4))


def test_a_larger_map_is_written_over_at_every_size() -> None:
    assert "mul_" in equal(network(f"t = conv(4, 3)\n  {GATE}", "[3, 2, 2]")).source


def test_a_network_of_one_size_loses_nothing() -> None:
    body = "flatten -> linear(4) -> reshape([4, 1, 1])\n  t = conv(4, 1)\n  ( t | t -> conv(4, 1) ) -> add -> relu"
    assert "add" not in equal(network(body, "[3, 1, 1]"), "fuse").operations


@pytest.mark.parametrize("join", ["add", "mul"])
@pytest.mark.parametrize("batches", [(1, 3), (3, 1)])
def test_one_sample_meets_several(join: str, batches: tuple[int, int]) -> None:
    text = f"""
network net {{
  input x: [3, 8, 8]
  input z: [3, 8, 8]
  ( x -> conv(4, 1) | z -> conv(4, 3) ) -> {join} -> relu
  output y
}}
model net = net
"""
    assert_alike_at(equal(text), batches=batches)
