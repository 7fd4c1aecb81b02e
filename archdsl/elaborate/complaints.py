"""What a layer has against its arguments or against what arrives, said at its place in the text."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

from archdsl.elaborate.faults import Fault
from archdsl.elaborate.origin import Origins, labels_of
from archdsl.graph.model import Tensor
from archdsl.layers import ArgumentError, Aspect, Layer, LayerError
from archdsl.source import Span


def misused(
    error: ArgumentError, name: str, given: Container[str], span: Span, arguments: Mapping[str, Span]
) -> Fault:
    """The complaint of the layer `name` about an argument, at its place. `given` are those that the text states."""
    notes = _by_default(error.parameter, name, given, arguments)
    return Fault(
        error.code, error.message, arguments.get(error.parameter, span), notes=notes, help=error.help
    )


def _by_default(
    parameter: str | None, name: str, given: Container[str], arguments: Mapping[str, Span]
) -> tuple[str, ...]:
    """Where the argument to blame is, if it does not stand at the call."""
    if parameter is None or parameter not in given or parameter in arguments:
        return ()
    return (f"`{parameter}` comes from a `default {name}(…)`; one at the call overrides it",)


def complaint(
    error: LayerError,
    layer: Layer,
    inputs: Sequence[Tensor],
    span: Span,
    arguments: Mapping[str, Span],
    branches: list[Span | None],
    origins: Origins,
) -> Fault:
    """A layer's complaint, at the element, with the lines that made what arrives."""
    texts = error.members
    if not texts:
        blamed = range(len(inputs)) if error.member is None else (error.member,)
        texts = {index: f"this gives {inputs[index].shape}" for index in list(blamed)[:4]}
    order = sorted(texts)
    places = [origins.label(inputs[i], branches[i]) for i in order]
    place = span if error.parameter is None else arguments.get(error.parameter, span)
    notes = [*error.notes, *_by_default(error.parameter, layer.name, layer.given, arguments)]
    story: tuple[str, ...] = ()
    if len(order) == 1 and error.aspect is Aspect.SIZES:
        story = origins.story(inputs[order[0]], "how the sizes came about", Aspect.SIZES)
    notes += story
    if not story and error.code != "E404":
        for i, label in zip(order, places, strict=True):
            notes += origins.comes(inputs[i], label, error.aspect)
    return Fault(
        error.code,
        error.message,
        place,
        labels=labels_of(places, [texts[i] for i in order]),
        notes=tuple(dict.fromkeys(notes)),
        help=error.help,
    )
