"""The rows of a box: what is said of layers that follow one another."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby, zip_longest

from archdsl.draw.fold import Frame, Leaf
from archdsl.draw.picture import Cell, Facts, Row
from archdsl.draw.progression import merged
from archdsl.draw.signature import MINOR
from archdsl.graph.model import Module
from archdsl.layers import Shape

_SIDE_BY_SIDE = 4
_NUMBER = re.compile(r"\d+")

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
#: The letter of a shared module.
Badges = Mapping[Module, str]


def rows(links: Sequence[Link], know: Know, badges: Badges) -> tuple[Row, ...]:
    """Rows for links that follow one another."""
    made: list[Row] = []
    last = leaves(links[-1])[-1].node.outputs[0].shape
    for repeated, group in groupby(links, key=_repetition):
        part = _rows([leaf for link in group for leaf in leaves(link)], know, badges, last)
        if repeated is not None:
            part[0] = replace(part[0], times=repeated.count, span=len(part), growth=repeated.growth)
        made.extend(part)
    return tuple(made)


def _repetition(link: Link) -> Frame | None:
    return link if isinstance(link, Frame) else None


def _rows(chain: list[Leaf], know: Know, badges: Badges, last: Shape) -> list[Row]:
    """Rows for layers in a box that the shape `last` leaves."""
    made: list[Row] = []
    small: list[Cell] = []
    for leaf in chain:
        if small and (len(small) == _SIDE_BY_SIDE or not is_minor(leaf)):
            made.append(Row(tuple(small), small=True))
            small = []
        if is_minor(leaf):
            small.append(_cell(leaf, know, badges))
        else:
            made.append(Row((_cell(leaf, know, badges),), shape_of(leaf), told=_is_told(leaf, last)))
    if small:
        made.append(Row(tuple(small), small=True))
    return made


def _is_told(leaf: Leaf, last: Shape) -> bool:
    """Does a layer change sizes that neither its text says, as `conv 1×1, 64` says channels, nor the arrow that
    leaves its box with the shape `last`?"""
    before, after = leaf.inputs[0].shape, leaf.node.outputs[0].shape
    if after.dims == before.dims or after.dims == last.dims:
        return False
    said = _NUMBER.findall(leaf.texts[0])
    sizes = zip_longest(before.dims, after.dims, last.dims)
    return before.tokens != after.tokens or any(
        n != m and m != end and str(m) not in said for n, m, end in sizes
    )


def symbol(leaf: Leaf) -> str:
    """The mark of a join: its sign, and in words what else is said of it."""
    layer, text = leaf.node.layer, merged(leaf.texts)
    assert layer is not None
    return layer.sign + text.removeprefix(layer.name) if layer.sign else text


def shape_of(leaf: Leaf) -> str:
    """The shape that leaves a layer, with the range of its copies."""
    return merged([", ".join(t.shape.brief() for t in node.outputs) for node in leaf.nodes])


def _cell(leaf: Leaf, know: Know, badges: Badges) -> Cell:
    layer, module = leaf.node.layer, _shared(leaf, badges)
    assert layer is not None
    tag = f"shared: {module.name}" if module is not None else ""
    return Cell(merged(leaf.texts), layer.group, tag, badges.get(module, "") if module else "", know(leaf))


def _shared(leaf: Leaf, badges: Badges) -> Module | None:
    """The shared module that a layer is, or the main layer of: such a block has no frame that could say so."""
    module = leaf.node.module
    if module is None:
        return None
    if module.shared:
        return module
    block = module.parent
    if block is None or block not in badges or is_minor(leaf):
        return None
    main = [m for m in block.children if m.layer is None or m.layer.group not in MINOR]
    return block if main == [module] else None
