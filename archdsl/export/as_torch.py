"""A program as a file of torch.export."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping

import torch
from torch.export import ExportedProgram

from archdsl.export.faults import guarded
from archdsl.marks import mark

#: Under this name `torch.export.load(file, extra_files={"archdsl.json": ""})` gives what archdsl says of the program.
ABOUT = "archdsl.json"


def to_torch(program: ExportedProgram, model: str, metadata: Mapping[str, str]) -> bytes:
    """The bytes of a `.pt2`. Raises ExportError."""
    with guarded(f"the program of `{model}` cannot be saved"):
        file = io.BytesIO()
        about = json.dumps(dict(metadata), indent=1)
        torch.export.save(program, file, extra_files={ABOUT: about})
        return mark(file.getvalue(), "pt2")
