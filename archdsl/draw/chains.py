"""Which layers stand in one box, one below the other, and which frames say nothing and are left out."""

from __future__ import annotations

from collections.abc import Container
from itertools import pairwise
from typing import TypeGuard

from archdsl.draw.fold import Collapsed, Frame, Leaf
from archdsl.draw.rows import Link, is_join, is_minor, leaves
from archdsl.graph.model import Output


class Chains:
    """Layers that follow one another; `readers` says for each layer who reads it."""

    def __init__(self, readers: dict[Leaf, set[Leaf | Output]]) -> None:
        self.readers = readers

    def tidy(self, frame: Frame, kept: Container[Frame]) -> None:
        """Leave out what says nothing: `identity`, and frames around one layer with its normalisation and
        activation, or around nothing but another frame. Frames that are `kept` stay."""
        items: list[Leaf | Frame] = []
        for item in frame.items:
            if isinstance(item, Leaf) and item.node.operation == "identity":
                continue
            if not isinstance(item, Frame) or item.count > 1 or item in kept:
                items.append(item)
            elif self.is_plain(item):
                items.extend(item.items)
            elif len(item.items) == 1 and isinstance(only := item.items[0], Frame):
                only.around = [item, *item.around, *only.around]
                items.append(only)
            else:
                items.append(item)
        frame.items = items

    def is_plain(self, frame: Frame) -> bool:
        """Does a frame hold one layer with its normalisation and activation, perhaps repeated?"""
        links = [item for item in frame.items if self.is_link(item)]
        chain = [leaf for link in links for leaf in leaves(link)]
        chained = len(links) == len(frame.items) and all(self.follows(a, b) for a, b in pairwise(links))
        return chained and (len(chain) < 2 or sum(not is_minor(leaf) for leaf in chain) < 2)

    def is_link(self, item: Leaf | Frame | Collapsed) -> TypeGuard[Link]:
        """Does this stand in a box with others, as layers one after another, perhaps repeated?"""
        if not isinstance(item, Frame):
            return isinstance(item, Leaf)
        if item.count < 2 or item.parallel or not all(isinstance(inner, Leaf) for inner in item.items):
            return False
        chain = leaves(item)
        if is_join(chain[0]) or not all(self.follows(a, b) for a, b in pairwise(chain)):
            return False
        return not item.scopes or self.is_plain(item)

    def follows(self, a: Leaf | Frame | Collapsed, b: Leaf | Frame | Collapsed) -> bool:
        """Do two things stand in one box, one below the other?"""
        if not (self.is_link(a) and self.is_link(b)):
            return False
        last, first = leaves(a)[-1], leaves(b)[0]
        upper, lower = last.node.layer, first.node.layer
        return (
            upper is not None
            and lower is not None
            and not lower.is_join
            and not upper.is_join
            and self.readers.get(last) == {first}
            and len(first.inputs) == 1
            and last.training == first.training
        )
