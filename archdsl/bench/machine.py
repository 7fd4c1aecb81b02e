"""What the machine can do: a large matrix product, a large copy; and what that allows a network (roofline)."""

from __future__ import annotations

import math
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from archdsl.api import Architecture
from archdsl.bench.settings import Settings
from archdsl.bench.steps import Step

_ONEDNN = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]

#: Sides of the matrices, doubled until a product takes as long as that.
_SIDES = (512, 8192)
_LONG = 0.02
#: Bytes that are copied: many times what caches hold.
_COPIED = {"cpu": 2**28, "cuda": 2**30}
_TRIES = 8
#: A step of training multiplies three times as often as a pass forwards: for the results, for the gradients of what
#: arrives, and for those of the weights.
_TRAINING = 3


@dataclass(frozen=True, slots=True)
class Limits:
    """Floating-point operations and bytes a second; a multiply-accumulate is two operations, a byte that is copied is
    read and written."""

    flops: float
    bandwidth: float


@dataclass(frozen=True, slots=True)
class Probe:
    """A step that takes all that the machine has, of one kind: `work` are its operations, or its bytes."""

    step: Step
    work: float


def probes(settings: Settings) -> tuple[Probe, Probe]:
    """A matrix product, and a copy, to be run among the rounds."""
    return _product(settings), _copy(settings)


def attainable(
    arch: Architecture, batch: int, settings: Settings, limits: Limits
) -> tuple[float, str] | None:
    """Seconds below which the network cannot be computed, and what forbids it, `arithmetic` or `memory`.

    It must multiply as often as the spec says, and move its weights and every layer's output once. Nothing where an
    extern block states no figures. (Williams, Waterman and Patterson, Roofline, 2009.)
    """
    if arch.uncounted:
        return None
    times = _TRAINING if settings.purpose == "training" else 1
    moved = (arch.params + batch * arch.activations) * settings.number.itemsize
    bounds = {
        "arithmetic": times * 2 * arch.macs * batch / limits.flops,
        "memory": times * moved / limits.bandwidth,
    }
    bound = max(bounds, key=lambda name: bounds[name])
    return bounds[bound], bound


def _product(settings: Settings) -> Probe:
    """The fastest of PyTorch's products: on some processors the library behind `mm` is not the one of convolutions."""
    side, most = _SIDES
    while True:
        runs = {_quickest(run, settings): run for run in _products(side, settings)}
        seconds = min(runs)
        if seconds > _LONG or side == most:
            return Probe(Step(runs[seconds], torch.inference_mode, []), 2 * side**3)
        side *= 2


def _products(side: int, settings: Settings) -> Iterator[Callable[[], object]]:
    a, b = (torch.randn(side, side, device=settings.device).to(settings.number) for _ in range(2))
    c = torch.empty_like(a)
    if settings.kind == "cpu":
        yield lambda: torch.mm(a, b, out=c)
        onednn = getattr(torch.ops.mkldnn, "_linear_pointwise", None) if _ONEDNN else None
        if onednn is not None:
            yield lambda: onednn(a, b, None, "none", [], "")
    else:
        yield lambda: _product_as_convolutions(a, b, c)


def _product_as_convolutions(a: Tensor, b: Tensor, c: Tensor) -> None:
    """With the short numbers that convolutions are allowed."""
    matmul, allowed = torch.backends.cuda.matmul, torch.backends.cuda.matmul.allow_tf32
    matmul.allow_tf32 = torch.backends.cudnn.allow_tf32
    torch.mm(a, b, out=c)
    matmul.allow_tf32 = allowed


def _copy(settings: Settings) -> Probe:
    source = torch.zeros(_COPIED[settings.kind], dtype=torch.uint8, device=settings.device)
    target = torch.empty_like(source).fill_(1)
    return Probe(Step(lambda: target.copy_(source), torch.inference_mode, []), 2 * source.nbytes)


def _quickest(run: Callable[[], object], settings: Settings) -> float:
    """Seconds; infinite where it cannot be run."""
    times = []
    with torch.inference_mode():
        for _ in range(_TRIES):
            settle(settings.device)
            start = time.perf_counter()
            try:
                run()
            except RuntimeError:  # not with these numbers
                return math.inf
            settle(settings.device)
            times.append(time.perf_counter() - start)
    return min(times)


def settle(device: str) -> None:
    """Wait until a GPU has done what it was given."""
    if torch.device(device).type == "cuda":
        torch.cuda.synchronize(device)


def name_of(device: str) -> str:
    """What the device calls itself."""
    if torch.device(device).type == "cuda":
        return str(torch.cuda.get_device_name(device))
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "") or platform.processor() or platform.machine()
