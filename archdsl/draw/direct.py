"""Arrows from box to box, for formats in which nothing enters a frame by its title."""

from __future__ import annotations

from dataclasses import replace

from archdsl.draw.picture import Arrow, Cluster, Picture


def direct(picture: Picture) -> list[Arrow]:
    """The arrows of a picture without the points at which they enter frames and fork."""
    entered: dict[int, int] = {}  # the point by which something enters, and where that comes from
    through: set[int] = set()
    stack = [picture.root]
    while stack:
        cluster = stack.pop()
        through.update([cluster.head, *cluster.forks] if cluster.head else cluster.forks)
        stack.extend(item for item in cluster.items if isinstance(item, Cluster))
    for arrow in picture.arrows:
        if arrow.head in through:
            entered.setdefault(arrow.head, arrow.tail)
    made: list[Arrow] = []
    for arrow in picture.arrows:
        if arrow.head in through:
            continue
        tail = arrow.tail
        while tail in entered:
            tail = entered[tail]
        made.append(replace(arrow, tail=tail))
    return made
