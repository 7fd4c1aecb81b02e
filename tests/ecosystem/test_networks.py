"""Generated modules in PyTorch's ecosystem: six networks of the zoo in every run, one of each family on demand."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from tests.ecosystem.networks import SAMPLE, SIX, assert_equal, network  # noqa: E402
from tests.ecosystem.properties import CHEAP, COSTLY, EXCEPTIONS, PROPERTIES  # noqa: E402

pytestmark = pytest.mark.torch
#: what is held in every run of the costly properties
_QUICK = {("mobilenet_100", name) for name in COSTLY}
_QUICK |= {("unet256", "export"), ("unet256", "ONNX"), ("resnet50", "compile")}
#: what is not, of the cheap ones
_SLOW = {("se_resnet50", "half")}


def cases() -> list[object]:
    found = []
    for model in SAMPLE:
        for name in PROPERTIES:
            quick = (
                (model in SIX and (model, name) not in _SLOW) if name in CHEAP else (model, name) in _QUICK
            )
            marks: list[Any] = [] if quick else [pytest.mark.slow, pytest.mark.ecosystem]
            if (model, name) in EXCEPTIONS:
                marks.append(pytest.mark.xfail(strict=True, reason=EXCEPTIONS[model, name]))
            found.append(pytest.param(model, name, marks=marks, id=f"{model}-{name.replace(' ', '_')}"))
    return found


@pytest.mark.parametrize(("model", "name"), cases())
def test_network(model: str, name: str) -> None:
    PROPERTIES[name](network(model))


def test_tables() -> None:
    assert set(SIX) <= set(SAMPLE) and not set(CHEAP) & set(COSTLY)


@pytest.mark.slow
@pytest.mark.ecosystem
@pytest.mark.skipif(shutil.which("c++") is None, reason="inductor needs a compiler")
def test_inductor() -> None:
    """The code that PyTorch writes for the processor computes the same."""
    small = network("resnet20")
    net, x = small.new(), small.input()
    torch.compiler.reset()
    with torch.no_grad():
        assert_equal(torch.compile(net, fullgraph=True)(x), net(x))
    torch.compiler.reset()
