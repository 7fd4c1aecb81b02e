"""Generated modules as their users have them: written to a file, imported from it, and given weights that show."""

from __future__ import annotations

import csv
import importlib
import sys
import tempfile
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import nn

from archdsl.api import Architecture, open_spec
from archdsl.diagnostics import ArchError
from archdsl.graph.model import Graph
from tests.zoo.oracles import move_statistics

ROOT = Path(__file__).parents[2]
#: small sizes that networks of the zoo take whose own are larger; the second is another shape
SMALL = ((32, 32), (48, 64)), ((64, 64), (96, 128)), ((128, 128), (160, 192))


def named() -> dict[str, str]:
    """Models of the sample of the zoo, each of which has a file of specs: `spec.arch:model` by the model's name."""
    rows = csv.DictReader((ROOT / "tests/zoo/sample.csv").read_text(encoding="utf-8").splitlines())
    return {row["model"]: row["spec"] for row in rows}


#: those that every property is held for
SIX = ["densenet121", "resnet50", "googlenet", "mobilenet_100", "se_resnet50", "unet256"]
SAMPLE = {**named(), "densenet121": "densenet.arch"}


@cache
def folder() -> Path:
    """Where generated modules lie, on the path of imports, also of processes that are started."""
    made = tempfile.TemporaryDirectory(prefix="archdsl-ecosystem-")
    _kept.append(made)
    sys.path.insert(0, made.name)
    return Path(made.name)


_kept: list[Any] = []
_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


@dataclass(frozen=True)
class Network:
    """One model of the zoo."""

    model: str

    @cached_property
    def architecture(self) -> Architecture:
        return open_spec(ROOT / "specs" / SAMPLE[self.model]).architecture(self.model)

    @cached_property
    def file(self) -> Path:
        """The generated file."""
        path = folder() / f"generated_{self.model}.py"
        path.write_text(self.architecture.source(), encoding="utf-8")
        return path

    @cached_property
    def module(self) -> ModuleType:
        """What the file defines."""
        name = self.file.stem
        importlib.invalidate_caches()
        return importlib.import_module(name)

    def new(self) -> nn.Module:
        """The network in evaluation, with weights and statistics that all have an effect; each time the same."""
        made: nn.Module = getattr(self.module, self.model)()
        made.load_state_dict(self._state)
        return made.eval()

    @cached_property
    def _state(self) -> dict[str, torch.Tensor]:
        """Weights at random, and statistics as training would leave them: no layer makes its input much larger."""
        torch.manual_seed(0)
        made = move_statistics(getattr(self.module, self.model)()).eval()
        norms = [part for part in made.modules() if isinstance(part, _NORMS)]
        for part in norms:
            part.momentum = 1.0
            part.train()
        with torch.no_grad():
            made(self.input(seed=0))
            for part in norms:
                if part.running_var is not None:
                    part.running_var.clamp_(min=float(part.running_var.mean()) / 10 + 1e-3)
        return made.state_dict()

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """Of the input, channels first."""
        (shape,) = self.architecture.inputs.values()
        return tuple(shape)

    @cached_property
    def sizes(self) -> tuple[tuple[int, ...], ...]:
        """Spatial sizes to run at: a small one and another where it takes such, else its own alone."""
        own = self.shape[1:]
        for pair in SMALL:
            if len(own) == 2 and max(pair[0]) < own[0] and all(self._takes(size) for size in pair):
                return pair
        return (own,)

    @cached_property
    def graph(self) -> Graph:
        """At the first of `sizes`."""
        small = self.at(self.sizes[0])
        assert small is not None
        return small._graph

    def _takes(self, size: tuple[int, ...]) -> bool:
        """Whether the network has the same weights there, and maps that are still maps."""
        other = self.at(size)
        return other is not None and smallest(other) > 1 and weights(other) == weights(self.architecture)

    def at(self, size: tuple[int, ...]) -> Architecture | None:
        """The network for another size of its input, if the spec takes it."""
        (name,) = self.architecture.inputs
        try:
            return self.architecture.with_inputs(**{name: (self.shape[0], *size)})
        except ArchError:
            return None

    def input(self, batch: int = 2, size: int = 0, seed: int = 1) -> torch.Tensor:
        """A batch at one of `sizes`."""
        generator = torch.Generator().manual_seed(seed)
        return torch.randn(batch, self.shape[0], *self.sizes[size], generator=generator)

    def block(self) -> type[nn.Module]:
        """The class of the block of which the network has most instances; its own, if it has no block with weights."""
        counts: dict[type[nn.Module], int] = {}
        net = self.new()
        for part in net.modules():
            if type(part).__module__ == self.module.__name__ and any(True for _ in part.parameters()):
                if type(part) is not type(net):
                    counts[type(part)] = counts.get(type(part), 0) + 1
        return max(counts, key=lambda found: counts[found]) if counts else type(net)


@cache
def network(model: str) -> Network:
    """Each is worked out once."""
    return Network(model)


def weights(architecture: Architecture) -> dict[str, Any]:
    """Shapes by the keys of `state_dict()`, without building anything."""
    with torch.device("meta"):
        return {key: tuple(value.shape) for key, value in architecture.build().state_dict().items()}


def smallest(architecture: Architecture) -> int:
    """The least side of a map."""
    shapes = (shape for _, data in architecture.graph.nodes(data=True) for shape in data["outputs"])
    return min(min(shape[1:], default=1) for shape in shapes if len(shape) > 2)


def flat(result: Any) -> list[torch.Tensor]:
    """All tensors of a result, in order; what exists in training alone may be missing."""
    if isinstance(result, dict):
        return [tensor for value in result.values() for tensor in flat(value)]
    if isinstance(result, (tuple, list)):
        return [tensor for value in result for tensor in flat(value)]
    return [] if result is None else [result]


def assert_equal(ours: Any, theirs: Any, relative: float = 1e-4) -> None:
    """Equal to a part of the largest value of each tensor."""
    first, second = flat(ours), flat(theirs)
    assert len(first) == len(second) > 0
    for a, b in zip(first, second, strict=True):
        assert a.shape == b.shape
        assert bool(torch.isfinite(b).all()) and float(b.abs().max()) > 0
        off = float((a.float() - b.float()).abs().max() / b.float().abs().max())
        assert off <= relative, f"off by {off:.1e} of the largest value"
