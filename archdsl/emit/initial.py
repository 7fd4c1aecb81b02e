"""Initialisers that all modules of a type share: one loop says them for the whole network."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from archdsl.emit.support import support_source, support_sources
from archdsl.graph.model import Module
from archdsl.layers.form import Form, InitCall, ModuleForm

#: From this number of modules on a loop is shorter.
FEW = 3
_BASE = re.compile(r"^class (\w+)\((nn\.\w+)\)", re.MULTILINE)
_MADE = re.compile(r"\bnn\.\w+(?=\()")
#: Modules of PyTorch that hold others.
_HOLDERS = {"nn.MultiheadAttention": {"nn.Linear"}}

Common = dict[str, tuple[InitCall, ...]]


def common_inits(forms: Mapping[Module, Form]) -> Common:
    """Types of modules that are all initialised alike, wherever they are, with their initialisers."""
    found: dict[str, set[tuple[InitCall, ...]]] = {}
    counts: dict[str, int] = {}
    hidden: set[str] = set()  # types that are also made where no form shows them
    for form in forms.values():
        if isinstance(form, ModuleForm):
            function = form.call.function
            type_, inside = _type(function)
            if type_ is None:
                return {}
            hidden |= inside
            found.setdefault(type_, set()).add(form.init)
            counts[type_] = counts.get(type_, 0) + 1
    return {
        type_: next(iter(inits))
        for type_, inits in found.items()
        if len(inits) == 1 and counts[type_] >= FEW and type_ not in hidden and next(iter(inits))
    }


def without(forms: Mapping[Module, Form], common: Common) -> dict[Module, Form]:
    """The forms without what the loop does."""
    return {
        module: replace(form, init=())
        if isinstance(form, ModuleForm) and _type(form.call.function)[0] in common
        else form
        for module, form in forms.items()
    }


def _type(function: str) -> tuple[str | None, set[str]]:
    """The type of PyTorch that a constructor makes, and those that it makes inside; None if it cannot be known."""
    if function.startswith("nn."):
        return function, _HOLDERS.get(function, set())
    source = support_source(function)
    if source is None:
        return None, set()
    base = {match[1]: match[2] for match in _BASE.finditer(source)}
    inside = set(_MADE.findall("\n".join(support_sources([function]))))
    return base.get(function, function), inside
