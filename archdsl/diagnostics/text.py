"""Diagnostics for people: the message, the lines of the text with the places underlined, the mend."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from archdsl.diagnostics.cells import printable
from archdsl.diagnostics.core import Diagnostic, Severity
from archdsl.diagnostics.excerpt import LEAST, MOST, Mark, Row, crop
from archdsl.records import record
from archdsl.source import Source, Span

_RESET = "\x1b[0m"
_BOLD = "\x1b[1m"
_GUTTER = "\x1b[1;34m"
_LEVELS = {Severity.ERROR: "\x1b[1;31m", Severity.WARNING: "\x1b[1;33m", Severity.NOTE: "\x1b[1;36m"}

#: Columns that stand beside the text and its number: the gutter, and the bar of a place of several lines.
_BESIDE = 5

#: A place over more lines than this is shown by its ends.
_WHOLE = 6


def render_all(diagnostics: Iterable[Diagnostic], color: bool = False) -> str:
    """All of them, with an empty line between."""
    return "\n\n".join(render(diagnostic, color) for diagnostic in diagnostics)


def render(diagnostic: Diagnostic, color: bool = False, width: int | None = None) -> str:
    """One diagnostic in several lines, without a newline at the end. `width` is the columns of the terminal."""
    return _Renderer(diagnostic, color, width).text()


@record
class _Place:
    """A span in lines (from 1) and columns of their text (from 0), its ends made to lie in the text."""

    source: Source
    first: int
    start: int
    last: int
    end: int
    text: str
    primary: bool

    @classmethod
    def of(cls, span: Span, text: str, primary: bool) -> _Place:
        source, length = span.source, len(span.source.text)
        low = min(max(span.start, 0), length)
        high = min(max(span.end, low), length)
        first, column = source.position(low)
        last, end = source.position(high)
        if last > first and end == 1:  # up to a newline and no further
            last -= 1
            end = len(source.line(last)) + 1
        return cls(source, first, column - 1, last, end - 1, text, primary)


class _Renderer:
    def __init__(self, diagnostic: Diagnostic, color: bool, width: int | None) -> None:
        self.diagnostic = diagnostic
        self.color = color
        self.level = _LEVELS[diagnostic.severity]
        primary = _Place.of(diagnostic.span, diagnostic.label, True)
        labels = dict.fromkeys((label.span, label.text) for label in diagnostic.labels)
        labels.update(dict.fromkeys((call.span, call.sentence("here")) for call in diagnostic.told_calls))
        others = [_Place.of(span, text, False) for span, text in labels]
        self.files: dict[Source, list[_Place]] = {primary.source: [primary]}
        for place in others:
            self.files.setdefault(place.source, []).append(place)
        last = max(
            max(p.first if not p.primary else p.last for p in places) for places in self.files.values()
        )
        self.margin = len(str(last))
        room = MOST if width is None else width - self.margin - _BESIDE
        self.room = max(LEAST, min(room, MOST))

    def text(self) -> str:
        d = self.diagnostic
        head = self._paint(f"{d.severity.value}[{d.code}]", self.level)
        lines = [head + self._paint(f": {printable(d.message)}", _BOLD)]
        for number, (source, places) in enumerate(self.files.items()):
            arrow = "-->" if number == 0 else ":::"
            if number:
                lines.append(self._gutter())
            where = f"{printable(source.name)}:{places[0].first}:{places[0].start + 1}"
            lines.append(f"{' ' * self.margin}{self._paint(arrow, _GUTTER)} {where}")
            if source.text or any(place.text for place in places):
                lines.append(self._gutter())
                lines.extend(self._excerpt(places))
        remarks = [("note", note) for note in d.told_notes] + ([("help", d.help)] if d.help else [])
        if remarks:
            lines.append(self._gutter())
        for kind, remark in remarks:
            first, *rest = printable(remark, newlines=True).split("\n")
            lines.append(
                f"{' ' * self.margin} {self._paint('=', _GUTTER)} {self._paint(kind, _BOLD)}: {first}"
            )
            lines.extend((" " * (self.margin + 9) + line).rstrip() for line in rest)
        return "\n".join(lines)

    def _paint(self, text: str, style: str) -> str:
        return f"{style}{text}{_RESET}" if self.color and text else text

    def _gutter(self, number: int | None = None, rest: str = "") -> str:
        left = f"{'' if number is None else number:>{self.margin}} |"
        return f"{self._paint(left, _GUTTER)} {rest}".rstrip()

    def _excerpt(self, places: Sequence[_Place]) -> list[str]:
        """The lines of one file, those between that say nothing left out."""
        source = places[0].source
        tall = next((p for p in places if p.primary and p.last > p.first), None)
        marks: dict[int, list[_Place]] = {}
        for place in places:
            if place is not tall:
                marks.setdefault(place.first, []).append(place)
        wanted = set(marks)
        if tall is not None:
            inside = range(tall.first, tall.last + 1)
            wanted.update(inside if len(inside) <= _WHOLE else (*inside[:2], inside[-1]))
        lines: list[str] = []
        before: int | None = None
        for number in sorted(wanted):
            if before is not None and number == before + 2:
                lines.extend(self._line(source, number - 1, [], tall))
            elif before is not None and number > before + 1:
                lines.append(self._paint("...", _GUTTER))
            lines.extend(self._line(source, number, marks.get(number, []), tall))
            before = number
        return lines

    def _line(self, source: Source, number: int, places: Sequence[_Place], tall: _Place | None) -> list[str]:
        """A line of the text and the rows of marks under it. `tall` is a primary place of several lines."""
        text = source.line(number)
        begins = tall is not None and number == tall.first
        ends = tall is not None and number == tall.last
        marks = [self._mark(place, len(text)) for place in places]
        focus = [(m.start, m.end) for m in sorted(marks, key=lambda m: not m.primary)]
        if tall is not None and begins:
            focus.append((tall.start, tall.start + 1))
        if tall is not None and ends:
            focus.append((max(tall.end - 1, 0), tall.end))
        view = crop(text, focus, self.room)
        side, under = "", ""
        flush = tall is not None and begins and not text[: tall.start].strip()
        bar = self._paint("|", self.level)
        if tall is not None:
            within = tall.first < number <= tall.last
            side = f"{self._paint('/', self.level) if flush else bar if within else ' '} "
            under = f"{bar if (flush or within) else ' '} "
        out = [self._gutter(number, side + view.text)]
        rows = self._rows([m.at(view.column(m.start), view.column(m.end)) for m in marks])
        out.extend(self._gutter(None, under + row) for row in rows)
        if tall is not None and begins and not flush:
            out.append(
                self._gutter(None, self._paint(" _" + "_" * view.column(tall.start) + "^", self.level))
            )
        if tall is not None and ends:
            arm = "|_" + "_" * max(view.column(tall.end) - 1, 0) + "^"
            out.append(self._gutter(None, self._paint(f"{arm} {printable(tall.text)}".rstrip(), self.level)))
        return out

    def _mark(self, place: _Place, length: int) -> Mark:
        """What of a place lies on its first line; an empty one is a mark of one column."""
        end = place.end if place.last == place.first else length
        return Mark(place.start, max(end, place.start + 1), printable(place.text), place.primary)

    def _rows(self, marks: Sequence[Mark]) -> list[str]:
        """The underlines, the rightmost label beside them and the others hanging below."""
        if not marks:
            return []
        hanging = sorted((m for m in marks if m.text), key=lambda m: (m.start, m.end, m.primary))
        beside = hanging[-1] if hanging else None
        if beside is not None and beside.end < max(m.end for m in marks):
            beside = None
        first = Row()
        for mark in sorted(marks, key=lambda m: m.primary):
            first.put(mark.start, ("^" if mark.primary else "-") * (mark.end - mark.start), self._style(mark))
        if beside is not None:
            hanging.remove(beside)
            first.put(beside.end + 1, beside.text, self._style(beside))
        rows = [first]
        if hanging:
            rows.append(self._bars(hanging))
        while hanging:
            mark = hanging.pop()
            row = self._bars([m for m in hanging if m.start < mark.start])
            row.put(mark.start, mark.text, self._style(mark))
            rows.append(row)
        return [row.text(self.color) for row in rows]

    def _bars(self, marks: Iterable[Mark]) -> Row:
        row = Row()
        for mark in marks:
            row.put(mark.start, "|", self._style(mark))
        return row

    def _style(self, mark: Mark) -> str:
        return self.level if mark.primary else _GUTTER
