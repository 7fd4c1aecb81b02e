"""From DOT text to a picture, with the Graphviz that is at hand."""

from __future__ import annotations

import io
import os
import re
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from threading import Lock

from archdsl.draw.process import last_line, run
from archdsl.draw.trim import DrawError
from archdsl.limits import DEFAULT_LIMITS, Limits

_REMEDY = (
    "install Graphviz (`apt install graphviz`, `brew install graphviz`) or `pip install 'pygraphviz>=2'`"
)
_LOCK = Lock()
#: When a PDF was made.
_DATE = re.compile(rb"(/(?:CreationDate|ModDate) \(D:)([^)]*)(\))")
#: Formats into which Graphviz draws the letters itself.
_WITH_FONTS = ("png", "pdf")


class EngineMissing(DrawError):
    """There is nothing here that lays out or writes; the DOT text is what can be had."""


def picture(source: str, format: str, limits: Limits = DEFAULT_LIMITS, alone: bool = False) -> bytes:
    """DOT text as a picture: by the program `dot` where there is one, else by the library in pygraphviz, `alone` in a
    process of its own, which can be ended."""
    drawn = run(["dot", "-Kdot", f"-T{format}"], source, limits)
    return _by_library(source, format, limits, alone) if drawn is None else drawn


def undated(pdf: bytes) -> bytes:
    """A PDF that does not say when it was made, of equal length, so that no offset changes."""
    return _DATE.sub(lambda found: found[1] + b"0" * len(found[2]) + found[3], pdf)


def _by_library(source: str, format: str, limits: Limits, alone: bool) -> bytes:
    try:
        import pygraphviz
    except ImportError:
        raise EngineMissing(
            f"Graphviz is not there to draw with: {_REMEDY}; `--format dot`, `mermaid` and `html` need neither"
        ) from None

    def draw(text: str, format: str = format) -> bytes:
        if alone and text is source and sys.executable:
            found = run([sys.executable, "-P", "-c", _ALONE, format], text, limits)
            if found is not None:
                return found
        drawn: bytes = pygraphviz.AGraph(string=text).draw(format=format, prog="dot")
        return drawn

    with _quiet() as said:
        try:
            drawn = draw(source)
        except (ValueError, OSError) as error:
            raise DrawError(f"Graphviz did not draw this: {last_line(said()) or error}") from None
        if format in _WITH_FONTS and draw(_LETTER.format("i"), "png") == draw(_LETTER.format("W"), "png"):
            raise EngineMissing(
                "there is no font to write with: install one (`apt install fonts-dejavu-core`); "
                "`--format svg` needs none"
            )
    return drawn


#: What draws in a process of its own.
_ALONE = (
    "import sys, pygraphviz\n"
    "drawing = pygraphviz.AGraph(string=sys.stdin.buffer.read().decode())\n"
    "sys.stdout.buffer.write(drawing.draw(format=sys.argv[1], prog='dot'))"
)
#: Without a font all letters look the same.
_LETTER = "digraph {{ x [shape=none, fixedsize=true, label={}] }}"


@contextmanager
def _quiet() -> Iterator[Callable[[], str]]:
    """Keep from standard error what the library writes there past Python; gives a function that tells it."""
    with _LOCK, tempfile.TemporaryFile() as kept, warnings.catch_warnings(), redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")

        def said() -> str:
            kept.seek(0)
            return kept.read().decode(errors="replace")

        try:
            terminal = os.dup(2)
        except OSError:  # there is no standard error
            yield said
            return
        os.dup2(kept.fileno(), 2)
        try:
            yield said
        finally:
            os.dup2(terminal, 2)
            os.close(terminal)
