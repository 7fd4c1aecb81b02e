"""What takes long to make and can be made again, kept in the user's folder of caches.

A file holds one value with all that it was made of, and is used for exactly that: another version of a package, of
Python or of a text means another value. What is read is trusted only if nobody else can have written it; anything odd
about it, and it is as if nothing were kept.
"""

from __future__ import annotations

import marshal
import os
import stat
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any
from zlib import crc32

from archdsl.resources.rooms import cache_dir

#: Before the value: the checksum of what follows.
_SUM = 4


def recall(name: str, made_of: tuple[str, ...]) -> Any:
    """What is kept under a name, and was made of this; None if there is no such thing."""
    path = _place(name, made_of)
    if path is None:
        return None
    try:
        with path.open("rb") as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode) or not _private(about):
                return None
            content = file.read()
        if crc32(content[_SUM:]) != int.from_bytes(content[:_SUM], "big"):
            return None  # marshal may end Python where bytes are not those that it wrote
        found, value = marshal.loads(memoryview(content)[_SUM:])
    except Exception:
        return None
    return value if found == (*made_of, sys.version) else None


def keep(name: str, made_of: tuple[str, ...], value: Any) -> None:
    """Keep a value of numbers, texts, code and collections of them, whole at once. Where nothing can be written,
    nothing is kept.
    """
    path = _place(name, made_of)
    if path is None:
        return
    temporary = path.with_suffix(f".{os.getpid()}.{threading.get_ident()}")
    with suppress(OSError, ValueError):
        content = marshal.dumps(((*made_of, sys.version), value))
        temporary.touch(mode=0o600)
        temporary.write_bytes(crc32(content).to_bytes(_SUM, "big") + content)
        temporary.replace(path)
    with suppress(OSError):
        temporary.unlink(missing_ok=True)


def _place(name: str, made_of: tuple[str, ...]) -> Path | None:
    """The file; its name tells those apart that work side by side, as two versions of Python."""
    folder = cache_dir()
    number = crc32("\0".join((*made_of, sys.version)).encode())
    return folder and folder / f"{name}-{number:08x}.cache"


def _private(about: os.stat_result) -> bool:
    """Is a file the user's alone to write?"""
    return sys.platform == "win32" or (about.st_uid == os.geteuid() and not about.st_mode & 0o022)
