"""An entry of the reference: all that is said of a layer, an initialiser or a word, as data."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import Any

from archdsl.layers import INITIALISERS, REGISTRY, SIGNATURES, WORDS, Layer, Param, Shape
from archdsl.layers.kinds import Mismatch
from archdsl.layers.page import GLOSSARY, KEEPS, Formula
from archdsl.layers.reference import default_text, init_signature, signature
from archdsl.records import record

#: the groups of what is no layer
INITIALISER, WORD = "initialisers", "words"

#: the order of groups; those that are not here follow
_GROUPS = (
    "convolution",
    "pooling",
    "normalisation",
    "activation",
    "regularisation",
    "shape",
    "joins",
    "attention",
    "tokens",
)
_WORD = re.compile(r"[a-z_]\w*")


@record
class Parameter:
    """A parameter: what it takes, in the words of its error message, and its default as the language writes it."""

    name: str
    takes: str
    default: str | None  # None: required
    doc: str


@record
class Use:
    """A parameter that takes a word, and the layers and initialisers that have it."""

    parameter: str
    owners: tuple[str, ...]
    doc: str


@record
class Sample:
    """A layer in use. Shapes are channels first and without the batch; `support` is what PyTorch lacks."""

    text: str
    arriving: tuple[Shape, ...]
    leaving: tuple[Shape, ...]
    params: int
    macs: int
    torch: tuple[str, ...]
    support: tuple[str, ...]


@record
class Entry:
    """What the reference says under one name. Of initialisers and words, the last fields are empty."""

    name: str
    group: str
    signature: str
    doc: str
    parameters: tuple[Parameter, ...] = ()
    uses: tuple[Use, ...] = ()  # of a word, and of a layer whose name is a word too
    join: bool = False
    rule: str = ""
    formula: Formula | None = None
    trained: str = ""
    cost: str = ""
    samples: tuple[Sample, ...] = ()

    @property
    def brief(self) -> str:
        """The first line of its documentation."""
        return self.doc.split("\n")[0]

    @property
    def changes(self) -> Formula | None:
        """The formula of its shape rule, where there is more to say than that the shape stays."""
        return None if self.formula == KEEPS else self.formula

    @property
    def glossary(self) -> dict[str, str]:
        """The names of its formulas that are neither parameters nor explained in the formula."""
        texts = [self.trained, self.cost, *(p.default or "" for p in self.parameters)]
        known = {p.name for p in self.parameters}
        if self.changes is not None:
            texts += [self.changes.arrives, self.changes.leaves]
            texts += [text for let in self.changes.where for text in (let.value, let.when)]
            known |= {name for let in self.changes.where for name in _WORD.findall(let.names)}
        used = {word for text in texts for word in _WORD.findall(text)}
        return {name: text for name, text in GLOSSARY.items() if name in used - known}


def names() -> list[str]:
    """Everything that has an entry: layers, initialisers, words."""
    return list(dict.fromkeys([*REGISTRY, *INITIALISERS, *sorted(WORDS)]))


def outline() -> list[Entry]:
    """Layers and initialisers without their examples, group by group."""
    layers = [_layer(cls, ()) for cls in REGISTRY.values()]
    groups = list(dict.fromkeys([*_GROUPS, *(entry.group for entry in layers)]))
    initialisers = [_initialiser(name, ()) for name in INITIALISERS]
    return [*sorted(layers, key=lambda entry: groups.index(entry.group)), *initialisers]


def entry(name: str) -> Entry:
    """The entry of one name, its examples computed. Raises KeyError."""
    from archdsl.manual.sample import sample  # it loads the compiler, which a list does without

    if name in REGISTRY:
        return _layer(REGISTRY[name], tuple(map(sample, REGISTRY[name].examples)))
    if name in INITIALISERS:
        return _initialiser(name, tuple(map(sample, INITIALISERS[name].examples)))
    if name not in WORDS:
        raise KeyError(name)
    return Entry(name, WORD, name, "A choice that layers and initialisers offer.", uses=_uses(name))


def _layer(cls: type[Layer], samples: tuple[Sample, ...]) -> Entry:
    return Entry(
        cls.name,
        cls.group,
        signature(cls),
        inspect.getdoc(cls) or "",
        _parameters(cls.params),
        _uses(cls.name),
        cls.is_join,
        cls.rule,
        cls.formula,
        cls.trained,
        cls.cost,
        samples,
    )


def _initialiser(name: str, samples: tuple[Sample, ...]) -> Entry:
    kind = INITIALISERS[name]
    return Entry(
        name,
        INITIALISER,
        init_signature(name),
        kind.doc,
        _parameters(kind.params),
        _uses(name),
        samples=samples,
    )


def _parameters(params: Mapping[str, Param[Any]]) -> tuple[Parameter, ...]:
    return tuple(
        Parameter(name, _takes(param), None if param.required else default_text(param), param.doc)
        for name, param in params.items()
    )


def _takes(param: Param[Any]) -> str:
    """What a parameter accepts, in the words of its own error message."""
    try:
        param.kind.convert(object())
    except Mismatch as mismatch:
        return mismatch.expected
    return "anything"


def _uses(word: str) -> tuple[Use, ...]:
    """The parameters that take a word."""
    owners: dict[tuple[str, str], list[str]] = {}
    for owner, params in SIGNATURES.items():
        for name, param in params.items():
            if word in param.kind.words:
                owners.setdefault((name, param.doc), []).append(owner)
    return tuple(Use(parameter, tuple(names), doc) for (parameter, doc), names in owners.items())
