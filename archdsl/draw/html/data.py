"""A picture as the data that the page reads: items in items, links between them, and the spec."""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Set
from contextlib import suppress
from typing import Any

from archdsl.draw import palette
from archdsl.draw.direct import direct
from archdsl.draw.html.spec import Listing, listings
from archdsl.draw.markup import clean
from archdsl.draw.options import DrawOptions
from archdsl.draw.picture import Box, Cluster, End, Facts, Mark, Picture, Row, Title
from archdsl.graph.model import Graph
from archdsl.resources import grammar_text

Item = Box | Cluster | End | Mark

#: What is shown at first where no depth is asked for.
_AT_FIRST = 40


#: A block as pictures of other depths have it as well.
Known = tuple[Title, Facts]


def data(
    graph: Graph, picture: Picture, options: DrawOptions, opened: Set[Known] | None = None
) -> dict[str, Any]:
    """All that the page shows; at first the blocks that are `opened`, or else as many as are easy to read."""
    wanted: dict[str, set[int]] = {}  # lines by file
    for facts in _all_facts(picture.root):
        wanted.setdefault(facts.source, set()).add(facts.line)
    found = listings(graph, wanted)
    writer = _Writer({listing.name: number for number, listing in enumerate(found)})
    return {
        "model": clean(picture.root.title.name),
        "direction": options.direction,
        "cost": options.cost,
        "root": writer.tree(picture.root),
        "links": _links(picture),
        "tensors": _tensors(picture),
        "open": _open(picture.root, options.depth, opened),
        "sources": _sources(found),
        "keywords": sorted(set(re.findall(r'"([a-z]+)"', grammar_text()))),
        "kinds": [[kind, kind] for kind in palette.FILLS],
    }


def _sources(listings: list[Listing]) -> list[dict[str, Any]]:
    """Files with their lines. A page that is published tells no folders of a machine: paths are those below a folder
    that has all the files that are named from the root."""
    folders = [os.path.dirname(listing.name) for listing in listings if os.path.isabs(listing.name)]
    above = ""
    with suppress(ValueError):  # none, or on several drives
        above = os.path.commonpath(folders)

    def shown(name: str) -> str:
        if not os.path.isabs(name):
            return name
        return os.path.relpath(name, above) if above else os.path.basename(name)

    return [
        {"name": clean(shown(listing.name)), "lines": listing.lines, "cut": listing.cut}
        for listing in listings
    ]


class _Writer:
    def __init__(self, sources: dict[str, int]) -> None:
        self.sources = sources

    def tree(self, root: Cluster) -> dict[str, Any]:
        """A cluster with all that it holds; clusters hold clusters as deep as a spec nests blocks."""
        made = self.item(root)
        stack = [(root, made)]
        while stack:
            cluster, written = stack.pop()
            for item in cluster.items:
                written["items"].append(self.item(item))
                if isinstance(item, Cluster):
                    stack.append((item, written["items"][-1]))
        return made

    def item(self, item: Item) -> dict[str, Any]:
        """One item, a cluster still empty."""
        made: dict[str, Any] = {"id": item.id, "facts": self.facts(item.facts), "training": item.training}
        if isinstance(item, Cluster):
            return {"kind": "block", **made, "title": _title(item.title), "items": []}
        if isinstance(item, Box):
            title = _title(item.title) if item.title else None
            rows = [self.row(row) for row in item.rows]
            return {"kind": "box", **made, "title": title, "closed": item.closed, "rows": rows}
        if isinstance(item, Mark):
            return {"kind": "mark", **made, "symbol": clean(item.symbol), "shape": clean(item.shape)}
        return {"kind": "end", **made, "name": clean(item.name), "shape": clean(item.shape)}

    def row(self, row: Row) -> dict[str, Any]:
        cells = [
            {
                "text": clean(cell.text),
                "kind": cell.group,
                "tag": clean(cell.tag),
                "badge": clean(cell.badge),
                "facts": self.facts(cell.facts),
            }
            for cell in row.cells
        ]
        return {
            "cells": cells,
            "shape": clean(row.shape),
            "told": row.told,
            "small": row.small,
            "times": row.times,
            "span": row.span,
            "growth": clean(row.growth),
        }

    def facts(self, facts: Facts) -> dict[str, Any]:
        return {
            "path": clean(facts.path),
            "source": self.sources.get(facts.source, -1),
            "line": facts.line,
            "layers": facts.layers,
            "params": facts.params,
            "macs": facts.macs,
        }


