"""Holds generated modules against plain functions of their weights, written from the papers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from tests.zoo.oracles import close, move_statistics
from tests.zoo.support import tensors

Weights = Mapping[str, Tensor]
Plain = Callable[..., Tensor | list[Tensor]]  # of the state_dict() and the inputs


def hold(
    net: nn.Module, plain: Plain, *shapes: tuple[int, ...], batch: int = 2, idle: tuple[str, ...] = ()
) -> None:
    """Outputs in evaluation are equal, and so are the gradients of all weights and inputs; every weight has one.

    In double precision: what differs is then a mistake, and no rounding. `idle` are modules that reach no output.
    """
    torch.manual_seed(0)
    net = move_statistics(net.double().eval())
    inputs = [torch.randn(batch, *shape, dtype=torch.double, requires_grad=True) for shape in shapes]
    state = {key: value.detach().clone() for key, value in net.state_dict().items()}
    names = [name for name, _ in net.named_parameters() if name.rpartition(".")[0] not in idle]
    for name in names:
        state[name].requires_grad_()

    found, expected = tensors(net(*inputs)), tensors(plain(state, *inputs))
    assert len(found) == len(expected)
    weights = [torch.randn_like(one) for one in expected]
    for ours, theirs in zip(found, expected, strict=True):
        assert close(ours, theirs, 1e-9)

    def gradients(outputs: list[Tensor], of: list[Tensor]) -> tuple[Tensor, ...]:
        total = torch.stack(
            [(one * weight).sum() for one, weight in zip(outputs, weights, strict=True)]
        ).sum()
        return torch.autograd.grad(total, of)

    ours_of = gradients(found, [*map(net.get_parameter, names), *inputs])
    theirs_of = gradients(expected, [*(state[name] for name in names), *inputs])
    for name, a, b in zip([*names, *map(str, range(len(inputs)))], ours_of, theirs_of, strict=True):
        assert close(a, b, 1e-8), name
        assert b.any(), f"{name} has no effect"


def conv(weights: Weights, name: str, x: Tensor, stride: int = 1) -> Tensor:
    """A convolution padded by half of its kernel, with a bias if there is one."""
    weight = weights[f"{name}.weight"]
    half = [side // 2 for side in weight.shape[2:]]
    return F.conv2d(x, weight, weights.get(f"{name}.bias"), stride, half)


def bn(weights: Weights, name: str, x: Tensor) -> Tensor:
    """Batch normalisation in evaluation."""
    mean, var, weight, bias = (
        weights[f"{name}.{part}"][:, None, None] for part in ("running_mean", "running_var", "weight", "bias")
    )
    return (x - mean) / (var + 1e-5).sqrt() * weight + bias


def padded(x: Tensor, channels: int) -> Tensor:
    """Zeros for the channels that are missing."""
    zeros = x.new_zeros(x.shape[0], channels - x.shape[1], *x.shape[2:])
    return torch.cat([x, zeros], dim=1)
