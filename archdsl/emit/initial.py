"""Initialisers that all modules of a type share: one loop says them for the whole network."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import TypeVar

from archdsl.emit.support import support_source, support_sources
from archdsl.graph.model import Module
from archdsl.layers.form import Form, InitCall, ModuleForm

T = TypeVar("T")

#: The type of what a package of others makes.
UNKNOWN = ""
#: From this number of modules on a loop is shorter.
FEW = 3
_BASE = re.compile(r"^class (\w+)\((nn\.\w+)\)", re.MULTILINE)
_MADE = re.compile(r"\bnn\.\w+(?=\()")
#: Modules of PyTorch that hold others.
_HOLDERS = {"nn.MultiheadAttention": frozenset(["nn.Linear"])}

Common = dict[str, tuple[InitCall, ...]]


def common_inits(forms: Mapping[Module, Form]) -> Common:
    """Types of modules of which a weight is initialised alike wherever they are, with its initialisers."""
    found: dict[str, list[tuple[InitCall, ...]]] = {}
    hidden: set[str] = set()  # types that are also made where no form shows them
    for form in forms.values():
        if isinstance(form, ModuleForm):
            type_, inside = type_of(form.call.function)
            hidden |= inside
            found.setdefault(type_, []).append(form.init)
    return {} if UNKNOWN in found else in_common(found, hidden)


def in_common(
    found: Mapping[str, Sequence[tuple[T, ...]]], hidden: Collection[str]
) -> dict[str, tuple[T, ...]]:
    """What all modules of a type start with, of types with a few modules that are not hidden."""
    common: dict[str, tuple[T, ...]] = {}
    for type_, inits in found.items():
        if len(inits) >= FEW and type_ not in hidden:
            others = [set(init) for init in {id(init): init for init in inits}.values()]
            alike = tuple(init for init in inits[0] if all(init in other for other in others))
            if alike:
                common[type_] = alike
    return common


def without(forms: Mapping[Module, Form], common: Common) -> dict[Module, Form]:
    """The forms without what the loop does."""
    done = {id(form): _without(form, common) for form in forms.values()}  # most modules share theirs
    return {module: done[id(form)] for module, form in forms.items()}


def _without(form: Form, common: Common) -> Form:
    if not isinstance(form, ModuleForm):
        return form
    done = common.get(type_of(form.call.function)[0], ())
    return replace(form, init=tuple(init for init in form.init if init not in done)) if done else form


def types_of(functions: Iterable[str]) -> set[str]:
    """The types that constructors make, those within included."""
    found: set[str] = set()
    for function in functions:
        type_, inside = type_of(function)
        found |= {type_, *inside}
    return found


@cache
def type_of(function: str) -> tuple[str, frozenset[str]]:
    """The type of PyTorch that a constructor makes, and those that it makes inside; UNKNOWN if it cannot be known."""
    if function.startswith("nn."):
        return function, _HOLDERS.get(function, frozenset())
    source = support_source(function)
    if source is None:
        return UNKNOWN, frozenset()
    base = {match[1]: match[2] for match in _BASE.finditer(source)}
    inside = frozenset(_MADE.findall("\n".join(support_sources([function]))))
    type_ = base.get(function, function)
    return (function if type_ == "nn.Module" else type_), inside
