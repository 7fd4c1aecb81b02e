"""Where the time of our form for a compiler goes, beside that of the peer's, operator by operator.

`python -m benchmarks.profile_beside MODEL…` takes models of the zoo (`tests/zoo/peers.csv`); one image at a time, one
thread, float32, both compiled with frozen weights, the same weights in both. Both run in turns; an operator's
milliseconds are the least that it took for an image in any turn. Kernels that the compiler wrote itself stand together
as "the compiler's own kernels". Equal counts alone are not equal work: a pool before its convolution leaves them.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version

import torch
import torch._inductor.config as inductor
from torch.profiler import ProfilerActivity, profile

from archdsl.bench.contestants import contestants, networks
from archdsl.bench.settings import Settings
from archdsl.bench.steps import Step, prepare
from archdsl.verify.peers import Peer
from archdsl.verify.running import arriving
from tests.zoo.peers import create
from tests.zoo.support import architecture
from tests.zoo.tables import read

OWN = "the compiler's own kernels"


@dataclass(frozen=True, slots=True)
class Spent:
    """How often an operator ran for an image, and its own milliseconds of the processor."""

    count: int
    milliseconds: float


Profile = dict[str, Spent]


def spent(step: Step, images: int) -> Profile:
    """What ran, by operator, a mean of some images."""
    with step.around(), profile(activities=[ProfilerActivity.CPU]) as found:
        for _ in range(images):
            step.run()
    counts: defaultdict[str, int] = defaultdict(int)
    times: defaultdict[str, float] = defaultdict(float)
    for event in found.key_averages():
        name = _operator(event.key)
        counts[name] += event.count
        times[name] += event.self_cpu_time_total / 1e3
    return {name: Spent(round(counts[name] / images), times[name] / images) for name in counts}


def _operator(key: str) -> str:
    """An operator as it is printed. The compiler's own kernels are called after their graph and what they compute."""
    if key.startswith("graph_") and "_cpp_fused" in key:
        return OWN
    return (
        "the rest: Python, the compiler's guards and calls" if key.startswith(("#", "Torch", "Pre")) else key
    )


def least(turns: list[Profile]) -> Profile:
    """Of each operator the turn in which it took least."""
    names = dict.fromkeys(name for turn in turns for name in turn)
    return {
        name: min((turn[name] for turn in turns if name in turn), key=lambda one: one.milliseconds)
        for name in names
    }


def both(model: str) -> Iterator[Step]:
    """Our form for a compiler and the peer's, so compiled that the profiler sees the compiler's own kernels."""
    row = next(row for row in read("peers.csv") if row["model"] == model)
    peer = Peer(row["peer"], version(row["peer"].partition(":")[0]), lambda: create(row))
    settings = Settings(targets=("compile",), threads=(1,))
    arch = architecture(row["spec"], model)
    found = networks(arch, [peer], settings)
    inputs = arriving(list(arch.inputs.values()), 1, settings.device, settings.number)
    frozen = [one for one in contestants(found, settings) if one.form.freezing]
    for one in sorted(frozen, key=lambda one: one.network.number):
        with inductor.patch({"cpp.enable_kernel_profile": True}):
            yield prepare(one.form, one.build(), inputs, settings.purpose)


def show(model: str, turns: int, images: int) -> None:
    """Print what both take."""
    steps = list(both(model))
    measured: tuple[list[Profile], list[Profile]] = ([], [])
    for _ in range(turns):
        for step, found in zip(steps, measured, strict=True):
            found.append(spent(step, images))
    ours, theirs = map(least, measured)
    none = Spent(0, 0.0)
    print(f"{model}: ours and its peer, compiled, weights frozen; how often for an image, and ms")
    rows = sorted({*ours, *theirs}, key=lambda name: (-theirs.get(name, none).milliseconds, name))
    for name in rows:
        mine, other = ours.get(name, none), theirs.get(name, none)
        if max(mine.milliseconds, other.milliseconds) >= 0.05:
            print(
                f"  {mine.count:5} {mine.milliseconds:8.2f}   {other.count:5} {other.milliseconds:8.2f}   {name}"
            )
    sums = [sum(one.milliseconds for one in found.values()) for found in (ours, theirs)]
    print(f"  {'':5} {sums[0]:8.2f}   {'':5} {sums[1]:8.2f}   together")


def main() -> None:
    """Print the profile of each model."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="+")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--images", type=int, default=4)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    for model in options.models:
        show(model, options.turns, options.images)


if __name__ == "__main__":
    main()
