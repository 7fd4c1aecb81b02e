"""Arguments and the parameters that take them."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any, NamedTuple

from archdsl.diagnostics import Label
from archdsl.diagnostics.near import did_you_mean, nearest
from archdsl.elaborate.faults import Fault, Silence, together
from archdsl.elaborate.free import children
from archdsl.elaborate.measured import Size
from archdsl.elaborate.values import POISON, BlockValue, Value, is_bundle, is_layer, show, type_name
from archdsl.graph.model import Tensor
from archdsl.layers import INITIALISERS, REGISTRY, Layer, Param
from archdsl.layers.elsewhere import ABSENT, parameters_called
from archdsl.layers.kinds import Mismatch
from archdsl.records import record
from archdsl.source import Span
from archdsl.syntax import ast


class Given(NamedTuple):
    """One argument of a call, evaluated."""

    name: str | None
    value: Value
    span: Span
    name_span: Span | None
    size: Size | None = None  # what it measures, if that is all that it is


def are(count: int) -> str:
    return "is" if count == 1 else "are"


def find_name(expr: ast.Expr, name: str) -> Span | None:
    """The first place in an expression where a name stands."""
    stack: list[ast.AstNode] = [expr]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Name) and node.id == name:
            return node.span
        stack.extend(reversed(children(node)))
    return None


def uses_flow(expr: ast.Expr) -> bool:
    """Whether an expression reads `it` or `in`."""
    stack: list[ast.AstNode] = [expr]
    while stack:
        node = stack.pop()
        if isinstance(node, (ast.It, ast.In)):
            return True
        stack.extend(children(node))
    return False


@record
class Signature:
    """What a callee takes. `places` are its parameters in a text, `params` those of a layer or an initialiser."""

    callee: str
    names: tuple[str, ...]
    required: frozenset[str]
    places: Mapping[str, Span] = field(default_factory=dict)
    params: Mapping[str, Param[Any]] = field(default_factory=dict)
    inferred: tuple[str, ...] = ()
    example: str = ""

    @property
    def takes(self) -> str:
        """What it takes, as a note."""
        if not self.names:
            return f"`{self.callee}` takes no arguments"
        return f"`{self.callee}` takes " + ", ".join(f"`{name}`" for name in self.names)

    def declared(self, name: str) -> tuple[Label, ...]:
        """Where a parameter is declared, if that is in a text."""
        return (Label(self.places[name], "declared here"),) if name in self.places else ()

    def meant(self, word: str) -> str | None:
        """The parameter that was meant by a word which is none."""
        return self._elsewhere(word) or next(iter(_near(word, self.names)), None)

    def _elsewhere(self, word: str) -> str | None:
        """The parameter for a word of another library, also for one that is nearly it."""
        foreign = parameters_called(self.params)
        found = foreign.get(word)
        if found is None and not _near(word, self.names):
            close = {foreign[other] for other in _near(word, tuple(foreign))}
            found = close.pop() if len(close) == 1 else None
        return found

    def mend(self, word: str) -> str:
        """A help line for an argument whose name is no parameter, or ""."""
        if word in self.inferred:
            return f"leave it out: `{self.callee}` takes it from the tensor that arrives"
        found = self._elsewhere(word)
        if found is not None:
            return f"did you mean `{found}`?"
        if self.params and word in ABSENT:
            return ABSENT[word]
        return did_you_mean(word, self.names)


@lru_cache(maxsize=1000)
def _near(word: str, names: tuple[str, ...]) -> list[str]:
    return nearest(word, names)


_SIGNATURES: dict[int, tuple[ast.AstNode, Signature]] = {}


def signature_of(target: type[Layer] | ast.Block | ast.Network | ast.Extern | ast.Function) -> Signature:
    """What a layer, or a declaration of a text, takes."""
    if isinstance(target, type):
        return layer_signature(target.name)
    cached = _SIGNATURES.get(id(target))
    if cached is not None and cached[0] is target:
        return cached[1]
    takes = Signature(
        target.name,
        tuple(p.name for p in target.parameters),
        frozenset(p.name for p in target.parameters if p.default is None),
        {p.name: p.span for p in target.parameters},
    )
    if len(_SIGNATURES) > 10_000:
        _SIGNATURES.clear()
    _SIGNATURES[id(target)] = (target, takes)
    return takes


@cache
def layer_signature(name: str) -> Signature:
    target = REGISTRY[name]
    return Signature(
        target.name,
        tuple(target.params),
        frozenset(target.required),
        params=target.params,
        inferred=tuple(word for word in target.inferred if word not in target.params),
        example=target.examples[0].text,
    )


@cache
def initialiser_signature(name: str) -> Signature:
    params = INITIALISERS[name].params
    return Signature(
        name, tuple(params), frozenset(key for key, param in params.items() if param.required), params=params
    )


def unknown_argument(takes: Signature, argument: Given) -> Fault:
    help = takes.mend(argument.name or "")
    return Fault(
        "E203",
        f"`{takes.callee}` has no parameter `{argument.name}`",
        argument.name_span or argument.span,
        notes=() if help and len(takes.names) > 4 else (takes.takes,),
        help=help,
    )


def keyword_of_function(callee: str, argument: Given) -> Fault:
    """E203 for an argument by name where a function of the language takes none."""
    return Fault(
        "E203",
        f"`{callee}` takes its arguments by their position alone",
        argument.name_span or argument.span,
    )


@dataclass(slots=True)
class Matched:
    """The arguments of a call by the parameter that takes them, and what is wrong with them."""

    bound: dict[str, Given]
    faults: list[Fault]

    def check(self) -> dict[str, Given]:
        """The arguments. Raises all that is wrong as one Fault."""
        if self.faults:
            raise together(self.faults)
        return self.bound


def match_arguments(
    takes: Signature, given: Sequence[Given], span: Span, defaults: Container[str] = ()
) -> Matched:
    """Match the arguments of the call at `span`; `defaults` are parameters that a `default` gives.

    Collects E203, E204, E205 and E206. An argument with a name that is nearly a parameter's is taken to be that one.
    Raises Silence if a parameter stands twice (E108).
    """
    names = takes.names
    known = set(names)
    if len(known) != len(names):
        raise Silence
    bound: dict[str, Given] = {}
    faults: list[Fault] = []
    beyond: list[Given] = []
    strange = 0
    waiting: list[tuple[str, Given]] = []
    position = 0
    for argument in given:
        if argument.name is None:
            if position < len(names):
                bound[names[position]] = argument
            else:
                beyond.append(argument)
            position += 1
    if beyond:
        faults.append(_too_many(takes, len(names) + len(beyond), beyond))
    for argument in given if position < len(given) else ():
        name = argument.name
        if name is None:
            continue
        if name in known:
            if name in bound:
                faults.append(_twice(takes, name, argument, bound[name]))
            else:
                bound[name] = argument
        elif not name.isascii():  # E103 tells it
            strange += 1
        else:
            faults.append(unknown_argument(takes, argument))
            meant = takes.meant(name)
            if meant is not None:
                waiting.append((meant, argument))
            elif name not in takes.inferred and name not in ABSENT:
                strange += 1
    for meant, argument in waiting:
        bound.setdefault(meant, argument._replace(value=POISON))
    if not takes.required <= bound.keys():
        missing = [n for n in names if n in takes.required and n not in bound and n not in defaults]
        if len(missing) > strange:
            faults.append(_missing(takes, missing, span))
    return Matched(bound, faults)


def _too_many(takes: Signature, count: int, beyond: Sequence[Given]) -> Fault:
    names = takes.names
    most = f"{len(names)} argument{'s' * (len(names) != 1)}" if names else "no arguments"
    place = beyond[0].span
    if beyond[-1].span.source is place.source and beyond[-1].span.start >= place.start:
        place = place.to(beyond[-1].span)
    labels: tuple[Label, ...] = ()
    if takes.places:
        first, last = takes.places[names[0]], takes.places[names[-1]]
        labels = (Label(first.to(last), "what it takes"),)
    return Fault(
        "E205",
        f"`{takes.callee}` takes {most}, and {count} {are(count)} given",
        place,
        labels=labels,
        notes=(takes.takes,) if names and not labels else (),
        help=_applied(takes, beyond) if not names and takes.callee in REGISTRY else "",
    )


def _applied(takes: Signature, given: Sequence[Given]) -> str:
    """A help line where the arguments of a layer that takes none are perhaps tensors."""
    texts = [argument.span.text for argument in given]
    plain = all(text.isidentifier() and text not in ("true", "false") for text in texts)
    return by_arrow(takes.callee, texts) if plain else ""


def _twice(takes: Signature, name: str, argument: Given, first: Given) -> Fault:
    by_position = "" if first.name is not None else f", by its position, as `{name}`"
    return Fault(
        "E206",
        f"the argument `{name}` of `{takes.callee}` is given twice",
        argument.name_span or argument.span,
        labels=(Label(first.name_span or first.span, f"given here first{by_position}"),),
    )


def _missing(takes: Signature, missing: Sequence[str], span: Span) -> Fault:
    *some, last = (f"`{name}`" for name in missing)
    names = f"{', '.join(some)} and {last}" if some else last
    labels = tuple(label for name in missing for label in takes.declared(name))
    notes = () if labels else (takes.takes,)
    return Fault(
        "E204",
        f"`{takes.callee}` needs the argument{'s' * bool(some)} {names}",
        span,
        labels=labels,
        notes=notes,
        help=f"as in `{takes.example}`" if takes.example.startswith(f"{takes.callee}(") else "",
    )


def by_arrow(layer: str, arguments: Sequence[str]) -> str:
    """A help line for tensors, as the text names them, that stand as arguments of a layer."""
    if not arguments or not all(re.fullmatch(r"[a-zA-Z_]\w*", text) for text in arguments):
        return "a layer is applied by an arrow: `x -> relu`, `( x | y ) -> add`"
    head = arguments[0] if len(arguments) == 1 else f"( {' | '.join(arguments)} )"
    return f"a layer is applied by an arrow: `{head} -> {layer}`"


def mistaken(callee: str, name: str, argument: Given, param: Param[Any]) -> Fault:
    """An int by position that was hardly meant for the parameter that stands there."""
    mend = param.by_name
    try:
        param.kind.convert(argument.value)
    except Mismatch as found:
        message = f"`{name}` of `{callee}` is {found.expected}, not {found.found}"
        return Fault("E601", message, argument.span, help=mend)
    return Fault(
        "E205",
        f"`{callee}` takes `{name}` by its name, and {show(argument.value)} stands by its position",
        argument.span,
        help=f"{mend}; `{name}={show(argument.value)}` if that is meant",
    )


_ANNOTATIONS = ("int", "float", "bool", "str", "list", "layer", "block", "tensor")


def holds(annotation: str, value: Value) -> bool:
    """An int is accepted where a float is wanted, never the reverse; a bool is no int."""
    kind = type(value)
    match annotation:
        case "int":
            return kind is int
        case "float":
            return kind is float or kind is int
        case "bool":
            return kind is bool
        case "str":
            return kind is str
        case "list":
            return kind is list
        case "layer":
            return is_layer(value)
        case "block":
            return kind is BlockValue
        case "tensor":
            return kind is Tensor or (kind is list and len(value) == 1 and is_bundle(value))
    return True


def check_annotation(parameter: ast.Parameter, value: Value, span: Span) -> None:
    """Raises E306 at the argument."""
    annotation = parameter.annotation
    if annotation is None or value is POISON or holds(annotation, value):
        return
    article = "an" if annotation == "int" else "a"
    name = "string" if annotation == "str" else annotation
    help = "`//` divides to an int, `floor`, `ceil` and `round` make one" if type(value) is float else ""
    if annotation == "block" and is_layer(value):
        help = "pass the block without calling it"
    raise Fault(
        "E306",
        f"`{parameter.name}` is {article} {name}, and this is {type_name(value)}",
        span,
        labels=() if span == parameter.span else (Label(parameter.span, "declared here"),),
        help=help,
    )
