"""Resolutions of maps, held against one another."""

from __future__ import annotations

from math import log2, prod

from archdsl.layers import Shape

#: How much a side may change in a map that is only cut.
SAME_SIZE = 1.3


def cuts(before: Shape, after: Shape) -> bool:
    """Is a map only made a little smaller or larger at its edges?"""
    if before.tokens or after.tokens or not before.spatial or not after.spatial:
        return False
    return after.channels == before.channels and side(after) / side(before) < SAME_SIZE


def side(shape: Shape) -> float:
    """The side of a square, cube or line with as many points as a map has."""
    return prod(shape.spatial) ** (1 / len(shape.spatial)) if shape.spatial else 1.0


def steps(before: Shape, after: Shape) -> int:
    """How many times the resolution is halved from one map to the next, rounded."""
    if before.tokens or after.tokens or not before.spatial or not after.spatial:
        return 0
    if len(before.spatial) != len(after.spatial):
        return 0
    return round(log2(side(before) / side(after)))
