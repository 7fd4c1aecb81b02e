"""Names of modules, the keys of `state_dict()`: see "Labels" in the language reference."""

from __future__ import annotations

import keyword
import re
from collections import Counter
from collections.abc import Collection, Iterator

from archdsl.diagnostics.core import Diagnostic, Label
from archdsl.graph.model import Graph, LabelText, Module, ModuleKind
from archdsl.graph.prune import computing
from archdsl.source import Span

_ATTRIBUTES = """
T_destination _apply _backward_hooks _backward_pre_hooks _buffers _call_impl
_compiled_call_impl _forward_hooks _forward_hooks_always_called _forward_hooks_with_kwargs
_forward_pre_hooks _forward_pre_hooks_with_kwargs _get_backward_hooks
_get_backward_pre_hooks _get_name _is_full_backward_hook _load_from_state_dict
_load_state_dict_post_hooks _load_state_dict_pre_hooks _maybe_warn_non_full_backward_hook
_modules _named_members _non_persistent_buffers_set _parameters
_register_load_state_dict_pre_hook _register_state_dict_hook _replicate_for_data_parallel
_save_to_state_dict _slow_forward _state_dict_hooks _state_dict_pre_hooks _version
_wrapped_call_impl add_module apply bfloat16 buffers call_super_init children compile cpu
cuda double dump_patches eval extra_repr float forward get_buffer get_extra_state
get_parameter get_submodule half ipu load_state_dict modules mtia named_buffers
named_children named_modules named_parameters parameters register_backward_hook
register_buffer register_forward_hook register_forward_pre_hook
register_full_backward_hook register_full_backward_pre_hook
register_load_state_dict_post_hook register_load_state_dict_pre_hook register_module
register_parameter register_state_dict_post_hook register_state_dict_pre_hook
requires_grad_ set_extra_state set_submodule share_memory state_dict to to_empty train
training type xpu zero_grad
"""
#: Attributes of `torch.nn.Module` (those of `object` and other `__names__` apart, which no label may be).
MODULE_ATTRIBUTES = frozenset(_ATTRIBUTES.split())
#: What `torch.nn.Sequential` has beyond them; a labelled group or a repetition may become one.
SEQUENTIAL_ATTRIBUTES = frozenset(["_get_item_by_idx", "append", "extend", "insert", "pop"])
#: What the class of a network for inference has beyond them: a label of these has an underscore behind it there.
INFERENCE_ATTRIBUTES = frozenset(["folds_mark", "load_trained", "record", "recorded"])

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9]+", re.ASCII)
_NUMBERED = (ModuleKind.GROUP, ModuleKind.REPEAT)


def assign_names(graph: Graph) -> list[Diagnostic]:
    """Give every module that computes something its `name` and `path`.

    In a network or block an unlabelled module is its stem and a counter (`conv1`, `bn2`); in a group or
    repetition it is its position, as `nn.Sequential` counts. Each mistake is reported once, however many
    instances have it.
    """
    used = computing(graph.nodes)
    rewritten = graph.plan is not None and graph.plan.purpose == "inference"
    found: dict[tuple[str, str, int], Diagnostic] = {}

    def report(diagnostic: Diagnostic) -> None:
        span = diagnostic.span
        found.setdefault((diagnostic.code, span.source.name, span.start), diagnostic)

    levels = [graph.root]
    while levels:
        level = levels.pop()
        children = [child for child in level.children if child in used]
        taken: dict[str, Module] = {}
        own = INFERENCE_ATTRIBUTES if level is graph.root and rewritten else frozenset[str]()
        for child, name in zip(children, _names(level, children, own), strict=True):
            child.name = name
            child.path = f"{level.path}.{name}" if level.path else name
            if child.label is not None and (complaint := _fault(name, level)) is not None:
                report(
                    Diagnostic(
                        "E410",
                        f'"{_short(name)}" cannot name a module: {complaint}',
                        _place(child),
                        help=_other_name(name, level),
                    )
                )
            elif (first := taken.setdefault(name, child)) is not child:
                report(_clash(name, first, child))
        levels.extend(reversed(children))
    return list(found.values())


def _names(level: Module, children: list[Module], own: Collection[str]) -> Iterator[str]:
    """The names of the children of a level, whose class has attributes of its `own`."""
    if level.kind in _NUMBERED:
        for position, child in enumerate(children):
            yield str(position) if child.label is None else child.label
        return
    taken = {child.label for child in children if child.label is not None}
    counter: Counter[str] = Counter()
    for child in children:
        if child.label is not None:
            name = child.label
            while name in own or (name != child.label and name in taken):
                name += "_"
            yield name
            continue
        while True:
            counter[child.stem] += 1
            name = f"{child.stem}{counter[child.stem]}"
            if name not in taken and name not in MODULE_ATTRIBUTES:
                break
        taken.add(name)
        yield name


def cannot_name(name: str, place: Span) -> Diagnostic | None:
    """E410 of a label that can name a module of no level; None of any other."""
    complaint = _fault(name)
    if complaint is None:
        return None
    message = f'"{_short(name)}" cannot name a module: {complaint}'
    return Diagnostic("E410", message, place, help=_other_name(name))


def _fault(name: str, level: Module | None = None) -> str | None:
    """Why a label cannot name a module of this level, of any if there is none; None if it can."""
    if not _NAME.fullmatch(name):
        return "it is not a name" if name else "it is empty"
    if keyword.iskeyword(name):
        return "it is a keyword of Python"
    if name.startswith("__"):
        return "names that begin with `__` are Python's own"
    if name in MODULE_ATTRIBUTES:
        return "every `torch.nn.Module` has an attribute of this name"
    if level is not None and level.kind in _NUMBERED and name in SEQUENTIAL_ATTRIBUTES:
        return "every `torch.nn.Sequential` has an attribute of this name"
    return None


def _other_name(name: str, level: Module | None = None) -> str:
    """A mend: the nearest label that names a module."""
    word = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_")[:40]
    names = (word, f"{word}_", f"_{word}") if word else ()
    good = next((w for w in names if _fault(w, level) is None), None)
    return f"`{good}` is such a name" if good else "a label is a word of letters, digits and `_`"


def _clash(name: str, first: Module, second: Module) -> Diagnostic:
    message = f"two modules are named `{name}`"
    if second.shared:
        note = "each time that it is reached, a `share` declares a layer of its own"
        mend = "share it outside the loop, or in a block or a labelled group, where it is one for each"
        return Diagnostic("E409", message, _place(second), notes=(note,), help=mend)
    if first.span == second.span:
        note = "the element is built several times here"
        mend = f'copies are told apart by the variable of a loop: "{name}{{i}}"'
        return Diagnostic("E409", message, _place(second), notes=(note,), help=mend)
    return same_name(name, _place(first), _place(second))


def same_name(name: str, first: Span, second: Span) -> Diagnostic:
    """E409 of two elements of one level."""
    mend = f'another label for one of them, or a number in a loop: "{name}{{i}}"'
    if name.isdigit():
        mend = "parts of a group without a label are named by their position: label all of them or none"
    place = Label(first, f"`{name}` is named here first")
    return Diagnostic("E409", f"two modules are named `{name}`", second, labels=(place,), help=mend)


def _place(module: Module) -> Span:
    """Its label, where that is known, else the element."""
    span = module.label.span if isinstance(module.label, LabelText) else None
    return module.span if span is None else span


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
