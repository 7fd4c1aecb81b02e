"""Rewrites of a graph that keep what it computes. Nothing here imports torch."""

from archdsl.graph.plan import PURPOSES, TARGETS, Plan
from archdsl.passes.done import Done
from archdsl.passes.run import rewrite
from archdsl.passes.table import NAMES, PASSES

__all__ = ["NAMES", "PASSES", "PURPOSES", "TARGETS", "Done", "Plan", "rewrite"]
