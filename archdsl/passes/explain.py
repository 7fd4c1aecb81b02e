"""What passes did and why they did no more, as lines for people and as data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any

from archdsl.analysis.figures import human
from archdsl.graph.plan import Done, Explained, Spent, Told
from archdsl.passes.costs import VALUE

#: A number in a name, which tells copies of a block apart: that of `conv2`, of `inception3a` and of `layer.0`; not that
#: of `3 members`.
_NUMBER = re.compile(r"(?<=[A-Za-z_.])\d+(?:[a-z](?![A-Za-z0-9_]))?|\d+(?=\.[A-Za-z_])")
#: More numbers than these are not listed.
_MOST_LISTED = 4


def as_data(found: Explained, version: str) -> dict[str, Any]:
    """The JSON object: every change by itself."""
    return {
        "archdsl": version,
        "spec": found.spec,
        "model": found.model,
        "for": found.plan.purpose,
        "target": found.plan.target,
        **(
            {"as_written": _spent(found.before), "compiled": _spent(found.after)}
            if found.plan.purpose == "inference"
            else {}
        ),
        **({"kept": dict(zip(("as_written", "compiled"), found.kept, strict=True))} if found.kept else {}),
        "passes": [
            {
                "name": told.name,
                "ran": not told.why,
                "why": told.why,
                "changes": list(map(_change, told.done)),
                "left": list(map(_change, told.left)),
            }
            for told in found.told
        ],
    }


def _spent(spent: Spent) -> dict[str, int]:
    return {"macs": spent.macs, "bytes": VALUE * spent.values, "calls": spent.calls}


def _change(done: Done) -> dict[str, Any]:
    data = asdict(done)
    return {"path": data.pop("path"), "what": data.pop("what"), **_spent(Spent(**data))}


def as_lines(found: Explained) -> list[str]:
    """The text: what was done, pass by pass and equal things of equal blocks in one line; what was not; totals."""
    lines = [f"{found.model} of {found.spec}, {found.plan}"]
    for told in found.told:
        if told.done:
            lines += ["", f"{told.name}: {_times(len(told.done), 'change')}{_saved(told.done, ', ')}"]
            lines += _rows(told.done)
    for told in found.told:
        if told.left:
            lines += ["", f"{told.name} would not pay at {_times(len(told.left), 'place')}"]
            lines += _rows(told.left)
    lines += ["", *_idle(found.told)]
    lines += _totals(found)
    return lines


def _idle(told: Sequence[Told]) -> Iterator[str]:
    """The passes that did nothing, by the reason."""
    reasons: dict[str, list[str]] = {}
    for one in told:
        if not (one.done or one.left):
            reasons.setdefault(one.why or "nothing to do", []).append(one.name)
    if reasons:
        for why, names in reasons.items():
            yield f"not done, {why}: {', '.join(names)}"
        yield ""


def _totals(found: Explained) -> list[str]:
    if found.plan.purpose == "training":
        if found.kept is None:
            return ["torch.compile's partitioner chooses what is kept for the backward pass"]
        before, after = found.kept
        return [
            f"kept for one sample, as written  {_bytes(before):>8}",
            f"kept for one sample, compiled    {_bytes(after):>8}",
            f"for one sample, {_bytes(before - after)} less is kept for the backward pass",
        ]
    rows = [("for one sample", "MACs", "read and written", "kernels")]
    for name, spent in (("as written", found.before), ("compiled", found.after)):
        rows.append((name, human(spent.macs), _bytes(VALUE * spent.values), f"{spent.calls:,}"))
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    return [f"{r[0]:<{widths[0]}}  " + "  ".join(f"{r[i]:>{widths[i]}}" for i in (1, 2, 3)) for r in rows]


def _rows(changes: Sequence[Done]) -> list[str]:
    """A line for each kind of change, with the number of places where there are several, and what all of them save."""
    rows = [
        (_path(group), _what(group), len(group), _saved(group))
        for group in _alike(changes, lambda done: (_bare(done.path), _bare(done.what)))
    ]
    first, second = max(len(row[0]) for row in rows), max(len(row[1]) for row in rows)
    return [
        f"  {path:<{first}}  {what:<{second}}  {f'× {times:,}' if times > 1 else '':<5}  {saved}".rstrip()
        for path, what, times, saved in rows
    ]


def _alike(changes: Sequence[Done], key: Callable[[Done], object]) -> list[list[Done]]:
    groups: dict[object, list[Done]] = {}
    for done in changes:
        groups.setdefault(key(done), []).append(done)
    return list(groups.values())


def _bare(text: str) -> str:
    return _NUMBER.sub("#", text)


def _path(group: Sequence[Done]) -> str:
    return _folded([done.path for done in group])


def _what(group: Sequence[Done]) -> str:
    """What was done: names that stand beside the place lose what they have in common with its path."""
    texts = []
    for done in group:
        around = done.path.rpartition(".")[0]
        texts.append(done.what.replace(f"{around}.", "") if around else done.what)
    if len(set(map(_bare, texts))) > 1:  # only some of them stand beside it
        texts = [done.what for done in group]
    return _folded(texts)


def _folded(texts: Sequence[str]) -> str:
    """Texts that differ in their numbers alone as one: `denseblock{1..4}.denselayer*`."""
    columns = [list(column) for column in zip(*map(_NUMBER.findall, texts), strict=True)]
    written: list[str] = []
    for at, column in enumerate(columns):
        same = columns.index(column)
        written.append(written[same] if same < at else _numbers(column, columns[:at]))
    numbers = iter(written)
    return _NUMBER.sub(lambda _: next(numbers), texts[0])


def _numbers(column: Sequence[str], outer: Sequence[Sequence[str]]) -> str:
    """The numbers at one place of a name: all of them, or `*` where they hang on those before or are too many."""
    values = sorted(set(column), key=lambda value: (len(value), value))
    if len(values) == 1:
        return values[0]
    within: dict[tuple[str, ...], set[str]] = {}
    for i, value in enumerate(column):
        within.setdefault(tuple(numbers[i] for numbers in outer), set()).add(value)
    if any(len(found) != len(values) for found in within.values()):
        return "*"
    if len(values) > 2 and values == [
        str(int(values[0]) + i) for i in range(len(values)) if values[0].isdigit()
    ]:
        return f"{{{values[0]}..{values[-1]}}}"
    return f"{{{','.join(values)}}}" if len(values) <= _MOST_LISTED else "*"


def _saved(changes: Sequence[Done], before: str = "") -> str:
    """What changes save together, or cost."""
    total = replace(
        Done("", ""),
        macs=sum(done.macs for done in changes),
        values=sum(done.values for done in changes),
        calls=sum(done.calls for done in changes),
    )
    parts = []
    for number, text in (
        (total.macs, f"{human(abs(total.macs))} MACs"),
        (total.values, _bytes(VALUE * abs(total.values))),
        (total.calls, _times(abs(total.calls), "kernel")),
    ):
        if number:
            parts.append(f"{'-' if number > 0 else '+'}{text}")
    return before + ", ".join(parts) if parts else ""


def _bytes(number: int) -> str:
    if number < 1000:
        return f"{number} B"
    text = human(number).replace("K", "k")
    return f"{text[:-1]} {text[-1]}B"


def _times(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
