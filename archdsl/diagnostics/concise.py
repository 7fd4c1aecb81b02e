"""One line a diagnostic: `file:line:column: error[E502]: message`."""

from __future__ import annotations

from collections.abc import Iterable

from archdsl.diagnostics.cells import printable
from archdsl.diagnostics.core import Diagnostic


def render(diagnostic: Diagnostic) -> str:
    """One diagnostic, without a newline at the end."""
    place = printable(str(diagnostic.span))
    return f"{place}: {diagnostic.severity.value}[{diagnostic.code}]: {printable(diagnostic.message)}"


def render_all(diagnostics: Iterable[Diagnostic]) -> str:
    """All of them, a line each."""
    return "\n".join(map(render, diagnostics))
