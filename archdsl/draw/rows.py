"""The rows of a box: what is said of layers that follow one another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby

from archdsl.draw.fold import Frame, Leaf
from archdsl.draw.picture import Cell, Facts, Row
from archdsl.draw.progression import merged
from archdsl.draw.signature import MINOR

_SYMBOLS = {"add": "+", "sub": "−", "mul": "×", "div": "÷", "concat": "‖", "matmul": "@"}
_SIDE_BY_SIDE = 4

#: A layer, or a repetition of some that follow one another.
Link = Leaf | Frame


def leaves(link: Link) -> list[Leaf]:
    """The layers of a link."""
    return [link] if isinstance(link, Leaf) else [item for item in link.items if isinstance(item, Leaf)]


def is_minor(leaf: Leaf) -> bool:
    """Is this a layer that stands beside others in a row?"""
    return leaf.node.layer is not None and leaf.node.layer.group in MINOR


def is_join(leaf: Leaf) -> bool:
    return leaf.node.layer is not None and leaf.node.layer.is_join


#: What is known of a layer.
Know = Callable[[Leaf], Facts]


def rows(links: Sequence[Link], know: Know) -> tuple[Row, ...]:
    """Rows for links that follow one another, the first perhaps a join."""
    made: list[Row] = []
    head = links[0]
    join = head if isinstance(head, Leaf) and is_join(head) else None
    for repeated, group in groupby(links[1:] if join else links, key=_repetition):
        part = _rows([leaf for link in group for leaf in leaves(link)], know)
        if repeated is not None:
            part[0] = replace(part[0], times=repeated.count, span=len(part), growth=repeated.growth)
        made.extend(part)
    if join is not None:
        sign, shape = symbol(join)
        if made and made[0].times == 1:
            made[0] = replace(made[0], join=sign, shape=shape or made[0].shape)
        else:
            made.insert(0, Row((), shape, True, sign))
    if all(row.small and not row.shape for row in made):
        made[-1] = replace(made[-1], shape=shape_of(leaves(links[-1])[-1]))
    return tuple(made)


def _repetition(link: Link) -> Frame | None:
    return link if isinstance(link, Frame) else None


def _rows(chain: list[Leaf], know: Know) -> list[Row]:
    made: list[Row] = []
    small: list[Cell] = []
    for leaf in chain:
        if small and (len(small) == _SIDE_BY_SIDE or not is_minor(leaf)):
            made.append(Row(tuple(small), small=True))
            small = []
        if is_minor(leaf):
            small.append(_cell(leaf, know))
        else:
            made.append(Row((_cell(leaf, know),), shape_of(leaf)))
    if small:
        made.append(Row(tuple(small), small=True))
    return made


def symbol(leaf: Leaf) -> tuple[str, str]:
    """The mark of a join, and the shape that it gives if that is not the shape of all that it takes."""
    node = leaf.node
    text, name = merged(leaf.texts), node.operation
    sign = _SYMBOLS.get(name, name) + text[len(name) :] if text.startswith(name) else text
    return sign, "" if all(t.shape == node.outputs[0].shape for t in node.inputs) else shape_of(leaf)


def shape_of(leaf: Leaf) -> str:
    """The shape that leaves a layer, with the range of its copies."""
    return merged([", ".join(t.shape.brief() for t in node.outputs) for node in leaf.nodes])


def _cell(leaf: Leaf, know: Know) -> Cell:
    layer, module = leaf.node.layer, leaf.node.module
    assert layer is not None
    tag = f"shared: {module.name}" if module is not None and module.shared else ""
    return Cell(merged(leaf.texts), layer.group, tag, know(leaf))
