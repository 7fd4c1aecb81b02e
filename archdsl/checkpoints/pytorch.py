"""PyTorch's own files. Nothing that lies in one is run: torch reads them with `weights_only=True`."""

from __future__ import annotations

import ctypes
import io
import warnings
import zipfile
from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from archdsl.checkpoints.tensors import ELEMENTS, CheckpointError, Stored, require, tensor
from archdsl.marks import mark

if TYPE_CHECKING:
    import torch


def decode(data: bytes, name: str) -> Any:
    """What lies in a file: tensors, numbers and texts in dicts and lists. Raises CheckpointError."""
    require("torch", f"`{name}`, a file of PyTorch,")
    import pickle

    import torch

    _check_archive(data, name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise CheckpointError(
            f"`{name}` holds more than tensors, and nothing of it is run: {_refusal(error)}",
            "where it comes from one who is trusted, load it there and save its `state_dict()` alone",
        ) from None
    except Exception as error:  # a file that is cut off or made up fails in many ways
        first = f"{type(error).__name__}: {error}".split("\n")[0][:200]
        raise CheckpointError(f"`{name}` is no checkpoint of PyTorch: {first}") from None


def _check_archive(data: bytes, name: str) -> None:
    """An archive is as large as what is in it: PyTorch packs nothing. Raises CheckpointError."""
    if not data.startswith(b"PK"):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            records = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise CheckpointError(
            f"`{name}` is no checkpoint of PyTorch: {str(error)[:100] or 'it is cut off'}"
        ) from None
    if any(record.compress_type != zipfile.ZIP_STORED for record in records) or (
        sum(record.file_size for record in records) > len(data)
    ):
        raise CheckpointError(f"`{name}` is no checkpoint of PyTorch: what is in it is compressed")


def _refusal(error: Exception) -> str:
    """What torch would have had to run, in a few words."""
    import re

    found = re.search(r"GLOBAL ([\w.]+)|global ([\w.]+)", str(error))
    return (
        f"it calls `{found[1] or found[2]}`" if found else "its pickle does other things than making tensors"
    )


def stored(tensor: torch.Tensor) -> Stored | str:
    """A tensor of a file, or why it is not read."""
    import torch

    kinds = {name: code for code, (_, name) in ELEMENTS.items()}
    dtype = str(tensor.dtype).removeprefix("torch.")
    if tensor.layout != torch.strided:
        return f"it is sparse ({str(tensor.layout).removeprefix('torch.')})"
    if tensor.is_quantized:
        return f"it is quantised ({dtype})"
    if tensor.is_nested or tensor.device.type != "cpu":
        return "it has no elements of its own"
    if dtype not in kinds:
        return f"its elements are of the kind {dtype}"
    if tensor.numel() * tensor.element_size() > tensor.untyped_storage().nbytes():
        return "it has more elements than the file"
    place = (tensor.untyped_storage().data_ptr(), tensor.storage_offset(), tensor.stride())
    return Stored(kinds[dtype], tuple(tensor.shape), lambda: _bytes(tensor), place)


def _bytes(tensor: torch.Tensor) -> memoryview:
    flat = tensor.detach().resolve_conj().resolve_neg().contiguous()
    return memoryview(ctypes.string_at(flat.data_ptr(), flat.numel() * flat.element_size()))


def encode(tensors: Mapping[str, Stored]) -> bytes:
    """A file of PyTorch with these tensors; those with one origin and shape are one tensor in it."""
    require("torch", "a file of PyTorch")
    import torch

    made: dict[object, torch.Tensor] = {}
    state: OrderedDict[str, torch.Tensor] = OrderedDict()
    for key, one in tensors.items():
        place = (one.origin, one.shape) if one.origin is not None else key
        if place not in made:
            made[place] = tensor(one)
        state[key] = made[place]
    file = io.BytesIO()
    torch.save(state, file)
    return mark(file.getvalue(), "pth")
