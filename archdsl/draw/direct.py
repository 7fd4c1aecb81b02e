"""Arrows from box to box, for formats in which nothing enters a frame by its title."""

from __future__ import annotations

from dataclasses import replace

from archdsl.draw.picture import Arrow, Cluster, Picture


def direct(picture: Picture) -> list[Arrow]:
    """The arrows of a picture without the points at which they enter frames and fork."""
    entered: dict[int, Arrow] = {}  # the point by which something enters, and how
    through: set[int] = set()
    stack = [picture.root]
    while stack:
        cluster = stack.pop()
        through.update([cluster.head, *cluster.forks] if cluster.head else cluster.forks)
        stack.extend(item for item in cluster.items if isinstance(item, Cluster))
    for arrow in picture.arrows:
        if arrow.head in through:
            entered.setdefault(arrow.head, arrow)
    made: list[Arrow] = []
    for arrow in picture.arrows:
        if arrow.head in through:
            continue
        while arrow.tail in entered:
            way = entered[arrow.tail]
            arrow = replace(
                arrow, tail=way.tail, name=arrow.name or way.name, shape=arrow.shape or way.shape, long=False
            )
        made.append(arrow)
    return made
