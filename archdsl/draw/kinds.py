"""Which blocks are of one kind: who has seen one has seen them all."""

from __future__ import annotations

from archdsl.draw.fold import Frame, Leaf
from archdsl.draw.signature import plain


class Kinds:
    """Numbers of kinds. Blocks of a kind have one name and hold the same operations, of any numbers."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], int] = {}
        self._kinds: dict[Frame, int] = {}

    def of(self, frame: Frame) -> int:
        """The kind of a frame."""
        stack = [frame]
        while stack:
            top = stack[-1]
            missing = [i for i in top.items if isinstance(i, Frame) and i not in self._kinds]
            if missing:
                stack.extend(missing)
                continue
            stack.pop()
            if top not in self._kinds:
                inside = (i.node.operation if isinstance(i, Leaf) else self._kinds[i] for i in top.items)
                key = (top.block or plain(top.label), *inside)
                self._kinds[top] = self._known.setdefault(key, len(self._known))
        return self._kinds[frame]
