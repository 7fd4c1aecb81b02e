"""Two modules with the same weights, side by side: what they give, and how they learn."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from archdsl.verify.report import Check
from archdsl.verify.running import Shapes, arriving, parameters, steady, tensors
from archdsl.verify.weights import Mapping

#: So much of the largest value may differ between results in single precision.
TOLERANCE = 1e-5
#: Devices without numbers of double precision.
_SINGLE_ONLY = ("mps",)
#: With more weights than so, two modules and their gradients in double precision fill the memory of many machines.
_DOUBLE_UP_TO = 250_000_000
#: A gradient so much smaller than those of its module's other weights is rounding: that of a bias before a norm is 0.
_NOISE = 1e-6

#: What is compared: its name, ours, theirs.
_Pairs = list[tuple[str, Tensor, Tensor]]


@dataclass(slots=True)
class Pair:
    """Our module and the peer's, on one device, with the weights mapped."""

    ours: nn.Module
    theirs: nn.Module
    mapping: Mapping
    device: str


def difference(ours: Tensor, theirs: Tensor, least: float = 0.0) -> float:
    """The largest difference, relative to the largest value, or to `least` if that is more; infinite where shapes
    differ or values are not finite."""
    if ours.shape != theirs.shape:
        return float("inf")
    if not ours.numel():
        return 0.0
    largest, off = float(theirs.abs().max()), float((ours - theirs).abs().max())
    if off == 0:
        return 0.0
    largest = max(largest, least)
    found = off / largest if largest else float("inf")
    return found if found == found else float("inf")


def outputs(pair: Pair, shapes: Shapes, batch: int, tolerance: float) -> Check:
    """Results in evaluation, in their order, in single precision."""
    arrived = arriving(shapes, batch, pair.device, torch.float32, seed=1)
    with torch.no_grad():
        mine, other = tensors(pair.ours.eval()(*arrived)), tensors(pair.theirs.eval()(*arrived))
    what = f"outputs of {_sizes(shapes, batch)}"
    return _counted(what, mine, other) or _check(what, _named(mine, other), tolerance)


@dataclass(slots=True)
class _Step:
    """What a step of training leaves: results, gradients of inputs and weights, running statistics."""

    results: list[Tensor]
    inputs: list[Tensor]
    gradients: dict[str, Tensor]
    statistics: dict[str, Tensor]


def training(pair: Pair, shapes: Shapes, batch: int, tolerance: float) -> Iterator[Check]:
    """One step of training without dropout: results, gradients of inputs and weights, running statistics.

    In double precision where the device has it and the module is not too large, so that what differs is a mistake and
    no rounding.
    """
    dtype, theirs = _precise_step(pair, shapes, batch)
    ours = _step(pair.ours, shapes, batch, pair.device, dtype)
    of = f"{_sizes(shapes, batch)}, {'double' if dtype is torch.float64 else 'single'} precision"

    what = f"outputs in training of {of}"
    counted = _counted(what, ours.results, theirs.results)
    if counted is not None:
        yield counted
        return
    results = _named(ours.results, _in_their_order(ours.results, theirs.results))
    worst, _ = _worst(results)
    if worst > tolerance:
        again = _step(pair.theirs, shapes, batch, pair.device, dtype)
        if _worst(_named(again.results, theirs.results))[0] > tolerance:
            note = "the peer draws at random in training, and not by a layer that can be turned off"
            yield Check(what, f"{worst:.1e}", holds=None, note=note)
            return
    yield _check(what, results, tolerance)

    gradients: _Pairs = [
        (f"input {number}", a, b)
        for number, (a, b) in enumerate(zip(ours.inputs, theirs.inputs, strict=True), 1)
    ]
    for mine, other in pair.mapping.pairs.items():
        left, right = ours.gradients.get(mine), theirs.gradients.get(other)
        if left is not None and right is not None:
            gradients.append((mine, left, right.reshape(left.shape)))
        elif left is not None or right is not None:
            whose = "the peer's" if left is None else "ours"
            yield Check(f"gradient of {mine}", "only one", "both or none", False, f"only {whose} has one")
    yield _check(f"gradients of {of}", gradients, tolerance, _rounding(gradients))

    statistics = [
        (mine, ours.statistics[mine], theirs.statistics[other].reshape(ours.statistics[mine].shape))
        for mine, other in pair.mapping.pairs.items()
        if mine in ours.statistics and other in theirs.statistics
    ]
    if statistics:
        yield _check(f"running statistics of {of}", statistics, tolerance)


