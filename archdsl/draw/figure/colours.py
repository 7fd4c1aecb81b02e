"""Shades of a colour, for the faces of a box."""

from __future__ import annotations


def lighter(colour: str, share: float = 0.45) -> str:
    """A colour mixed with so much white: the top of a box."""
    return _mixed(colour, 255, share)


def darker(colour: str, share: float = 0.14) -> str:
    """A colour mixed with so much black: the side of a box."""
    return _mixed(colour, 0, share)


def _mixed(colour: str, other: int, share: float) -> str:
    parts = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(part + (other - part) * share):02X}" for part in parts)
