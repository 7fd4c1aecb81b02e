"""From a graph to a Python module for PyTorch. Nothing here imports torch."""

from archdsl.emit.render import emit_module

__all__ = ["emit_module"]
