"""In which order levels become classes: what they hold before them, all of one block together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from archdsl.emit.levels import Level
from archdsl.graph.model import Module


def ranked(
    levels: Mapping[Module, Level], order: Iterable[Module], identity: Callable[[Module], object]
) -> list[list[Level]]:
    """The levels that may be looked at together. Those of a block that holds itself stand by their height."""
    found = {module: levels[module] for module in order}
    inside: dict[object, dict[object, None]] = {}
    for module in found:
        inside.setdefault(identity(module), {})
    for module in found:
        above = module.parent
        while (
            above is not None and above not in found
        ):  # a chain may stand in what holds it: that is no class
            above = above.parent
        if above is not None:
            inside[identity(above)][identity(module)] = None
    rank, circle = _ranks(inside)
    groups: dict[tuple[int, int], list[Level]] = {}
    for module, level in found.items():
        key = identity(module)
        groups.setdefault((rank[key], level.height if key in circle else 0), []).append(level)
    return [group for _, group in sorted(groups.items(), key=lambda item: item[0])]


def _ranks(inside: Mapping[object, Mapping[object, None]]) -> tuple[dict[object, int], set[object]]:
    """For each key how deep it goes, and the keys that are inside themselves. Those of one circle have one rank."""
    rank: dict[object, int] = {}
    circle: set[object] = set()
    number: dict[object, int] = {}
    low: dict[object, int] = {}
    open_: list[object] = []
    waiting: set[object] = set()
    for start in inside:
        if start in number:
            continue
        stack = [(start, iter(inside[start]))]
        number[start] = low[start] = len(number)
        open_.append(start)
        waiting.add(start)
        while stack:
            key, rest = stack[-1]
            for inner in rest:
                if inner not in number:
                    number[inner] = low[inner] = len(number)
                    open_.append(inner)
                    waiting.add(inner)
                    stack.append((inner, iter(inside[inner])))
                    break
                if inner in waiting:
                    low[key] = min(low[key], number[inner])
            else:
                stack.pop()
                if stack:
                    low[stack[-1][0]] = min(low[stack[-1][0]], low[key])
                if low[key] == number[key]:
                    members = {key: None}
                    while (last := open_.pop()) != key:
                        members[last] = None
                    waiting.difference_update(members)
                    beyond = [rank[i] for m in members for i in inside[m] if i not in members]
                    rank |= dict.fromkeys(members, 1 + max(beyond, default=-1))
                    if len(members) > 1 or key in inside[key]:
                        circle.update(members)
    return rank, circle
