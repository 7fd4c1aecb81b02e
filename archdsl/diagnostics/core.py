"""What every stage reports with: Diagnostic, and the Collector that gathers them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from archdsl.diagnostics.codes import CODES
from archdsl.source import Span


class Severity(Enum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Label:
    """A secondary place with what is to be said of it."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake: a code of the catalogue, one lower-case sentence, a place and its mend."""

    code: str
    message: str
    span: Span
    label: str = ""
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    help: str = ""

    @property
    def severity(self) -> Severity:
        return Severity.WARNING if self.code.startswith("W") else Severity.ERROR

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR


class Collector:
    """Gathers the diagnostics of a run, each mistake (code and place) once."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, int, int], Diagnostic] = {}

    def add(self, diagnostic: Diagnostic) -> None:
        assert diagnostic.code in CODES, diagnostic.code
        span = diagnostic.span
        self._found.setdefault((diagnostic.code, span.source.name, span.start, span.end), diagnostic)

    def extend(self, diagnostics: Iterable[Diagnostic]) -> None:
        for diagnostic in diagnostics:
            self.add(diagnostic)

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """All of them, in the order of the text."""
        return sorted(
            self._found.values(), key=lambda d: (d.span.source.name, d.span.start, d.span.end, d.code)
        )

    @property
    def has_errors(self) -> bool:
        return any(d.is_error for d in self._found.values())


class ArchError(Exception):
    """A spec has errors. `diagnostics` holds them all; the message is the rendered text."""

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        super().__init__()
        self.diagnostics = diagnostics

    def __str__(self) -> str:
        from archdsl.diagnostics.text import render_all

        return render_all(self.diagnostics)
