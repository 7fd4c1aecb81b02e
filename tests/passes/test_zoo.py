"""Every model of the zoo as a module for inference: with the weights of the one as written it computes the same."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from archdsl.api import Architecture, open_spec  # noqa: E402
from archdsl.graph.plan import Plan  # noqa: E402
from tests.emit.generated import ZOO, models  # noqa: E402
from tests.passes.helpers import difference, randomise, tensors, values  # noqa: E402
from tests.zoo.peers import create  # noqa: E402
from tests.zoo.tables import Row, read  # noqa: E402
from tests.zoo.test_running import small  # noqa: E402

pytestmark = pytest.mark.torch
#: Run every time: small ones of all families of rewrites. `make zoo` runs all.
QUICK = {
    "densenet.arch:densenet121",
    "densenet_cifar.arch:densenet_bc_100_12",
    "googlenet.arch:googlenet",
    "lenet5.arch:lenet5",
    "mobilenet.arch:mobilenet_100",
    "mobilevit.arch:mobilevit_xxs",
    "nin.arch:nin_cifar",
    "preact_resnet.arch:resnetv2_18",
    "resnet.arch:resnet18",
    "resnet_cifar.arch:resnet20",
    "shufflenet.arch:se_shufflenet_g3",
    "vdsr.arch:vdsr",
    "wavenet.arch:wavenet",
    "worked_examples.arch:depthwise_separable",
}
REST = (pytest.mark.slow, pytest.mark.zoo)
TARGETS = ("eager", "compile")


def cases() -> list[object]:
    names = [(path, model, f"{path.name}:{model}") for path, model in models(ZOO)]
    return [
        pytest.param(path, model, id=name, marks=() if name in QUICK else REST) for path, model, name in names
    ]


def plans(arch: Architecture) -> list[Plan]:
    """Those whose rewrites differ."""
    found: dict[str, Plan] = {}
    for target in TARGETS:
        plan = Plan(target=target)
        _, told = arch.rewritten(plan)
        found.setdefault(repr([(one.name, one.done) for one in told]), plan)
    return list(found.values())


@pytest.mark.parametrize(("path", "model"), cases())
def test_outputs(path: Path, model: str) -> None:
    """To 1e-10 in double precision, where only the order of additions differs; to 1e-4 in single precision."""
    arch = small(open_spec(path).architecture(model))
    whole = arch.build().eval()
    randomise(whole)
    images = [values(shape, torch.float64, seed) for seed, shape in enumerate(arch.inputs.values())]
    with torch.no_grad():
        single = [y.clone() for y in tensors(whole(*(image.float() for image in images)))]
        state = whole.state_dict()
        exact = [y.clone() for y in tensors(whole.double()(*images))]
        assert all(bool(torch.isfinite(y).all()) and bool(y.any()) for y in exact)
        for plan in plans(arch):
            module = arch.build(plan).load_trained(state)
            module._compiled_call_impl = None  # the graph is compared, not what Inductor makes of it
            found = tensors(module(*(image.float() for image in images)))
            noise = max(
                map(difference, exact, single)
            )  # a network of a thousand layers is no exact one itself
            assert max(map(difference, exact, found)) <= max(1e-4, 4 * noise), plan
            found = tensors(module.double().load_trained(state)(*images))
            assert [y.shape for y in found] == [y.shape for y in exact]
            assert max(map(difference, exact, found)) <= 1e-10, plan


def peers() -> list[object]:
    rows = [(row, f"{row['spec']}:{row['model']}") for row in read("peers.csv") if row["keys"] != "order"]
    return [
        pytest.param(row, id=f"{name}:{row['peer']}", marks=() if name in QUICK else REST)
        for row, name in rows
    ]


@pytest.mark.parametrize("row", peers())
def test_weights_of_peers(row: Row) -> None:
    """A module for inference takes a checkpoint of torchvision or timm, and gives what their module gives."""
    arch = open_spec(Path(ZOO[0].parent / row["spec"])).architecture(row["model"])
    theirs = create(row).eval()
    randomise(theirs)
    module = arch.build(Plan()).load_trained(theirs.state_dict())
    side = int(row["input"])
    image = values((3, side, side), torch.float32, batch=1)
    with torch.no_grad():
        expected, found = tensors(theirs(image)), tensors(module(image))
        assert [y.shape for y in found] == [y.shape for y in expected]
        assert max(map(difference, expected, found)) <= 1e-4
