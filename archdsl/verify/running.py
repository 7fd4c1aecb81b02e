"""Modules at work: what goes in, what comes out, what it costs, and nothing left to chance."""

from __future__ import annotations

import copy
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

Shapes = Sequence[Sequence[int]]
T = TypeVar("T")

#: Layers that draw at random in training, by their classes' names; PyTorch's dropouts have a common base.
_RANDOM = re.compile(r"(Drop(Path|Block\w*)|StochasticDepth)$")
#: Numbers by which modules drop something in their own forward.
_RATES = ("drop_rate", "drop_prob", "dropout", "attn_drop_rate")


def usable(device: str) -> str:
    """Why a device cannot be used, or nothing if it can."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.empty(1, device=device).cpu()
    except Exception as error:  # PyTorch has an exception of its own for each kind of device
        return str(error).split("\n")[0] or type(error).__name__
    return ""


def tensors(result: Any) -> list[Tensor]:
    """All tensors of a module's result, in order."""
    if isinstance(result, Tensor):
        return [result]
    if isinstance(result, Mapping):
        result = list(result.values())
    if isinstance(result, (tuple, list)):
        return [tensor for value in result for tensor in tensors(value)]
    return []


def arriving(shapes: Shapes, batch: int, device: str, dtype: torch.dtype, seed: int = 0) -> list[Tensor]:
    """Inputs at random, the same on every device."""
    generator = torch.Generator().manual_seed(seed)
    return [
        torch.randn(batch, *shape, generator=generator, dtype=torch.float64).to(dtype).to(device)
        for shape in shapes
    ]


def steady(module: nn.Module) -> nn.Module:
    """The module in training, with all that draws at random turned off."""
    module.train()
    for part in module.modules():
        if isinstance(part, nn.modules.dropout._DropoutNd) or _RANDOM.search(type(part).__name__):
            part.eval()
        for rate in _RATES:
            if type(getattr(part, rate, None)) is float:
                setattr(part, rate, 0.0)
    return module


def scatter(module: nn.Module, seed: int = 0) -> nn.Module:
    """Moves weights and statistics that are constant, as those of a fresh norm are, so that each has an effect."""
    generator = torch.Generator().manual_seed(seed)

    def draw(like: Tensor, low: float, high: float) -> Tensor:
        return torch.empty(like.shape, dtype=torch.float64).uniform_(low, high, generator=generator).to(like)

    with torch.no_grad():
        for parameter in module.parameters():
            if parameter.numel() and bool((parameter == parameter.flatten()[0]).all()):
                value = float(parameter.flatten()[0])
                if abs(value) < 1e-3:
                    parameter.copy_(draw(parameter, -0.1, 0.1))
                else:
                    parameter.mul_(draw(parameter, 0.75, 1.25))
        for name, buffer in module.named_buffers():
            if name.endswith("running_mean"):
                buffer.copy_(draw(buffer, -0.1, 0.1))
            elif name.endswith("running_var"):
                buffer.copy_(draw(buffer, 0.5, 1.5))
    return module


def parameters(module: nn.Module) -> int:
    """Trained parameters, shared ones once."""
    return sum(parameter.numel() for parameter in module.parameters() if parameter.requires_grad)


def without_numbers(run: Callable[[str], T]) -> T:
    """A run on the device `meta`, where nothing is computed; on the CPU for a module that looks at its numbers, or has
    tensors that no `to` moves."""
    try:
        return run("meta")
    except Exception:
        return run("cpu")


def macs(module: nn.Module, shapes: Shapes) -> dict[str, int]:
    """Multiply-accumulates of one sample in evaluation as PyTorch counts them, by the names of parts; those of the
    whole are at `""`."""

    def count(device: str) -> Any:
        net, counter = copy.deepcopy(module).to(device).eval(), FlopCounterMode(display=False)
        with plain_attention(), counter, torch.no_grad():
            net(*arriving(shapes, 1, device, torch.float32))
        return counter

    counter = without_numbers(count)
    found = {"": counter.get_total_flops() // 2}
    for name, operations in counter.get_flop_counts().items():
        _, dot, path = name.partition(".")
        if dot:
            found[path] = sum(operations.values()) // 2
    return found


@contextmanager
def plain_attention() -> Iterator[None]:
    """`nn.MultiheadAttention` written out: its fast path in evaluation is one operator that nothing looks into."""
    fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)


@contextmanager
def exact() -> Iterator[None]:
    """Full precision of float32 on GPUs, where convolutions take shorter numbers by default, and the same
    algorithm each time."""
    cudnn = torch.backends.cudnn
    before = (cudnn.allow_tf32, cudnn.deterministic, cudnn.benchmark, torch.get_float32_matmul_precision())
    cudnn.allow_tf32, cudnn.deterministic, cudnn.benchmark = False, True, False
    torch.set_float32_matmul_precision("highest")
    try:
        yield
    finally:
        cudnn.allow_tf32, cudnn.deterministic, cudnn.benchmark = before[:3]
        torch.set_float32_matmul_precision(before[3])


def watched(module: nn.Module, run: Callable[[], Any]) -> tuple[Any, dict[str, list[list[Tensor]]]]:
    """The result of a run, and the results of each part by its name, call by call (on their shapes alone)."""
    seen: dict[str, list[list[Tensor]]] = {}

    def hook(name: str) -> Callable[[nn.Module, Any, Any], None]:
        def note(_: nn.Module, __: Any, result: Any) -> None:
            ghosts = [torch.empty(tensor.shape, device="meta") for tensor in tensors(result)]
            seen.setdefault(name, []).append(ghosts)

        return note

    handles = [part.register_forward_hook(hook(name)) for name, part in module.named_modules() if name]
    try:
        return run(), seen
    finally:
        for handle in handles:
            handle.remove()
