"""What a module does with its weights, in order: each operation that takes some, and where its data come from."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode, resolve_name

from archdsl.records import record
from archdsl.verify.running import Shapes, arriving, steady, without_numbers

#: How data came from one use of weights to the next: the place in what was concatenated, and the poolings on the way.
Way = tuple[int, frozenset[str]]
#: Where data come from: uses by number (-1 is the input), each with the ways that lead from it.
Sources = dict[int, frozenset[Way]]

_STRAIGHT: frozenset[Way] = frozenset([(0, frozenset())])
#: More ways from one use to another tell no more than that there are many.
_MOST_WAYS = 16
_POOLS = {"max": "max_pool", "avg": "avg_pool"}


@record
class Use:
    """One operation that takes weights: their names in `state_dict()`, in the order of its arguments, their shapes
    and that of its result without axes of 1, and where its data come from."""

    names: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]
    gives: tuple[int, ...]
    sources: Mapping[int, frozenset[Way]]


def trace(module: nn.Module, shapes: Shapes) -> list[Use]:
    """The uses of weights and statistics in a step of training, in order.

    A linear layer and a 1×1 convolution of a vector are the same: axes of 1 do not count.
    """

    def run(device: str) -> list[Use]:
        net = steady(copy.deepcopy(module).to(device))
        tracer = _Tracer(net)
        inputs = arriving(shapes, 2, device, torch.float32)
        for tensor in inputs:
            tracer.know(tensor, {-1: _STRAIGHT})
        with torch.no_grad(), tracer:
            net(*inputs)
        return tracer.uses

    return without_numbers(run)


def trimmed(shape: Any) -> tuple[int, ...]:
    """A shape without axes of 1."""
    return tuple(size for size in shape if size != 1) or tuple(shape)[:1]


class _Tracer(TorchFunctionMode):
    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.uses: list[Use] = []
        self._alive: list[Any] = []  # so that no two tensors have one id
        kept = module.state_dict()
        named = [
            *module.named_parameters(),  # buffers of whole numbers and those that are not kept are no statistics
            *(
                (name, one)
                for name, one in module.named_buffers()
                if name in kept and one.is_floating_point()
            ),
        ]
        #: of weights and what is made of them alone: the weights' names and shapes
        self._weights: dict[int, tuple[tuple[str, tuple[int, ...]], ...]] = {
            id(tensor): ((name, trimmed(tensor.shape)),) for name, tensor in named
        }
        self._own = set(self._weights)
        self._sources: dict[int, Sources] = {}
        self._alive.extend(tensor for _, tensor in named)

    def know(self, tensor: Tensor, sources: Sources) -> None:
        self._alive.append(tensor)
        self._sources[id(tensor)] = sources

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        result = func(*args, **kwargs)
        given = list(_tensors((args, kwargs)))
        name = (resolve_name(func) or getattr(func, "__name__", "")).rpartition(".")[2]
        if name == "__setitem__":  # it gives nothing, and writes into what it takes
            result_of, start = args[0], _start(args[1])
        else:
            result_of, start = result, 0
        made = [tensor for tensor in _tensors(result_of) if id(tensor) not in self._own]
        if not made or not given or name.startswith("new_") or name.endswith("_like"):
            return result  # nothing is passed on, or a shape alone
        weights = [pair for tensor in given for pair in self._weights.get(id(tensor), ())]
        data = [tensor for tensor in given if id(tensor) in self._sources]
        if weights and not data:
            for tensor in made:  # a view of weights, or something computed of them
                self._alive.append(tensor)
                self._weights[id(tensor)] = tuple(weights)
            return result
        sources = self._arriving(name, data, start)
        if weights:
            gives = trimmed(made[0].shape)
            self.uses.append(Use(tuple(n for n, _ in weights), tuple(s for _, s in weights), gives, sources))
            sources = {len(self.uses) - 1: _STRAIGHT}
        for tensor in made:
            self.know(tensor, sources)
            whole = tensor._base
            if whole is not None and any(tensor is one for one in given):  # a part was written in place
                self.know(whole, self._sources.get(id(whole), {}) | sources)
        return result

    def _arriving(self, name: str, data: list[Tensor], start: int) -> Sources:
        """Where the data of an operation come from, and by what way; what is written starts at `start`."""
        pool = next((kind for kind, word in _POOLS.items() if word in name and kind in name), None)
        offset, found = 0, dict[int, set[Way]]()
        for number, tensor in enumerate(data):
            if number == len(data) - 1:
                offset += start
            for source, ways in self._sources[id(tensor)].items():
                known = found.setdefault(source, set())
                if len(known) < _MOST_WAYS:
                    known |= {(at + offset, pools | {pool} if pool else pools) for at, pools in ways}
            if name in ("cat", "concat", "concatenate") and tensor.dim() > 1:
                offset += tensor.shape[1]
        return {source: frozenset(ways) for source, ways in found.items()}


def _start(index: Any) -> int:
    """Where, behind the batch, `x[index] = y` begins to write."""
    axis = index[1] if isinstance(index, tuple) and len(index) > 1 else None
    return axis.start if isinstance(axis, slice) and isinstance(axis.start, int) else 0


def _tensors(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, (tuple, list)):
        for one in value:
            yield from _tensors(one)
    elif isinstance(value, dict):
        for one in value.values():
            yield from _tensors(one)
