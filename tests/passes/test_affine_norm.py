"""Batch norms that stay become a factor and a constant of each channel."""

from __future__ import annotations

import pytest

from tests.passes.helpers import equal, network, refuses


@pytest.mark.parametrize("shape", ["[3]", "[3, 8]", "[3, 8, 8]", "[3, 4, 4, 4]"])
@pytest.mark.parametrize("norm", ["bn", "bn(eps=1e-3, affine=false)"])
def test_a_norm_is_a_factor_and_a_constant(norm: str, shape: str) -> None:
    found = equal(network(f"{norm} -> relu", shape), "affine-norm")
    assert found.operations == ["channel_affine", "relu"]
    own = {name.rpartition(".")[2] for name in found.net.state_dict()}
    assert own == {"scale", "shift", "folds_mark"}


def test_a_shared_norm_is_rewritten_in_all_calls() -> None:
    found = equal(network("share n = bn\n  n -> relu -> n"), "affine-norm")
    assert found.operations == ["channel_affine", "relu", "channel_affine"]
    assert len(found.graph.folds) == 1


@pytest.mark.parametrize("body", ["bn(track=false)", "gn(3)", "instancenorm(track=true)"])
def test_other_norms_are_left(body: str) -> None:
    refuses(network(body), "affine-norm")


def test_norms_that_can_be_folded_are() -> None:
    found = equal(network("conv(4, 3) -> bn -> relu -> conv(4, 3)"), "fold-norm", "affine-norm")
    assert "channel_affine" not in found.operations
