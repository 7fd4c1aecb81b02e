"""The arrows of a picture, and the points where they enter its clusters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from archdsl.draw.picture import Arrow, Box, Cluster, End, Mark
from archdsl.graph.model import Tensor


@dataclass(frozen=True, slots=True)
class Reading:
    """A drawn thing, and the tensors that it reads, each with the number of the thing that makes it."""

    reader: int
    tensors: tuple[tuple[int, Tensor], ...]
    training: bool


@dataclass(frozen=True, slots=True)
class _Link:
    tail: int
    index: int  # which of the tail's tensors
    head: int
    times: int
    text: str
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
                streams.setdefault(cluster.id, Counter())[link.tail, link.index] += link.times
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
    return list(_arrows(links, entries, trained)), list(_stacked(links, entries))


def _arrows(
    links: list[_Link], entries: dict[tuple[int, int, int], int], trained: set[int]
) -> Iterator[Arrow]:
    """The arrows of links, led through the entries. Those that branch off for training alone are long."""
    drawn: set[tuple[int, int]] = set()
    for link in links:
        at = link.tail
        for cluster in link.entered:
            entry = entries.get((cluster.id, link.tail, link.index))
            if entry is None:
                continue
            if (at, entry) not in drawn:
                drawn.add((at, entry))
                yield Arrow(at, entry, training=cluster.training, entering=True)
            at = entry
        for _ in range(link.times):
            branches = link.training and at == link.tail and link.tail not in trained
            yield Arrow(at, link.head, link.text, link.training, long=branches)


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
    read: dict[tuple[int, int], Counter[Tensor]] = {}
    for tail, tensor in reading.tensors:
        if tail != reading.reader:
            read.setdefault((tail, tensor.index), Counter())[tensor] += 1
    for (tail, index), counts in read.items():
        text = f"× {len(counts)}" if len(counts) > 1 else ""
        entered = tuple(reversed(list(_entered(around[tail], around[reading.reader], around, depth))))
        yield _Link(tail, index, reading.reader, max(counts.values()), text, reading.training, entered)


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
