"""The format of safetensors: the length of a header, the header in JSON, and all elements one behind the other.

https://huggingface.co/docs/safetensors describes it. Nothing in it can be run.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from math import prod
from typing import Any

from archdsl.checkpoints.tensors import ELEMENTS, CheckpointError, Stored
from archdsl.version import __version__

_LENGTH = 8
#: No header is longer; the format's own limit.
_MOST_HEADER = 100_000_000
_METADATA = "__metadata__"
_ALIGNED = 8


def decode(data: bytes, name: str) -> dict[str, Stored]:
    """The tensors of a file. Raises CheckpointError."""
    try:
        header, start = _header(data)
        metadata = header.pop(_METADATA, {})
        tensors = {key: _tensor(entry, memoryview(data)[start:]) for key, entry in header.items()}
        if not isinstance(metadata, dict):
            raise ValueError("its metadata are no object")
    except RecursionError:
        raise CheckpointError(f"`{name}` is no safetensors file: its header is too deep") from None
    except (ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"`{name}` is no safetensors file: {_reason(error)}") from None
    for (
        key,
        kept,
    ) in metadata.items():  # of tensors that are one, safetensors keeps the first and says so here
        if key not in tensors and isinstance(kept, str) and kept in tensors:
            tensors[key] = tensors[kept]
    return tensors


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError | UnicodeDecodeError):
        return "its header is no JSON"
    return str(error) if isinstance(error, ValueError) else "an entry of its header is not of its form"


def _header(data: bytes) -> tuple[dict[str, Any], int]:
    """The header, and where the elements begin. Raises ValueError."""
    length = int.from_bytes(data[:_LENGTH], "little")
    if len(data) < _LENGTH or length > min(_MOST_HEADER, len(data) - _LENGTH):
        raise ValueError("it ends before its header does")
    header = json.loads(data[_LENGTH : _LENGTH + length].decode("utf-8"), object_pairs_hook=_once)
    if not isinstance(header, dict):
        raise ValueError("its header is no object")
    return header, _LENGTH + length


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands in its header twice")
    return found


def _tensor(entry: Any, elements: memoryview) -> Stored:
    """Raises ValueError, KeyError and TypeError."""
    dtype, shape, (start, end) = entry["dtype"], tuple(entry["shape"]), entry["data_offsets"]
    if dtype not in ELEMENTS:
        raise ValueError(f"elements of the kind {str(dtype)[:40]!r} are not known")
    if not all(type(number) is int and 0 <= number < 2**63 for number in (*shape, start, end)):
        raise ValueError("a size in its header is no number")
    if end > len(elements) or end - start != prod(shape) * ELEMENTS[dtype][0]:
        raise ValueError("its elements are not those that its header tells")
    part = elements[start:end]
    return Stored(dtype, shape, lambda: part, (id(elements.obj), start, end))


def encode(tensors: Mapping[str, Stored]) -> Iterator[bytes | memoryview]:
    """A file of these tensors, piece by piece. Larger elements stand first, so that all are aligned."""
    order = sorted(tensors.items(), key=lambda item: -ELEMENTS[item[1].dtype][0])
    header: dict[str, Any] = {_METADATA: {"archdsl": __version__, "format": "pt"}}
    at = 0
    for key, one in order:
        header[key] = {
            "dtype": one.dtype,
            "shape": list(one.shape),
            "data_offsets": [at, at + one.nbytes],
        }
        at += one.nbytes
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
    text += b" " * (-len(text) % _ALIGNED)
    yield len(text).to_bytes(_LENGTH, "little") + text
    for _, one in order:
        yield one.raw()
