"""The arrows of a picture, and the points where they enter its clusters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from archdsl.draw.picture import Arrow, Box, Cluster, End, Mark
from archdsl.draw.ways import led
from archdsl.graph.model import Tensor
from archdsl.records import record


@record
class Read:
    """A tensor that is read, with the number of the thing that makes it, and what is said of it."""

    tail: int
    tensor: Tensor
    name: str = ""
    shape: str = ""
    role: str = ""


@record
class Reading:
    """A drawn thing, and the tensors that it reads."""

    reader: int
    reads: tuple[Read, ...]
    training: bool


@record
class _Link:
    tail: int
    index: int  # which of the tail's tensors
    head: int
    text: str
    name: str
    shape: str
    roles: tuple[str, ...]  # an arrow for each
    training: bool
    entered: tuple[Cluster, ...]  # clusters around the head and not the tail, from the outermost


def connect(
    root: Cluster, readings: Iterable[Reading], numbers: Iterator[int]
) -> tuple[list[Arrow], list[tuple[int, int]]]:
    """All arrows, in the order of the text. Gives clusters their heads and forks, numbered by `numbers`."""
    around, depth = _tree(root)
    readings = list(readings)
    trained = {reading.reader for reading in readings if reading.training}
    links: list[_Link] = []
    streams: dict[int, Counter[tuple[int, int]]] = {}
    for reading in readings:
        for link in _links(reading, around, depth):
            links.append(link)
            for cluster in link.entered:
                streams.setdefault(cluster.id, Counter())[link.tail, link.index] += len(link.roles)
    entries: dict[tuple[int, int, int], int] = {}  # by cluster and stream
    for cluster in _clusters(root):
        entering = streams.get(cluster.id, Counter())
        if not entering:
            continue
        cluster.head = next(numbers)
        for (tail, index), times in entering.items():
            if len(entering) == 1:
                entries[cluster.id, tail, index] = cluster.head
            elif times > 1:
                entries[cluster.id, tail, index] = fork = next(numbers)
                cluster.forks.append(fork)
    drawn = list(_arrows(links, entries, trained))
    stacked = list(_stacked(links, entries))
    arrows = led(root, [arrow for arrow, _ in drawn], stacked)
    return _told_once(arrows, [index for _, index in drawn]), stacked


def _arrows(
    links: list[_Link], entries: dict[tuple[int, int, int], int], trained: set[int]
) -> Iterator[tuple[Arrow, int]]:
    """The arrows of links, led through the entries, each with the place of its tensor among those of the thing that
    makes it. Those that branch off for training alone are long."""
    drawn: set[tuple[int, int]] = set()
    for link in links:
        at = link.tail
        name, shape = link.name, link.shape
        for cluster in link.entered:
            entry = entries.get((cluster.id, link.tail, link.index))
            if entry is None:
                continue
            if (at, entry) not in drawn:
                drawn.add((at, entry))
                yield (
                    Arrow(at, entry, name=name, shape=shape, training=cluster.training, entering=True),
                    link.index,
                )
            at, name, shape = entry, "", ""
        branches = link.training and at == link.tail and link.tail not in trained
        for role in link.roles:
            arrow = Arrow(at, link.head, link.text, name, shape, role, training=link.training, long=branches)
            yield arrow, link.index


def _told_once(arrows: list[Arrow], indices: list[int]) -> list[Arrow]:
    """The arrows, with name and shape of a tensor on one of those that carry it: the main one, or the first."""
    best: dict[tuple[int, int, str], int] = {}
    for at, (arrow, index) in enumerate(zip(arrows, indices, strict=True)):
        for said in filter(None, (arrow.name, arrow.shape)):
            key = arrow.tail, index, said
            if key not in best or (arrow.main and not arrows[best[key]].main):
                best[key] = at
    return [
        replace(
            arrow,
            name=arrow.name if best.get((arrow.tail, index, arrow.name)) == at else "",
            shape=arrow.shape if best.get((arrow.tail, index, arrow.shape)) == at else "",
        )
        for at, (arrow, index) in enumerate(zip(arrows, indices, strict=True))
    ]


def _stacked(links: list[_Link], entries: dict[tuple[int, int, int], int]) -> Iterator[tuple[int, int]]:
    """The titles that nothing goes through, between what stands above and below them."""
    done: set[tuple[int, int]] = set()
    for link in links:
        points = [entries.get((cluster.id, link.tail, link.index)) for cluster in link.entered]
        above = link.tail
        for at, cluster in enumerate(link.entered):
            if points[at] != cluster.head:
                below = next((point for point in points[at:] if point is not None), link.head)
                for pair in ((above, cluster.head), (cluster.head, below)):
                    if pair not in done:
                        done.add(pair)
                        yield pair
            above = points[at] or above


def _links(reading: Reading, around: dict[int, Cluster], depth: dict[int, int]) -> Iterator[_Link]:
    """What is read, tensors of several copies of one layer as one."""
    streams: dict[tuple[int, int], dict[Tensor, list[Read]]] = {}
    for read in reading.reads:
        if read.tail != reading.reader:
            streams.setdefault((read.tail, read.tensor.index), {}).setdefault(read.tensor, []).append(read)
    for (tail, index), tensors in streams.items():
        text = f"× {len(tensors)}" if len(tensors) > 1 else ""
        entered = tuple(reversed(list(_entered(around[tail], around[reading.reader], around, depth))))
        reads = max(tensors.values(), key=len)
        roles = tuple(read.role for read in reads)
        first = reads[0]
        yield _Link(
            tail, index, reading.reader, text, first.name, first.shape, roles, reading.training, entered
        )


def _entered(
    source: Cluster, target: Cluster, around: dict[int, Cluster], depth: dict[int, int]
) -> Iterator[Cluster]:
    """The clusters around a target that are not around a source, from the innermost."""
    while depth[source.id] > depth[target.id]:
        source = around[source.id]
    while source is not target:
        if depth[source.id] == depth[target.id]:
            source = around[source.id]
        yield target
        target = around[target.id]


def _tree(root: Cluster) -> tuple[dict[int, Cluster], dict[int, int]]:
    """The cluster around each drawn thing, and how deep each cluster stands."""
    around: dict[int, Cluster] = {}
    depth = {root.id: 0}
    for cluster in _clusters(root):
        for item in cluster.items:
            around[item.id] = cluster
            if isinstance(item, Cluster):
                depth[item.id] = depth[cluster.id] + 1
    return around, depth


def _clusters(root: Cluster) -> Iterator[Cluster]:
    """All clusters, in the order of the text, an outer one before those inside it."""
    stack: list[Cluster | Box | Mark | End] = [root]
    while stack:
        item = stack.pop()
        if isinstance(item, Cluster):
            yield item
            stack.extend(reversed(item.items))
