"""What every stage reports with: Diagnostic, and the Collector that gathers them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from enum import Enum

from archdsl.diagnostics.brief import brief
from archdsl.diagnostics.codes import CODES
from archdsl.limits import Limits
from archdsl.records import record
from archdsl.source import Span

#: Calls that are told from either end of a long chain.
_END = 2
#: What is said where there are too many, behind all others.
_LAST = {"E906": "mistakes", "W020": "warnings"}


class Severity(Enum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@record
class Label:
    """A secondary place with what is to be said of it."""

    span: Span
    text: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", brief(self.text))


@record
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


@record
class Diagnostic:
    """One mistake: a code of the catalogue, one lower-case sentence, a place and its mend, each of a readable length.

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

    def __post_init__(self) -> None:
        for name in ("message", "label", "help"):
            object.__setattr__(self, name, brief(getattr(self, name)))
        object.__setattr__(self, "notes", tuple(map(brief, self.notes)))

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


class Full(Exception):
    """A collector has as many diagnostics as are reported: to look for more is of no use."""


class Collector:
    """Gathers the diagnostics of a run, each mistake (code and place) once.

    With limits, in place of an error that is one too many stands E906, and Full is raised, as it is for all behind it;
    in place of a warning W020, and those behind it are passed over.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._found: dict[tuple[str, str, int, int], Diagnostic] = {}
        self._limits = limits
        self._errors = self._warnings = 0

    @property
    def has_errors(self) -> bool:
        return self._errors > 0

    def add(self, diagnostic: Diagnostic) -> None:
        """Raises Full."""
        assert diagnostic.code in CODES, diagnostic.code
        span, code = diagnostic.span, diagnostic.code
        if code in _LAST:  # from another collector
            self._found[code, "", 0, 0] = diagnostic
            self._errors += diagnostic.is_error
            return
        key = (code, span.source.name, span.start, span.end)
        if key in self._found:
            return
        most = None if self._limits is None else self._limits.diagnostics
        if diagnostic.is_error:
            if most is not None and self._errors >= most:
                self._add_last("E906", span)
                raise Full
            self._errors += 1
        else:
            if most is not None and self._warnings >= most:
                self._add_last("W020", span)
                return
            self._warnings += 1
        self._found[key] = diagnostic

    def _add_last(self, code: str, span: Span) -> None:
        assert self._limits is not None
        message = f"more than {self._limits.diagnostics:,} {_LAST[code]}: the others are not reported"
        last = Diagnostic(code, message, span, help=self._limits.mend("diagnostics"))
        self._found.setdefault((code, "", 0, 0), last)

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
            self._found.values(),
            key=lambda d: (d.code in _LAST, d.span.source.name, d.span.start, d.span.end, d.code),
        )


class ArchError(Exception):
    """A spec has errors. `diagnostics` holds them all; the message is the rendered text."""

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        super().__init__()
        self.diagnostics = diagnostics

    def __str__(self) -> str:
        from archdsl.diagnostics.text import render_all

        return render_all(self.diagnostics)
