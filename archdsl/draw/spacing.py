"""Distances in a drawing, in points: what Graphviz is told, and what the estimate of its layout reckons with."""

from __future__ import annotations

POINTS = 72  # in an inch

#: Between things side by side, and between rows.
BESIDE = 15.84
BELOW = 12.96
#: Within the frame of a cluster, and around the whole.
CLUSTER = 8
PAD = 10.8
#: Around the texts of nodes, to the sides and above: titles, joins, inputs and outputs.
TITLE = (2.88, 1.44)
JOIN = (3.6, 1.44)
SIGN = (0.0, 0.0)
END = (8.64, 2.88)
#: Around the title of a cluster that stands in its frame, and of the whole.
LABEL = 8
#: The least width and height of a join, the least height of an input or output, and the least width of a node.
LEAST_JOIN = 15.84
LEAST_END = 21.6
LEAST_WIDTH = 54
#: Between columns, and the point that leads from one to the next.
COLUMNS = 22
TURN = 13
#: The point where what enters a cluster forks.
FORK = 2.88


def inches(*points: float) -> str:
    """Distances as Graphviz takes them."""
    return ",".join(f"{value / POINTS:g}" for value in points)
