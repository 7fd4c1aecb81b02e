"""What drawn things read, and what the picture says of it: the tensors' names, their shapes, and the members' roles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from archdsl.draw.arrows import Read, Reading
from archdsl.draw.fold import Entry, Leaf, Part
from archdsl.draw.progression import merged
from archdsl.graph.model import Node, Output, Tensor


class Parts:
    """What each tensor comes from."""

    def __init__(self, drawn: Iterable[Part | Output]) -> None:
        self._made: dict[Node, Part] = {}
        self._entering: dict[Tensor, Entry] = {}
        for part in drawn:
            if isinstance(part, Entry):
                self._entering[part.tensor] = part
            elif not isinstance(part, Output):
                self._made.update((node, part) for node in part.nodes)

    def __getitem__(self, tensor: Tensor) -> Part:
        """The part that makes a tensor, which is its own origin."""
        return self._entering.get(tensor) or self._made[tensor.node]


def readings(
    readers: Iterable[Part | Output], drawn: Mapping[Part | Output, int], part: Parts
) -> list[Reading]:
    """What the readers, in the order of the text, read of other drawn things.

    A shape is said where it is another one than a reader of the picture believes: the one that was last said on the
    way. It is said behind a join, not before it, and an output says its own.
    """
    believed: dict[int, set[str]] = {}  # by the number of a drawn thing, what readers may take to leave it
    made: list[Reading] = []
    for reader in readers:
        number = drawn[reader]
        silent = isinstance(reader, Output) or _is_join(reader)
        reads = [_read(reader, at, drawn, part) for at in range(len(read_by(reader)))]
        said = [_said(read, number, silent, believed) for read in reads]
        made.append(Reading(number, tuple(said), reader.training))
        if number in believed:
            continue
        if isinstance(reader, Entry):
            believed[number] = {_shape(reader.tensor)}
        elif isinstance(reader, Leaf) and not reads:
            believed[number] = {_shape(reader.node.outputs[0])}
        elif all(read.tail != number for read in reads):
            believed[number] = {
                shape for read in reads for shape in (believed.get(read.tail, ()) if silent else [read.shape])
            }
    return made


def _said(read: Read, reader: int, silent: bool, believed: Mapping[int, set[str]]) -> Read:
    """A read without the shape, where that is not to be said."""
    known = silent or read.tail == reader or read.shape in believed.get(read.tail, ())
    return Read(read.tail, read.tensor, read.name, "" if known else read.shape, read.role)


def _read(reader: Part | Output, at: int, drawn: Mapping[Part | Output, int], part: Parts) -> Read:
    """The tensor that a thing reads at one place, of all its copies that read the same layer's."""
    tensor = origin(read_by(reader)[at])
    source = part[tensor]
    tensors = [tensor]
    begun = source.tensor if isinstance(source, Entry) else None
    role = ""
    if isinstance(reader, Leaf):
        read = (origin(node.inputs[at]) for node in reader.nodes)
        tensors = [t for t in read if part[t] is source] or tensors
        layer = reader.node.layer
        roles = layer.roles(len(reader.inputs)) if layer is not None else ()
        role = roles[at] if at < len(roles) else ""
    # an input bears its name itself
    names = [t.names[-1] for t in tensors if t.names and t.node.layer is not None and t is not begun]
    return Read(
        drawn[source],
        tensor,
        merged(list(dict.fromkeys(names))) if names else "",
        merged(list(dict.fromkeys(map(_shape, tensors)))),
        role,
    )


def origin(tensor: Tensor) -> Tensor:
    """Where a tensor comes from, through layers that give what they take."""
    while tensor.node.operation == "identity":
        tensor = tensor.node.inputs[0]
    return tensor


def read_by(reader: Part | Output) -> tuple[Tensor, ...]:
    return reader.tensors if isinstance(reader, Output) else reader.inputs


def _is_join(part: Part) -> bool:
    return isinstance(part, Leaf) and part.node.layer is not None and part.node.layer.is_join


def _shape(tensor: Tensor) -> str:
    return tensor.shape.brief()
