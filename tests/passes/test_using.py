"""Modules for inference in use: copied, saved, traced, exported, in other types, at other sizes, with several outputs."""

from __future__ import annotations

import copy
import io
import pickle
from functools import cache
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

import archdsl  # noqa: E402
from archdsl.graph.plan import Plan  # noqa: E402
from tests.passes.helpers import difference, equal, network, randomise, tensors, values  # noqa: E402

pytestmark = pytest.mark.torch
SPECS = Path(__file__).parents[2] / "specs"
#: Dense blocks with norms before convolutions, at 32² alone and at any size; sums and grouped convolutions.
MODELS = ["densenet_cifar:densenet_bc_100_12", "resnet_cifar:resnet20", "shufflenet:se_shufflenet_g3"]
SEVERAL = """
network several {
  "Two inputs; a bundle, a single output and one of training."
  input left: [3, 16, 16]
  input right: [3, 16, 16]
  a = left -> conv(8, 3) -> bn -> relu
  b = right -> conv(8, 3) -> bn -> relu
  c = ( a | b ) -> concat -> bn -> relu -> conv(8, 1)
  output scores = c -> gap -> linear(5)
  output maps = [a, c]
  output early = a -> gap -> linear(7) when training
}
model several = several
"""


@cache
def arch(name: str) -> Any:
    spec, model = name.split(":")
    return archdsl.load(SPECS / f"{spec}.arch", model=model)


def pair(which: Any, target: str = "eager") -> tuple[Any, Any]:
    """The module as written and that for inference, which have the same weights."""
    whole = which.build().eval()
    randomise(whole)
    module = which.build(Plan(target=target)).load_trained(whole.state_dict())
    module._compiled_call_impl = None
    return whole, module


def image(which: Any, batch: int = 2, side: int | None = None) -> Any:
    channels, *sides = next(iter(which.inputs.values()))
    return values((channels, *([side] * len(sides) if side else sides)), torch.float32, batch=batch)


def through_file(module: Any) -> Any:
    file = io.BytesIO()
    torch.save(module, file)
    file.seek(0)
    return torch.load(file, weights_only=False)


@pytest.mark.parametrize("name", MODELS)
def test_copies(name: str) -> None:
    whole, module = pair(arch(name))
    x = image(arch(name))
    with torch.no_grad():
        expected = whole(x)
        for again in (copy.deepcopy(module), pickle.loads(pickle.dumps(module)), through_file(module)):
            assert not again.training
            assert difference(expected, again(x)) <= 1e-4
        assert difference(expected, module(x)) <= 1e-4


@pytest.mark.parametrize(
    "name",
    [pytest.param(MODELS[0], marks=(pytest.mark.slow, pytest.mark.ecosystem)), *MODELS[1:]],  # of many layers
)
def test_traced_and_exported(name: str) -> None:
    """What leaves the machine has no kernel of one processor in it, and no buffer that is written twice."""
    whole, module = pair(arch(name))
    x, other = image(arch(name)), image(arch(name), batch=5)
    with torch.no_grad():
        module(x)
        traced = torch.jit.trace(module, x)
        assert "mkldnn" not in str(traced.inlined_graph)
        assert difference(whole(other), traced(other)) <= 1e-4
        assert difference(whole(x), traced(x)) <= 1e-4
        batch = torch.export.Dim("batch")
        program = torch.export.export(module, (x,), dynamic_shapes=({0: batch},))
        assert "mkldnn" not in str(program.graph)
        assert difference(whole(other), program.module()(other)) <= 1e-4


@pytest.mark.slow
@pytest.mark.parametrize("target", ["eager", "compile"])
def test_compiled(target: str) -> None:
    name = MODELS[1]
    whole, module = pair(arch(name), target)
    compiled = torch.compile(module)
    with torch.no_grad():
        for batch in (2, 5):
            x = image(arch(name), batch)
            assert difference(whole(x), compiled(x)) <= 1e-4


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize(("dtype", "bound"), [("float64", 1e-12), ("bfloat16", 0.2), ("float16", 0.03)])
def test_other_types(name: str, dtype: str, bound: float) -> None:
    """As far from exact results as the module as written is in the same type, or so."""
    whole, module = pair(arch(name))
    kind = getattr(torch, dtype)
    x = image(arch(name))
    with torch.no_grad():
        module(x)
        exact = whole.double()(x.double())
        found = module.to(kind).load_trained(whole.state_dict())(x.to(kind))
        plain = difference(exact, whole.to(kind)(x.to(kind)).double())
    assert found.dtype == kind
    assert difference(exact, found.double()) <= max(2 * plain, 1e-12) or difference(exact, found) <= bound


