"""Folders that are searched for specs."""

from __future__ import annotations

import os
from pathlib import Path


def specs_in(folder: str | Path) -> list[str]:
    """The `.arch` files of a folder and of those in it, in the order of their paths.

    What begins with a dot, and folders behind a symbolic link, are passed over; a folder that cannot be read has none.
    """
    found: list[str] = []
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [os.path.join(here, name) for name in files if _is_spec(name)]
    return sorted(found, key=lambda path: Path(path).parts)


def _is_spec(name: str) -> bool:
    return name.endswith(".arch") and not name.startswith(".")


def holds(path: str | Path, data: bytes) -> bool:
    """Does a file have these bytes, and no others?"""
    try:
        with open(path, "rb") as file:
            return file.read(len(data) + 1) == data
    except OSError:
        return False
