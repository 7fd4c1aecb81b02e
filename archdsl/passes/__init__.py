"""Rewrites of a graph that keep what it computes. Nothing here imports torch."""

from archdsl.graph.plan import PURPOSES, TARGETS, Plan, PlanError, Told
from archdsl.passes.done import Done
from archdsl.passes.run import rewrite
from archdsl.passes.table import NAMES, PASSES, chosen

__all__ = ["NAMES", "PASSES", "PURPOSES", "TARGETS", "Done", "Plan", "PlanError", "Told", "chosen", "rewrite"]
