"""The modules that archdsl compiles for a purpose and a target."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from archdsl.api import Architecture
from archdsl.bench.settings import Settings
from archdsl.passes import Plan


def rewritten(arch: Architecture, target: str, state: dict[str, Tensor], settings: Settings) -> nn.Module:
    """What archdsl makes of a network for a target, with the weights of the module as written."""
    plan = Plan(settings.purpose, target, settings.passes, settings.checkpoint)
    net: Any = arch.build(plan).to(settings.device, settings.number)
    if settings.purpose == "inference":
        net.load_trained(state)
    else:
        net.load_state_dict(state)
    made: nn.Module = net
    return made
