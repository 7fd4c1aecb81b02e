"""Files of the package `safetensors`, which holds them to their format. Nothing in them can be run."""

from __future__ import annotations

import json
from collections.abc import Mapping

from archdsl.checkpoints.tensors import ELEMENTS, CheckpointError, Stored, require, tensor
from archdsl.version import __version__

_LENGTH = 8
_METADATA = "__metadata__"
#: In any order, as the package writes it; and in the one by which archdsl knows its files, the same each time.
_MARKS = {"format": "pt", "archdsl": __version__}


def decode(data: bytes, name: str) -> tuple[dict[str, Stored], dict[str, str]]:
    """The tensors of a file, and those of kinds that are not read, with the reason. Raises CheckpointError."""
    require("safetensors", f"`{name}`")
    from safetensors import SafetensorError, deserialize

    try:
        entries = dict(sorted(deserialize(data)))  # type: ignore[no-untyped-call]
    except SafetensorError as error:
        reason = str(error).removeprefix("Error while deserializing: ")
        raise CheckpointError(f"`{name}` is no safetensors file: {reason}") from None
    refused = {
        key: f"its elements are of the kind {entry['dtype']}"
        for key, entry in entries.items()
        if entry["dtype"] not in ELEMENTS
    }
    tensors = {
        key: Stored(entry["dtype"], tuple(entry["shape"]), memoryview(entry["data"]).toreadonly, (name, key))
        for key, entry in entries.items()
        if key not in refused
    }
    for key, kept in _metadata(
        data
    ).items():  # of tensors that are one the package keeps one, and notes it here
        if key not in entries and kept in tensors:
            tensors[key] = tensors[kept]
    return tensors, refused


def _metadata(data: bytes) -> dict[str, str]:
    """What else a file says, which the package has found in order."""
    length = int.from_bytes(data[:_LENGTH], "little")
    return dict(json.loads(data[_LENGTH : _LENGTH + length]).get(_METADATA) or {})


def encode(tensors: Mapping[str, Stored]) -> bytes:
    """A file of these tensors. Raises CheckpointError."""
    require("safetensors", "a safetensors file")
    require("torch", "a safetensors file")
    from safetensors.torch import save

    data: bytes = save({key: tensor(one) for key, one in tensors.items()}, _MARKS)
    shuffled, sorted_ = (
        json.dumps({_METADATA: marks}, separators=(",", ":")).encode()
        for marks in (_MARKS, dict(sorted(_MARKS.items())))
    )
    head = data[:_LENGTH] + data[_LENGTH : _LENGTH + len(shuffled)].replace(shuffled[:-1], sorted_[:-1])
    return head + data[len(head) :]
