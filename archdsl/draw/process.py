"""Graphviz in a process of its own, which has so much time and memory and no more."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress

from archdsl.draw.trim import DrawError
from archdsl.limits import Limits

#: Bytes that it may take.
_MEMORY = 1024**3


def run(command: list[str], source: str, limits: Limits) -> bytes | None:
    """What a command makes of a text; None if there is no such program. Raises DrawError."""
    program = shutil.which(command[0])
    if program is None:
        return None
    try:
        done = subprocess.run(
            [program, *command[1:]],
            input=source.encode(),
            capture_output=True,
            timeout=limits.drawing_seconds,
            check=False,
            preexec_fn=_held(),
        )
    except subprocess.TimeoutExpired:
        raise DrawError(
            f"Graphviz took more than {limits.drawing_seconds} seconds, and was ended; `--format dot` needs none",
            limits.mend("drawing_seconds"),
        ) from None
    except OSError:  # it is no program for this machine, or has gone
        return None
    if done.returncode:
        raise DrawError(f"Graphviz did not draw this: {last_line(done.stderr) or 'it ended without a word'}")
    return done.stdout


def _held() -> Callable[[], None] | None:
    """What bounds the memory of a process before it begins, where a system has such a thing."""
    if sys.platform == "win32":
        return None
    import resource

    def hold() -> None:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))

    return hold


def last_line(text: bytes | str) -> str:
    """What a program said last."""
    if isinstance(text, bytes):
        text = text.decode(errors="replace")
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""
