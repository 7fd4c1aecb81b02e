"""Checkpoints from files: safetensors, an index of several, and PyTorch's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from archdsl.checkpoints import pytorch, safetensors
from archdsl.checkpoints.tensors import Checkpoint, CheckpointError, Stored
from archdsl.checkpoints.unwrapping import strip, weights_in

_INDEX = ".safetensors.index.json"


def read_checkpoint(path: str | Path, entry: str | None = None) -> Checkpoint:
    """The weights in a file, the names of wrappers taken off. Raises CheckpointError.

    `entry` names the dict with the weights where a file of PyTorch has several. Nothing in a file is run.
    """
    path = Path(path)
    name = str(path)
    if name.endswith(_INDEX):
        found = _shards(path)
    elif path.suffix == ".safetensors":
        tensors, refused = safetensors.decode(_bytes(path), name)
        found = Checkpoint(name, tensors, ordered=False, refused=refused)
    else:
        found = _pytorch(_bytes(path), name, entry)
        entry = None
    if entry is not None:
        raise CheckpointError(f"`{name}` has no entries: it is one table of tensors")
    if not found.tensors and not found.refused:
        raise CheckpointError(f"`{name}` holds no weights")
    found.files.append(name)
    found.steps = strip(found.tensors, [key for key, one in found.tensors.items() if not one.shape])
    short = found.steps[-1][1]
    found.tensors = {short[key]: one for key, one in found.tensors.items()}
    found.notes += [note for note, _ in found.steps[1:]]
    return found


def _bytes(path: Path) -> bytes:
    try:
        if not path.is_file():
            there = "it is no regular file" if path.exists() else "there is no such file"
            why = "it is a folder" if path.is_dir() else there
            raise CheckpointError(f"`{path}` cannot be read: {why}")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CheckpointError(f"`{path}` cannot be read: {reason[:1].lower()}{reason[1:]}") from None
    except MemoryError:
        raise CheckpointError(f"`{path}` is larger than the memory") from None


def _shards(index: Path) -> Checkpoint:
    """The tensors of the files that an index names, which lie beside it."""
    try:
        files = json.loads(_bytes(index))["weight_map"]
        parts = {str(key): str(file) for key, file in files.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise CheckpointError(f"`{index}` is no index of safetensors") from None
    found: dict[str, dict[str, Stored]] = {}
    refused: dict[str, str] = {}
    for file in dict.fromkeys(parts.values()):
        if Path(file).name != file or not file.endswith(".safetensors"):
            raise CheckpointError(f"`{index}` names `{file}`, which is no safetensors file beside it")
        found[file], others = safetensors.decode(_bytes(index.with_name(file)), file)
        refused |= others
    absent = [key for key, file in parts.items() if key not in found[file] and key not in refused]
    if absent:
        raise CheckpointError(f"`{absent[0]}` is not in `{parts[absent[0]]}`, where `{index}` has it")
    tensors = {key: found[file][key] for key, file in parts.items() if key not in refused}
    files = [str(index.with_name(file)) for file in found]
    return Checkpoint(str(index), tensors, ordered=False, files=files, refused=refused)


def _pytorch(data: bytes, name: str, entry: str | None) -> Checkpoint:
    if not data.startswith((b"PK\x03\x04", b"\x80")):
        raise CheckpointError(
            f"`{name}` is no checkpoint: neither a safetensors file nor one of PyTorch",
            "the name of a safetensors file ends in `.safetensors`",
        )
    content = pytorch.decode(data, name)

    def is_tensor(value: Any) -> bool:
        import torch

        return isinstance(value, torch.Tensor)

    entries, notes = weights_in(content, entry, name, is_tensor)
    found = Checkpoint(name, {}, ordered=True, notes=notes)
    for key, value in entries.items():
        if not is_tensor(value):
            found.others[key] = type(value).__name__
            continue
        one = pytorch.stored(value)
        if isinstance(one, str):
            found.refused[key] = one
        else:
            found.tensors[key] = one
    return found