def _title(title: Title) -> dict[str, Any]:
    return {
        "name": clean(title.name),
        "note": clean(title.note),
        "count": title.count,
        "parallel": title.parallel,
        "growth": clean(title.growth),
        "shared": title.shared,
        "badge": clean(title.badge),
        "around": [clean(name) for name in title.around],
    }


def _links(picture: Picture) -> list[list[int | str]]:
    """What reads what, from box to box: tail and head; if there is more to say, words, the role, and 1 for training."""
    links: dict[tuple[int, int, str, str, bool], int] = {}
    for arrow in direct(picture):
        key = (arrow.tail, arrow.head, arrow.text, arrow.role, arrow.training)
        links[key] = links.get(key, 0) + 1
    made: list[list[int | str]] = []
    for (tail, head, text, role, training), times in links.items():
        more: list[int | str] = [
            clean(text) or (f"× {times}" if times > 1 else ""),
            clean(role),
            int(training),
        ]
        made.append([tail, head, *(more if any(more) else ())])
    return made


def _tensors(picture: Picture) -> dict[int, list[str]]:
    """What is said of what an item makes: the name that the text gave it, and the shape where it is another."""
    entered = {arrow.head: arrow.tail for arrow in picture.arrows if arrow.entering}
    said: dict[int, list[str]] = {}
    for arrow in picture.arrows:
        tail = arrow.tail
        while tail in entered:
            tail = entered[tail]
        words = [clean(word) for word in (arrow.name, arrow.shape) if word]
        known = said.setdefault(tail, [])
        known.extend(word for word in words if word not in known)
    return {tail: words for tail, words in said.items() if words}


def opened_by(picture: Picture) -> set[Known]:
    """The blocks that are open in a picture."""
    return {(cluster.title, cluster.facts) for cluster in _clusters(picture.root)}


def _open(root: Cluster, deepest: int | None, opened: Set[Known] | None) -> list[int]:
    """The blocks that are open at first, an outer one before those inside it."""
    if opened is not None:
        return [
            each.id for each in _clusters(root) if each is not root and (each.title, each.facts) in opened
        ]
    found: list[int] = []
    shown = len(root.items)
    waiting = deque((item, 1) for item in root.items if isinstance(item, Cluster))
    while waiting:
        cluster, depth = waiting.popleft()
        if depth > deepest if deepest is not None else shown + len(cluster.items) > _AT_FIRST:
            continue
        shown += len(cluster.items)
        found.append(cluster.id)
        waiting.extend((item, depth + 1) for item in cluster.items if isinstance(item, Cluster))
    return found


def _clusters(root: Cluster) -> list[Cluster]:
    """All clusters, an outer one before those inside it."""
    order = [root]
    for cluster in order:  # grows while it is walked
        order.extend(item for item in cluster.items if isinstance(item, Cluster))
    return order


def _all_facts(root: Cluster) -> list[Facts]:
    """What is known of all that a picture shows."""
    found: list[Facts] = []
    for cluster in _clusters(root):
        found.append(cluster.facts)
        found.extend(item.facts for item in cluster.items if not isinstance(item, Cluster))
        boxes = (item for item in cluster.items if isinstance(item, Box))
        found.extend(cell.facts for box in boxes for row in box.rows for cell in row.cells)
    return found
