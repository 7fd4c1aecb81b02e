"""Checkpoints of other people's modules, with other keys, for the generated one. No torch is needed to pair keys."""

from __future__ import annotations

from collections.abc import Sequence

from archdsl.api import Architecture
from archdsl.checkpoints.folding import check_trained
from archdsl.checkpoints.tensors import Checkpoint
from archdsl.port.groups import How
from archdsl.port.keys import module_keys
from archdsl.port.patterns import Line, MapError, read_map
from archdsl.port.plan import Doubt, Pair, Plan, plan

__all__ = ["Doubt", "How", "Line", "MapError", "Pair", "Plan", "module_keys", "plan", "port", "read_map"]


def port(
    architecture: Architecture,
    checkpoint: Checkpoint,
    lines: Sequence[Line] = (),
    skip: Sequence[str] = (),
) -> Plan:
    """Pair the keys of the generated module with those of a checkpoint, as `archdsl port` does; see `plan`.

    Only extern blocks need torch, and are imported. Raises ArchError, CheckpointError and MapError.
    """
    check_trained(checkpoint)
    shapes = {one.key: one.shape for one in module_keys(architecture)}
    return plan(shapes, checkpoint, lines, skip)
