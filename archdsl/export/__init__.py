"""Writes the network as a program for other runtimes: ONNX, or torch.export. Both are held against the module.

This room imports torch; who wants it imports it late.
"""

from __future__ import annotations

from archdsl.export.faults import ExportError
from archdsl.export.program import Exported, Settings, export

__all__ = ["ExportError", "Exported", "Settings", "export"]
