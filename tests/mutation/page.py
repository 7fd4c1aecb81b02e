"""A spec as the kinds of mutation see it: its words, its brackets, its tree with the place of each part; and edits."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from archdsl.diagnostics import Collector
from archdsl.elaborate.builtins import FUNCTIONS
from archdsl.layers import INITIALISERS, REGISTRY, WORDS
from archdsl.source import Source, Span
from archdsl.syntax import ast
from archdsl.syntax.parser import parse

N = TypeVar("N", bound=ast.AstNode)

_WORDS = """
    block network model def let share default input output expect from import as takes extern
    if elif else for in it and or not true false when training _
"""
KEYWORDS = frozenset(_WORDS.split())
#: every name that means something without a declaration
BUILT_IN = KEYWORDS | set(REGISTRY) | set(INITIALISERS) | set(FUNCTIONS) | set(WORDS)

_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)
    |(?P<string>"(?:[^"\\\n]|\\.)*")
    |(?P<number>[0-9](?:[eE][+-](?=[0-9])|\.(?=[0-9])|[A-Za-z0-9_])*)
    |(?P<word>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<sign>->|//|\*\*|[=!<>]=|\S)
    |(?P<newline>\n)""",
    re.VERBOSE,
)
CLOSERS = {"(": ")", "[": "]", "{": "}"}


@dataclass(eq=False, slots=True)
class Token:
    """A word of the text. `index` counts all that are no comment and no line end; `partner` closes or opens it."""

    kind: str
    text: str
    start: int
    end: int
    index: int
    newline_before: bool
    partner: Token | None = None
    around: Token | None = None  # the innermost bracket that is open here


