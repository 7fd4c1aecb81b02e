"""The arrows of a figure."""

from __future__ import annotations

from collections.abc import Iterator

from archdsl.draw.figure.labels import NAME
from archdsl.draw.figure.model import Flow
from archdsl.draw.figure.place import GAP, STEP, Plan, Spot
from archdsl.draw.figure.scene import Line, Scene, Text
from archdsl.draw.figure.settle import ARCS, MARGIN, TURN

_SHORT = 2.0  # from an arrow's head to the box
_THINNEST = 2.4  # slice of a box
_ARCS = 5  # slices of a dense block that arcs join


def route(scene: Scene, plan: Plan, flow: Flow) -> None:
    """Add the arrow from a map to its reader."""
    a, b = plan.spots[flow.tail], plan.spots[flow.head]
    tail, head = plan.block[flow.tail], plan.block[flow.head]
    dashed = flow.head.training
    if tail is head and flow.main:
        return
    if plan.leads_over(flow):
        _over(scene, plan, flow, dashed)
        return
    if tail.row == head.row:
        points = [(face(a), a.axis), (b.x - _SHORT, b.axis)]
    elif plan.wrapped:
        low = max(b.label_y + b.label.height for b in plan.blocks if b.row == tail.row) + GAP / 2
        right, left = max(b.right for b in plan.blocks if b.row == tail.row) + TURN, MARGIN
        points = [
            (face(a), a.axis),
            (right, a.axis),
            (right, low),
            (left, low),
            (left, b.axis),
            (b.x - _SHORT, b.axis),
        ]
    elif flow.main and head.row > tail.row:
        points = [(a.middle, a.bottom), (a.middle, b.axis), (b.x - _SHORT, b.axis)]
    elif flow.main:
        points = [(face(a), a.axis), (b.middle, a.axis), (b.middle, b.bottom + _SHORT)]
    else:
        points = [(face(a), a.axis), (b.x - _SHORT, b.axis)]
    scene.lines.append(Line(tuple(points), dashed=dashed))
    _sign(scene, plan, flow, points[-1][0] - NAME, points[-1][1] - 2.5)


def face(spot: Spot) -> float:
    """The middle of a box's right face."""
    return spot.right + spot.sides.shift / 2


def _over(scene: Scene, plan: Plan, flow: Flow, dashed: bool) -> None:
    """Over the boxes, from top to top."""
    a, b = plan.spots[flow.tail], plan.spots[flow.head]
    row = plan.block[flow.tail].row
    tops = [_roof(spot) for block in plan.blocks if block.row == row for spot in block.spots]
    y = min(tops) - GAP / 2 - STEP * plan.level[flow]
    start, end = a.middle + a.sides.shift / 2, b.middle + b.sides.shift / 2
    points = ((start, a.top - a.sides.shift / 2), (start, y), (end, y), (end, b.top - b.sides.shift / 2))
    scene.arcs.append(Line(points, dashed=dashed))
    _sign(scene, plan, flow, end + NAME * 0.6, _roof(b) - 1)


def _roof(spot: Spot) -> float:
    top = spot.top - spot.sides.shift
    return (
        top
        - (ARCS if spot.item.dense and len(spot.item.parts) > 2 else 0.0)
        - (NAME + 1 if spot.number else 0.0)
    )


def _sign(scene: Scene, plan: Plan, flow: Flow, x: float, y: float) -> None:
    if flow.symbol and flow.head not in plan.signed:
        plan.signed.add(flow.head)
        scene.texts.append(Text(x, y, flow.symbol, NAME, bold=True))


def arcs(spot: Spot) -> Iterator[Line]:
    """Arcs from each slice of a dense block to all later ones, of some slices if there are many."""
    item = spot.item
    if not item.dense or len(item.parts) < 3:
        return
    whole = len(slices(spot))
    if whole < 3:
        return
    count = min(_ARCS, whole)
    chosen = [round(k * (whole - 1) / (count - 1)) for k in range(count)]
    edges = [0.0, *(end for end, _ in slices(spot))]
    middles = [(edges[k] + edges[k + 1]) / 2 * spot.width for k in chosen]
    y = spot.top - spot.sides.shift
    x = spot.x + spot.sides.shift
    longest = max(middles[-1] - middles[0], 1.0)
    for at, start in enumerate(middles):
        for end in middles[at + 1 :]:
            high = 3 + (ARCS - 4) * (end - start) / longest
            yield Line(
                ((x + start, y), (x + (start + end) / 2, y - high), (x + end, y)), curved=True, head=False
            )


def slices(spot: Spot) -> list[tuple[float, str]]:
    """Where the slices of a box end, in parts of its breadth, with their groups."""
    item = spot.item
    if spot.copies > 1:
        return [(1.0, item.group)]
    if not item.parts:
        return [(1.0, item.group)]
    total = spot.along(item.parts[-1][0])
    found: list[tuple[float, str]] = []
    for channels, group in item.parts:
        end = spot.along(channels)
        if found and end - found[-1][0] < _THINNEST and found[-1][1] == group and end < total:
            continue  # an edge less
        found.append((end, group))
    if len(found) > 1 and found[-1][0] - found[-2][0] < _THINNEST and found[-1][1] == found[-2][1]:
        del found[-2]
    return [(end / total, group) for end, group in found]
