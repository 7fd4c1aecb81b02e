"""Libraries that a module is made to fit on request: what they bring into the file, and what they cannot take."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from archdsl.diagnostics import ArchError, Diagnostic
from archdsl.emit import timm
from archdsl.emit.folding import is_rewritten
from archdsl.graph.model import Graph, LabelText
from archdsl.records import record

#: What ruff sorts imports for by default; those that are broken stay so for wider lines.
_WIDTH = 88


@record
class Integration:
    """A library: its package, what is imported of it, and the names that it takes in the file and in the network."""

    name: str
    package: str
    module: str
    imported: tuple[str, ...]
    names: tuple[str, ...]
    attributes: frozenset[str]
    images: bool = False  # it takes networks of one image alone
    trains: bool = False  # it gives out networks to be changed and trained further


_MIXIN = """
_from_pretrained _hub_mixin_config _hub_mixin_info _hub_mixin_inject_config _hub_mixin_init_parameters
_hub_mixin_jsonable_default_values _hub_mixin_jsonable_custom_types _hub_mixin_coders _save_pretrained
from_pretrained generate_model_card push_to_hub save_pretrained
"""
#: Those that change the module itself, in the order of their imports.
WITH = {
    library.name: library
    for library in (
        Integration(
            "hf",
            "huggingface_hub",
            "huggingface_hub",
            ("PyTorchModelHubMixin",),
            ("PyTorchModelHubMixin",),
            frozenset(_MIXIN.split()),
        ),
        Integration(
            "timm",
            "timm",
            "timm.models",
            ("build_model_with_cfg", "checkpoint", "generate_default_cfgs", "register_model"),
            timm.NAMES,
            timm.ATTRIBUTES,
            images=True,
            trains=True,
        ),
    )
}


def chosen(names: Collection[str]) -> list[Integration]:
    """The libraries of these names. Raises ValueError for another."""
    for name in names:
        if name not in WITH:
            raise ValueError(f"there is no library {name!r}; there are: {', '.join(WITH)}")
    return [WITH[name] for name in WITH if name in names]


def check_fits(graph: Graph, wanted: Sequence[Integration]) -> None:
    """Raises ArchError (E810) where a network does not fit one of the libraries."""
    found: list[Diagnostic] = []
    inputs = list(graph.inputs.values())
    for library in wanted:
        if library.trains and is_rewritten(graph):
            message = (
                f"{library.name} gives out networks to be trained, and this one is rewritten for inference"
            )
            mend = f"`--with {library.name}` goes with the network as it is written, or `--for training`"
            found.append(Diagnostic("E810", message, graph.root.span, help=mend))
        if library.images and not (len(inputs) == 1 and len(inputs[0].shape.dims) == 3):
            message = f"{library.name} takes networks of one image `[channels, height, width]`"
            place = inputs[-1 if len(inputs) > 1 else 0].span
            label = "one more input" if len(inputs) > 1 else f"this is {list(inputs[0].shape.dims)}"
            found.append(Diagnostic("E810", message, place, label))
        for child in graph.root.children:
            if child.name in library.attributes:
                label_ = child.label
                place = label_.span if isinstance(label_, LabelText) and label_.span else child.span
                message = f"`{child.name}` is a method or attribute that {library.name} wants of the network"
                mend = f"another label, such as `{child.name}_`"
                found.append(Diagnostic("E810", message, place, help=mend))
    if found:
        raise ArchError(found)


def imported(module: str, names: Sequence[str]) -> list[str]:
    """The lines of an import; none without names."""
    if not names:
        return []
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= _WIDTH:
        return [line]
    return [f"from {module} import (", *(f"    {name}," for name in names), ")"]