@dataclass(frozen=True, slots=True)
class Cut:
    """The characters `start` to `end` become `new`."""

    start: int
    end: int
    new: str


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a text, perhaps at several places.

    `openers` are offsets in the text before, of brackets that the edit leaves open: their lines count as edited,
    because there an error is wanted.
    """

    cuts: tuple[Cut, ...]
    openers: tuple[int, ...] = ()

    def apply(self, text: str) -> tuple[str, frozenset[int]]:
        """The text after the change, and the numbers of the lines in it that were touched."""
        cuts = sorted(self.cuts, key=lambda cut: cut.start)
        pieces: list[str] = []
        at = size = 0
        touched: list[tuple[int, int]] = []
        moved: list[tuple[int, int]] = []  # from which offset on, and by how much
        for cut in cuts:
            assert cut.start >= at, "edits overlap"
            pieces += [text[at : cut.start], cut.new]
            size += cut.start - at
            touched.append((size, size + len(cut.new)))
            size += len(cut.new)
            at = cut.end
            moved.append((at, size - at))
        new = "".join([*pieces, text[at:]])
        for opener in self.openers:
            place = opener + max(((end, by) for end, by in moved if end <= opener), default=(0, 0))[1]
            touched.append((place, place))
        starts = Source("", new).line_starts
        lines = {
            line
            for start, end in touched
            for line in range(bisect_right(starts, start), bisect_right(starts, end) + 1)
        }
        return new, frozenset(lines)


def cut(place: Token | Span | ast.AstNode, new: str = "") -> Cut:
    """What replaces a word or a part of the tree."""
    span: Any = place.span if isinstance(place, ast.AstNode) else place
    return Cut(span.start, span.end, new)


def edit(place: Token | Span | ast.AstNode, new: str = "") -> Edit:
    return Edit((cut(place, new),))


def insert(at: int, new: str) -> Edit:
    return Edit((Cut(at, at, new),))


@dataclass(eq=False, slots=True)
class Node:
    """A part of the tree with the parts around it, the innermost first."""

    value: Any
    around: tuple[Any, ...]

    def inside(self, *kinds: type) -> Any:
        """The innermost part around it of one of the kinds, or None."""
        return next((part for part in self.around if isinstance(part, kinds)), None)


@dataclass(eq=False)
class Page:
    """A spec, and a source of chance for edits that have a choice."""

    path: Path
    text: str
    random: Random = field(default_factory=lambda: Random(0))

    @cached_property
    def tree(self) -> ast.File:
        found = parse(Source(str(self.path), self.text), Collector())
        assert found is not None, self.path
        return found

    @cached_property
    def tokens(self) -> list[Token]:
        """The words of the text, in order, without comments and line ends."""
        found: list[Token] = []
        opened: list[Token] = []
        newline = True
        for match in _TOKEN.finditer(self.text):
            kind = str(match.lastgroup)
            if kind in ("newline", "comment"):
                newline = newline or kind == "newline"
                continue
            token = Token(kind, match[0], *match.span(), len(found), newline)
            if token.text in CLOSERS.values() and kind == "sign":
                token.partner = opened.pop()
                token.partner.partner = token
            token.around = opened[-1] if opened else None
            if token.text in CLOSERS and kind == "sign":
                opened.append(token)
            found.append(token)
            newline = False
        return found

    def pairs(self) -> Iterator[tuple[Token, Token]]:
        """Each word with the one behind it."""
        yield from pairwise(self.tokens)

    def signs(self, *texts: str) -> Iterator[Token]:
        return (token for token in self.tokens if token.kind != "string" and token.text in texts)

    def token_at(self, offset: int) -> Token:
        """The word that begins at an offset."""
        return self._by_start[offset]

    @cached_property
    def _by_start(self) -> dict[int, Token]:
        return {token.start: token for token in self.tokens}

    @cached_property
    def nodes(self) -> list[Node]:
        """All parts of the tree, each behind those around it."""
        found: list[Node] = []
        waiting: list[tuple[Any, tuple[Any, ...]]] = [(self.tree, ())]
        while waiting:
            value, around = waiting.pop()
            found.append(Node(value, around))
            inner = (value, *around)
            children = [child for name in value.__match_args__ for child in _parts(getattr(value, name))]
            waiting.extend((child, inner) for child in reversed(children))
        return found

    def each(self, kind: type[N]) -> Iterator[N]:
        return (node.value for node in self.nodes if isinstance(node.value, kind))

    def each_node(self, *kinds: type) -> Iterator[Node]:
        return (node for node in self.nodes if isinstance(node.value, kinds))

    @cached_property
    def names(self) -> frozenset[str]:
        """Every name that the text has, and those that it need not declare."""
        return BUILT_IN | {token.text for token in self.tokens if token.kind == "word"} | {"params", "macs"}

    def line(self, offset: int) -> int:
        return Source("", self.text).position(offset)[0]

    def misspelt(self, name: str) -> str | None:
        """A name as hands mistype it, that no other name is: two letters exchanged, one lost, doubled or another."""
        ways = [self._exchanged, self._dropped, self._doubled, self._replaced]
        self.random.shuffle(ways)
        if len(name) < 3:
            ways = [lambda short: short + short[-1]]
        for way in ways:
            wrong = way(name)
            if wrong not in self.names and wrong.isidentifier():
                return wrong
        return None

    def _at(self, name: str) -> int:
        return self.random.randrange(len(name) - 1)

    def _exchanged(self, name: str) -> str:
        at = self._at(name)
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]

    def _dropped(self, name: str) -> str:
        at = self._at(name) + 1
        return name[:at] + name[at + 1 :]

    def _doubled(self, name: str) -> str:
        at = self._at(name)
        return name[:at] + name[at] + name[at:]

    def _replaced(self, name: str) -> str:
        at = self._at(name) + 1
        letter = self.random.choice([c for c in "abcdefghijklmnopqrstuvwxyz" if c != name[at].lower()])
        return name[:at] + letter + name[at + 1 :]


def _parts(value: Any) -> Iterator[ast.AstNode]:
    if isinstance(value, ast.AstNode):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _parts(item)
