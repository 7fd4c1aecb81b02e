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


def test_same_padding_puts_more_after() -> None:
    conv = NAMESPACE["SameConv1d"](1, 1, 3, stride=2, bias=False)
    torch.nn.init.ones_(conv.weight)
    assert conv(torch.tensor([[[1.0, 2.0, 3.0, 4.0]]])).tolist() == [[[6.0, 7.0]]]


def test_drop_path_drops_samples_and_keeps_the_mean() -> None:
    drop = NAMESPACE["DropPath"](0.25).train()
    torch.manual_seed(0)
    y = drop(torch.ones(4000, 2, 3))
    assert set(y.flatten().tolist()) == {0.0, float(torch.tensor(1) / 0.75)}
    assert (y == y[:, :1, :1]).all(), "a sample is dropped as a whole"
    assert abs(y.mean().item() - 1) < 0.05
    assert NAMESPACE["DropPath"](1).train()(torch.ones(3, 2)).tolist() == [[0, 0]] * 3
    assert (drop.eval()(torch.ones(3, 2)) == 1).all()


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
