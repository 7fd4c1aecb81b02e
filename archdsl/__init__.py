"""archdsl: a language for neural architectures, compiled to PyTorch.

The names of the Python interface are here; what is behind them is loaded when first used, so that commands
start fast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archdsl.version import __version__

if TYPE_CHECKING:
    from archdsl.api import Architecture, Options, load, loads
    from archdsl.canonical import format  # noqa: A004
    from archdsl.diagnostics import ArchError
    from archdsl.graph.plan import Plan
    from archdsl.limits import Limits

__all__ = ["ArchError", "Architecture", "Limits", "Options", "Plan", "__version__", "format", "load", "loads"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'archdsl' has no attribute {name!r}")
    from importlib import import_module

    from archdsl.memory import growing

    with growing():
        module = import_module("archdsl.canonical" if name == "format" else "archdsl.api")
    value = globals()[name] = getattr(module, name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
