"""Specs in canonical layout. What the formatter makes is held against the spec before anybody gets it: the same tree,
the same comments, the same graphs, and nothing to do when it is formatted again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from archdsl import resources
from archdsl.api import Options, Spec
from archdsl.diagnostics import ArchError
from archdsl.formatting.formatting import Unfaithful, formatted
from archdsl.graph.model import Graph
from archdsl.limits import Budget
from archdsl.source import Source, one_newline

#: Networks that take more are held by their trees alone: both texts are worked out, beside a layout that takes little.
_STEPS = 500_000

__all__ = ["Unfaithful", "canonical", "format"]


def format(text: str, /, filename: str = "<string>", *, options: Options | None = None) -> str:
    """A text in canonical layout, as `archdsl fmt` writes it.

    Imports look beside `filename`, if it names a file in a folder, and in the library. Raises ArchError where the text
    has mistakes of syntax, and Unfaithful, which is a mistake of archdsl, where the result would not be the same spec.
    """
    place = None if filename.startswith("<") else resources.place_of(filename)
    return canonical(Source(filename, one_newline(text)), place, options or Options())


def canonical(source: Source, path: Path | None, options: Options) -> str:
    """The text of a spec in canonical layout. `path` is where it lies. Raises ArchError and Unfaithful."""
    text = formatted(source, options.limits)
    if text != source.text:
        made = Source(source.name, text)
        before, behind = _graphs(source, path, options), _graphs(made, path, options)
        for (model, one), (_, other) in zip(before, behind, strict=True):
            if one != other:
                raise Unfaithful(f"model `{model}` would be another graph")
    return text


def _graphs(source: Source, path: Path | None, options: Options) -> Iterator[tuple[str, str]]:
    """For each model its graph in one number, or the codes of what is wrong with it."""
    spec = Spec(source, path, options)
    used = Budget(replace(options.limits, steps=min(options.limits.steps, _STEPS)))
    for model in spec.models:
        try:
            architecture = spec.architecture(model, used=used)
        except ArchError as error:
            yield model, " ".join(diagnostic.code for diagnostic in error.diagnostics)
        else:
            yield model, fingerprint(architecture._graph)


def fingerprint(graph: Graph) -> str:
    """All of a graph but the places of the text, in one number."""
    total = hashlib.sha256()
    for part in _parts(graph):
        total.update(repr(part).encode("utf-8", "surrogatepass"))
    return total.hexdigest()


def _parts(graph: Graph) -> Iterator[Any]:
    yield graph.model, graph.doc
    for node in graph.nodes:
        yield (
            node.operation,
            None if node.layer is None else node.layer.values(),
            [(tensor.node.id, tensor.index) for tensor in node.inputs],
            [(tensor.shape, tensor.names) for tensor in node.outputs],
            (node.id, node.path, node.label, node.input, node.macs, node.training, node.idle),
        )
    for name, tensor in graph.inputs.items():
        yield name, tensor.node.id, tensor.index
    for output in graph.outputs:
        ends = [(tensor.node.id, tensor.index) for tensor in output.tensors]
        yield output.name, ends, output.training, output.bundle
    modules = [graph.root]
    while modules:
        module = modules.pop()
        modules += module.children
        definition = module.definition and (module.definition.name, module.definition.doc)
        yield module.kind, module.path, definition, module.shared, module.weights, module.buffers
