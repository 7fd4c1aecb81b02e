"""Support classes and functions: what PyTorch lacks, pasted into the generated file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from archdsl.resources import template_root

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


@cache
def _sources() -> dict[str, str]:
    folder = template_root() / "support"
    return {path.stem: path.read_text(encoding="utf-8").strip() for path in sorted(folder.glob("*.py"))}


def support_names() -> list[str]:
    """Names of all support classes."""
    return list(_sources())


def support_source(name: str) -> str | None:
    """The source of one support class, if there is one of the name."""
    return _sources().get(name)


def support_sources(wanted: Iterable[str]) -> list[str]:
    """The sources of some support classes and of those that they use, each behind what it uses."""
    sources = _sources()
    found: dict[str, str] = {}

    def add(name: str) -> None:
        if name in found:
            return
        used = {word for word in _WORD.findall(sources[name]) if word in sources and word != name}
        for other in sorted(used):
            add(other)
        found[name] = sources[name]

    for name in sorted(set(wanted)):
        add(name)
    return list(found.values())
