"""From the weights of one module to those of another: by name, or by order and shape as they run."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from archdsl.records import record
from archdsl.verify.matching import match
from archdsl.verify.running import Shapes
from archdsl.verify.trace import Use, trace


class MappingError(Exception):
    """The weights of two modules do not fit each other."""


@record
class Mapping:
    """`pairs` of names in `state_dict()`, ours and theirs; `how` they were found: "name" or "order".

    `same_order` says whether the names come in the same order too, as optimisers keep their state by it. `unused`
    are of ours, and take no part in a step of training.
    """

    how: str
    pairs: dict[str, str]
    same_order: bool = False
    unused: tuple[str, ...] = ()

    def copy(self, ours: nn.Module, theirs: nn.Module) -> None:
        """Give our module the values of theirs."""
        source, target = theirs.state_dict(), ours.state_dict()
        if self.how == "name":  # as a checkpoint is loaded
            ours.load_state_dict(source, strict=True)
            return
        with torch.no_grad():
            for mine, other in self.pairs.items():
                target[mine].copy_(source[other].reshape(target[mine].shape))

    def give(self, ours: nn.Module, theirs: nn.Module) -> None:
        """Give their module the values of ours."""
        source, target = ours.state_dict(), theirs.state_dict()
        with torch.no_grad():
            for mine, other in self.pairs.items():
                target[other].copy_(source[mine].reshape(target[other].shape))


def map_weights(ours: nn.Module, theirs: nn.Module, shapes: Shapes) -> Mapping:
    """Which weight of ours is which of theirs. `shapes` are inputs that both take. Raises MappingError."""
    left, right = ours.state_dict(), theirs.state_dict()
    if _shapes(left) == _shapes(right):
        return Mapping("name", {name: name for name in left}, list(left) == list(right))
    mine, other = _traced(ours, shapes, "the generated module"), _traced(theirs, shapes, "the peer")
    found = match(mine, other)
    if found is not None:
        pairs = [pair for a, b in found for pair in zip(a.names, b.names, strict=True)]
    else:
        pairs = _in_order(mine, other)
    chosen: dict[str, str] = {}
    back: dict[str, str] = {}
    for a, b in pairs:
        if chosen.setdefault(a, b) != b or back.setdefault(b, a) != a:
            raise MappingError(f"`{a}` is shared otherwise than `{b}`")
    idle = tuple(name for name, _ in ours.named_parameters() if name not in chosen)
    return Mapping("order", chosen, False, idle)


def _shapes(state: dict[str, Tensor]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in state.items()}


def _traced(module: nn.Module, shapes: Shapes, whose: str) -> list[Use]:
    try:
        return trace(module, shapes)
    except Exception as error:  # someone else's forward may do anything
        first = f"{type(error).__name__}: {error}".split("\n")[0]
        raise MappingError(f"{whose} cannot be run: {first}") from None


def _in_order(ours: list[Use], theirs: list[Use]) -> list[tuple[str, str]]:
    """Weight by weight, as they are used first: where one operation of one module is two of the other."""
    left, right = _sequence(ours), _sequence(theirs)
    for (mine, a), (other, b) in zip(left.items(), right.items(), strict=False):
        if a != b:
            raise MappingError(
                f"in order, `{mine}` of shape {_shown(a)} meets `{other}` of shape {_shown(b)}"
            )
    if len(left) != len(right):
        longer, count = (
            ("the generated module", len(left)) if len(left) > len(right) else ("the peer", len(right))
        )
        raise MappingError(
            f"{longer} uses {count} weights and statistics, the other {min(len(left), len(right))}"
        )
    return list(zip(left, right, strict=True))


def _sequence(uses: list[Use]) -> dict[str, tuple[int, ...]]:
    """Weights by name, in the order of their first use, with their shapes."""
    found: dict[str, tuple[int, ...]] = {}
    for use in uses:
        for name, shape in zip(use.names, use.shapes, strict=True):
            found.setdefault(name, shape)
    return found


def _shown(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape)) or "a scalar"
