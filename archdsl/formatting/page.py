"""From a document to lines. Time and memory grow with the document alone: what fits is looked ahead a line at most."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from archdsl.formatting import algebra
from archdsl.formatting.algebra import Comment, Doc
from archdsl.formatting.style import INDENT, WIDTH


@dataclass(slots=True)
class Row:
    """A line: its code, and the comment behind it. A comment on a line of its own is code here."""

    indent: int
    parts: list[str] = field(default_factory=list)
    comment: Comment | None = None

    @property
    def code(self) -> str:
        return " " * self.indent + "".join(self.parts) if self.parts else ""


class _Rest(Doc):
    """What is left of a Fill: from its separator at an index on."""

    __slots__ = ("at", "parts")

    def __init__(self, parts: tuple[Doc, ...], at: int) -> None:
        self.parts = parts
        self.at = at


class _Hung(Doc):
    """What is left of a Hang when its opening has been written."""

    __slots__ = ("hang",)

    def __init__(self, hang: algebra.Hang) -> None:
        self.hang = hang


class _Restore(Doc):
    """The end of what was aligned: what opens is indented as before."""

    __slots__ = ("base",)

    def __init__(self, base: int) -> None:
        self.base = base


class _Command(NamedTuple):
    """A document to be laid out, where its lines begin, and whether it is flat."""

    indent: int
    flat: bool
    doc: Doc


def lay_out(doc: Doc) -> list[Row]:
    """The lines of a document."""
    page = _Page()
    page.write(doc)
    return [row for row in page.rows if row.parts or row.comment or row is not page.rows[-1]]


class _Page:
    def __init__(self) -> None:
        self.rows = [Row(0)]
        self.row = self.rows[0]
        self.column = 0  # where the next character stands
        self.base = 0  # from where bodies that open on this line are indented
        self.ended = False  # a comment ends the line, whatever comes
        self.stack: list[_Command] = []

    def write(self, doc: Doc) -> None:
        stack = self.stack
        stack.append(_Command(0, False, doc))
        while stack:
            indent, flat, doc = stack.pop()
            kind = type(doc)
            if kind is algebra.Text:
                self._text(doc.text, indent)  # type: ignore[attr-defined]
            elif kind is algebra.Cat:
                stack.extend(_Command(indent, flat, part) for part in reversed(doc.parts))  # type: ignore[attr-defined]
            elif kind is algebra.Space:
                if self.row.parts and not self.ended:
                    self._text(" ", indent)
            else:
                self._other(doc, indent, flat)

    def _other(self, doc: Doc, indent: int, flat: bool) -> None:
        push = self.stack.append
        match doc:
            case algebra.Line():
                if flat and not self.ended:
                    if self.row.parts:
                        self._text(doc.text, indent)
                else:
                    self._end_line(indent, doc.blank)
            case algebra.Nest():
                push(_Command(indent + INDENT, flat, doc.inner))
            case algebra.Align() | algebra.Mark():
                if self.ended:
                    self._end_line(indent)
                push(_Command(indent, flat, _Restore(self.base)))
                if isinstance(doc, algebra.Mark):
                    self.base = self.column
                push(_Command(self.column, flat, doc.inner))
            case _Restore():
                self.base = doc.base
            case algebra.Either():
                whole = flat or (doc.fits_a_line and self._fits(indent, doc.whole))
                push(_Command(indent, whole, doc.whole if whole else doc.broken))
            case algebra.Room():
                wide = flat or self.column + doc.columns <= WIDTH
                push(_Command(indent, flat, doc.wide if wide else doc.narrow))
            case algebra.Fill():
                if flat:
                    self.stack.extend(_Command(indent, True, part) for part in reversed(doc.parts))
                else:
                    self._content(doc.parts, 0, indent)
            case _Rest():
                self._separator(doc, indent)
            case algebra.Hang():
                push(_Command(indent, flat, _Hung(doc)))
                push(_Command(indent, flat, doc.opening))
            case _Hung(hang=hang):
                push(_Command(indent if flat else self.base, flat, hang.closing))
                push(_Command(indent if flat else self.base + INDENT, flat, hang.inner))
            case algebra.Remark():
                self._remark(doc.comment, indent)
            case _:
                raise TypeError(f"no document: {doc!r}")

    # --- Fill ------------------------------------------------------------------------------------------

    def _content(self, parts: tuple[Doc, ...], at: int, indent: int) -> None:
        if at >= len(parts):
            return
        if at + 1 < len(parts):
            self.stack.append(_Command(indent, False, _Rest(parts, at + 1)))
        content = parts[at]
        flat = content.fits_a_line and self._fits(indent, content)
        self.stack.append(_Command(indent, flat, content))

    def _separator(self, rest: _Rest, indent: int) -> None:
        separator, content = rest.parts[rest.at : rest.at + 2]
        if rest.at + 2 < len(rest.parts):
            self.stack.append(_Command(indent, False, _Rest(rest.parts, rest.at + 2)))
        if separator.fits_a_line and not self.ended and self._fits(indent, content, separator.flat):
            self.stack.append(_Command(indent, content.fits_a_line, content))
            self.stack.append(_Command(indent, True, separator))
        else:
            self.stack.append(_Command(indent, False, algebra.Fill((content,))))
            self.stack.append(_Command(indent, False, separator))

    # --- what fits -------------------------------------------------------------------------------------

    def _fits(self, indent: int, doc: Doc, before: int = 0) -> bool:
        """Whether what follows, up to the next end of line that may be, fits: the document flat if it can be."""
        room = WIDTH - (indent if self.ended else self.column) - before
        for width, ends in self._ahead(doc):
            if ends:
                return True
            room -= width
            if room < 0:
                return False
        return True

    def _ahead(self, doc: Doc) -> Iterator[tuple[int, bool]]:
        """Widths of what follows, until the line ends or may end: behind the document, in any place where it may."""
        yield from _widths(doc, doc.fits_a_line, True)
        for command in reversed(self.stack):
            if isinstance(command.doc, _Rest):
                yield 0, True
            elif isinstance(command.doc, _Hung):
                hang = command.doc.hang
                yield from _widths(hang.inner, command.flat)
                yield from _widths(hang.closing, command.flat)
            elif not isinstance(command.doc, _Restore):
                yield from _widths(command.doc, command.flat)

    # --- lines -----------------------------------------------------------------------------------------

    def _text(self, text: str, indent: int) -> None:
        if self.ended:
            self._end_line(indent)
        self.row.parts.append(text)
        self.column += len(text)

    def _end_line(self, indent: int, blank: bool = False) -> None:
        """Go on on a new line; on this one if nothing stands on it."""
        if self.row.parts:
            while self.row.parts and not self.row.parts[-1].strip(" "):
                self.row.parts.pop()
            self.rows.append(Row(indent))
        if blank and len(self.rows) > 1 and self.rows[-2].parts:
            self.rows.append(Row(indent))
        self.row = self.rows[-1]
        self.row.indent = self.column = self.base = indent
        self.ended = False

    def _remark(self, comment: Comment, indent: int) -> None:
        if comment.own or not self.row.parts or self.ended:
            self._end_line(indent, comment.blank)
            self.row.parts.append(comment.text.replace("\n", "\n" + " " * indent))
        else:
            self.row.comment = comment
        self.ended = True


def _widths(doc: Doc, flat: bool, whole: bool = False) -> Iterator[tuple[int, bool]]:
    """Widths of the texts of a document, until its line ends or may end; with `whole`, parts that fit on a line do not
    break."""
    todo: list[tuple[bool, Iterator[Doc]]] = [(flat, iter((doc,)))]
    while todo:
        flat, docs = todo[-1]
        found = next(docs, None)
        if found is None:
            todo.pop()
        elif (flat and found.fits_a_line) or isinstance(found, algebra.Text | algebra.Space):
            yield found.flat, False
        elif isinstance(found, algebra.Line | algebra.Remark):
            yield 0, True
            return
        elif whole and isinstance(found, algebra.Either) and found.fits_a_line:
            yield found.flat, False
        else:
            todo.append((False, _parts(found)))


def _parts(doc: Doc) -> Iterator[Doc]:
    match doc:
        case algebra.Cat() | algebra.Fill():
            return iter(doc.parts)
        case algebra.Either():
            return iter((doc.broken,))
        case algebra.Room():
            return iter((doc.wide,))
        case algebra.Hang():
            return iter((doc.opening, doc.inner, doc.closing))
        case algebra.Nest() | algebra.Align() | algebra.Mark():
            return iter((doc.inner,))
    raise TypeError(f"no document: {doc!r}")
