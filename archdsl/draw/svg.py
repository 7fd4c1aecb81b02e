"""Graphviz's SVG, made to be read aloud, searched and followed to the text.

Each box says in its `<title>` what it is, and leads to the line of the text that made it; the picture as a whole has
a name and a description (SVG Accessibility API Mappings, and WAI-ARIA's role `img`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from archdsl.draw.markup import clean
from archdsl.draw.picture import Box, Cluster, End, Facts, Mark, Picture, Title

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
#: The roots of addresses that a spec's folder or a user's base can lead to; no script among them.
_SCHEMES = ("http://", "https://", "file:", "#")

Item = Box | Mark | End | Cluster


def accessible(svg: bytes, picture: Picture, links: Callable[[str], str] | None = None) -> bytes:
    """The SVG with titles, a description and links. What is not of Graphviz's form stays as it is."""
    try:
        root = ElementTree.fromstring(svg)
    except ElementTree.ParseError:
        return svg
    if root.tag != f"{{{_SVG}}}svg":
        return svg
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", _XLINK)
    items = {
        f"cluster_{item.id}" if isinstance(item, Cluster) else f"n{item.id}": item for item in _all(picture)
    }
    items |= {f"n{item.head}": item for item in _all(picture) if isinstance(item, Cluster) and item.head}
    for group in root.iter(f"{{{_SVG}}}g"):
        title = group.find(f"{{{_SVG}}}title")
        if title is None or group.get("class") not in ("node", "cluster", "edge", "graph"):
            continue
        item = items.get(title.text or "")
        if item is None:
            group.remove(title)
        else:
            title.text = spoken(item)
            _link(group, item.facts, title.text, links)
    root.set("role", "img")
    name = clean(picture.root.title.name)  # in the names of elements: a page may hold several drawings
    root.set("aria-labelledby", f"{name}-title {name}-desc")
    for at, (tag, text) in enumerate((("title", name), ("desc", described(picture)))):
        element = Element(f"{{{_SVG}}}{tag}", id=f"{name}-{tag}")
        element.text, element.tail = text, "\n"
        root.insert(at, element)
    written: str = ElementTree.tostring(root, encoding="unicode")
    return _DECLARATION + written.encode() + b"\n"


def described(picture: Picture) -> str:
    """The picture in a sentence or two."""
    facts = picture.root.facts
    ends = [item for item in picture.root.items if isinstance(item, End)]
    shapes = ", ".join(f"{clean(end.name)} {clean(end.shape)}" for end in ends)
    return (
        f"Diagram of a neural network with {facts.layers:,} layers, {facts.params:,} parameters and "
        f"{facts.macs:,} multiply-accumulates. Inputs and outputs: {shapes}."
    )


def spoken(item: Item) -> str:
    """What a box, mark, end or frame is, in words."""
    if isinstance(item, End):
        return f"{clean(item.name)}: {clean(item.shape)}"
    facts = item.facts
    costs = [
        f"{number:,} {unit}"
        for number, unit in ((facts.params, "parameters"), (facts.macs, "MACs"))
        if number
    ]
    where = f"line {facts.line}" if facts.line else ""
    return "; ".join(filter(None, (_head(item), *costs, where)))


def _head(item: Box | Mark | Cluster) -> str:
    path = clean(item.facts.path)
    if isinstance(item, Mark):
        return f"{path}: {clean(item.symbol)} {clean(item.shape)}".rstrip()
    if isinstance(item, Cluster):
        return _named(item.title) or path
    rows = ", ".join(
        " ".join(filter(None, (" ".join(cell.text for cell in row.cells), row.shape))) for row in item.rows
    )
    return ": ".join(filter(None, (_named(item.title) if item.title else path, clean(rows))))


def _named(title: Title) -> str:
    words = [
        *title.around,
        title.name,
        title.note,
        f"× {title.count}" if title.count > 1 else "",
        title.growth,
    ]
    return clean(" ".join(filter(None, words)))


def _link(group: Element, facts: Facts, words: str, links: Callable[[str], str] | None) -> None:
    """Let a group lead to its line, by the `<a>` that Graphviz made for its tooltip, or by one of our own."""
    address = links(facts.source) if links is not None and facts.line else ""
    anchor = next(group.iter(f"{{{_SVG}}}a"), None)
    if anchor is not None:
        anchor.set(f"{{{_XLINK}}}title", words)
    if not address or not is_harmless(address):
        return
    if anchor is None:
        children = [child for child in group if child.tag != f"{{{_SVG}}}title"]
        anchor = Element(f"{{{_SVG}}}a", {f"{{{_XLINK}}}title": words})
        anchor.extend(children)
        for child in children:
            group.remove(child)
        group.append(anchor)
    for name in ("href", f"{{{_XLINK}}}href"):  # of SVG 2, and for programs that know SVG 1.1 alone
        anchor.set(name, f"{address}#L{facts.line}")


def is_harmless(address: str) -> bool:
    """A path, or an address that shows a page; `javascript:` and its like are no links."""
    head = address.split("/", 1)[0]
    return ":" not in head or address.startswith(_SCHEMES)


def _all(picture: Picture) -> Iterator[Item]:
    stack: list[Item] = [picture.root]
    while stack:
        item = stack.pop()
        yield item
        if isinstance(item, Cluster):
            stack.extend(reversed(item.items))
