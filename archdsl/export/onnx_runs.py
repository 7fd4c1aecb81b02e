"""An ONNX model at work: what onnx says of it, and onnxruntime."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import onnx
import torch
from torch import Tensor

from archdsl.export.as_onnx import OnnxModel
from archdsl.export.compare import Run
from archdsl.export.faults import guarded
from archdsl.export.ports import Ports


@contextmanager
def checked(model: OnnxModel, name: str, data_name: str) -> Iterator[Any]:
    """What onnx or onnxruntime can open: the bytes, or a file beside that of the weights. Raises ExportError."""
    if model.data is None:
        data = model.proto.SerializeToString()
        with guarded(f"what became of `{name}` is no valid ONNX"):
            onnx.checker.check_model(data, full_check=True)
        yield data
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        path.write_bytes(model.proto.SerializeToString())
        with (Path(folder) / data_name).open("wb") as file:
            file.writelines(model.data)
        with guarded(f"what became of `{name}` is no valid ONNX"):
            onnx.checker.check_model(str(path), full_check=True)
        yield str(path)


def onnxruntime_of(opened: Any, ports: Ports) -> tuple[Run, str]:
    """A way to run a model, and the version of onnxruntime. Raises ExportError."""
    import onnxruntime

    with guarded("onnxruntime cannot open the model"):
        settings = onnxruntime.SessionOptions()
        settings.log_severity_level = 4
        session = onnxruntime.InferenceSession(opened, settings, providers=["CPUExecutionProvider"])

    def run(arrived: list[Tensor]) -> list[Tensor]:
        given = {name: tensor.numpy() for name, tensor in zip(ports.inputs, arrived, strict=True)}
        return [torch.from_numpy(found) for found in session.run(list(ports.outputs), given)]

    return run, str(onnxruntime.__version__)
