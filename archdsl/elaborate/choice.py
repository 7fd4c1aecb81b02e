"""Which model of a file: what is said where none is chosen, or one that is not there."""

from __future__ import annotations

from archdsl.diagnostics import Diagnostic, Label
from archdsl.diagnostics.near import did_you_mean
from archdsl.elaborate.models import models_of
from archdsl.elaborate.program import Unit
from archdsl.source import Span
from archdsl.syntax import ast


def choose_model(unit: Unit) -> Diagnostic:
    """E803 for a file of several models, E804 for one of none."""
    count = len(models_of(unit))
    if not count:
        return no_model(unit) or Diagnostic("E804", "the file has no model", Span(unit.source, 0, 0))
    message = f"the file has {count} models, and none is chosen"
    return _of_models(unit, "E803", message, "choose one with `--model NAME`, in Python with `model=`")


def unknown_model(unit: Unit, model: str) -> Diagnostic:
    """E802, with the models that there are."""
    return _of_models(unit, "E802", f"there is no model `{model}`", did_you_mean(model, models_of(unit)))


def _of_models(unit: Unit, code: str, message: str, help: str) -> Diagnostic:
    """A diagnostic that marks the models of the file: the first few, and a note names all."""
    found = models_of(unit)
    marks = [Label(declared.name_span, f"`-m {name}`") for name, declared in found.items()][:4]
    names = [f"`{name}`" for name in found]
    listed = ", ".join(names[:20]) + (", …" if len(names) > 20 else "")
    notes = () if 0 < len(names) == len(marks) else (f"models of the file: {listed or 'none'}",)
    first, *others = marks or [Label(Span(unit.source, 0, 0), "")]
    return Diagnostic(code, message, first.span, first.text, tuple(others), notes, help)


def no_model(unit: Unit) -> Diagnostic | None:
    """E804 for a file without any model."""
    if unit.tree is None or models_of(unit):
        return None
    networks = [d for d in unit.tree.declarations if isinstance(d, ast.Network)]
    if networks:
        needs = [p.name for p in networks[0].parameters if p.default is None]
        return Diagnostic(
            "E804",
            f"the file has no model: `{networks[0].name}` needs {', '.join(f'`{n}`' for n in needs)}",
            networks[0].name_span,
            help=f"add a line: `model name = {networks[0].name}(…)`",
        )
    empty = not unit.tree.declarations
    return Diagnostic(
        "E804",
        "the file is empty"
        if empty and not unit.source.text.strip()
        else "the file declares nothing"
        if empty
        else "the file has no network, so there is no model to build",
        Span(unit.source, 0, 0),
        help="a spec has a network: `network name { input image: [3, 224, 224] … output logits }`"
        if empty
        else "a library file is imported by others: `from file import name`",
    )
