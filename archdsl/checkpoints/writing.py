"""Checkpoints as files, in the format of their suffix."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from archdsl.checkpoints import pytorch, safetensors
from archdsl.checkpoints.tensors import CheckpointError, Stored, require

SAFETENSORS = ".safetensors"
PYTORCH = (".pth", ".pt", ".bin")


def check_suffix(path: str) -> None:
    """Raises CheckpointError where a name does not say what to write, or a package for it is missing."""
    suffix = Path(path).suffix
    if suffix not in (*PYTORCH, SAFETENSORS):
        kinds = ", ".join(f"`{one}`" for one in PYTORCH)
        raise CheckpointError(
            f"`{path}` does not say what to write",
            f"its name ends in `{SAFETENSORS}` or, for PyTorch, in {kinds}",
        )

    require("torch", f"writing `{path}`")
    if suffix == SAFETENSORS:
        require("safetensors", f"writing `{path}`")


def encode_checkpoint(path: str, tensors: Mapping[str, Stored]) -> bytes:
    """The bytes of a file of these tensors; the suffix of its path says of which format. Raises CheckpointError.

    archdsl knows such a file again as its own.
    """
    check_suffix(path)
    if Path(path).suffix == SAFETENSORS:
        return safetensors.encode(tensors)
    return pytorch.encode(tensors)
