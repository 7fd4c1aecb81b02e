"""Blocks by the names that a reader of the text or of `state_dict()` has for them."""

from __future__ import annotations

from collections.abc import Iterator

from archdsl.diagnostics.near import did_you_mean
from archdsl.draw.fold import Frame
from archdsl.draw.options import DrawOptions
from archdsl.draw.trim import DrawError
from archdsl.graph.model import Graph, ModuleKind, Node, Scope

_OFFERED = 12  # names in a message


def block_named(graph: Graph, name: str) -> Scope:
    """The call of a block that a path tells, or the first of all calls of the blocks, or labels, of a name."""
    scopes = [item for item in _inside(graph.scope) if isinstance(item, Scope)]
    found = next((scope for scope in scopes if scope.module.path == name), None)
    found = found or next((scope for scope in scopes if name in names_of(scope)), None)
    if found is None:
        raise _unknown(name, graph.scope)
    return found


def names_of(scope: Scope) -> set[str]:
    """A call's path, its block's name, and its label."""
    module = scope.module
    names = {module.path, module.label or ""}
    if module.definition is not None:
        names.add(module.definition.name)
    return names - {""}


class Selection:
    """The frames that are to be open, or one box, whatever the depth is."""

    def __init__(self, root: Frame, options: DrawOptions) -> None:
        self.open: set[Frame] = set()
        self.closed: set[Frame] = set()
        if not (options.expand or options.collapse):
            return
        outer, known = _frames(root)
        for name in options.collapse:
            self.closed.update(_found(name, known, root))
        for name in options.expand:
            for frame in _found(name, known, root):
                at: Frame | None = frame
                while at is not None:  # a box that is open stands in open ones
                    self.open.add(at)
                    at = outer[at]
        both = self.open & self.closed
        if both:
            name = next(name for name in options.collapse if any(f in both for f in known.get(name, ())))
            raise DrawError(
                f"`{name}` cannot be one box and open", "`--collapse` and `--expand` name the same block"
            )


def _frames(root: Frame) -> tuple[dict[Frame, Frame | None], dict[str, list[Frame]]]:
    """The frame around each, and the frames that have a name."""
    outer: dict[Frame, Frame | None] = {root: None}
    known: dict[str, list[Frame]] = {}
    order = [root]
    for frame in order:  # grows while it is walked
        names = dict.fromkeys(name for scope in frame.scopes for name in sorted(names_of(scope)))
        if frame.count > 1:
            names.update(dict.fromkeys(_repeated(frame)))
        if frame is not root:
            for name in names:
                known.setdefault(name, []).append(frame)
        for item in frame.items:
            if isinstance(item, Frame):
                outer[item] = frame
                order.append(item)
    return outer, known


def _repeated(frame: Frame) -> Iterator[str]:
    """The paths of the repetitions that a frame stands for."""
    first = frame if frame.scopes else frame.items[0]
    scope = first.scopes[0].parent if isinstance(first, Frame) else first.node.scope
    while scope is not None and scope.module.kind is ModuleKind.REPEAT:
        yield scope.module.path
        scope = scope.parent


def _found(name: str, known: dict[str, list[Frame]], root: Frame) -> list[Frame]:
    if name not in known:
        raise _unknown(name, root.scopes[0])
    return known[name]


def _inside(root: Scope) -> Iterator[Scope | Node]:
    """All that a call holds, in the order of the text."""
    stack: list[Scope | Node] = list(reversed(root.items))
    while stack:
        item = stack.pop()
        yield item
        if isinstance(item, Scope):
            stack.extend(reversed(item.items))


def _unknown(name: str, root: Scope) -> DrawError:
    """There is no such block: what is it, then, or what was meant?"""
    blocks: dict[str, None] = {}
    known: set[str] = set()
    for item in _inside(root):
        if isinstance(item, Node):
            if item.module is not None and item.path == name:
                return DrawError(f"`{name}` is a layer, not a block")
            continue
        known |= names_of(item)
        if item.module.definition is not None:
            blocks[item.module.definition.name] = None
    help = did_you_mean(name, known)
    if not help:
        some = ", ".join(list(blocks)[:_OFFERED]) + (", …" if len(blocks) > _OFFERED else "")
        help = f"there are: {some}; or a path, as `archdsl summary` has them" if blocks else "there are none"
    return DrawError(f"there is no block `{name}`", help)
