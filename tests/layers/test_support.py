"""The classes and functions for what torch does not have: fit to be pasted into a generated file."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from archdsl.layers import REGISTRY, Shape, Word  # noqa: E402
from archdsl.resources import template_root  # noqa: E402
from tests.layers.real import HEADER, NAMESPACE, SUPPORT, Real  # noqa: E402
from tests.layers.table.core import tensorflow_same  # noqa: E402
from tests.zoo.oracles import torchvision_models  # noqa: E402

pytestmark = pytest.mark.torch

FILES = sorted((template_root() / "support").glob("*.py"))


def real(name: str, x: Shape, **values: Any) -> Real:
    layer = REGISTRY[name](values)
    return Real(layer, (x,), layer.outputs((x,)))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_file_holds_one_documented_definition(path: Path) -> None:
    text = path.read_text()
    (made,) = ast.parse(text).body
    assert isinstance(made, (ast.ClassDef, ast.FunctionDef))
    assert made.name == path.stem
    assert ast.get_docstring(made)
    assert max(map(len, text.splitlines())) <= 100
    assert text.endswith("\n") and not text.startswith("\n")


@pytest.mark.slow
def test_types(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    module = tmp_path / "support.py"
    module.write_text(HEADER + "\n\n" + SUPPORT + "\n")
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", str(module)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("size", range(1, 12))
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("kernel", [1, 2, 3, 4])
def test_same_padding_at_other_sizes(size: int, stride: int, kernel: int) -> None:
    conv = real("conv", Shape((2, 8, 8)), channels=3, kernel=kernel, stride=stride, pad=Word("same"))
    assert conv(torch.rand(1, 2, size, size)).shape[2:] == (-(-size // stride),) * 2


@pytest.mark.parametrize("size", range(1, 12))
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("kernel", [2, 3, 5])
def test_same_pools_at_other_sizes(size: int, stride: int, kernel: int) -> None:
    """The padding goes by what arrives, not by the size that the spec was checked with."""
    x = torch.rand(2, 3, size)
    before, after = tensorflow_same(size, kernel, stride)
    windows = torch.nn.functional.pad(x, (before, after), value=torch.nan).unfold(2, kernel, stride)
    pools = {
        name: real(name, Shape((3, 8)), kernel=kernel, stride=stride, pad=Word("same"))(x)
        for name in ("maxpool", "avgpool")
    }
    assert pools["maxpool"].shape[2] == -(-size // stride)
    torch.testing.assert_close(pools["maxpool"], windows.nan_to_num(-torch.inf).amax(3))
    torch.testing.assert_close(pools["avgpool"], windows.nanmean(3))


@pytest.mark.parametrize(("kernel", "stride"), [(1, 2), (2, 2), (3, 2), (5, 2), (4, 1), (2, 3), (7, 3)])
def test_same_deconv_is_the_gradient_of_a_same_conv(kernel: int, stride: int) -> None:
    deconv = real(
        "deconv", Shape((2, 4)), channels=1, kernel=kernel, stride=stride, pad=Word("same"), bias=False
    )
    y = torch.rand(1, 1, 4 * stride, requires_grad=True)
    assert deconv.module is not None
    padded = torch.nn.functional.pad(y, tensorflow_same(4 * stride, kernel, stride))
    leaves = torch.nn.functional.conv1d(padded, deconv.module.weight, stride=stride)
    assert leaves.shape == (1, 2, 4)
    gradient = torch.rand(1, 2, 4)
    (arrives,) = torch.autograd.grad(leaves, y, gradient)
    torch.testing.assert_close(deconv(gradient), arrives)


def test_same_padding_puts_more_after() -> None:
    conv = NAMESPACE["SameConv1d"](1, 1, 3, stride=2, bias=False)
    torch.nn.init.ones_(conv.weight)
    assert conv(torch.tensor([[[1.0, 2.0, 3.0, 4.0]]])).tolist() == [[[6.0, 7.0]]]


@pytest.mark.parametrize("mode", ["row", "batch"])
@pytest.mark.parametrize("p", [0.25, 0.6])
def test_drop_path_statistics(mode: str, p: float) -> None:
    """Kept with a probability of 1 - p, divided by it, so that the mean stays; each row or all rows alike."""
    drop = real("drop_path", Shape((2, 3)), p=p, mode=mode).module
    assert drop is not None
    drop.train()
    torch.manual_seed(0)
    rows = 4
    batches = torch.stack([drop(torch.ones(rows, 2, 3)) for _ in range(2000)])
    kept = batches[:, :, 0, 0]
    assert torch.equal(batches, kept[:, :, None, None].expand_as(batches)), "a sample is dropped as a whole"
    assert set(kept.flatten().tolist()) == {0.0, float(torch.tensor(1) / (1 - p))}
    decisions = kept.numel() if mode == "row" else len(kept)
    deviation = (p * (1 - p) / decisions) ** 0.5
    assert abs((kept == 0).double().mean().item() - p) < 4 * deviation
    alike = (kept == kept[:, :1]).all(dim=1).double().mean().item()
    by_chance = p**rows + (1 - p) ** rows
    assert alike == 1 if mode == "batch" else abs(alike - by_chance) < 4 * (by_chance / 2000) ** 0.5


@pytest.mark.parametrize("mode", ["row", "batch"])
@pytest.mark.parametrize("p", [0.0, 0.3, 1.0])
def test_drop_path_is_torchvisions(mode: str, p: float) -> None:
    """The same draws of the same generator, with gradients; in evaluation both are the identity."""
    torchvision_models()
    from torchvision.ops import StochasticDepth

    ours = real("drop_path", Shape((3, 4, 4)), p=p, mode=mode)
    for training in (True, False):
        results = []
        for drop in (ours.train(training), StochasticDepth(p, mode).train(training)):
            torch.manual_seed(1)
            x = torch.linspace(-1, 1, 6 * 48).reshape(6, 3, 4, 4).requires_grad_()
            y = drop(x)
            y.square().sum().backward()
            results.append((y.detach(), x.grad))
        for one, other in zip(*results, strict=True):
            torch.testing.assert_close(one, other)


@pytest.mark.parametrize(
    ("name", "x", "values"),
    [
        ("gap", Shape((3, 4, 4)), {}),
        ("gmp", Shape((3, 4, 4)), {}),
        ("ln", Shape((3, 4, 4)), {}),
        ("normalize", Shape((3, 4, 4)), {}),
        ("affine", Shape((3, 4, 4)), {}),
        ("drop_path", Shape((3, 4, 4)), {"p": 0.5}),
        ("pointwise", Shape((3, 4, 4)), {"function": "square"}),
        ("conv", Shape((3, 8, 8)), {"channels": 4, "kernel": 3, "stride": 2, "pad": Word("same")}),
        ("conv", Shape((3, 8, 8)), {"channels": 4, "kernel": 3, "pad": [0, 1, 2, 3]}),
    ],
)
def test_export(name: str, x: Shape, values: dict[str, Any]) -> None:
    module = real(name, x, **values).module
    assert module is not None
    module.eval()
    tensor = torch.rand(2, *x.dims)
    exported = torch.export.export(module, (tensor,)).module()
    torch.testing.assert_close(exported(tensor), module(tensor))


@pytest.mark.parametrize(
    ("name", "x", "values", "other", "leaves"),
    [
        ("slice", Shape((9, 4), True), {"start": 1}, (12, 4), (11, 4)),
        ("slice", Shape((9, 4), True), {"start": -2}, (12, 4), (2, 4)),
        ("slice", Shape((9, 4), True), {"start": 1, "stop": -1}, (12, 4), (10, 4)),
        ("slice", Shape((4, 6, 6)), {"start": 1, "stop": -2, "axis": 1}, (4, 8, 8), (4, 5, 8)),
        ("reshape", Shape((6, 4, 4)), {"shape": [2, 3, -1]}, (6, 5, 5), (2, 3, 25)),
        ("upsample", Shape((6, 4, 4)), {"scale": 2}, (6, 5, 7), (6, 10, 14)),
        ("split", Shape((6, 4, 4)), {"parts": 1}, (6, 5, 7), (6, 5, 7)),
        ("shuffle", Shape((6, 4, 4)), {"groups": 3}, (6, 5, 7), (6, 5, 7)),
        ("crop", Shape((6, 8, 8)), {"size": 4}, (6, 10, 10), (6, 6, 6)),
        ("layerscale", Shape((6, 8, 8)), {}, (6, 10, 10), (6, 10, 10)),
    ],
)
def test_other_sizes(
    name: str, x: Shape, values: dict[str, Any], other: tuple[int, ...], leaves: tuple[int, ...]
) -> None:
    assert tuple(real(name, x, **values)(torch.rand(3, *other)).shape) == (3, *leaves)


def test_initialisers_reach_the_weights() -> None:
    conv = real(
        "conv", Shape((3, 8, 8)), channels=4, kernel=3, init=Word("ones"), bias_init=Word("zeros")
    ).module
    assert conv is not None
    assert bool((conv.weight == 1).all()) and bool((conv.bias == 0).all())
