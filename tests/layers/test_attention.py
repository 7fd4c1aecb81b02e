"""Attention holds the numbers of `nn.MultiheadAttention`, whose weights load by name."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from archdsl.layers import REGISTRY, Shape  # noqa: E402
from tests.layers.real import Real  # noqa: E402

pytestmark = pytest.mark.torch

CASES: list[tuple[dict[str, Any], list[tuple[int, ...]]]] = [
    ({"heads": 1}, [(5, 6)]),
    ({"heads": 3}, [(5, 6)]),
    ({"heads": 2, "bias": False}, [(5, 6)]),
    ({"heads": 2}, [(3, 4, 6)]),
    ({"heads": 2}, [(2, 3, 4, 6)]),
    ({"heads": 2}, [(5, 6), (7, 6)]),
    ({"heads": 3}, [(5, 6), (7, 4)]),
    ({"heads": 3, "bias": False}, [(5, 6), (7, 4)]),
    ({"heads": 2}, [(5, 6), (7, 6), (7, 6)]),
    ({"heads": 2}, [(5, 6), (7, 3), (7, 4)]),
    ({"heads": 2}, [(2, 5, 6), (2, 7, 3), (2, 7, 4)]),
]


def pair(values: dict[str, Any], shapes: list[tuple[int, ...]]) -> tuple[Real, nn.MultiheadAttention]:
    """The layer and PyTorch's, with the same random weights."""
    xs = tuple(Shape(dims, True) for dims in shapes)
    layer = REGISTRY["attention"](values)
    real = Real(layer, xs, layer.outputs(xs))
    widths = [x.channels for x in xs]
    oracle = nn.MultiheadAttention(
        widths[0],
        values["heads"],
        bias=values.get("bias", True),
        kdim=widths[min(1, len(xs) - 1)],
        vdim=widths[-1],
        batch_first=True,
    )
    assert real.module is not None
    torch.manual_seed(0)
    for parameter in oracle.parameters():
        nn.init.normal_(parameter, std=0.5)
    real.module.load_state_dict(oracle.state_dict(), strict=True)
    assert list(real.module.state_dict()) == list(oracle.state_dict())
    return real, oracle


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize(("values", "shapes"), CASES, ids=str)
def test_numbers_and_gradients(values: dict[str, Any], shapes: list[tuple[int, ...]], batch: int) -> None:
    real, oracle = pair(values, shapes)
    assert real.module is not None
    real.double(), oracle.double()  # gradients of 0, as that of the keys' bias, are noise otherwise
    tensors = [torch.randn(batch, *dims, dtype=torch.double) for dims in shapes]
    query, key, value = (tensors[min(i, len(tensors) - 1)].flatten(0, -3) for i in range(3))
    expected, _ = oracle(query, key, value, need_weights=False)
    found = real(*tensors)
    torch.testing.assert_close(found, expected.view_as(found), rtol=1e-6, atol=1e-9)
    for result in (found, expected):
        result.square().sum().backward()
    for (name, a), (_, b) in zip(real.module.named_parameters(), oracle.named_parameters(), strict=True):
        torch.testing.assert_close(a.grad, b.grad, rtol=1e-6, atol=1e-9, msg=name)


def test_starts_as_in_pytorch() -> None:
    """Xavier's bound of the three projections in one matrix, and biases of 0."""
    layer = REGISTRY["attention"]({"heads": 2})
    xs = (Shape((5, 64), True),)
    ours = Real(layer, xs, layer.outputs(xs)).module
    assert ours is not None
    for module in (ours, nn.MultiheadAttention(64, 2)):
        found = module.state_dict()
        assert not found["in_proj_bias"].any() and not found["out_proj.bias"].any()
        largest = found["in_proj_weight"].abs().max()
        bound = (6 / (64 + 3 * 64)) ** 0.5
        assert 0.99 * bound < largest <= bound


def test_width_of_its_own() -> None:
    """Heads of 64 features whatever arrives, as in CvT and MobileViT: written out over plain matrices."""
    values = {"heads": 2, "dim": 8, "bias": False, "out_bias": True}
    xs = (Shape((5, 6), True),)
    layer = REGISTRY["attention"](values)
    real = Real(layer, xs, layer.outputs(xs))
    assert real.module is not None
    w = dict(real.module.named_parameters())
    assert {key: tuple(p.shape) for key, p in w.items()} == layer.weights(xs)
    x = torch.randn(2, 5, 6)
    q, k, v = (x @ part.T for part in w["in_proj_weight"].chunk(3))
    heads = []
    for h in range(2):
        at = slice(4 * h, 4 * h + 4)
        scores = (q[..., at] @ k[..., at].transpose(1, 2) / 2).softmax(-1)
        heads.append(scores @ v[..., at])
    expected = torch.cat(heads, -1) @ w["out_proj.weight"].T + w["out_proj.bias"]
    torch.testing.assert_close(real(x), expected, rtol=1e-5, atol=1e-6)


def test_dropout_drops_in_training_alone() -> None:
    layer = REGISTRY["attention"]({"heads": 1, "dropout": 0.5})
    xs = (Shape((6, 4), True),)
    real = Real(layer, xs, layer.outputs(xs))
    x = torch.randn(1, 6, 4)
    real.train()
    assert not torch.equal(real(x), real(x))
    real.eval()
    assert torch.equal(real(x), real(x))
