"""Support classes and functions: what PyTorch lacks, pasted into the generated file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from archdsl.emit.library import shipped_support

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
#: What people read and Python does not: docstrings and comments.
_PROSE = re.compile(r"\"\"\".*?\"\"\"|#[^\n]*", re.DOTALL)


def support_names() -> list[str]:
    """Names of all support classes."""
    return list(shipped_support())


def support_source(name: str) -> str | None:
    """The source of one support class, if there is one of the name."""
    return shipped_support().get(name)


def support_sources(wanted: Iterable[str], sources: Mapping[str, str] | None = None) -> list[str]:
    """The sources of some support classes and of those that they use, each behind what it uses.

    `sources` are others of the same names, ours by default.
    """
    sources = shipped_support() if sources is None else sources
    found: dict[str, str] = {}

    def add(name: str) -> None:
        if name in found:
            return
        words = _WORD.findall(_PROSE.sub("", sources[name]))
        used = {word for word in words if word in sources and word != name}
        for other in sorted(used):
            add(other)
        found[name] = sources[name]

    for name in sorted(set(wanted)):
        add(name)
    return list(found.values())
