"""What hubs of models need: the class with the Hugging Face Hub's methods, and `hubconf.py` for `torch.hub`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from archdsl.emit.code import Apply, Bracket, Code, Keyword, constant, layout
from archdsl.emit.docstrings import docstring
from archdsl.emit.integrations import chosen, imported
from archdsl.emit.library import Library
from archdsl.emit.names import is_plain
from archdsl.emit.views import ClassView, HubEntry, HubView
from archdsl.graph.model import Graph
from archdsl.marks import MARK
from archdsl.records import record


def with_mixin(view: ClassView, base: str, graph: Graph) -> ClassView:
    """The network's class with the methods of the Hugging Face Hub, and what its model card says."""
    bases = (
        Code(base),
        Code("PyTorchModelHubMixin"),
        Keyword("library_name", constant("pytorch")),
        Keyword("tags", Bracket((constant("archdsl"), constant(graph.model)))),
    )
    return replace(view, header=tuple(layout(Apply(f"class {view.name}", bases), 0, after=":")))


@record
class HubModel:
    """A model for `hubconf.py`: the Python module it is in, its factory, and the packages that it needs."""

    module: str
    factory: str
    packages: tuple[str, ...]


def emit_hubconf(
    models: Sequence[HubModel], version: str, with_: Collection[str] = (), library: Library | None = None
) -> str:
    """The text of `hubconf.py`; `with_` are libraries that the modules need as well.

    Raises ArchError (E708) where a template of the user cannot be used, and ValueError for the name of a Python module
    that cannot be imported.
    """
    for model in models:
        if not is_plain(model.module):
            raise ValueError(f"{model.module!r} cannot be imported: it is no name of Python")
    more = [library.package for library in chosen(with_)]
    own = [package.partition(".")[0] for model in models for package in model.packages]
    needed = dict.fromkeys(["torch", *own, *more])
    packages = Bracket(tuple(map(constant, needed)))
    names = sorted(model.factory for model in models)
    told = f'Models for `torch.hub`: `torch.hub.load(FOLDER, "{names[0]}", source="local")`.'
    view = HubView(
        mark=f"# {MARK} {version}",
        docstring=tuple(docstring(told, 0)),
        dependencies=tuple(layout(packages, 0, "dependencies = ")),
        entries=tuple(HubEntry(model.module, model.factory) for model in models),
        imports=tuple(
            line
            for model in sorted(models, key=lambda model: model.module)
            for line in imported(model.module, [model.factory])
        ),
        exported=tuple(layout(Bracket(tuple(map(constant, names))), 0, "__all__ = ")),
    )
    return (library or Library()).render("hubconf.py.j2", hub=view)
