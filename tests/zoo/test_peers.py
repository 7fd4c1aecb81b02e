"""The models of `peers.csv` against torchvision and timm: names, weights, costs, results, a step of training."""

from __future__ import annotations

import pytest
import torch

from archdsl.api import open_spec
from archdsl.verify import Peer, verify
from tests.zoo.oracles import macs
from tests.zoo.peers import create
from tests.zoo.support import SPECS, architecture
from tests.zoo.tables import Row, each, read, write

pytestmark = pytest.mark.torch
ROWS = read("peers.csv")


@pytest.mark.parametrize("row", each(ROWS, "peer", quick=True))
def test_figures(row: Row) -> None:
    """Parameters and multiply-accumulates are the peer's."""
    arch = architecture(row["spec"], row["model"])
    assert set(arch.inputs["image"][1:]) == {int(row["input"])}
    assert (arch.params, arch.macs) == (int(row["params"]), int(row["macs"]))


@pytest.mark.parametrize("row", each(ROWS, "peer"))
def test_the_peer_has_these_figures(row: Row, update: bool) -> None:
    with torch.device("meta"):
        theirs = create(row)
    side = int(row["input"])
    measured = {
        "params": str(sum(p.numel() for p in theirs.parameters())),
        "macs": str(macs(theirs, (3, side, side))),
    }
    if update:
        rows = read("peers.csv")
        rows[ROWS.index(row)].update(measured)
        write("peers.csv", rows)
    else:
        assert {name: row[name] for name in measured} == measured


@pytest.mark.parametrize("row", each(ROWS, "peer"))
def test_names(row: Row) -> None:
    """Checkpoints load by their names, and optimisers keep their state by the order of parameters."""
    with torch.device("meta"):
        expected = [(name, value.shape) for name, value in create(row).state_dict().items()]
        ours = architecture(row["spec"], row["model"]).build().state_dict()
    found = [(name, value.shape) for name, value in ours.items()]
    if row["keys"] == "names":
        assert found != expected, "the order is equal as well: `same`"
        found, expected = sorted(found), sorted(expected)
    if row["keys"] == "order":
        assert found != expected, "the names are equal: `same`"
    else:
        assert found == expected


#: Those whose steps of training take as long as those of five others: for `make zoo` alone.
HEAVY = {
    ("alexnet.arch", "alexnet"),
    ("convnext.arch", "convnext_tiny"),
    ("inception_v3.arch", "inception_v3"),
    ("inception_v4.arch", "inception_v4"),
    ("retinanet.arch", "retinanet_resnet50_fpn"),
    ("vgg.arch", "vgg11_bn"),
    ("vit.arch", "vit_b_32"),
}


@pytest.mark.parametrize("row", each(ROWS, "peer", heavy=HEAVY))
def test_results(row: Row) -> None:
    """In evaluation to 1e-5, for two sizes of batch and image; in a step of training results, gradients and statistics."""
    arch = architecture(row["spec"], row["model"])
    report = verify(arch, Peer(row["peer"], "", lambda: create(row)))
    assert report.failures == []
    assert report.mapping == ("order" if row["keys"] == "order" else "name")
    assert report.difference is not None and report.difference <= 1e-5


def test_order_of_the_table() -> None:
    """By the specs' names, and in them as the models stand."""
    models = {path.name: open_spec(path).models for path in sorted(SPECS.glob("*.arch"))}
    places = [(row["spec"], models[row["spec"]].index(row["model"])) for row in ROWS]
    assert places == sorted(places)
    assert {row["keys"] for row in ROWS} <= {"same", "names", "order"}
