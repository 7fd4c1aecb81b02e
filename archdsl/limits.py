"""Limits: a text is untrusted, so everything that it can make grow has one.

All of them are fields of `Limits`. `--limit NAME=NUMBER` sets one, in Python `Options(limits=Limits(nodes=2_000_000))`,
and each message of a limit names it. The defaults are such that the worst text ends within seconds and a gigabyte, and
that a network of 100,000 layers is none of the worst.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

from archdsl.records import record

_MEBI = 1024 * 1024


def _limit(default: int, meaning: str, most: int = 10**12) -> Any:
    return field(default=default, metadata={"default": default, "meaning": meaning, "most": most})


@record
class Limits:
    """How large what a text makes may become. Raises ValueError for a number below 1 or above the highest."""

    source_bytes: int = _limit(16 * _MEBI, "bytes of all files of a spec together", 1024 * _MEBI)
    files: int = _limit(1000, "files that a spec is made of")
    import_depth: int = _limit(50, "files that import each other in a row", 400)
    words: int = _limit(200_000, "words, numbers and signs of all files together")
    brackets: int = _limit(200, "brackets open at once", 500)
    operators: int = _limit(500, "operators, calls and brackets in each other", 1000)
    diagnostics: int = _limit(1000, "mistakes that are reported, and warnings")
    depth: int = _limit(100, "calls of blocks in each other", 1000)
    function_depth: int = _limit(100, "calls of functions in each other", 1000)
    nesting: int = _limit(3000, "elements and calls in each other, through layers that are kept", 10_000)
    nodes: int = _limit(150_000, "layers and inputs of a network")
    steps: int = _limit(2_000_000, "steps that working out a network takes")
    walks: int = _limit(500_000, "tensors that are asked where they come from, to tell of mistakes")
    steps_after_mistake: int = _limit(300_000, "steps that are taken after a mistake, to find others")
    integer_bits: int = _limit(4096, "binary digits of an int", 14_000)
    list_length: int = _limit(1_000_000, "members of a list or bundle")
    text_length: int = _limit(100_000, "characters of a string that is put together")
    drawing_boxes: int = _limit(500, "boxes of a drawing; what is more becomes single boxes")
    drawing_effort: int = _limit(80_000, "places of arrows that Graphviz finds for a drawing")
    drawing_seconds: int = _limit(60, "seconds that Graphviz may take for a drawing", 10**6)

    def __post_init__(self) -> None:
        for limit in LIMITS:
            value = getattr(self, limit.name)
            if type(value) is not int or not 1 <= value <= limit.most:
                raise ValueError(f"{limit.name} is an int from 1 to {limit.most:,}, not {value!r}")

    def mend(self, name: str) -> str:
        """The help line of a diagnostic that a limit brings."""
        declared = next(limit for limit in LIMITS if limit.name == name)
        more = min(2 * int(getattr(self, name)), declared.most)
        if more == getattr(self, name):
            return f"the limit is `{name}`, and it cannot be higher"
        return f"`--limit {name}={more}` raises the limit"


@dataclass(slots=True)
class Budget:
    """What files, or models, have used up together."""

    limits: Limits
    source_bytes: int = 0
    words: int = 0
    steps: int = 0


class Limit(NamedTuple):
    """What a limit is called, what it is at first, what it counts, and the highest that it can be."""

    name: str
    default: int
    meaning: str
    most: int


LIMITS = tuple(
    Limit(f.name, f.metadata["default"], f.metadata["meaning"], f.metadata["most"]) for f in fields(Limits)
)
DEFAULT_LIMITS = Limits()