def _precise_step(pair: Pair, shapes: Shapes, batch: int) -> tuple[torch.dtype, _Step]:
    """The peer's step, in double precision if possible: some modules have tensors of their own, which `to` misses."""
    large = parameters(pair.ours) > _DOUBLE_UP_TO
    if torch.device(pair.device).type not in _SINGLE_ONLY and not large:
        try:
            return torch.float64, _step(pair.theirs, shapes, batch, pair.device, torch.float64)
        except RuntimeError as error:
            if isinstance(error, torch.OutOfMemoryError):
                raise
    return torch.float32, _step(pair.theirs, shapes, batch, pair.device, torch.float32)


def _step(module: nn.Module, shapes: Shapes, batch: int, device: str, dtype: torch.dtype) -> _Step:
    """A step of a copy. Results of one shape are weighed alike, so that their order does not matter."""
    module = steady(copy.deepcopy(module)).to(dtype)
    arrived = [tensor.requires_grad_() for tensor in arriving(shapes, batch, device, dtype, seed=2)]
    results = tensors(module(*arrived))
    learning = [(one * _weighing(one)).sum() for one in results if one.requires_grad]
    if learning:
        torch.stack(learning).sum().backward()  # type: ignore[no-untyped-call]
    none = torch.zeros(())
    return _Step(
        [one.detach() for one in results],
        [none if one.grad is None else one.grad for one in arrived],
        {name: one.grad for name, one in module.named_parameters() if one.grad is not None},
        {name: one for name, one in module.named_buffers() if one.is_floating_point()},
    )


def _weighing(result: Tensor) -> Tensor:
    """Numbers at random, the same for all results of a shape."""
    generator = torch.Generator().manual_seed(3)
    return torch.randn(result.shape, generator=generator, dtype=torch.float64).to(result)


def _in_their_order(mine: list[Tensor], other: list[Tensor]) -> list[Tensor]:
    """In training libraries give results in orders of their own: each of ours takes the nearest of its shape."""
    left = list(other)
    found = []
    for one in mine:
        nearest = min(range(len(left)), key=lambda number: (difference(one, left[number]), number))
        found.append(left.pop(nearest))
    return found


def _counted(what: str, mine: list[Tensor], other: list[Tensor]) -> Check | None:
    """A check that fails, where they do not give as many results of the same shapes."""
    a, b = (sorted(list(tensor.shape) for tensor in results) for results in (mine, other))
    if a == b:
        return None
    return Check(what, _shown(a), _shown(b), False, "they do not give the same shapes")


def _shown(shapes: list[list[int]]) -> str:
    return ", ".join("×".join(map(str, shape)) for shape in shapes) or "nothing"


def _named(mine: list[Tensor], other: list[Tensor]) -> _Pairs:
    names = [""] if len(mine) == 1 else [f"result {number}" for number in range(1, len(mine) + 1)]
    return list(zip(names, mine, other, strict=True))


def _rounding(gradients: _Pairs) -> dict[str, float]:
    """What is no more than rounding in the gradient of each weight, by those of its module's other weights."""
    largest: dict[str, float] = {}
    for name, _, other in gradients:
        module = name.rpartition(".")[0]
        if module and other.numel():
            largest[module] = max(largest.get(module, 0.0), float(other.abs().max()))
    return {name: _NOISE * largest.get(name.rpartition(".")[0], 0.0) for name, *_ in gradients}


def _worst(
    pairs: Iterable[tuple[str, Tensor, Tensor]], least: dict[str, float] | None = None
) -> tuple[float, str]:
    """The largest difference and whose it is."""
    worst, name = 0.0, ""
    for whose, a, b in pairs:
        off = difference(a, b, (least or {}).get(whose, 0.0))
        if off > worst:
            worst, name = off, whose
    return worst, name


def _check(what: str, pairs: _Pairs, tolerance: float, least: dict[str, float] | None = None) -> Check:
    """Pairs of tensors. Where all of them are zero nothing is shown: many other modules would give the same."""
    off, name = _worst(pairs, least)
    zero = sum(not bool(a.any()) and not bool(b.any()) for _, a, b in pairs)
    if zero == len(pairs):
        return Check(what, "0", holds=None, note="all values are zero, which shows nothing")
    notes = [f"of {len(pairs)} tensors"] if len(pairs) > 1 else []
    if zero:
        notes.append(f"{zero} of them zero")
    if name:
        notes.append(name)
    holds = math.isfinite(off) and off <= tolerance
    return Check(what, f"{off:.1e}" if off else "0", f"≤ {tolerance:g}", holds, ", ".join(notes), off)


def _sizes(shapes: Shapes, batch: int) -> str:
    return ", ".join("×".join(map(str, (batch, *shape))) for shape in shapes)
