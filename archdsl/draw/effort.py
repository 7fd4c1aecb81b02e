"""How much work it is for Graphviz to lay out the arrows of a picture."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from archdsl.draw.picture import Cluster, Picture

#: Effort up to which a picture gets the best layout, within seconds.
MOST_AT_BEST = 6_000
#: For what lies between: few attempts to avoid crossings and to shorten arrows, and arrows that are straight, since to
#: lead them around boxes takes longer than all the rest.
BOUNDS = {"mclimit": "0.1", "nslimit": "0.2", "nslimit1": "10", "searchsize": "5", "splines": "line"}
#: Crossings that are counted in the time that a place for an arrow takes.
_COUNTED = 20
#: Places in one cluster that are searched in that time.
_SEARCHED = 15_000


def effort(picture: Picture) -> int:
    """The places that Graphviz finds for arrows, and the crossings of arrows that it counts, in units of the former.

    It places an arrow in each row of the drawing that the arrow leads through, and counts the crossings of all arrows
    of each two neighbours in a row, again and again (Gansner et al., A Technique for Drawing Directed Graphs, 1993,
    Sections 2 and 3). What is placed in a cluster it searches for in a list of all in that cluster. Rows are
    estimated by the longest path to each box. With straight arrows a place takes less time, and a crossing does not.
    """
    steps = steps_of(picture)
    row = rows_of(steps)
    around = _around(picture.root)
    inside: Counter[int] = Counter()  # by cluster, places of arrows that do not leave it
    for tail, head, length in steps:
        common = [a for a, b in zip(around[tail], around[head], strict=False) if a == b]
        inside[common[-1]] += max(abs(row[head] - row[tail]), length)
    places = sum(inside.values())
    searched = sum(count**2 for cluster, count in inside.items() if cluster != picture.root.id)
    above = dict.fromkeys(row, 0)
    below = dict.fromkeys(row, 0)
    for tail, head, _ in steps:
        below[tail] += 1
        above[head] += 1
    crossings = _crossings(row, above) + _crossings(row, below)
    total = places + crossings // _COUNTED + searched // _SEARCHED
    return total if total <= MOST_AT_BEST else total + 2 * crossings // _COUNTED


def _around(root: Cluster) -> dict[int, tuple[int, ...]]:
    """The clusters around each thing, from the outermost."""
    around: dict[int, tuple[int, ...]] = {}
    stack: list[tuple[Cluster, tuple[int, ...]]] = [(root, (root.id,))]
    while stack:
        cluster, path = stack.pop()
        around.update(dict.fromkeys([cluster.head, *cluster.forks], path))
        for item in cluster.items:
            if isinstance(item, Cluster):
                stack.append((item, (*path, item.id)))
            else:
                around[item.id] = path
    return around


def _crossings(row: dict[int, int], arrows: dict[int, int]) -> int:
    """Crossings to be counted between neighbours, those with most arrows side by side."""
    beside: dict[int, list[int]] = {}
    for item, at in row.items():
        beside.setdefault(at, []).append(arrows[item])
    return sum(a * b for counts in beside.values() for a, b in pairwise(sorted(counts)))


def steps_of(picture: Picture) -> list[tuple[int, int, int]]:
    """What stands above what, and by how many rows at least."""
    steps = [(above, below, 1) for above, below in picture.stacked]
    steps.extend((arrow.tail, arrow.head, 2 if arrow.long else 1) for arrow in picture.arrows)
    return steps


def rows_of(steps: list[tuple[int, int, int]]) -> dict[int, int]:
    """The row of each thing that has arrows; what nothing leads to stands right above what it leads to."""
    below: dict[int, list[tuple[int, int]]] = {}
    waiting: dict[int, int] = {}
    for tail, head, length in steps:
        below.setdefault(tail, []).append((head, length))
        waiting[head] = waiting.get(head, 0) + 1
    row = dict.fromkeys([*below, *waiting], 0)
    sources = [item for item in below if item not in waiting]
    order = list(sources)
    for item in order:  # grows while it is walked
        for head, length in below.get(item, ()):
            row[head] = max(row[head], row[item] + length)
            waiting[head] -= 1
            if not waiting[head]:
                order.append(head)
    for source in sources:
        row[source] = min(row[head] - length for head, length in below[source])
    return row
