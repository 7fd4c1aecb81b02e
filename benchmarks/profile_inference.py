"""Where the time of a module for inference goes: its operators, and what its convolutions take when they run alone.

`python -m benchmarks.profile_inference [MODEL]... [--target eager|compile] [--images N]` takes models of
`specs/densenet.arch`, DenseNet-121 by default; one image at a time, one thread, float32. Seconds are the processor's.
Alone, a convolution runs again and again on what arrives in the network, so that caches hold it and its weights: what
the network takes beyond that are other operators, and memory. Page faults are those of the process, for an image.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.profiler import ProfilerActivity, profile

import archdsl
from archdsl.bench.forms import Form
from archdsl.bench.machine import probes
from archdsl.bench.settings import Settings
from archdsl.bench.steps import prepare
from archdsl.graph.plan import Plan
from archdsl.resources import specs_root

_TRIES = 10


def seconds(run: Callable[[], Any], times: int = 3) -> float:
    """Seconds of the processor of a run, the least of several tries of a few runs each."""
    run()
    found = []
    for _ in range(_TRIES):
        start = time.process_time()
        for _ in range(times):
            run()
        found.append((time.process_time() - start) / times)
    return min(found)


def operators(run: Callable[[], Any], images: int) -> list[tuple[str, float]]:
    """Operators and their share of the time, the largest first."""
    with profile(activities=[ProfilerActivity.CPU]) as found:
        for _ in range(images):
            run()
    each = {event.key: event.self_cpu_time_total for event in found.key_averages()}
    whole = sum(each.values())
    return [(name, time / whole) for name, time in sorted(each.items(), key=lambda item: -item[1])]


def alone(net: nn.Module, image: Tensor) -> dict[str, tuple[int, float, float]]:
    """Convolutions by kernel and height of the map: how many there are, their seconds alone, their FLOP."""
    arriving: dict[nn.Conv2d, tuple[Any, Tensor]] = {}

    def see(conv: nn.Module, given: Any, result: Tensor) -> None:
        assert isinstance(conv, nn.Conv2d)
        arriving[conv] = (given, result)

    hooks = [part.register_forward_hook(see) for part in net.modules() if isinstance(part, nn.Conv2d)]
    net(image)
    for hook in hooks:
        hook.remove()
    found: dict[str, tuple[int, float, float]] = {}
    for conv, (given, result) in arriving.items():
        name = f"{'×'.join(map(str, conv.kernel_size))} at {result.shape[2]}"
        count, spent, work = found.get(name, (0, 0.0, 0.0))
        flop = 2 * conv.weight.numel() * result.shape[2:].numel()
        found[name] = (count + 1, spent + seconds(partial(conv, *given)), work + flop)
    return found


def show(model: str, target: str, images: int) -> None:
    """Print what a model takes, and where."""
    arch = archdsl.load(specs_root() / "densenet.arch", model=model)
    image = torch.randn(1, *next(iter(arch.inputs.values())))
    compiled = target == "compile"
    form = Form("rewritten", target, compiled=compiled, freezing=compiled, rewritten=True)
    step = prepare(form, arch.build(Plan(target=target)), [image], "inference")
    peak, _ = probes(Settings(threads=(1,)))
    with step.around():
        whole = seconds(step.run)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        for _ in range(images):
            step.run()
        faults = (resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / images
        print(f"{model}, {target}: {whole * 1e3:.1f} ms, {faults:.0f} page faults an image")
        for name, share in operators(step.run, images)[:8]:
            print(f"  {share:6.1%}  {name.strip('# ')}")
    with torch.inference_mode():
        rows = alone(arch.build(Plan()).eval(), image)
        limit = peak.work / seconds(peak.step.run, 1)
    print(f"convolutions alone; a matrix product does {limit / 1e9:.0f} GFLOP/s")
    for name, (count, spent, work) in rows.items():
        print(f"  {spent * 1e3:6.2f} ms  {work / spent / 1e9:4.0f} GFLOP/s  {count} of {name}")
    print(f"  {sum(spent for _, spent, _ in rows.values()) * 1e3:6.2f} ms  together")


def main() -> None:
    """Print the profile of each model."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="*", default=["densenet121"])
    parser.add_argument("--target", choices=["eager", "compile"], default="eager")
    parser.add_argument("--images", type=int, default=10)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    for model in options.models:
        show(model, options.target, options.images)


if __name__ == "__main__":
    main()
