"""Two modules with the same weights, side by side: what they give, and how they learn."""

from __future__ import annotations

import copy
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


@dataclass(slots=True)
class Pair:
    """Our module and the peer's, on one device, with the weights mapped."""

    ours: nn.Module
    theirs: nn.Module
    mapping: Mapping
    device: str


def difference(ours: Tensor, theirs: Tensor) -> float:
    """The largest difference, relative to the largest value; infinite where shapes differ or values are not finite."""
    if ours.shape != theirs.shape:
        return float("inf")
    if not ours.numel():
        return 0.0
    largest, off = float(theirs.abs().max()), float((ours - theirs).abs().max())
    if off == 0:
        return 0.0
    found = off / largest if largest else float("inf")
    return found if found == found else float("inf")


def outputs(pair: Pair, shapes: Shapes, batch: int, tolerance: float) -> Check:
    """Results in evaluation, in single precision."""
    arrived = arriving(shapes, batch, pair.device, torch.float32, seed=1)
    with torch.no_grad():
        mine, other = tensors(pair.ours.eval()(*arrived)), tensors(pair.theirs.eval()(*arrived))
    what = f"outputs of {_sizes(shapes, batch)}"
    return _counted(what, mine, other) or _check(what, _apart(mine, other), tolerance, len(mine))


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
    large = parameters(pair.ours) > _DOUBLE_UP_TO
    double = torch.device(pair.device).type not in _SINGLE_ONLY and not large
    dtype = torch.float64 if double else torch.float32
    of = f"{_sizes(shapes, batch)}, {'double' if double else 'single'} precision"
    ours, theirs = (_step(one, shapes, batch, pair.device, dtype) for one in (pair.ours, pair.theirs))

    what = f"outputs in training of {of}"
    counted = _counted(what, ours.results, theirs.results)
    if counted is not None:
        yield counted
        return
    worst = _apart(ours.results, theirs.results)
    if worst[0] > tolerance:
        again = _step(pair.theirs, shapes, batch, pair.device, dtype)
        if _apart(again.results, theirs.results)[0] > tolerance:
            note = "the peer draws at random in training, and not by a layer that can be turned off"
            yield Check(what, f"{worst[0]:.1e}", holds=None, note=note)
            return
    yield _check(what, worst, tolerance, len(ours.results))

    gradients = [
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
    yield _check(f"gradients of {of}", _worst(gradients), tolerance, len(gradients))

    statistics = [
        (mine, ours.statistics[mine], theirs.statistics[other].reshape(ours.statistics[mine].shape))
        for mine, other in pair.mapping.pairs.items()
        if mine in ours.statistics and other in theirs.statistics
    ]
    if statistics:
        yield _check(f"running statistics of {of}", _worst(statistics), tolerance, len(statistics))


def _step(module: nn.Module, shapes: Shapes, batch: int, device: str, dtype: torch.dtype) -> _Step:
    """A step of a copy. Results of one shape are weighed alike, so that their order does not matter."""
    module = steady(copy.deepcopy(module)).to(dtype)
    arrived = [tensor.requires_grad_() for tensor in arriving(shapes, batch, device, dtype, seed=2)]
    results = tensors(module(*arrived))
    total = torch.stack(
        [(one * arriving([one.shape[1:]], len(one), device, dtype, seed=3)[0]).sum() for one in results]
    ).sum()
    total.backward()  # type: ignore[no-untyped-call]
    none = torch.zeros(())
    return _Step(
        [one.detach() for one in results],
        [none if one.grad is None else one.grad for one in arrived],
        {name: one.grad for name, one in module.named_parameters() if one.grad is not None},
        {name: one for name, one in module.named_buffers() if one.is_floating_point()},
    )


def _apart(mine: list[Tensor], other: list[Tensor]) -> tuple[float, str]:
    """The largest difference between results, in any order."""
    return _worst(zip(_names(mine), mine, _in_their_order(mine, other), strict=True))


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


def _names(results: list[Tensor]) -> list[str]:
    return [""] if len(results) == 1 else [f"result {number + 1}" for number in range(len(results))]


def _worst(pairs: Iterable[tuple[str, Tensor, Tensor]]) -> tuple[float, str]:
    """The largest difference and whose it is."""
    worst, name = 0.0, ""
    for whose, a, b in pairs:
        off = difference(a, b)
        if off > worst:
            worst, name = off, whose
    return worst, name


def _check(what: str, worst: tuple[float, str], tolerance: float, count: int) -> Check:
    off, name = worst
    note = f"of {count} tensors" if count > 1 else ""
    if name and off > 0:
        note += f", {name}" if note else name
    return Check(what, f"{off:.1e}" if off else "0", f"≤ {tolerance:.0e}", off <= tolerance, note, off)


def _sizes(shapes: Shapes, batch: int) -> str:
    return ", ".join("×".join(map(str, (batch, *shape))) for shape in shapes)
