"""Where the boxes of a figure stand."""

from __future__ import annotations

from dataclasses import dataclass, field

from archdsl.draw.figure.labels import Label, above, label_of
from archdsl.draw.figure.model import Flow, Map, Maps
from archdsl.draw.figure.scale import Scale, Sides
from archdsl.draw.figure.stages import Stage, Stages

GAP = 16.0  # between stages, with room for an arrow
BESIDE = 3.0  # between the boxes of one stage
BELOW = 14.0  # between lanes
STEP = 9.0  # from one arrow that leads over boxes to the next
WIDEST = 760.0  # of a row, before it is wrapped


@dataclass(eq=False, slots=True)
class Spot:
    """A map's box: `x` is the left edge of the first one's front; equal boxes stand side by side."""

    item: Map
    sides: Sides
    scale: Scale
    x: float = 0.0
    axis: float = 0.0  # y of the middle of the box, half way into the page
    copies: int = 1
    number: str = ""  # channels, above

    @property
    def width(self) -> float:
        return self.copies * self.sides.length + (self.copies - 1) * BESIDE

    @property
    def right(self) -> float:
        """The right edge of the last front."""
        return self.x + self.width

    @property
    def top(self) -> float:
        """The upper edge of the fronts."""
        return self.axis + self.sides.shift / 2 - self.sides.height / 2

    @property
    def bottom(self) -> float:
        return self.top + self.sides.height

    @property
    def middle(self) -> float:
        return self.x + self.width / 2

    def along(self, channels: int) -> float:
        return self.scale.along(channels)


@dataclass(eq=False, slots=True)
class Block:
    """A stage as placed."""

    stage: Stage
    spots: list[Spot]
    label: Label
    next: Block | None = None  # in its row
    row: int = 0
    x: float = 0.0
    label_x: float = 0.0
    label_y: float = 0.0
    axis: float = 0.0
    inner: float = 0.0  # from the first box's left edge to the last one's right edge, backs included

    @property
    def right(self) -> float:
        return max(self.x + self.inner, self.label_x + self.label.width)

    def move(self, by: float) -> None:
        """Move all to the right."""
        self.x += by
        self.label_x += by
        for spot in self.spots:
            spot.x += by


@dataclass(slots=True)
class Plan:
    blocks: list[Block]
    spots: dict[Map, Spot]
    block: dict[Map, Block]
    lanes: bool
    over: dict[int, float] = field(default_factory=dict)  # by row: room for arrows over the boxes
    level: dict[Flow, int] = field(default_factory=dict)  # of an arrow over boxes
    wrapped: bool = False
    signed: set[Map] = field(default_factory=set)  # maps at which the sign of a join stands
    width: float = 0.0
    height: float = 0.0

    def leads_over(self, flow: Flow) -> bool:
        """Does an arrow lead over boxes of its row?"""
        tail, head = self.block[flow.tail], self.block[flow.head]
        if tail is head:
            return not flow.main
        return tail.row == head.row and not self.is_straight(flow)

    def is_straight(self, flow: Flow) -> bool:
        """Does an arrow lead from the last box of a stage to the first one of the next stage in its row?"""
        tail, head = self.block[flow.tail], self.block[flow.head]
        return (
            tail.row == head.row
            and tail.next is head
            and tail.spots[-1].item is flow.tail
            and head.spots[0].item is flow.head
        )


