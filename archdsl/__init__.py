"""archdsl: a language for neural architectures, compiled to PyTorch.

The names of `archdsl.api` are here too; they are loaded when first used, so that commands start fast.
"""

from __future__ import annotations

from typing import Any

from archdsl.version import __version__

__all__ = ["ArchError", "Architecture", "__version__", "load", "loads"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'archdsl' has no attribute {name!r}")
    from archdsl import api

    return getattr(api, name)
