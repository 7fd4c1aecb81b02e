"""Frames that are drawn as one box, and what cannot be drawn at all."""

from __future__ import annotations

from collections.abc import Iterator

from archdsl.draw.fold import Collapsed, Frame, Leaf

#: Frames in frames; Graphviz is recursive.
DEEPEST = 24


class DrawError(Exception):
    """A drawing cannot be made; the message says why, and what to do, and `help` which limit could be raised."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.help = help


def collapsed(frame: Frame) -> Collapsed:
    """A frame as one box."""
    leaves = list(leaves_of(frame))
    inside = {node for leaf in leaves for node in leaf.nodes}
    read = dict.fromkeys(t for leaf in leaves for t in leaf.inputs if t.node not in inside)
    return Collapsed(frame, [node for leaf in leaves for node in leaf.nodes], tuple(read))


def leaves_of(frame: Frame) -> Iterator[Leaf]:
    """The leaves of a frame, in order."""
    stack: list[Frame | Leaf] = [frame]
    while stack:
        item = stack.pop()
        if isinstance(item, Frame):
            stack.extend(reversed(item.items))
        else:
            yield item