def plan_of(found: Maps, made: Stages, scale: Scale) -> Plan:
    """Boxes in lanes, from left to right in the order of the text; `y` is settled by `settle`."""
    plan = Plan([], {}, {}, made.lanes)
    ends: dict[int, float] = {}  # where each lane is free
    last: dict[int, Block] = {}  # the last block of each lane
    read: dict[Map, list[Map]] = {}
    for flow in found.flows:
        read.setdefault(flow.head, []).append(flow.tail)
    for stage in made.stages:
        block = _block(stage, scale)
        entry = plan.spots.get(stage.entry) if stage.entry is not None else None
        if stage.lane < 0 and stage.entry is not None:
            home = made.home[stage.entry]
            if home.lane > 0 and last[home.lane].stage is home and home.maps[-1] is stage.entry:
                stage.lane = home.lane  # a side branch goes on
        start = 0.0
        if entry is not None and stage.entry is not None:
            start = _start(block, entry, plan.block[stage.entry], stage, made)
        for item in stage.maps:
            for tail in read.get(item, []):
                if tail in plan.block and tail is not stage.entry and made.home[tail].lane != stage.lane:
                    spot = plan.spots[tail]
                    start = max(start, spot.right + spot.sides.shift + GAP)
        if stage.lane < 0:
            stage.lane = _free_lane(start, ends)
        start = max(start, ends.get(stage.lane, -GAP) + GAP)
        _stand(block, start, made)
        ends[stage.lane] = block.right
        block.row = stage.lane
        if stage.lane in last:
            last[stage.lane].next = block
        last[stage.lane] = block
        plan.blocks.append(block)
        for spot in block.spots:
            plan.spots[spot.item] = spot
            plan.block[spot.item] = block
    if not made.lanes:  # what branches off later is nearer, so that no arrow crosses it
        deepest = max(block.row for block in plan.blocks)
        for block in plan.blocks:
            block.row = deepest + 1 - block.row if block.row else 0
    return plan


def _start(block: Block, entry: Spot, before: Block, stage: Stage, made: Stages) -> float:
    """Where a stage would stand best, for the arrow that leads to it."""
    lane = before.stage.lane
    if stage.lane == lane:
        return before.right + GAP
    if made.lanes and stage.lane < lane:  # up: from the right face to the bottom of the first box
        return max(0.0, entry.right + entry.sides.shift + GAP * 0.75 - block.spots[0].width / 2)
    return entry.middle + GAP * 0.75  # down: from the bottom to the left face


def _free_lane(start: float, ends: dict[int, float]) -> int:
    """The lane of a side branch: the first one below that is free there."""
    lane = 1
    while ends.get(lane, -GAP) + GAP > start:
        lane += 1
    return lane


def _block(stage: Stage, scale: Scale) -> Block:
    spots = []
    several = len({item.shape.channels for item in stage.maps if item.shape.dims}) > 1
    for item in stage.maps:
        spot = Spot(item, scale.sides(item.shape), scale)
        if item.plain and 1 < item.count <= _SIDE_BY_SIDE:
            spot.copies = item.count
        if several and stage.maps[0].kind != "vector":
            spot.number = f"{item.shape.channels}"
        spots.append(spot)
    return Block(stage, spots, label_of(stage.maps))


_SIDE_BY_SIDE = 4  # copies of a layer's map that are drawn


def _stand(block: Block, start: float, made: Stages) -> None:
    """Put the boxes of a stage side by side, and its label below."""
    x = start
    for at, spot in enumerate(block.spots):
        if at:
            before = block.spots[at - 1]
            x = before.right + BESIDE
            wide = above(before.number) + above(spot.number)  # numbers stand over the middle of the backs
            x = max(x, before.middle + wide / 2 + BESIDE - spot.width / 2)
        spot.x = x
    last = block.spots[-1]
    block.x = start
    block.inner = last.right + last.sides.shift - start
    if made.lanes and (crossed := _crossed(block, made)):
        block.label_x = (
            max(spot.middle for spot in crossed) + 6
        )  # beside the arrows that lead down or come from below
        return
    front = last.right - start
    if front < block.label.width:
        move = (block.label.width - front) / 2
        for spot in block.spots:
            spot.x += move
        block.inner += move
        block.label_x = start
    else:
        block.label_x = start + (front - block.label.width) / 2


def _crossed(block: Block, made: Stages) -> list[Spot]:
    """The boxes of a stage below which arrows stand."""
    lane, stage = block.stage.lane, block.stage
    left = {item.main for item in stage.read_by if made.home[item].lane > lane}
    found = [spot for spot in block.spots if spot.item in left]
    if stage.entry is not None and made.home[stage.entry].lane > lane:
        found.append(block.spots[0])
    return found
