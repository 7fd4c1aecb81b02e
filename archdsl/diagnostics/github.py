"""Diagnostics as the workflow commands of GitHub Actions, which shows them beside the lines of a change."""

from __future__ import annotations

from collections.abc import Iterable

from archdsl.diagnostics.cells import printable
from archdsl.diagnostics.core import Diagnostic


def render(diagnostic: Diagnostic) -> str:
    """One diagnostic in one line."""
    line, column = diagnostic.span.source.position(diagnostic.span.start)
    end_line, end_column = diagnostic.span.source.position(diagnostic.span.end)
    properties = {
        "file": diagnostic.span.source.name,
        "line": line,
        "col": column,
        "endLine": end_line,
        "endColumn": end_column,
        "title": f"archdsl {diagnostic.code}",
    }
    written = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{diagnostic.severity.value} {written}::{_data(_body(diagnostic))}"


def render_all(diagnostics: Iterable[Diagnostic]) -> str:
    """All of them, a line each."""
    return "\n".join(map(render, diagnostics))


def _body(diagnostic: Diagnostic) -> str:
    lines = [f"{diagnostic.message} ({diagnostic.label})" if diagnostic.label else diagnostic.message]
    lines += [f"{label.span}: {label.text}" for label in diagnostic.labels if label.text]
    lines += [call.sentence(f"at {call.span}") for call in diagnostic.told_calls]
    lines += [f"note: {note}" for note in diagnostic.told_notes]
    lines += [f"help: {diagnostic.help}"] if diagnostic.help else []
    return "\n".join(lines)


def _data(text: str) -> str:
    safe = printable(text, newlines=True)
    return safe.replace("%", "%25").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(printable(text)).replace(":", "%3A").replace(",", "%2C")
