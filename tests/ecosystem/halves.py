"""Half precision, held operation by operation and as a whole against float64.

The reference computes in float64 with the weights of the half module, as they were rounded. Operation by operation it
is given what the half module computed up to there, so that no error grows: each operation may be off by the rounding
of its own result alone. As a whole the half module is held against the graph, run node by node in float64, and may be
off by twice what correct rounding behind each operation makes: how much errors grow is the network's own affair. The
reference itself is what the graph means but for the order of sums.
"""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode, resolve_name
from torch.utils._pytree import tree_flatten, tree_map_only, tree_unflatten

from archdsl.graph.model import Graph
from tests.ecosystem.networks import flat
from tests.emit.interpret import interpret

#: how far an operation may be off, in `eps` of the type and the norm of its result: a rounded number is off by half of
#: it at most, and by half of that in the mean
ROUNDINGS = 0.5
#: how far the whole may be off, in what correct rounding behind each operation makes: 0.8 to 1.2 times that is seen
GROWTH = 2
#: how far the module in float64 may be off what the graph means: sums may have another order
EXACT = 1e-9


class _Recorded(TorchFunctionMode):
    """Keeps what each operation gives."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[tuple[str, Any]] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        self.steps.append((_name(func), result))
        return result


class _Led(TorchFunctionMode):
    """Holds each operation against the recorded one, and goes on from that one's result."""

    def __init__(self, steps: list[tuple[str, Any]], dtype: torch.dtype) -> None:
        super().__init__()
        self.steps, self.at, self.dtype = steps, 0, dtype
        self.worst = (0.0, "nothing")

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name, recorded = self.steps[self.at]
        self.at += 1
        assert _name(func) == name, f"{self.at}: {_name(func)} in float64, {name} in {self.dtype}"
        result = func(*args, **(kwargs or {}))
        exact, shape = tree_flatten(result)
        found, _ = tree_flatten(recorded)
        assert len(exact) == len(found)
        return tree_unflatten([self._led(name, a, b) for a, b in zip(exact, found, strict=True)], shape)

    def _led(self, name: str, exact: Any, found: Any) -> Any:
        if not isinstance(exact, Tensor) or not exact.is_floating_point():
            return exact
        where = f"operation {self.at}, {name} {list(exact.shape)}"
        assert found.dtype is self.dtype, f"{where} gives {found.dtype}"
        assert found.shape == exact.shape, where
        led = found.double()
        infinite = torch.isinf(exact)  # what a maximum pool is padded with
        assert torch.equal(led[infinite], exact[infinite]), where
        ours, wanted = led.masked_fill(infinite, 0), exact.masked_fill(infinite, 0)
        assert bool(torch.isfinite(ours).all()), f"{where} overflows"
        self.worst = max(self.worst, (distance(ours, wanted) / torch.finfo(self.dtype).eps, where))
        return led


class _Rounded(TorchFunctionMode):
    """Rounds what each operation gives, which is computed in float64, to a type."""

    def __init__(self, dtype: torch.dtype) -> None:
        super().__init__()
        self.dtype = dtype

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return tree_map_only(Tensor, self._rounded, func(*args, **(kwargs or {})))

    def _rounded(self, value: Tensor) -> Tensor:
        return value.to(self.dtype).double() if value.dtype is torch.float64 else value


def _name(func: Any) -> str:
    return resolve_name(func) or str(func)


def distance(found: Tensor, exact: Tensor) -> float:
    """Of the difference, in parts of the norm of what is exact; nothing where both are zero."""
    off, size = float((found.double() - exact.double()).norm()), float(exact.double().norm())
    return off / size if size else float(off > 0)


def by_operations(net: nn.Module, x: Tensor) -> tuple[float, str]:
    """The worst operation of a half module: how many roundings (`eps` of the norm) it is off, and which it is."""
    with torch.no_grad():
        with _Recorded() as record:
            net(x)
        exact, y = copy.deepcopy(net).double(), x.double()
        with _Led(record.steps, x.dtype) as led:
            exact(y)
    assert led.at == len(record.steps) > 0
    return led.worst


def as_a_whole(net: nn.Module, x: Tensor, graph: Graph) -> list[tuple[float, float]]:
    """For each output how far it is off what the graph means, and how far correct rounding of each operation takes it."""
    exact, y = copy.deepcopy(net).double(), x.double()
    with torch.no_grad():
        found = flat(net(x))
        meant = flat(list(interpret(graph, exact, [y]).values()))
        unrounded = flat(exact(y))
        with _Rounded(x.dtype):
            rounded = flat(exact(y))
    assert all(tensor.dtype is x.dtype for tensor in found)
    assert [tensor.shape for tensor in found] == [tensor.shape for tensor in meant]
    for own, wanted in zip(unrounded, meant, strict=True):
        off = distance(own, wanted)
        assert off <= EXACT, f"off by {off:.1e} of the norm in float64"
    return [
        (distance(ours, wanted), distance(likely, own))
        for ours, wanted, likely, own in zip(found, meant, rounded, unrounded, strict=True)
    ]


def hold(net: nn.Module, x: Tensor, graph: Graph) -> None:
    """A half module computes as nearly as its type can what its graph means."""
    off, where = by_operations(net, x)
    assert off <= ROUNDINGS, f"{where}: off by {off:.2f} eps"
    for found, likely in as_a_whole(net, x, graph):
        assert found <= GROWTH * likely < 1, (
            f"off by {found:.1e} of the norm, where rounding makes {likely:.1e}"
        )