@pytest.mark.parametrize("name", MODELS)
def test_other_sizes(name: str) -> None:
    """Batches of any size, and where the header says so images; what was computed before stays as it is."""
    which = arch(name)
    whole, module = pair(which)
    given = [image(which, batch) for batch in (1, 3, 2)]
    if "may vary" in which.source(plan=Plan()):
        given += [image(which, 2, side) for side in (64, 96)]
    with torch.no_grad():
        found = [module(x) for x in given]
        for x, y in zip(given, found, strict=True):
            assert difference(whole(x), y) <= 1e-4


@pytest.mark.parametrize("target", ["eager", "compile", "cuda-graph"])
def test_several_inputs_and_outputs(target: str) -> None:
    """The same signature and the same names, without the output of training."""
    which = archdsl.loads(SEVERAL)
    whole, module = pair(which, target)
    left, right = image(which), values((3, 16, 16), torch.float32, seed=1)
    with torch.no_grad():
        expected, found = whole(left, right), module(left=left, right=right)
    assert type(found).__name__ == type(expected).__name__ == "SeveralOutput"
    assert found._fields == tuple(name for name in expected._fields if name != "early")
    assert [y.shape for y in found.maps] == [y.shape for y in expected.maps]
    for one, other in zip(tensors(expected), tensors(found), strict=True):
        assert difference(one, other) <= 1e-5
    assert not any("early" in name for name in module.state_dict())


@pytest.mark.parametrize("target", ["eager", "compile"])
def test_outputs_of_training_are_gone(target: str) -> None:
    """GoogLeNet in evaluation gives its scores alone: a tensor, where the module as written gives a tuple."""
    which = arch("googlenet:googlenet").with_inputs(image=(3, 64, 64))
    whole, module = pair(which, target)
    assert any(name.startswith("aux1") for name in whole.state_dict())
    assert not any(name.startswith("aux") for name in module.state_dict())
    x = image(which)
    with torch.no_grad():
        (expected,), (found,) = tensors(whole(x)), tensors(module(x))
    assert difference(expected, found) <= 1e-4


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
@pytest.mark.parametrize("name", MODELS)
def test_on_a_gpu(name: str) -> None:
    whole, module = pair(arch(name))
    x = image(arch(name))
    with torch.no_grad():
        expected = whole(x)
        module(x)
        assert difference(expected, module.cuda()(x.cuda()).cpu()) <= 1e-3
        assert difference(expected, module.cpu()(x)) <= 1e-4


@pytest.mark.parametrize(
    "body, stays",
    [
        ("gn(3) -> bn -> tanh", True),
        ("tanh -> bn(track=false)", False),  # the statistics of what arrives, in both modes
        ("instancenorm(track=true)", True),
        ("tokens -> attention(1, dropout=0.5)", True),
        ("conv(4, 3) -> bn -> relu -> dropout(0.5)", False),  # nothing is left that minds
    ],
)
@pytest.mark.parametrize("target", ["eager", "compile"])
def test_what_training_would_change_stays_in_evaluation(body: str, stays: bool, target: str) -> None:
    found = equal(network(body), plan=Plan(target=target, passes=("fold-norm", "fuse")))
    assert ("def train(self" in found.source) is stays
    net = found.net.double()
    outer = torch.nn.Sequential(net).eval()
    (image,) = (values(shape, torch.float64) for shape in found.arch.inputs.values())
    expected = outer(image)
    state = copy.deepcopy(net.state_dict())
    assert outer.train() is outer and net.train() is net
    assert torch.equal(outer(image), expected)
    assert all(map(torch.equal, state.values(), net.state_dict().values()))
    assert outer.training and net.training is not stays
