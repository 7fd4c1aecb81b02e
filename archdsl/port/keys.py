"""The keys of the generated module, those of extern blocks included."""

from __future__ import annotations

from archdsl.api import Architecture
from archdsl.checkpoints.tensors import require
from archdsl.graph.state import StateKey, holders, state_keys
from archdsl.layers import Extern


def module_keys(arch: Architecture) -> list[StateKey]:
    """What `state_dict()` of the module holds, in the order of use.

    Only classes of `extern` blocks know what they hold: where there are some, the module is built, as `build()` does.
    Raises ArchError and CheckpointError where that cannot be.
    """
    known = {one.key: one for one in state_keys(arch._graph)}
    extern = [module for module in holders(arch._graph) if isinstance(module.layer, Extern)]
    if extern:
        require("torch", "a network with `extern` blocks")
        for key, tensor in arch.build().state_dict().items():
            for module in extern:
                if key.startswith(f"{module.path}."):
                    known[key] = StateKey(key, tuple(tensor.shape), module)
    return list(known.values())
