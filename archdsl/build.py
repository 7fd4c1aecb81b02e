"""Generated source comes to life as a torch module. Here alone code runs that a spec brings in."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from archdsl.diagnostics import ArchError, Collector, Diagnostic
from archdsl.graph.model import Graph
from archdsl.layers import Extern

if TYPE_CHECKING:
    import torch


def check_importable(graph: Graph) -> None:
    """Import the classes of all extern blocks. Raises ArchError (E615) where that fails, for each at its place."""
    found = Collector()
    for layer in dict.fromkeys(node.layer for node in graph.nodes):
        if not isinstance(layer, Extern):
            continue
        package, _, name = layer.function.rpartition(".")
        message, note, help = "", "", f"install what has it; the generated module needs `{package}`"
        try:
            if not hasattr(import_module(package), name):
                message, help = f"`{package}` has no class `{name}`", ""
        except Exception as error:  # whatever the package does when it is imported
            message = f"`{package}`, which the extern block `{layer.name}` needs, cannot be imported"
            note = f"{type(error).__name__}: {error}".split("\n")[0]
        if message:
            found.add(Diagnostic("E615", message, layer.place, notes=(note,) if note else (), help=help))
    if found.has_errors:
        raise ArchError(found.diagnostics)


def build_module(source: str, model: str) -> torch.nn.Module:
    """Run generated source as a module of its own and call its factory."""
    import itertools
    import linecache
    import sys
    import types

    for number in itertools.count():  # a name of its own, so that pickle and tracebacks find the source
        name = f"archdsl_generated_{model}_{number}"
        if name not in sys.modules:
            break
    filename = f"<{name}>"
    module = types.ModuleType(name)
    module.__file__ = filename
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    sys.modules[name] = module
    try:
        exec(compile(source, filename, "exec"), module.__dict__)
        factory = module.__dict__[module.__dict__["__all__"][-1]]
        net: torch.nn.Module = factory()
    except BaseException:
        del sys.modules[name]
        raise
    return net
