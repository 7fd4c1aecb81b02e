"""Fewer maps: those of one resolution that only follow one another become one."""

from __future__ import annotations

from archdsl.draw.figure.model import Flow, Map, Maps


def squeezed(found: Maps) -> Maps:
    """The maps, chains of one resolution as one that says how many they are."""
    into: dict[Map, list[Flow]] = {}
    out: dict[Map, int] = {}
    for flow in found.flows:
        into.setdefault(flow.head, []).append(flow)
        out[flow.tail] = out.get(flow.tail, 0) + 1
    now: dict[Map, Map] = {}  # what each map is part of
    kept: list[Map] = []
    for item in found.maps:
        before = item.main
        alone = before is not None and len(into[item]) == 1 and out[before] == 1 and not before.outputs
        if before is not None and alone and _alike(now[before], item):
            whole = now[item] = now[before]
            whole.units.extend(item.units)
            whole.count += item.count
            whole.shape, whole.outputs = item.shape, item.outputs
            whole.name, whole.growth, whole.parts, whole.plain = "layer", "", [], True
        else:
            now[item] = item
            kept.append(item)
    for item in kept:
        item.main = now[item.main] if item.main is not None else None
    flows = {
        (now[f.tail], now[f.head]): Flow(now[f.tail], now[f.head], f.symbol, f.main) for f in found.flows
    }
    return Maps(kept, [flow for (tail, head), flow in flows.items() if tail is not head])


def _alike(before: Map, item: Map) -> bool:
    return (
        (before.kind, before.shape.spatial, before.training) == (item.kind, item.shape.spatial, item.training)
        and bool(before.units[0].reads)
        and not (before.dense or item.dense or before.abreast or item.abreast)
    )
