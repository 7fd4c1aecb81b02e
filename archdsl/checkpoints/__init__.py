"""Files of weights: read without running anything of theirs, and written.

Reading safetensors needs the package of that name, and writing any file torch. Both are imported late.
"""

from __future__ import annotations

from archdsl.checkpoints.folding import MARK, check_trained, folded
from archdsl.checkpoints.reading import read_checkpoint
from archdsl.checkpoints.strict import load_strictly
from archdsl.checkpoints.tensors import Checkpoint, CheckpointError, Stored
from archdsl.checkpoints.writing import encode_checkpoint

__all__ = [
    "MARK",
    "Checkpoint",
    "CheckpointError",
    "Stored",
    "check_trained",
    "encode_checkpoint",
    "folded",
    "load_strictly",
    "read_checkpoint",
]
