"""A difference in words: the figures of both networks, then a line for each change, equal ones together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from archdsl.diff.compare import Change, Difference, Part
from archdsl.diff.tree import name_of
from archdsl.diff.values import said
from archdsl.draw.progression import merged
from archdsl.graph.model import Node, Output, Scope

_SIGNS = {"added": "+", "removed": "−", "changed": "~", "rewired": "⇄"}
Key = tuple[Any, ...]


def words(difference: Difference) -> str:
    """The whole difference, without a newline at its end."""
    if not difference.changes:
        return f"{_name(difference, 0)} and {_name(difference, 1)} are the same network"
    lines = [f"{_name(difference, 0)} → {_name(difference, 1)}", "", *_figures(difference), ""]
    lines += [f"{sign} {text}" for sign, text in changes(difference)]
    if others := sum(change.kind == "shape" for change in difference.changes):
        lines.append(f"  {others:,} more {'has' if others == 1 else 'have'} another size and no other change")
    return "\n".join(lines)


def changes(difference: Difference) -> Iterator[tuple[str, str]]:
    """A sign and a line for each change; those that differ in numbers alone are one line."""
    groups: dict[Key, list[Change]] = {}
    for change in difference.changes:
        if change.kind != "shape":
            groups.setdefault(_key(change), []).append(change)
    for alike in groups.values():
        yield _SIGNS[alike[0].kind], _line(alike)


def _name(difference: Difference, side: int) -> str:
    graph = (difference.old, difference.new)[side]
    return f"{graph.source_name} ({graph.model})"


def _figures(difference: Difference) -> Iterator[str]:
    old, new = difference.costs
    rows = [
        ("parameters", old.params, new.params),
        ("MACs", old.macs, new.macs),
        ("activations", old.activations, new.activations),
    ]
    texts = [(name, f"{a:,}", f"{b:,}", _change(a, b)) for name, a, b in rows]
    sizes = [max(map(len, column)) for column in zip(*texts, strict=True)]
    for name, a, b, change in texts:
        yield f"{name:<{sizes[0]}}  {a:>{sizes[1]}} → {b:>{sizes[2]}}  {change}".rstrip()


def _change(old: int, new: int) -> str:
    if old == new:
        return "(the same)"
    return (
        f"({signed(new - old)}"
        + (f", {100 * (new - old) / old:+.1f} %".replace("-", "−") if old else "")
        + ")"
    )


def signed(number: int) -> str:
    return f"{number:+,}".replace("-", "−")


def _key(change: Change) -> Key:
    """What changes of one line have in common: all but numbers."""
    part = change.new or change.old
    assert part is not None
    name = _path(part).rsplit(".", 1)[-1] if not isinstance(part.item, Output) else part.item.name
    layer = re.sub(r"[\d…×.]+", "#", _what(part))
    if isinstance(part.item, Scope) or name.isdigit():
        name = re.sub(r"\d+$", "", name)  # of a row of layers or blocks
    return (change.kind, name, layer, tuple(change.arguments))


def _line(alike: list[Change]) -> str:
    parts = [change.new or change.old for change in alike]
    paths = [_path(part) for part in parts if part is not None]
    text = merged([_told(change) for change in alike])
    costs = [(0 if c.old is None else c.old.params, 0 if c.new is None else c.new.params) for c in alike]
    params = sum(new - old for old, new in costs)
    macs = sum((c.new.macs if c.new else 0) - (c.old.macs if c.old else 0) for c in alike)
    if "block" in alike[0].arguments:
        params = macs = 0  # the lines of what it holds say so
    spent = ", ".join(f"{signed(n)} {unit}" for n, unit in ((params, "parameters"), (macs, "MACs")) if n)
    where = paths[0] if len(paths) == 1 else f"{_between(paths)} (× {len(paths)})"
    return f"{where}: {text}" + (f"  [{spent}]" if spent else "")


def _between(paths: list[str]) -> str:
    return paths[0] if len(set(paths)) == 1 else f"{paths[0]} … {paths[-1]}"


def _told(change: Change) -> str:
    part = change.new or change.old
    assert part is not None
    if change.kind in ("added", "removed"):
        return _what(part)
    if change.kind == "rewired":
        if isinstance(part.item, Node) and change.old is not None and isinstance(change.old.item, Node):
            before, after = len(change.old.item.inputs), len(part.item.inputs)
            if before != after:
                return f"reads {after} tensors, not {before}"
        return "reads from elsewhere"
    return ", ".join(f"{name} {said(a)} → {said(b)}" for name, (a, b) in change.arguments.items())


def _what(part: Part) -> str:
    item = part.item
    if isinstance(item, Output):
        return "output"
    if isinstance(item, Node):
        layer = item.layer
        return layer.describe(tuple(t.shape for t in item.inputs)) if layer is not None else "input"
    layers = f"{part.layers:,} layer{'s' if part.layers != 1 else ''}"
    return f"{name} ({layers})" if (name := name_of(item)) else layers


def _path(part: Part) -> str:
    item = part.item
    if isinstance(item, Output):
        return item.name
    if isinstance(item, Node):
        return item.path or item.input or item.operation
    return item.module.path
