"""Python packages that a generated module imports for the `extern` blocks of its spec."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from archdsl.emit.names import INNER, Namespace
from archdsl.graph.model import Graph, Node
from archdsl.layers.form import Form, ModuleForm

#: Packages that every file means by their own names.
_SHARED = frozenset(("torch", "math"))


def packages(graph: Graph) -> list[str]:
    """The Python modules that classes of extern blocks are imported from, in the order of the alphabet."""
    found = {node.layer.package for node in graph.nodes if node.layer is not None} - {""}
    return sorted(found, key=lambda name: (name.lower(), name))


class Packages:
    """How they are imported, and what they are called in the file.

    A package keeps its own name where nothing else of the file has it; else its modules are imported by others.
    `taken` gives the names that they bind, and knows what is taken already.
    """

    def __init__(self, graph: Graph, taken: Namespace) -> None:
        self._spelled: dict[str, str] = {}
        self.names: set[str] = set()
        self.imports: list[str] = []
        for module in packages(graph):
            root, _, rest = module.partition(".")
            plain = root in _SHARED or root in self.names or (taken.free(root) and not INNER.fullmatch(root))
            if plain:
                taken.reserve([root])
                self._spelled[module] = module
                self.imports.append(f"import {module}")
            else:
                wish = module.replace(".", "_") if rest else f"{root}_package"
                alias = self._spelled[module] = taken.claim(wish)
                self.imports.append(f"import {module} as {alias}")
            self.names.add(root if plain else self._spelled[module])

    def spelled(self, node: Node, form: Form) -> Form:
        """The form of a layer, with the name that its package has in this file."""
        if node.layer is None or not node.layer.package or not isinstance(form, ModuleForm):
            return form
        made = form.call.function.rpartition(".")[2]
        function = f"{self._spelled[node.layer.package]}.{made}"
        return replace(form, call=replace(form.call, function=function))


def in_order(lines: Iterable[str]) -> list[str]:
    """`import` lines as isort has them: by the name of the module, numbers in it by their value."""

    def key(line: str) -> tuple[list[tuple[int, int, str]], str]:
        return natural(line.split()[1].lower()), line

    return sorted(dict.fromkeys(lines), key=key)


def natural(name: str) -> list[tuple[int, int, str]]:
    """A key by which names sort, numbers in them by their value."""
    parts = re.split(r"([0-9]+)", name)
    return [(0, int(p), "") if p.isdigit() else (1, 0, p) for p in parts if p]
