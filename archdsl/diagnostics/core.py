"""What every stage reports with: Diagnostic, and the Collector that gathers them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from archdsl.diagnostics.codes import CODES
from archdsl.source import Span

#: Calls that are told from either end of a long chain.
_END = 2


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
class Call:
    """A call that led to the place of a mistake: where it stands, and what it says, `bottleneck(256, stride=2)`.

    `times` is how often it stands there in a row, in a recursion; `values` are those of arguments that are no
    literals, `c = 512, stride = 2`.
    """

    span: Span
    text: str
    times: int = 1
    values: str = ""

    def sentence(self, where: str) -> str:
        """`in `bottleneck(256, stride=2)`, called at net.arch:14:3`; or `here`."""
        deep = f", {self.times} calls deep" if self.times > 1 else ""
        values = f", with {self.values}" if self.values else ""
        return f"in `{self.text}`, called {where}{values}{deep}"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake: a code of the catalogue, one lower-case sentence, a place and its mend.

    `calls` are those that led to the place, innermost first.
    """

    code: str
    message: str
    span: Span
    label: str = ""
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    help: str = ""
    calls: tuple[Call, ...] = ()

    @property
    def severity(self) -> Severity:
        return Severity.WARNING if self.code.startswith("W") else Severity.ERROR

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR

    @property
    def told_calls(self) -> tuple[Call, ...]:
        """The calls to tell of: of a long chain both ends, as each says something of its own."""
        if len(self.calls) <= 2 * _END:
            return self.calls
        return self.calls[:_END] + self.calls[-_END:]

    @property
    def told_notes(self) -> tuple[str, ...]:
        """The notes, and how many calls of a long chain are left out."""
        hidden = len(self.calls) - len(self.told_calls)
        if not hidden:
            return self.notes
        inner, outer = self.calls[_END - 1].text, self.calls[-_END].text
        lie = "1 more call lies" if hidden == 1 else f"{hidden} more calls lie"
        return (*self.notes, f"{lie} between `{outer}` and `{inner}`")


class Collector:
    """Gathers the diagnostics of a run, each mistake (code and place) once."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, int, int], Diagnostic] = {}

    def add(self, diagnostic: Diagnostic) -> None:
        assert diagnostic.code in CODES, diagnostic.code
        span = diagnostic.span
        self._found.setdefault((diagnostic.code, span.source.name, span.start, span.end), diagnostic)

    def knows(self, code: str, span: Span) -> bool:
        """Whether a mistake of this code is reported at this place."""
        return (code, span.source.name, span.start, span.end) in self._found

    def amend(self, code: str, span: Span, note: str = "", help: str = "") -> None:
        """Add a note to what is reported at a place, or give it another help line."""
        key = (code, span.source.name, span.start, span.end)
        found = self._found[key]
        notes = (*found.notes, note) if note else found.notes
        self._found[key] = replace(found, notes=notes, help=help or found.help)

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
