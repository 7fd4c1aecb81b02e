"""The results of `benchmarks/zoo.py` as Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from archdsl.cli.common import count
from archdsl.cli.table import escaped, markdown

Line = dict[str, Any]

#: The comparisons of a table, ours and theirs.
_EAGER = (("eager", "as written"), ("eager", "channels-last"))
_BEST = (("best", "as written"), ("best", "channels-last"), ("best", "best"))


def render(lines: Iterable[Line]) -> str:
    """Tables for each device, purpose, number and target, with the versions; then what was slower, and what failed.

    Of a measurement that was made twice the later one counts.
    """
    last = {tuple(sorted(line["case"].items())): line for line in lines}
    parts = []
    for _, group in groupby(sorted(last.values(), key=_setting), key=_setting):
        parts.append(_part(list(group)))
    return "\n\n".join(parts)


def _setting(line: Line) -> tuple[Any, ...]:
    case = line["case"]
    return (case["device"], case["purpose"], case["dtype"], case["target"])


def _part(lines: list[Line]) -> str:
    device, purpose, dtype, target = _setting(lines[0])
    done = [line for line in lines if "report" in line]
    forms = "eager forms" if target == "eager" else "all forms" if target == "all" else target
    title = f"### {purpose.capitalize()}, {dtype}, {device.upper()}, {forms}"
    parts = [title]
    if done:
        parts.append(_machine(done))
        parts.append("Eager form of ours against theirs as written · in channels-last:")
        parts.append(_table(done, _EAGER))
        if target != "eager":
            parts.append(
                "Our best form against theirs as written · in channels-last · in its best form, and which those are "
                "in the last column:"
            )
            parts.append(_table(done, _BEST))
        parts.append(_slower(done))
    failed = [f"- {_where(line)}: {escaped(line['failed'])}" for line in lines if "failed" in line]
    failed += [
        f"- {_where(line)}, {row['network']}, {row['form']}: {escaped(row['problem'] or 'results differ')}"
        for line in done
        for row in _run(line)["contestants"]
        if row["problem"] or row["differs"]
    ]
    if failed:
        parts.append("Not measured, or not equal:\n\n" + "\n".join(failed))
    return "\n\n".join(parts)


def _machine(lines: list[Line]) -> str:
    """Devices and versions, as they were."""
    devices = dict.fromkeys(line["report"]["device_name"] for line in lines)
    versions = dict.fromkeys(
        f"{name} {version}"
        for line in lines
        for name, version in {"archdsl": line["report"]["archdsl"], **line["report"]["versions"]}.items()
    )
    return f"{', '.join(devices)}; {', '.join(sorted(versions))}"


def _table(lines: list[Line], which: tuple[tuple[str, str], ...]) -> str:
    """A row for each network, a column for each number of threads and batch."""
    ways = sorted({_way(line) for line in lines})
    head = ["network", "peer", *map(_named, ways), "peak MB"]
    if any(_saved(line) for line in lines):
        head.append("saved MB")
    best = which is _BEST
    if best:
        head.append("best forms")
    rows = []
    networks = dict.fromkeys((line["case"]["model"], line["case"]["peer"]) for line in lines)
    for model, peer in networks:
        mine = [line for line in lines if (line["case"]["model"], line["case"]["peer"]) == (model, peer)]
        by_way = {_way(line): line for line in mine}
        largest = by_way[max(by_way, key=lambda way: (way[1], way[0]))]
        row = [f"`{model}`", f"`{peer}`"]
        row += [_cell(by_way[way], which) if way in by_way else "" for way in ways]
        row.append(_memory(largest, which[0]))
        if "saved MB" in head:
            row.append(_saved(largest) or "–")
        if best:
            row.append(_forms(largest))
        rows.append(row)
    return markdown(head, rows, range(2, 2 + len(ways)))


def _cell(line: Line, which: tuple[tuple[str, str], ...]) -> str:
    """Speeds; in parentheses where the noise forbids a conclusion."""
    found = {(one["of"], one["to"]): one for one in _run(line)["comparisons"]}
    cells = []
    for key in which:
        if key not in found:
            cells.append("–")
            continue
        text = f"{found[key]['speed']['median']:.2f}"
        cells.append(f"({text})" if found[key]["verdict"] == "unclear" else text)
    return " · ".join(cells)


def _memory(line: Line, which: tuple[str, str]) -> str:
    """The most of our form and of theirs as written, at once."""
    one = next((one for one in _run(line)["comparisons"] if (one["of"], one["to"]) == which), None)
    if one is None:
        return "–"
    peaks = [_row(line, one[side])["peak_bytes"] for side in ("ours", "theirs")]
    return " · ".join("–" if peak is None else f"{peak / 1e6:.0f}" for peak in peaks)


def _saved(line: Line) -> str:
    """For one sample, of our eager form and of theirs as written."""
    one = next((one for one in _run(line)["comparisons"] if (one["of"], one["to"]) == _EAGER[0]), None)
    saved = [_row(line, one[side])["saved_bytes_per_sample"] for side in ("ours", "theirs")] if one else []
    return "" if None in saved or not saved else " · ".join(f"{value / 1e6:.1f}" for value in saved)


def _forms(line: Line) -> str:
    one = next((one for one in _run(line)["comparisons"] if (one["of"], one["to"]) == _BEST[-1]), None)
    return "–" if one is None else " · ".join(_row(line, one[side])["form"] for side in ("ours", "theirs"))


def _slower(lines: list[Line]) -> str:
    """Where ours is slower than theirs, like against like."""
    found = [
        f"- {_where(line)}: {one['ours']}, against {one['theirs']}: {one['said']}"
        for line in lines
        for one in _run(line)["comparisons"]
        if one["verdict"] == "slower" and (one["of"], one["to"]) in (_EAGER[0], _EAGER[1], _BEST[2])
    ]
    networks = {line["case"]["model"] for line in lines}
    counted = f"{count(len(lines), 'measurement')} of {count(len(networks), 'network')}"
    if not found:
        return f"Slower than its peer: none, in {counted}."
    return f"Slower than its peer, in {counted}:\n\n" + "\n".join(found)


def _row(line: Line, name: str) -> dict[str, Any]:
    rows: list[dict[str, Any]] = _run(line)["contestants"]
    return next(row for row in rows if f"{row['network']}, {row['form']}" == name)


def _run(line: Line) -> dict[str, Any]:
    run: dict[str, Any] = line["report"]["runs"][0]
    return run


def _way(line: Line) -> tuple[int, int]:
    return line["case"]["threads"], line["case"]["batch"]


def _named(way: tuple[int, int]) -> str:
    threads, batch = way
    return f"batch {batch}" if not threads else f"{threads} thread{'s' * (threads > 1)}, batch {batch}"


def _where(line: Line) -> str:
    return f"`{line['case']['model']}`, {_named(_way(line))}"
