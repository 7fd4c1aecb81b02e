"""Maps of one resolution side by side, and the lanes that these stages stand in."""

from __future__ import annotations

from dataclasses import dataclass, field

from archdsl.draw.figure.model import Flow, Map, Maps
from archdsl.draw.figure.resolution import SAME_SIZE, side, steps


@dataclass(eq=False, slots=True)
class Stage:
    """Maps that follow one another and have one resolution."""

    maps: list[Map]
    level: int  # how many times the resolution was halved on the way here
    lane: int = 0
    entry: Map | None = None  # the map before the stage
    read_by: list[Map] = field(default_factory=list)  # maps of other stages that continue one of this


@dataclass(slots=True)
class Stages:
    stages: list[Stage]
    home: dict[Map, Stage] = field(default_factory=dict)
    lanes: bool = False  # lanes are resolutions: the network goes down and up again


def stages_of(found: Maps) -> Stages:
    """The stages of a network in the order of the text, each in its lane."""
    made = Stages([])
    last: dict[Map, Stage] = {}  # the stage that a map is the last of
    read: dict[Map, list[Map]] = {}
    for flow in found.flows:
        read.setdefault(flow.head, []).append(flow.tail)
    for item in found.maps:
        before = item.main
        stage = last.pop(before, None) if before is not None else None
        joins = any(
            made.home.get(tail) is not stage for tail in read.get(item, [])
        )  # what comes from elsewhere
        if stage is None or joins or not _continues(stage, item):
            if stage is not None and before is not None:
                last[before] = stage
            level = steps(found.maps[0].shape, item.shape)
            if before is not None:
                level = made.home[before].level + steps(before.shape, item.shape)
            stage = Stage([], level, entry=before)
            made.stages.append(stage)
            if before is not None:
                made.home[before].read_by.append(item)
        stage.maps.append(item)
        made.home[item] = last[item] = stage
    made.lanes = _rejoins(made, found.flows)
    if made.lanes:
        _by_level(made, found.flows)
    else:
        _by_branch(made)
    return made


def _continues(stage: Stage, item: Map) -> bool:
    """Does a map stand in a stage? Maps that are cut a little at the edges, as by convolutions without padding, do."""
    last = stage.maps[-1]
    if (last.kind, last.training, not last.group) != (item.kind, item.training, not item.group):
        return False
    if item.kind == "vector":
        return last.shape == item.shape
    if item.kind == "tokens" or len(last.shape.spatial) != len(item.shape.spatial):
        return last.shape.spatial == item.shape.spatial
    return 1 / SAME_SIZE < side(last.shape) / side(item.shape) < SAME_SIZE


def _rejoins(made: Stages, flows: list[Flow]) -> bool:
    """Does the network fall to a lower resolution and rise again to one that it kept?

    There is an arrow, not the main one to its head, that leads up from a lower resolution; or between maps of about
    the same resolution, and the main way to its head comes from a lower one.
    """
    for flow in flows:
        tail, head = made.home[flow.tail], made.home[flow.head]
        if flow.main or tail is head or tail.maps[0].kind != "map" or head.maps[0].kind != "map":
            continue
        if tail.level > head.level:
            return True
        main = head.entry
        while main is not None and main is not flow.tail and tail.level == head.level:
            stage = made.home[main]
            if stage.level > head.level and stage.maps[0].kind == "map":
                return True
            main = stage.entry
    return False


def _by_level(made: Stages, flows: list[Flow]) -> None:
    """A lane for each resolution. Those that come once, before the first or after the last of the others, share one."""
    visits: dict[int, int] = {}
    for stage in made.stages:
        if stage.maps[0].kind != "vector":
            visits[stage.level] = visits.get(stage.level, 0) + 1
    levels = [stage.level for stage in made.stages if stage.maps[0].kind != "vector"]
    start = next((at for at, level in enumerate(levels) if visits[level] > 1), 0)
    first = set(levels[:start])
    kept = sorted(set(levels) - first)
    lane = {level: at for at, level in enumerate(kept)}
    for stage in made.stages:
        if stage.maps[0].kind == "vector" and stage.entry is not None:
            stage.lane = made.home[stage.entry].lane
        else:
            stage.lane = lane.get(stage.level, lane[levels[start]])


def _by_branch(made: Stages) -> None:
    """The way to the first output in one lane; side branches get theirs below when they are placed."""
    ends = [
        stage
        for stage in made.stages
        if any(item.outputs for item in stage.maps) and not stage.maps[0].training
    ]
    for stage in made.stages:
        stage.lane = -1
    at: Stage | None = ends[0] if ends else made.stages[-1]
    while at is not None:
        at.lane = 0
        at = made.home[at.entry] if at.entry is not None else None
