"""The Python interface: specs, their models, and what is made of them. No torch before `build()`."""

from archdsl.api.architecture import Architecture
from archdsl.api.loading import load, loads, open_spec
from archdsl.api.spec import Options, SettingText, Spec
from archdsl.diagnostics import ArchError
from archdsl.graph.plan import Plan
from archdsl.limits import Limits

__all__ = [
    "ArchError",
    "Architecture",
    "Limits",
    "Options",
    "Plan",
    "SettingText",
    "Spec",
    "load",
    "loads",
    "open_spec",
]
