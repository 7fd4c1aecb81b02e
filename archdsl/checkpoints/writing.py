"""Checkpoints as files, in the format of their suffix."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from archdsl.checkpoints import pytorch, safetensors
from archdsl.checkpoints.tensors import CheckpointError, Stored
from archdsl.resources import Content

SAFETENSORS = ".safetensors"
PYTORCH = (".pth", ".pt", ".bin")


def check_suffix(path: str) -> None:
    """Raises CheckpointError where a name does not say what to write, or torch is needed and not there."""
    suffix = Path(path).suffix
    if suffix in PYTORCH:
        pytorch.require_torch(f"`{path}`, a file of PyTorch,")
    elif suffix != SAFETENSORS:
        kinds = ", ".join(f"`{one}`" for one in PYTORCH)
        raise CheckpointError(
            f"`{path}` does not say what to write",
            f"its name ends in `{SAFETENSORS}` or, for PyTorch, in {kinds}",
        )


def encode_checkpoint(path: str, tensors: Mapping[str, Stored]) -> Content:
    """A file of these tensors, in pieces if it is large; the suffix of its path says of which format. Raises CheckpointError.

    archdsl knows such a file again as its own.
    """
    check_suffix(path)
    if Path(path).suffix == SAFETENSORS:
        return list(safetensors.encode(tensors))
    return pytorch.encode(tensors)
