"""From a graph to a Python module for PyTorch. Nothing here imports torch."""

from archdsl.emit.hub import HubModel, emit_hubconf
from archdsl.emit.integrations import WITH
from archdsl.emit.library import Library
from archdsl.emit.module import factory_name
from archdsl.emit.packages import packages
from archdsl.emit.render import emit_module

__all__ = ["WITH", "HubModel", "Library", "emit_hubconf", "emit_module", "factory_name", "packages"]
