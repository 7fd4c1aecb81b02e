"""Documents: texts with the places where lines may break (after Wadler, A prettier printer, 2003).

A document is laid out flat, on one line, or broken. `flat` is its width on one line, at least `NEVER` if it cannot be
on one. `braces` says whether it has a body in it, which lays out its statements by the line on which it opens.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from archdsl.records import record

#: The width of what cannot be on one line.
NEVER = 1 << 40


class Doc:
    """A document."""

    __slots__ = ("braces", "flat")
    flat: int
    braces: bool

    @property
    def fits_a_line(self) -> bool:
        return self.flat < NEVER


class Text(Doc):
    """Characters without an end of line."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text
        self.flat = len(text)
        self.braces = False


class Space(Doc):
    """A blank; nothing at the start of a line."""

    __slots__ = ()

    def __init__(self) -> None:
        self.flat = 1
        self.braces = False


class Line(Doc):
    """A text if flat, else an end of line; a hard one always ends the line, a `blank` one leaves a line free."""

    __slots__ = ("blank", "text")

    def __init__(self, text: str = " ", *, hard: bool = False, blank: bool = False) -> None:
        self.text = text
        self.flat = NEVER if hard or blank else len(text)
        self.blank = blank
        self.braces = False


class Cat(Doc):
    """One after another."""

    __slots__ = ("parts",)

    def __init__(self, *parts: Doc) -> None:
        self.parts: Sequence[Doc] = parts
        self.flat = sum(part.flat for part in parts)
        self.braces = any(part.braces for part in parts)


class Fill(Doc):
    """Contents with what separates them in between. Broken, each separator breaks only if what follows does not fit."""

    __slots__ = ("parts",)

    def __init__(self, parts: Iterable[Doc]) -> None:
        self.parts = tuple(parts)
        self.flat = sum(part.flat for part in self.parts)
        self.braces = any(part.braces for part in self.parts)


class _Around(Doc):
    """A document laid out in some other way."""

    __slots__ = ("inner",)

    def __init__(self, inner: Doc) -> None:
        self.inner = inner
        self.flat = inner.flat
        self.braces = inner.braces


class Nest(_Around):
    """Lines that begin in it are indented more."""

    __slots__ = ()


class Align(_Around):
    """Lines that begin in it begin in the column where it begins. Bodies that open behind it are indented as if it were
    all on one line."""

    __slots__ = ()


class Mark(_Around):
    """As Align, and bodies and brackets that open on this line are indented from there."""

    __slots__ = ()


class Hang(Doc):
    """`opening`, then `inner` indented from the line on which that stands, then `closing` in line with it."""

    __slots__ = ("closing", "inner", "opening")

    def __init__(self, opening: Doc, inner: Doc, closing: Doc, *, braces: bool = False) -> None:
        self.opening = opening
        self.inner = inner
        self.closing = closing
        self.flat = opening.flat + inner.flat + closing.flat
        self.braces = braces or inner.braces


class Either(Doc):
    """One document if it fits on the line, else another."""

    __slots__ = ("broken", "whole")

    def __init__(self, whole: Doc, broken: Doc) -> None:
        self.whole = whole
        self.broken = broken
        self.flat = whole.flat
        self.braces = whole.braces


def group(inner: Doc) -> Doc:
    """Flat if it fits, else broken."""
    return Either(inner, inner) if inner.fits_a_line else inner


class Room(Doc):
    """One document where so many columns are left, else another."""

    __slots__ = ("columns", "narrow", "wide")

    def __init__(self, columns: int, wide: Doc, narrow: Doc) -> None:
        self.columns = columns
        self.wide = wide
        self.narrow = narrow
        self.flat = wide.flat
        self.braces = wide.braces


@record
class Comment:
    """A comment as it is written, from its `#`; those on lines one after another are one. `column` is where it was,
    `own` whether it has a line of its own, and `blank` whether there is a free line before it."""

    text: str
    column: int
    own: bool
    blank: bool


class Remark(Doc):
    """A comment: behind what stands on the line, or on a line of its own. It ends its line."""

    __slots__ = ("comment",)

    def __init__(self, comment: Comment) -> None:
        self.comment = comment
        self.flat = NEVER
        self.braces = False


NOTHING = Cat()
BLANK = Space()


def joined(parts: Sequence[Doc]) -> Doc:
    """One after another; a single one as it is."""
    return parts[0] if len(parts) == 1 else Cat(*parts)
