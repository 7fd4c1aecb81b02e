"""Training steps of a network as it is written and as it is compiled for training, side by side."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

import archdsl
from archdsl.api.architecture import Architecture
from archdsl.graph.plan import Plan
from tests.passes.helpers import tensors


@dataclass
class Pair:
    """A network as it is written and as it is compiled, with the same weights, in double precision."""

    arch: Architecture
    plain: nn.Module
    net: nn.Module
    source: str

    def images(self, seed: int = 0, batch: int = 2) -> list[Tensor]:
        """A batch of random inputs."""
        generator = torch.Generator().manual_seed(seed)
        return [
            torch.randn(batch, *shape, generator=generator, dtype=torch.float64)
            for shape in self.arch.inputs.values()
        ]

    @property
    def share(self) -> float:
        """What is stored for the backward pass, as a share of what the network as it is written stores."""
        ours, theirs = copy.deepcopy(self.net), copy.deepcopy(self.plain)  # which count the batch
        return stored(ours, self.images()) / stored(theirs, self.images())


def pair(
    spec: str | Path, *checkpoint: str, model: str | None = None, plan: Plan | None = None, **sizes: int
) -> Pair:
    """The network of a text or a path, and the one that is compiled for training; `sizes` are those of inputs."""
    arch = archdsl.load(spec, model=model) if isinstance(spec, Path) else archdsl.loads(spec, model=model)
    if sizes:
        inputs = {
            name: (s[0], *[sizes[name]] * (len(s) - 1)) for name, s in arch.inputs.items() if name in sizes
        }
        arch = arch.with_inputs(**inputs)
    plan = plan or Plan("training", checkpoint=checkpoint)
    torch.manual_seed(0)
    plain, net = arch.build().double(), arch.build(plan=plan).double()
    assert list(plain.state_dict()) == list(net.state_dict())
    net.load_state_dict(plain.state_dict())
    return Pair(arch, plain, net, arch.source(plan=plan))


def step(net: nn.Module, images: Sequence[Tensor], seed: int) -> float:
    """One step of plain gradient descent with a loss that reads every output; the loss."""
    torch.manual_seed(seed)
    net.zero_grad()
    loss = torch.stack([y.square().mean() for y in tensors(net(*images))]).sum()
    loss.backward()
    with torch.no_grad():
        for weight in net.parameters():
            if weight.grad is not None:
                weight -= 0.01 * weight.grad
    return loss.item()


def assert_alike(both: Pair, steps: int = 2, tolerance: float = 1e-12) -> None:
    """Losses, gradients, weights, running statistics and their counts are equal, and what evaluation gives."""
    both.plain.train(), both.net.train()
    for seed in range(steps):
        images = both.images(seed)
        losses = step(both.net, images, seed), step(both.plain, images, seed)
        assert abs(losses[0] - losses[1]) <= tolerance * abs(losses[1])
        for (name, ours), theirs in zip(both.net.named_parameters(), both.plain.parameters(), strict=True):
            assert (ours.grad is None) == (theirs.grad is None), name
            if ours.grad is not None and theirs.grad is not None:
                assert_close(ours.grad, theirs.grad, f"gradient of {name}", tolerance)
    for (name, ours), theirs in zip(
        both.net.state_dict().items(), both.plain.state_dict().values(), strict=True
    ):
        assert_close(ours.double(), theirs.double(), name, tolerance)
    both.plain.eval(), both.net.eval()
    with torch.no_grad():
        for ours, theirs in zip(tensors(both.net(*images)), tensors(both.plain(*images)), strict=True):
            assert_close(ours, theirs, "evaluation", tolerance)
    both.plain.train(), both.net.train()


def assert_close(ours: Tensor, theirs: Tensor, what: str, tolerance: float) -> None:
    """Equal to a share of the largest value."""
    error = (ours - theirs).abs().max().item()
    assert error <= tolerance * max(theirs.abs().max().item(), 1e-6), f"{what}: {error:.2e}"


def stored(net: nn.Module, images: Sequence[Tensor]) -> int:
    """Bytes that autograd stores for one backward pass: each storage once, weights, statistics and inputs apart."""
    apart = {t.untyped_storage().data_ptr() for t in (*net.parameters(), *net.buffers(), *images)}
    found: dict[int, int] = {}
    kept: list[Tensor] = []  # so that no storage takes the place of another

    def pack(x: Tensor) -> Tensor:
        storage = x.untyped_storage()
        if storage.data_ptr() not in apart:
            found[storage.data_ptr()] = storage.nbytes()
            kept.append(x)
        return x

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda x: x):
        result = net(*images)
    del result
    return sum(found.values())
