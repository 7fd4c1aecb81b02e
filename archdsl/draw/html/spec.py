"""The text of the spec beside a picture: the files that it names, around the lines that it names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set

from archdsl.graph.model import Graph, Scope
from archdsl.records import record
from archdsl.source import Source, Span

_MOST = 200_000  # characters of all files
_WHOLE = 60_000  # characters of a file that is shown whole
_AROUND = 8  # lines that are shown around one that is named, of a longer file
_LONGEST = 300  # characters of a line
#: Controls, and marks that change the direction of text, which could show another program than the one that ran.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)


@record
class Listing:
    """Lines of a file with their numbers; `cut` if others are left out behind them."""

    name: str
    lines: list[tuple[int, str]]
    cut: bool


def listings(graph: Graph, wanted: Mapping[str, Set[int]]) -> list[Listing]:
    """The files that a picture names, that of the model first, with the lines that it names."""
    sources: dict[str, Source] = {}
    for span in _spans(graph):
        if span.source.name in wanted:
            sources.setdefault(span.source.name, span.source)
    names = sorted(sources, key=lambda name: (name != graph.scope.span.source.name, name))
    left = _MOST
    found: list[Listing] = []
    for name in names:
        listing = _listing(sources[name], wanted[name], left)
        left -= sum(len(text) for _, text in listing.lines)
        found.append(listing)
    return found


def _listing(source: Source, wanted: Set[int], most: int) -> Listing:
    count = len(source.line_starts)
    if count > 1 and not source.line(count):
        count -= 1
    numbers: Iterable[int] = range(1, count + 1)
    if len(source.text) > min(_WHOLE, most):
        near = (number + step for number in wanted for step in range(-_AROUND, _AROUND + 1))
        numbers = sorted({number for number in near if 1 <= number <= count})
    lines: list[tuple[int, str]] = []
    for number in numbers:
        text = shown(source.line(number))
        if len(text) > most:
            return Listing(source.name, lines, cut=True)
        most -= len(text) + 1
        lines.append((number, text))
    return Listing(source.name, lines, cut=bool(lines) and lines[-1][0] < count)


def shown(line: str) -> str:
    """A line as it may be shown: shortened if it is long, and nothing in it unseen."""
    line = line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
    return _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", line)


def _spans(graph: Graph) -> Iterator[Span]:
    """All places that a picture can name."""
    scopes = [graph.scope]
    while scopes:
        scope = scopes.pop()
        yield scope.span
        scopes.extend(item for item in scope.items if isinstance(item, Scope))
    for node in graph.nodes:
        yield node.span
    for output in graph.outputs:
        yield output.span
