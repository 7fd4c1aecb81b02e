"""One of two processes that share a batch: `python -m tests.ecosystem.worker RANK STORE MODEL ... -> OUT` writes, by
model and way, how far gradients and results are from those of one process (relative to the largest value)."""

from __future__ import annotations

import copy
import json
import sys
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import FSDPModule, fully_shard
from torch.distributed.tensor import DTensor
from torch.nn.parallel import DistributedDataParallel

from tests.ecosystem.networks import Network, flat, network
from tests.ecosystem.properties import gradients, training_input

WORLD = 2


def alone(net: nn.Module, shards: list[torch.Tensor]) -> dict[str, torch.Tensor]:
    """The mean of the gradients of all shards, each with the statistics of its own, as DDP has it."""
    each = [gradients(copy.deepcopy(net), shard) for shard in shards]
    return {name: torch.stack([g[name] for g in each]).mean(0) for name in each[0]}


def off(found: dict[str, torch.Tensor], wanted: dict[str, torch.Tensor]) -> float:
    """The greatest difference, relative to the largest value of all; infinite where one is missing."""
    if found.keys() != wanted.keys():
        return float("inf")
    largest = max(float(value.abs().max()) for value in wanted.values())
    return max(float((found[name] - wanted[name]).abs().max()) for name in wanted) / largest


def whole(value: torch.Tensor) -> torch.Tensor:
    """All of a gradient that is spread over the processes."""
    return value.full_tensor() if isinstance(value, DTensor) else value


def ddp(one: Network, rank: int, shards: list[torch.Tensor]) -> float:
    net = one.new().train()
    wanted = alone(net, shards)
    found = gradients(DistributedDataParallel(net), shards[rank])
    return off({name.removeprefix("module."): value for name, value in found.items()}, wanted)


def fsdp(one: Network, rank: int, shards: list[torch.Tensor]) -> float:
    """Each instance of a block's class is sharded by itself, then what is left."""
    net = one.new().train()
    wanted = alone(net, shards)
    mesh = init_device_mesh("cpu", (WORLD,))
    block = one.block()
    parts = [part for part in net.modules() if type(part) is block]
    for part in parts:
        fully_shard(part, mesh=mesh)
    fully_shard(net, mesh=mesh)
    assert all(isinstance(part, FSDPModule) for part in parts)
    assert all(isinstance(parameter, DTensor) for parameter in net.parameters())
    with torch.no_grad():
        single = flat(one.new()(shards[rank]))
        ours = flat(net.eval()(shards[rank]))
    forward = max(float((a - b).abs().max() / b.abs().max()) for a, b in zip(ours, single, strict=True))
    found = gradients(net.train(), shards[rank])
    backward = off({name: whole(value) for name, value in found.items()}, wanted)
    return max(backward, forward)


def main(rank: int, store: str, models: list[str], out: str) -> None:
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{store}", rank=rank, world_size=WORLD)
    result: dict[str, Any] = {}
    for model in models:
        one = network(model)
        shards = [training_input(one, seed) for seed in range(WORLD)]
        for name, way in (("DDP", ddp), ("FSDP2", fsdp)):
            try:
                result[f"{model} {name}"] = way(one, rank, shards)
            except Exception as error:
                result[f"{model} {name}"] = f"{type(error).__name__}: {error}"
                break  # the other process may wait in vain
    dist.barrier()
    dist.destroy_process_group()
    if rank == 0:
        Path(out).write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[4:], sys.argv[3])
