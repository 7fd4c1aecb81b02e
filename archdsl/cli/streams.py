"""Standard output and standard error, and signals to end: what commands do where they cannot go on."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn, TextIO


def prepare() -> None:
    """Let both streams show every text: what a terminal cannot is no reason to stop."""
    for _, stream in _streams():
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def stuck() -> str:
    """Why a stream takes no more, as a message; "" if all that was written has arrived."""
    return next((f"{name} cannot be written: {reason}" for name, _, reason in _stuck()), "")


def drop() -> None:
    """Let go what a stream does not take, so that it is not tried again at exit."""
    for _, stream, _ in _stuck():
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)


def _streams() -> list[tuple[str, TextIO]]:
    both = (("standard output", sys.stdout), ("standard error", sys.stderr))
    return [(name, stream) for name, stream in both if stream is not None]  # None: closed from the beginning


def _stuck() -> Iterator[tuple[str, TextIO, str]]:
    for name, stream in _streams():
        try:
            stream.flush()
        except (OSError, ValueError) as error:
            yield name, stream, getattr(error, "strerror", None) or str(error)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """A signal to end raises SystemExit, so that nothing is left half-written."""

    def end(number: int, _: object) -> NoReturn:
        sys.exit(128 + number)

    before = {}
    if threading.current_thread() is threading.main_thread():
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                before[number] = signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
