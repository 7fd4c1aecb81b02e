"""A picture as Mermaid, which README files and wikis render by themselves.

Mermaid lays out by itself, so nothing but structure is here: frames as subgraphs, boxes with their lines, arrows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from archdsl.draw import palette
from archdsl.draw.direct import direct
from archdsl.draw.picture import Arrow, Box, Cluster, End, Mark, Picture, Row, Title
from archdsl.draw.trim import DrawError

#: What Mermaid takes by default, on GitHub too (`maxTextSize`, `maxEdges`).
MOST_CHARACTERS, MOST_ARROWS = 50_000, 500
#: Letters and signs that mean nothing in a quoted text of Mermaid; others are written by their numbers.
_PLAIN = re.compile(r"[^\w .,:()/+=×÷·‖−→…⊕⊖⊗⊘⊙-]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_LONGEST = 80


def mermaid(picture: Picture, direction: str = "TB") -> str:
    """A flowchart. Raises DrawError if Mermaid would refuse it for its size."""
    arrows = direct(picture)
    lines = [f"flowchart {direction}", *_items(picture.root, 1), *_styles(picture)]
    lines += [
        f"  n{arrow.tail} {'-.' if arrow.training else '--'}{_label(_said(arrow), arrow.training)}> n{arrow.head}"
        for arrow in arrows
    ]
    text = "\n".join(lines) + "\n"
    if len(arrows) > MOST_ARROWS or len(text) > MOST_CHARACTERS:
        raise DrawError(
            f"the drawing has {len(arrows):,} arrows and {len(text):,} characters, and Mermaid takes "
            f"{MOST_ARROWS:,} and {MOST_CHARACTERS:,}",
            "`--depth` closes blocks",
        )
    return text


def _items(cluster: Cluster, depth: int) -> Iterator[str]:
    """What a frame holds, a line each."""
    indent = "  " * depth
    for item in cluster.items:
        if isinstance(item, Cluster):
            yield f'{indent}subgraph n{item.id} ["{_title(item.title)}"]'
            yield from _items(item, depth + 1)
            yield f"{indent}end"
        elif isinstance(item, Box):
            words = [f"<b>{_title(item.title)}</b>"] if item.title else []
            yield f'{indent}n{item.id}["{"<br/>".join([*words, *map(_row, item.rows)])}"]'
        elif isinstance(item, Mark):
            yield f'{indent}n{item.id}(("{_text(item.symbol)}"))'
        else:
            yield f'{indent}n{item.id}(["{_text(f"{item.name} {item.shape}")}"])'


def _title(title: Title) -> str:
    words = [f"{name}:" for name in title.around] + [title.name, title.note]
    words += ["shared"] if title.shared else []
    words += [f"×{title.count}" + (" in parallel" if title.parallel else "")] if title.count > 1 else []
    words += [f"({title.growth})"] if title.growth else []
    return _text(" ".join(filter(None, words))) or " "


def _row(row: Row) -> str:
    words = [", ".join(" ".join(filter(None, (c.text, c.tag))) for c in row.cells)]
    words += [f"×{row.times}" if row.span == 1 else f"×{row.times} with the next {row.span - 1}"] * (
        row.times > 1
    )
    words += [f"({row.growth})"] if row.growth else []
    said = _text(" ".join(filter(None, words)))
    return f"{said} <small>{_text(row.shape)}</small>" if row.told else said


def _said(arrow: Arrow) -> str:
    return " ".join(filter(None, (arrow.text, arrow.name, arrow.shape, arrow.role and f"({arrow.role})")))


def _label(text: str, training: bool) -> str:
    """The middle of an arrow, with what stands on it."""
    said = f' "{_text(text)}" ' if text else ""
    if training:
        return f"{said}.-" if said else "-"
    return f"{said}--" if said else ""


def _text(value: str) -> str:
    """A text that Mermaid shows as it is."""
    value = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", value)
    value = value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"
    return _PLAIN.sub(lambda found: f"#{ord(found[0])};", value)


def _styles(picture: Picture) -> Iterator[str]:
    """Boxes have the colour of their heaviest row, frames none."""
    groups: dict[str, list[str]] = {}
    dashed: list[str] = []
    stack: list[Cluster | Box | Mark | End] = [picture.root]
    while stack:
        item = stack.pop()
        if isinstance(item, Cluster):
            stack.extend(reversed(item.items))
        if isinstance(item, Box) and (group := _group(item)):
            groups.setdefault(group, []).append(f"n{item.id}")
        elif isinstance(item, End):
            groups.setdefault("end", []).append(f"n{item.id}")
        if item.training and item is not picture.root:
            dashed.append(f"n{item.id}")
    for group, names in groups.items():
        colour = palette.END if group == "end" else palette.fill(group)
        yield f"  classDef {group}_ fill:{colour},stroke:{palette.LINE},color:#000"
        yield f"  class {','.join(names)} {group}_"
    if dashed:
        yield "  classDef training_ stroke-dasharray:4 3"
        yield f"  class {','.join(dashed)} training_"


def _group(box: Box) -> str:
    """The group of the layer with most MACs, the first of equals."""
    cells = [cell for row in box.rows for cell in row.cells if cell.group]
    return max(cells, key=lambda cell: (cell.facts.macs, cell.facts.params)).group if cells else ""
