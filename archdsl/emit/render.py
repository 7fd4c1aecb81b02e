"""A graph as the text of a Python module."""

from __future__ import annotations

import gc
from collections.abc import Collection

from archdsl.emit.library import Library
from archdsl.emit.module import module_view
from archdsl.graph.model import Graph


def emit_module(
    graph: Graph, version: str, with_: Collection[str] = (), library: Library | None = None
) -> str:
    """The Python module of a network: needs torch, and what extern blocks name. The same graph gives the same bytes.

    `with_` are libraries of `WITH` that it is to fit as well, and needs; `library` has the templates. Raises ArchError
    where the network does not fit one (E810), or a template of the user cannot be used (E708).
    """
    library = library or Library()
    collecting = gc.isenabled()
    gc.disable()  # all that is made lives until the end: walking it again and again would cost more than making it
    try:
        view = module_view(graph, version, with_, library.support())
    finally:
        if collecting:
            gc.enable()
    return library.render("module.py.j2", module=view)
