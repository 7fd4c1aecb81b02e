"""What ends an export, and nothing of PyTorch's own noise beside it."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator

import torch

from archdsl.checkpoints import CheckpointError
from archdsl.diagnostics import ArchError

#: PyTorch's messages go on for pages; so much of a line says what is wrong.
_LINE = 300
#: A signal to end comes as SystemExit with these; others come from a class of an extern block.
_SIGNALLED = (129, 143)


class ExportError(Exception):
    """A network cannot be exported, or what came out is not the network. `wrong` says that who asks is to blame, and
    not the network."""

    def __init__(
        self, message: str, notes: tuple[str, ...] = (), help: str = "", wrong: bool = False
    ) -> None:
        super().__init__(message)
        self.message = message
        self.notes = notes
        self.help = help
        self.wrong = wrong


@contextlib.contextmanager
def guarded(what: str) -> Iterator[None]:
    """Whatever fails here is an ExportError with its cause; what is printed, warned or logged meanwhile goes nowhere.

    Raises MemoryError where there is not enough of it.
    """
    try:
        with quiet():
            yield
    except (ArchError, CheckpointError, ExportError, MemoryError):
        raise
    except (
        Exception,
        SystemExit,
    ) as error:  # exporters have exceptions of all kinds, classes of extern blocks too
        if isinstance(error, SystemExit) and error.code in _SIGNALLED:
            raise
        if isinstance(error, torch.OutOfMemoryError) or "allocate memory" in str(error):
            raise MemoryError(_first_line(error)) from None
        raise ExportError(what, (cause(error),)) from error


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Nothing that runs here reaches the user's streams."""
    before = logging.root.manager.disable
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        logging.disable(logging.CRITICAL)
        try:
            yield
        finally:
            logging.disable(before)


def cause(error: BaseException) -> str:
    """The first of the exceptions that led to this one, in a line."""
    while (inner := error.__cause__) is not None:
        error = inner
    return f"{type(error).__name__}: {_first_line(error)}".rstrip(": ")


def _first_line(error: BaseException) -> str:
    """What says what is wrong: where the first line only leads to more, with the second."""
    lines = [line.strip().removeprefix("- ") for line in str(error).splitlines() if line.strip()]
    if not lines:
        return ""
    text, more, _ = lines[0].partition(" For more information")
    return " ".join([text, *(lines[1:2] if more else [])])[:_LINE]
