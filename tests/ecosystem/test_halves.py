"""The bounds of half precision are tight: a mistake that half precision alone makes, or that it would hide, is found."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from archdsl.api import loads  # noqa: E402
from tests.ecosystem.halves import hold  # noqa: E402
from tests.emit.generated import build  # noqa: E402
from tests.zoo.oracles import move_statistics  # noqa: E402

pytestmark = pytest.mark.torch
SCALED = """
block unit(c) { ( identity | conv(c, 3) -> bn -> relu -> conv(c, 3) -> bn -> scale(0.17) ) -> add -> relu }
network n {
  input image: [3, 16, 16]
  conv(16, 3) -> bn -> relu -> unit(16) * 3 -> gap -> linear(64) -> scale(2.5)
  output logits
}
"""


def held(old: str, new: str, dtype: torch.dtype) -> None:
    """The network above, with a piece of its text replaced."""
    architecture = loads(SCALED)
    source = architecture.source()
    assert source.count(old) == 1
    torch.manual_seed(0)
    changed = source.replace(old, new).replace("\nfrom torch import", "\nimport torch\nfrom torch import", 1)
    net = move_statistics(build(changed)).eval()
    hold(net.to(dtype), torch.randn(2, 3, 16, 16).to(dtype), architecture._graph)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_nothing_is_found_in_what_is_right(dtype: torch.dtype) -> None:
    held("* 0.17", "* 0.17", dtype)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        pytest.param(" * 2.5", " * int(2.5)", "in float64", id="a scale cast to an integer"),
        pytest.param(" * 0.17", " * 0.2", "in float64", id="a constant that is off"),
        pytest.param(" * 2.5", " * torch.tensor([2.5])", "gives torch.float32", id="a constant in float32"),
        pytest.param("(x + y)", "(x.float() + y).to(x.dtype)", "gives torch.float32", id="a sum in float32"),
    ],
)
def test_mistakes_are_found(old: str, new: str, found: str, dtype: torch.dtype) -> None:
    with pytest.raises(AssertionError, match=found):
        held(old, new, dtype)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_what_only_the_whole_shows_is_found(dtype: torch.dtype) -> None:
    """Something else in half precision than what runs while operations are watched, as with PyTorch's fast paths."""
    watched = "torch._C._is_torch_function_mode_enabled() or x.dtype is torch.float64"
    with pytest.raises(AssertionError, match="where rounding makes"):
        held(" * 2.5", f" * (2.5 if {watched} else 2)", dtype)


def test_a_constant_below_the_least_number_is_found() -> None:
    """Below that of float16; bfloat16 reaches as far as float32."""
    small = " * x.new_tensor(0.17e-7) * 1e7"
    with pytest.raises(AssertionError, match="eps"):
        held(" * 0.17", small, torch.float16)
    held(" * 0.17", small, torch.bfloat16)
