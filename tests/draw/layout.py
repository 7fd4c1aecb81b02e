"""What stands where in a drawing, as Graphviz tells it, and what is wrong with that."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any, NamedTuple

from archdsl.draw import DrawOptions
from archdsl.draw.dot import drawing_of
from archdsl.draw.engine import picture
from archdsl.draw.view import view
from archdsl.graph.model import Graph

#: Points by which lines may reach over each other.
_SLACK = 1.0


class Rect(NamedTuple):
    """From the lower left to the upper right, in points."""

    left: float
    low: float
    right: float
    high: float

    def holds(self, other: Rect) -> bool:
        return (
            self.left - _SLACK <= other.left
            and self.low - _SLACK <= other.low
            and other.right <= self.right + _SLACK
            and other.high <= self.high + _SLACK
        )

    def meets(self, other: Rect) -> bool:
        return (
            min(self.right, other.right) - max(self.left, other.left) > _SLACK
            and min(self.high, other.high) - max(self.low, other.low) > _SLACK
        )


class Frame(NamedTuple):
    name: str
    rect: Rect
    nodes: frozenset[int]
    inner: frozenset[int]  # numbers of the frames in it


class Text(NamedTuple):
    """A line of letters, and what it is written on."""

    words: str
    rect: Rect
    owner: int  # the number of its node, or of its arrow's tail
    head: int = -1  # of its arrow


@dataclass(frozen=True, slots=True)
class Layout:
    page: Rect
    nodes: dict[int, Rect]
    names: dict[int, str]
    frames: dict[int, Frame]
    cells: list[Text]  # on nodes
    labels: list[Text]  # on arrows
    headings: list[Text]  # of frames and of the drawing


def layout(graph: Graph, options: DrawOptions) -> Layout:
    """By the engine that is here."""
    found = json.loads(picture(drawing_of(view(graph, options), options).source, "json"))
    objects = found.get("objects", [])
    frames = {
        o["_gvid"]: Frame(
            o["name"], _rect(o["bb"]), frozenset(o.get("nodes", ())), frozenset(o.get("subgraphs", ()))
        )
        for o in objects
        if "bb" in o
    }
    nodes = {o["_gvid"]: o for o in objects if "pos" in o}
    edges = found.get("edges", [])
    return Layout(
        page=_rect(found["bb"]),
        nodes={number: _around(node) for number, node in nodes.items()},
        names={number: node["name"] for number, node in nodes.items()},
        frames=frames,
        cells=[Text(*text, number) for number, node in nodes.items() for text in _letters(node, "_ldraw_")],
        labels=[
            Text(*text, edge["tail"], edge["head"])
            for edge in edges
            for key in ("_ldraw_", "_hldraw_")
            for text in _letters(edge, key)
        ],
        headings=[
            Text(*text, o.get("_gvid", -1))
            for o in (found, *objects)
            if "bb" in o
            for text in _letters(o, "_ldraw_")
        ],
    )


def mistakes(seen: Layout) -> Iterator[str]:
    """What no drawing may have, a line each."""
    yield from _off_the_page(seen)
    yield from _over_each_other(seen)
    yield from _out_of_frames(seen)
    yield from _cut_texts(seen)
    yield from _covered_texts(seen)


def _off_the_page(seen: Layout) -> Iterator[str]:
    for number, rect in seen.nodes.items():
        if not seen.page.holds(rect):
            yield f"{seen.names[number]} reaches over the page"
    for frame in seen.frames.values():
        if not seen.page.holds(frame.rect):
            yield f"{frame.name} reaches over the page"
    for text in (*seen.cells, *seen.labels, *seen.headings):
        if not seen.page.holds(text.rect):
            yield f"`{text.words}` reaches over the page"


def _over_each_other(seen: Layout) -> Iterator[str]:
    for (a, first), (b, second) in combinations(seen.nodes.items(), 2):
        if first.meets(second):
            yield f"{seen.names[a]} and {seen.names[b]} overlap"
    for (a, one), (b, two) in combinations(seen.frames.items(), 2):
        if one.rect.meets(two.rect) and not (b in _below(seen, a) or a in _below(seen, b)):
            yield f"{one.name} and {two.name} overlap"


def _out_of_frames(seen: Layout) -> Iterator[str]:
    for number, frame in seen.frames.items():
        for node, rect in seen.nodes.items():
            if node in frame.nodes and not frame.rect.holds(rect):
                yield f"{seen.names[node]} reaches out of {frame.name}"
            if node not in frame.nodes and frame.rect.meets(rect):
                yield f"{seen.names[node]} stands in {frame.name}, which does not hold it"
        for inner in _below(seen, number):
            if not frame.rect.holds(seen.frames[inner].rect):
                yield f"{seen.frames[inner].name} reaches out of {frame.name}"
    for text in seen.headings:
        if text.owner in seen.frames and not seen.frames[text.owner].rect.holds(text.rect):
            yield f"`{text.words}` reaches out of {seen.frames[text.owner].name}"


def _cut_texts(seen: Layout) -> Iterator[str]:
    """Texts wider than their boxes, and texts of a box that stand over each other."""
    for text in seen.cells:
        if not seen.nodes[text.owner].holds(text.rect):
            yield f"`{text.words}` is larger than {seen.names[text.owner]}"
    for one, two in combinations(seen.cells, 2):
        if one.owner == two.owner and one.rect.meets(two.rect):
            yield f"`{one.words}` and `{two.words}` stand over each other"


def _covered_texts(seen: Layout) -> Iterator[str]:
    """Texts of arrows on nodes, and on other texts."""
    for text in seen.labels:
        for number, rect in seen.nodes.items():
            if text.rect.meets(rect):
                yield f"`{text.words}` of an arrow stands on {seen.names[number]}"
    for one, two in combinations(seen.labels, 2):
        if one.rect.meets(two.rect):
            yield f"`{one.words}` and `{two.words}` of arrows stand over each other"


def crossings(seen: Layout) -> Iterator[str]:
    """Texts of arrows over the borders of frames, a line each."""
    for text in seen.labels:
        for frame in seen.frames.values():
            if text.rect.meets(frame.rect) and not frame.rect.holds(text.rect):
                yield f"`{text.words}` of an arrow stands over the border of {frame.name}"


def _below(seen: Layout, number: int) -> set[int]:
    """The frames in a frame."""
    found: set[int] = set()
    waiting = [number]
    while waiting:
        inner = seen.frames[waiting.pop()].inner - found
        found |= inner
        waiting.extend(inner)
    return found


def _rect(corners: str) -> Rect:
    return Rect(*map(float, corners.split(",")))


def _around(node: dict[str, Any]) -> Rect:
    x, y = map(float, node["pos"].split(","))
    wide, high = 36 * float(node["width"]), 36 * float(node["height"])
    return Rect(x - wide, y - high, x + wide, y + high)


def _letters(thing: dict[str, Any], key: str) -> Iterator[tuple[str, Rect]]:
    """Its lines of letters: as high as a capital above the base line, as low as a fifth of their size below it."""
    size = 0.0
    for operation in thing.get(key, ()):
        if operation["op"] == "F":
            size = operation["size"]
        elif operation["op"] == "T" and operation["text"].strip():
            (x, y), wide = operation["pt"], operation["width"]
            left = {"l": x, "c": x - wide / 2, "r": x - wide}[operation["align"]]
            yield operation["text"], Rect(left, y - 0.2 * size, left + wide, y + 0.72 * size)
