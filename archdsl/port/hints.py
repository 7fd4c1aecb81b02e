"""What may help where a checkpoint does not fit: parameters of the network that the shapes tell of."""

from __future__ import annotations

from archdsl.api import Architecture
from archdsl.port.plan import Plan


def hints(made: Plan, arch: Architecture) -> list[str]:
    """`--set classes=10` for a classifier of another size."""
    arguments = arch._graph.root.arguments
    found: dict[str, None] = {}
    for pair in made.misfits:
        mine, other = made.shapes[pair.ours], made.checkpoint.tensors[pair.theirs].shape
        if len(mine) != len(other):
            continue
        for size, wanted in zip(mine, other, strict=True):
            names = [name for name, value in arguments.items() if type(value) is int and value == size]
            if size != wanted and len(names) == 1:
                found[f"`--set {names[0]}={wanted}` makes the network as the checkpoint has it"] = None
    return list(found)
