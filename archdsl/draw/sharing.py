"""Letters by which a reader finds all uses of one shared module."""

from __future__ import annotations

from archdsl.graph.model import Graph, Module

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def badges(graph: Graph) -> dict[Module, str]:
    """A letter for each shared module that is used more than once: A to Z, then AA and so on."""
    uses: dict[Module, int] = {}
    for node in graph.nodes:
        if node.module is not None and node.module.shared:
            uses[node.module] = uses.get(node.module, 0) + 1
    stack = [graph.root]
    found: list[Module] = []
    while stack:
        module = stack.pop()
        if module.shared and max(len(module.scopes), uses.get(module, 0)) > 1:
            found.append(module)
        stack.extend(reversed(module.children))
    return {module: _letters(at) for at, module in enumerate(found)}


def _letters(number: int) -> str:
    letters = ""
    while True:
        letters = _LETTERS[number % len(_LETTERS)] + letters
        number = number // len(_LETTERS) - 1
        if number < 0:
            return letters
