"""Holds generated modules against plain functions of their weights, written from the papers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
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
