"""Training steps of a network as written and compiled for training: what is stored for the backward pass, and time.

`python -m benchmarks.training [MODEL]... [--batch N] [--rounds N] [--checkpoint BLOCK]...` takes models of
`specs/densenet.arch`, DenseNet-121 and DenseNet-201 by default. Stored are bytes for one image, each storage once,
weights and statistics apart. Both run in turn; the ratio is the median of those of one round, between its quartiles.
"""

from __future__ import annotations

import argparse
import statistics
import time

import torch
from torch import Tensor, nn

import archdsl
from archdsl.api import Architecture
from archdsl.graph.plan import Plan
from archdsl.resources import specs_root


def stored(net: nn.Module, images: Tensor) -> int:
    """Bytes that autograd stores for one backward pass."""
    apart = {t.untyped_storage().data_ptr() for t in (*net.parameters(), *net.buffers(), images)}
    found: dict[int, int] = {}
    kept: list[Tensor] = []  # so that no storage takes the place of another

    def pack(x: Tensor) -> Tensor:
        storage = x.untyped_storage()
        if storage.data_ptr() not in apart:
            found[storage.data_ptr()] = storage.nbytes()
            kept.append(x)
        return x

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda x: x):
        result = net(images)
    del result
    return sum(found.values())


def seconds(net: nn.Module, images: Tensor) -> float:
    """The time of forward and backward."""
    net.zero_grad()
    start = time.perf_counter()
    net(images).logsumexp(1).sum().backward()
    return time.perf_counter() - start


def row(arch: Architecture, plan: Plan, batch: int, rounds: int) -> str:
    """The figures of one model."""
    nets = arch.build(), arch.build(plan=plan)
    nets[1].load_state_dict(nets[0].state_dict())
    images = torch.randn(batch, *next(iter(arch.inputs.values())))
    before, after = (stored(net, images) / batch / 1e6 for net in nets)
    for net in nets:
        seconds(net, images)
    ratios = []
    for _ in range(rounds):
        first, second = (seconds(net, images) for net in nets)
        ratios.append(second / first)
    low, middle, high = statistics.quantiles(ratios, n=4)
    share = f"{before:.1f} -> {after:.1f} MB an image ({after / before:.2f})"
    return f"{arch.model}: {share}, {middle:.2f} of the time ({low:.2f} to {high:.2f})"


def main() -> None:
    """Print a line for each model."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="*", default=["densenet121", "densenet201"])
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--checkpoint", action="append", default=[])
    given = parser.parse_args()
    plan = Plan("training", checkpoint=tuple(given.checkpoint))
    for model in given.models:
        arch = archdsl.load(specs_root() / "densenet.arch", model=model)
        print(row(arch, plan, given.batch, given.rounds), flush=True)


if __name__ == "__main__":
    main()
