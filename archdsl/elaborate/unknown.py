"""Names that are not known, and what was probably meant by them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import Enum
from functools import cache

from archdsl.diagnostics import Label
from archdsl.diagnostics.near import did_you_mean, distance, nearest
from archdsl.elaborate.faults import Fault
from archdsl.layers import REGISTRY
from archdsl.layers.elsewhere import layer_called, words_of_layers
from archdsl.resources import std_root
from archdsl.source import Span
from archdsl.syntax import ast


class Sort(Enum):
    """What a name stands for, as far as the text tells."""

    LAYER = "layer"  # a layer, a block, a network; what `share` keeps
    FUNCTION = "function"
    TENSOR = "tensor"
    VALUE = "value"  # of a `let`, a parameter, a loop: it may be anything
    WORD = "word"  # a choice that a layer offers, an initialiser


class Role(Enum):
    """Where a name stands, and the sorts that go there."""

    CALLEE = (Sort.LAYER, Sort.FUNCTION, Sort.VALUE)
    ELEMENT = (Sort.LAYER, Sort.TENSOR, Sort.VALUE)
    VALUE = (Sort.VALUE, Sort.TENSOR, Sort.WORD, Sort.FUNCTION)
    SIZE = (Sort.VALUE,)  # of an input


#: Words of Python and of PyTorch that name no layer, with what the language has in their place.
_HABITS = {
    "True": "`true`, in small letters",
    "False": "`false`, in small letters",
    "None": "there is no `None`: leave the argument out, or give the parameter a default",
    "return": "a block gives what its last statement leaves: no `return` is needed",
    "pass": "an empty body is `{ }`",
    "self": "names stand alone, without `self`",
    "print": '`expect condition, "message"` checks a value, and `archdsl summary` shows shapes',
    "pow": "a power is `a ** b`",
    "str": 'values stand in the braces of a label: `"layer{i + 1}"`',
    "list": "a list is `[a, b]` or `[f(x) for x in xs]`",
    "tuple": "a list is `[a, b]` or `[f(x) for x in xs]`",
    "map": "`[f(x) for x in xs]` applies a function to each member",
    "filter": "`[x for x in xs if c]` chooses members",
    "Sequential": "layers stand one after another: `conv(64, 3) -> bn -> relu`",
    "ModuleList": "`for x in xs { … }` repeats, and so does `layer * n`",
    "Module": "a module of one's own is a `block`",
}
_RECURRENT = "recurrent state is outside the language: an `extern block` brings such a module"
_OUTSIDE = {
    "lstm": _RECURRENT,
    "gru": _RECURRENT,
    "rnn": _RECURRENT,
    "embedding": "integer inputs are outside the language: an `extern block` brings such a module",
}


def unknown_name(name: str, span: Span, known: Mapping[str, Sort], role: Role = Role.VALUE) -> Fault:
    """E201, with the word of the language where the name is one of Python, PyTorch or Keras."""
    last = name.rsplit(".", 1)[-1]
    help = _HABITS.get(name) or _HABITS.get(last) or _OUTSIDE.get(last.lower()) or meant(last, known, role)
    if role is Role.SIZE and (not help or len(name) == 1):
        help = f"a size that may change has one to begin with: `{name}=224`"
    elif name in _library():
        help = f"it is of the library: `from {_library()[name]} import {name}`"
    return Fault("E201", f"the name `{name}` is not known here", span, help=help)


@cache
def _library() -> dict[str, str]:
    """What the files of the library declare, and where."""
    found: dict[str, str] = {}
    root = std_root()
    for path in sorted(root.rglob("*.arch"), reverse=True):
        module = ".".join(("std", *path.relative_to(root).with_suffix("").parts))
        declared = re.findall(
            r"^(?:block|network|def) +(\w+)", path.read_text(encoding="utf-8"), re.MULTILINE
        )
        found.update(dict.fromkeys(declared, module))
    return found


def meant(name: str, known: Mapping[str, Sort], role: Role = Role.VALUE) -> str:
    """A help line with the name that was meant: that of the language for one of PyTorch or Keras, or one near it."""
    if name in known:  # behind a dot: `F.relu`
        return f"did you mean `{name}`?"
    ours = layer_called(name)
    if ours is not None and ours != name and ours in known and name != name.lower():
        return _foreign(name, ours)
    wanted = {other for other, sort in known.items() if sort in role.value}
    near = nearest(name, wanted, known.keys() - wanted)
    if ours is not None and ours != name and ours in known and ours not in near:
        return _foreign(name, ours)
    if near or role is Role.VALUE:
        return did_you_mean(name, wanted, known.keys() - wanted)
    foreign = nearest(name, [word for word, layer in words_of_layers().items() if layer in known])
    return _foreign(foreign[0], words_of_layers()[foreign[0]]) if len(foreign) == 1 else ""


def _foreign(name: str, ours: str) -> str:
    """The layer of the language for one of another library, and what need not be written."""
    follows = ["the channels that arrive"] if REGISTRY[ours].inferred else []
    follows += ["the number of dimensions"] if name[-1:] in "dD" and name[-2:-1].isdigit() else []
    if not follows:
        return f"did you mean `{ours}`?"
    known = f"{' and '.join(follows)} {'are' if follows[0].endswith('arrive') else 'is'} known"
    return f"did you mean `{ours}`? {known[0].upper()}{known[1:]}, and not written."


def unbound_name(name: str, span: Span, places: list[tuple[ast.AstNode, tuple[ast.IfArm, ...]]]) -> Fault:
    """A name that is bound elsewhere in the block, and not on the path that led to `span`."""
    labels: list[Label] = []
    notes: list[str] = []
    below = True
    for node, arms in places[:3]:
        place = node.target.span if isinstance(node, (ast.ForElement, ast.Let)) else node.span
        if isinstance(node, ast.ForElement) and node.span.end <= span.start:
            labels.append(Label(place, "it ends with this loop"))
            below = False
        elif node.span.start <= span.start < node.span.end:
            labels.append(Label(place, "bound by this statement, when its right side is known"))
        elif place.start >= span.start:
            labels.append(Label(place, "bound below"))
        elif arms:
            conditions = " and ".join(f"`{' '.join(arm.condition.span.text.split())[:50]}`" for arm in arms)
            labels.append(Label(place, "bound here"))
            notes.append(f"the path taken does not go through {conditions}, line {arms[-1].span.line}")
            below = False
        else:
            labels.append(Label(place, "bound here"))
            below = False
    first = min((node.span.line for node, _ in places), default=0)
    if below and first > span.line:
        message = f"the name `{name}` is read before it is bound, at line {first}"
    elif below:
        message = f"the name `{name}` is read before it is bound"
    else:
        message = f"the name `{name}` is not bound on the path taken"
    return Fault("E202", message, span, labels=tuple(labels), notes=tuple(notes))


def is_misspelt_layer(name: str) -> bool:
    """Whether it is a letter away from a layer: no name that a broken statement might have bound."""
    return len(name) > 2 and any(distance(name, layer, 1) == 1 for layer in REGISTRY)


def elsewhere(first: Span, others: Sequence[Span]) -> tuple[str, ...]:
    """A note with the other lines on which a name stands."""
    lines = sorted({span.line for span in others} - {first.line})
    if not lines:
        return ()
    shown = ", ".join(map(str, lines[:8])) + (", …" if len(lines) > 8 else "")
    return (f"it stands on line{'s' * (len(lines) > 1)} {shown} too",)
