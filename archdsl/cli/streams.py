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
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def is_terminal(stream: TextIO | None) -> bool:
    """Whether people read the stream as it comes. It may be closed from the beginning."""
    return stream is not None and stream.isatty()


def refused(error: OSError) -> str:
    """Why a stream takes no more, as a message; "" if the error is one of a file, which tells its name."""
    return "" if error.filename is not None else f"output cannot be written: {error.strerror or error}"


def drop(stream: TextIO | None) -> None:
    """Let go what a stream does not take, so that it is not tried again at exit."""
    if stream is not None:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)


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
