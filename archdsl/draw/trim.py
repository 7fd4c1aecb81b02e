"""Hold a drawing to a size: frames that are too deep, or too many, become single boxes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from archdsl.draw.fold import Collapsed, Frame, Leaf
from archdsl.limits import Limits

#: Frames in frames; Graphviz is recursive.
DEEPEST = 24


class DrawError(Exception):
    """A drawing cannot be made; the message says why, and what to do, and `help` which limit could be raised."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.help = help


def trim(root: Frame, limits: Limits, deepest: int = DEEPEST) -> int:
    """Make the innermost frames boxes, all of one depth at once, until the drawing is of a readable size.

    Gives the depth of the innermost frames that are left, at most `deepest`.
    """
    depth = {root: 0}
    order = [root]
    leaves: Counter[int] = Counter()
    frames: Counter[int] = Counter([0])
    for frame in order:  # grows while it is walked
        for item in frame.items:
            if isinstance(item, Frame):
                depth[item] = depth[frame] + 1
                frames[depth[item]] += 1
                order.append(item)
            else:
                leaves[depth[frame]] += 1
    shown = leaves[0]  # boxes, if frames of the depth below are boxes too
    level = 0
    most = limits.drawing_boxes
    if shown + frames[1] > most:
        raise DrawError(
            f"the drawing would have {shown + frames[1]} boxes side by side, more than {most:,}: "
            "put what belongs together into blocks, and what repeats into loops",
            limits.mend("drawing_boxes"),
        )
    while level < deepest and frames[level + 1]:
        shown += leaves[level + 1]
        if shown + frames[level + 2] > most:
            break
        level += 1
    for frame in order:
        if depth[frame] == level:
            frame.items = [_collapsed(item) if isinstance(item, Frame) else item for item in frame.items]
    return level


def _collapsed(frame: Frame) -> Collapsed:
    leaves = list(leaves_of(frame))
    inside = {node for leaf in leaves for node in leaf.nodes}
    read = dict.fromkeys(t for leaf in leaves for t in leaf.inputs if t.node not in inside)
    return Collapsed(frame, [node for leaf in leaves for node in leaf.nodes], tuple(read))


def leaves_of(frame: Frame) -> Iterator[Leaf]:
    """The leaves of a frame, in order."""
    stack: list[Frame | Leaf | Collapsed] = [frame]
    while stack:
        item = stack.pop()
        if isinstance(item, Collapsed):
            item = item.frame
        if isinstance(item, Frame):
            stack.extend(reversed(item.items))
        elif isinstance(item, Leaf):
            yield item
