"""The rows of a figure: long ones are wrapped, and each gets the height that it needs."""

from __future__ import annotations

from math import ceil

from archdsl.draw.figure.labels import NUMBER
from archdsl.draw.figure.model import Flow, Maps
from archdsl.draw.figure.place import BELOW, GAP, STEP, WIDEST, Block, Plan
from archdsl.draw.trim import DrawError

#: Arrows over boxes that can be told apart, far above what a page has room for.
_MOST_OVER = 2_000
#: Room for the arcs of a dense block.
ARCS = 13.0
MARGIN = 8.0
#: From a box to the number above it, and from the deepest box to the labels.
NEAR = 3.0
#: Beside the rows, for the line that leads from one to the next.
TURN = 10.0


def settle(plan: Plan, found: Maps) -> None:
    """Wrap a row that is too long, and give all boxes and labels their height."""
    if not plan.lanes and {block.row for block in plan.blocks} == {0}:
        _wrap(plan, found.flows)
    _level(plan, found.flows)
    rows = sorted({block.row for block in plan.blocks})
    y = MARGIN
    turned = TURN if plan.wrapped else 0.0
    for row in rows:
        blocks = [block for block in plan.blocks if block.row == row]
        y += max(_above(block) for block in blocks) + plan.over.get(row, 0.0)
        for block in blocks:
            block.axis = y
            for spot in block.spots:
                spot.axis = y
        for block in blocks:
            block.label_y = max(spot.bottom for spot in block.spots) + NEAR
        y = max(block.label_y + block.label.height for block in blocks) + BELOW
    for block in plan.blocks:
        block.move(MARGIN + turned)
    plan.width = max(block.right for block in plan.blocks) + turned + MARGIN
    plan.height = y


def _above(block: Block) -> float:
    """From the axis of a block to the top of what stands over it."""
    heights = []
    for spot in block.spots:
        height = (spot.sides.height + spot.sides.shift) / 2
        if spot.item.dense and len(spot.item.parts) > 2:
            height += ARCS
        if spot.number:
            height += NUMBER + NEAR
        heights.append(height)
    return max(heights)


def _wrap(plan: Plan, flows: list[Flow]) -> None:
    """Cut a long row where no arrow but the main one crosses the cut."""
    total = max(block.right for block in plan.blocks)
    count = ceil(total / WIDEST)
    if count < 2:
        return
    at = {block: number for number, block in enumerate(plan.blocks)}
    held: set[int] = set()  # cuts before these blocks would part an arrow
    for flow in flows:
        first, last = at[plan.block[flow.tail]], at[plan.block[flow.head]]
        if not (flow.main and last == first + 1):
            held.update(range(first + 1, last + 1))
    each = total / count
    start, row = 0.0, 0
    for number, block in enumerate(plan.blocks):
        goal = (row + 1) * each
        if number and number not in held and (block.x + block.right) / 2 > goal:
            start, row = block.x, row + 1
        block.row = row
        block.move(-start)
    plan.wrapped = row > 0


def _level(plan: Plan, flows: list[Flow]) -> None:
    """Arrows over boxes: the shorter one below the longer one, in rows of their own where they meet."""
    over = sum(plan.leads_over(flow) for flow in flows)
    if over > _MOST_OVER:
        raise DrawError(
            f"the figure would have {over:,} arrows over its boxes, more than {_MOST_OVER:,}: put what belongs "
            "together into blocks, each of which is one box"
        )
    taken: dict[int, list[list[tuple[float, float]]]] = {}
    spans = []
    for flow in flows:
        if plan.leads_over(flow):
            a, b = plan.spots[flow.tail], plan.spots[flow.head]
            spans.append((b.middle - a.middle, a.middle, b.middle, plan.block[flow.tail].row, flow))
    for _, left, right, row, flow in sorted(spans, key=lambda span: span[:4]):
        levels = taken.setdefault(row, [])
        free = (k for k, held in enumerate(levels) if all(right <= a or left >= b for a, b in held))
        level = next(free, len(levels))
        if level == len(levels):
            levels.append([])
        levels[level].append((left, right))
        plan.level[flow] = level
    plan.over = {row: GAP / 2 + STEP * len(levels) for row, levels in taken.items()}
