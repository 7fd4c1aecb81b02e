"""Checkpoints of other people's modules, with other keys, for the generated one. No torch is needed to map keys."""

from __future__ import annotations

from archdsl.port.groups import How
from archdsl.port.patterns import Line, MapError, read_map
from archdsl.port.plan import Pair, Plan, plan

__all__ = ["How", "Line", "MapError", "Pair", "Plan", "plan", "read_map"]
