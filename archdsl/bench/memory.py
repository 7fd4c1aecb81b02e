"""How much memory a run takes beside weights and inputs, by what PyTorch's allocators give out."""

from __future__ import annotations

import gc
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch

from archdsl.bench.machine import settle
from archdsl.bench.steps import Step


def peak(step: Step, device: str) -> int | None:
    """The most bytes at once in a run, beside what was there before; None where CUDA graphs keep them.

    On the CPU they are counted by the events of PyTorch's profiler, so that what oneDNN keeps for itself is not.
    """
    if step.allocating is None:
        return None
    with step.around():
        return _Count(device).of(step.allocating)[0]


def held(step: Step, device: str) -> int | None:
    """Bytes that are still there when the pass forwards is over, for the pass backwards; None without such a pass."""
    if step.forward is None:
        return None
    with step.around():
        return _Count(device).of(step.forward)[1]


class _Count:
    """The most bytes during a run, and those left while its result is alive."""

    def __init__(self, device: str) -> None:
        self._device = device

    def of(self, run: Callable[[], Any]) -> tuple[int, int]:
        gc.collect()
        return self._cuda(run) if torch.device(self._device).type == "cuda" else _cpu(run)

    def _cuda(self, run: Callable[[], Any]) -> tuple[int, int]:
        settle(self._device)
        torch.cuda.reset_peak_memory_stats(self._device)
        before = torch.cuda.memory_allocated(self._device)
        result = run()
        settle(self._device)
        left = torch.cuda.memory_allocated(self._device)
        del result
        return torch.cuda.max_memory_allocated(self._device) - before, left - before


def _cpu(run: Callable[[], Any]) -> tuple[int, int]:
    from torch.profiler import ProfilerActivity, profile

    with _silence(), profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        result = run()
    del result
    events = [event for event in profiler.profiler.kineto_results.events() if event.name() == "[memory]"]
    now = most = 0
    for event in sorted(events, key=lambda event: event.start_ns()):
        now += event.nbytes()
        most = max(most, now)
    return most, now


@contextmanager
def _silence() -> Iterator[None]:
    """Lets go what the profiler's library writes on standard error, past Python."""
    try:
        kept = os.dup(2)
    except OSError:  # it is closed
        yield
        return
    with tempfile.TemporaryFile() as away:
        os.dup2(away.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
