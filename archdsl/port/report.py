"""What is told of a plan, to people and to programs; and the plan as a map that a user can correct."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from archdsl.checkpoints.tensors import shown
from archdsl.port.groups import How
from archdsl.port.patterns import ARROW, quoted
from archdsl.port.plan import Plan
from archdsl.version import __version__

#: Of pairs that could be others, and of shapes that change, the text shows so many, and counts the rest.
_MOST_SHOWN = 4
#: File, line and column of the layer that holds a key.
Places = Mapping[str, tuple[str, int, int]]


def as_lines(made: Plan, places: Places) -> list[str]:
    """The plan as text. Every key that is left over has a line."""
    hows = Counter(pair.how for pair in made.pairs)
    said = [*made.checkpoint.notes, *made.notes]
    by = ", ".join(f"{hows[how]} by {how.word}" for how in How if hows[how])
    said.append(f"{len(made.pairs)} of {len(made.shapes)} keys are in the file" + (f": {by}" if by else ""))
    if made.filled:
        said.append(f"{_count(len(made.filled), 'counter')} `num_batches_tracked`, not in the file, at 0")
    if made.absent:
        said.append(f"{_count(len(made.absent), 'key')} that only training needs, not in the file")
    dropped = [f"`{key}`, {why}" for key, why in made.dropped.items()]
    if dropped:
        said.append(f"{_count(len(dropped), 'key')} of the file not needed: {_few(dropped)}")
    said += [f"`{key}` is no tensor, but {kind}" for key, kind in made.checkpoint.others.items()]
    for side, keys in zip(("module", "file"), made.skipped, strict=True):
        if keys:
            said.append(f"{_count(len(keys), 'key')} of the {side} left out as asked")
    mends = [f"`{pair.theirs}`: {pair.mend}" for pair in made.pairs if pair.mend]
    if mends:
        said.append(f"{_count(len(mends), 'tensor')} in another shape, with the same effect: {_few(mends)}")
    lines = [f"  {text}" for text in said]
    lines += _section(
        "keys of the module that are not in the file",
        [(key, shown(made.shapes[key]), _place(places, key)) for key in made.missing],
    )
    tensors = made.checkpoint.tensors
    left = [(key, shown(tensors[key].shape), "") for key in made.unused]
    left += [(key, why, "") for key, why in made.checkpoint.refused.items()]
    lines += _section("keys of the file that are not in the module", left)
    lines += _section(
        "keys of one name and different shapes",
        [
            (
                pair.ours if pair.ours == pair.theirs else f"{pair.theirs} {ARROW} {pair.ours}",
                f"{shown(made.shapes[pair.ours])}, in the file {shown(tensors[pair.theirs].shape)}",
                _place(places, pair.ours),
            )
            for pair in made.misfits
        ],
    )
    for doubt in made.doubts:
        pairs = [f"{a} {ARROW} {b}" for a, b in zip(doubt.theirs, doubt.ours, strict=True)]
        more = len(pairs) - _MOST_SHOWN
        lines += [
            f"only their order tells which is which ({len(pairs)} of {doubt.holds})",
            *(f"  {pair}" for pair in pairs[:_MOST_SHOWN]),
            *([f"  and {more} more"] if more > 0 else []),
        ]
    return lines


def _section(title: str, rows: Sequence[tuple[str, str, str]]) -> list[str]:
    if not rows:
        return []
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    return [
        f"{title} ({len(rows)})",
        *(f"  {a.ljust(widths[0])}  {b.ljust(widths[1])}  {c}".rstrip() for a, b, c in rows),
    ]


def _place(places: Places, key: str) -> str:
    return ":".join(map(str, places[key]))


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _few(texts: Sequence[str]) -> str:
    more = len(texts) - _MOST_SHOWN
    return "; ".join(texts[:_MOST_SHOWN]) + (f"; and {more} more" if more > 0 else "")


def as_data(made: Plan, places: Places) -> dict[str, Any]:
    """The plan for JSON."""
    tensors = made.checkpoint.tensors

    def ours(key: str) -> dict[str, Any]:
        file, line, column = places[key]
        return {"key": key, "shape": list(made.shapes[key]), "file": file, "line": line, "column": column}

    return {
        "complete": made.complete,
        "strict": made.strict,
        "pairs": [
            {"theirs": pair.theirs, "ours": pair.ours, "how": pair.how.word, "mend": pair.mend or None}
            for pair in made.pairs
        ],
        "missing": [ours(key) for key in made.missing],
        "unused": [{"key": key, "shape": list(tensors[key].shape), "reason": None} for key in made.unused]
        + [{"key": key, "shape": None, "reason": why} for key, why in made.checkpoint.refused.items()],
        "misfits": [
            {**ours(pair.ours), "theirs": pair.theirs, "theirs_shape": list(tensors[pair.theirs].shape)}
            for pair in made.misfits
        ],
        "doubts": [asdict(doubt) for doubt in made.doubts],
        "filled": made.filled,
        "absent": made.absent,
        "dropped": made.dropped,
        "skipped": {"ours": made.skipped[0], "theirs": made.skipped[1]},
        "others": made.checkpoint.others,
        "notes": [*made.checkpoint.notes, *made.notes],
    }


def as_map(made: Plan, json_form: bool) -> str:
    """The plan as `--map` reads it again. What is left over stands in comments; JSON has none."""
    if json_form:
        pairs = {quoted(pair.theirs): quoted(pair.ours) for pair in made.pairs}
        left: dict[str, str | None] = {quoted(key): None for key in made.skipped[1]}
        return json.dumps({"archdsl": __version__, "map": pairs | left}, indent=2, ensure_ascii=False) + "\n"
    return "\n".join(_map_lines(made)) + "\n"


def _map_lines(made: Plan) -> Iterator[str]:
    yield f"# `theirs {ARROW} ours`; `-` stands for a key that is left out"
    for pair in made.pairs:
        why = f"  # {pair.how.word}" if pair.how >= How.LIKENESS else ""
        yield f"{quoted(pair.theirs)} {ARROW} {quoted(pair.ours)}{why}"
    for key in made.skipped[1]:
        yield f"{quoted(key)} {ARROW} -"
    for key in made.skipped[0]:
        yield f"- {ARROW} {quoted(key)}"
    for key in made.missing:
        yield f"# ? {ARROW} {quoted(key)}  # {shown(made.shapes[key])}"
    for key in made.unused:
        yield f"# {quoted(key)} {ARROW} ?  # {shown(made.checkpoint.tensors[key].shape)}"
    for pair in made.misfits:
        theirs = made.checkpoint.tensors[pair.theirs].shape
        yield (
            f"# {quoted(pair.theirs)} {ARROW} {quoted(pair.ours)}"
            f"  # {shown(theirs)}, not {shown(made.shapes[pair.ours])}"
        )
