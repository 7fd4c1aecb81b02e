"""What is written at the boxes of a figure."""

from __future__ import annotations

from archdsl.draw.figure.model import Map
from archdsl.draw.markup import clean
from archdsl.draw.metrics import width
from archdsl.records import record

SHAPE = 9.0
NAME = 8.0
NUMBER = 7.0
LEAD = 1.25  # lines from one another, in sizes of letters
_LONGEST = 28
_SHAPES = 4
_LINES = 3


@record
class Words:
    text: str
    size: float
    bold: bool = False
    faint: bool = False


@record
class Label:
    lines: tuple[Words, ...]
    width: float
    height: float


def above(number: str) -> float:
    """The width of a number above a box."""
    return width(number, NUMBER) if number else 0.0


def label_of(maps: list[Map]) -> Label:
    """The shape that leaves a stage, what its blocks are called, and which outputs it is."""
    last = {item.shape.spatial: item.text for item in maps}  # of each resolution
    lines = [Words(text, SHAPE) for text in last.values()]
    if len(lines) > _SHAPES:
        lines = [lines[0], Words("…", SHAPE), lines[-1]]
    most = len(lines) + _LINES
    counts: dict[str, int] = {}
    for item in maps:
        if item.name and (len(maps) == 1 or not item.plain):
            counts[item.name] = counts.get(item.name, 0) + item.count
    names = [f"{name} × {count}" if count > 1 else name for name, count in counts.items()]
    names.extend(f"× {item.count}" for item in maps if not item.name and item.plain and item.count > 4)
    lines.extend(Words(_short(name), NAME) for name in names)
    growths = list(dict.fromkeys(item.growth for item in maps if item.growth))
    lines.extend(Words(_short(text), NUMBER, faint=True) for text in growths)
    if len(lines) > most:
        lines = [*lines[: most - 1], Words("…", NAME)]
    outputs = list(dict.fromkeys(name for item in maps for name in item.outputs))
    lines.extend(Words(_short(name), NAME, bold=True) for name in outputs[:2])
    return Label(
        tuple(lines),
        max(width(words.text, words.size, words.bold) for words in lines),
        sum(words.size * LEAD for words in lines),
    )


def _short(text: str) -> str:
    text = clean(text)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
