"""An example of a declaration, computed: what leaves, what it costs, what it is in PyTorch."""

from __future__ import annotations

from archdsl.api import Architecture, loads
from archdsl.layers import REGISTRY, Layer, Shape
from archdsl.layers.page import Example
from archdsl.manual.entry import Sample
from archdsl.manual.torch_form import support_of, torch_lines

#: names of the tensors that arrive: of one, and of several
ONE, SEVERAL = "x", "abcdefgh"


def input_names(example: Example) -> tuple[str, ...]:
    """What the tensors that arrive are called."""
    count = len(example.arriving)
    return (ONE,) if count == 1 else tuple(SEVERAL[:count])


def program(example: Example) -> str:
    """A spec of a network that is the example and nothing else."""
    names = input_names(example)
    inputs = [f"  input {name}: {_map(x)}" for name, x in zip(names, example.arriving, strict=True)]
    heads = [_head(name, x) for name, x in zip(names, example.arriving, strict=True)]
    head = heads[0] if len(heads) == 1 else f"( {' | '.join(heads)} )"
    return "\n".join(["network example {", *inputs, f"  {head} -> {example.text}", "  output y", "}", ""])


def _map(x: Shape) -> Shape:
    """The input of the network: tokens come of a map, whose channels are in front."""
    return Shape((x.channels, *x.spatial)) if x.tokens else x


def _head(name: str, x: Shape) -> str:
    return f"{name} -> tokens(flat=false)" if x.tokens else name


def sample(example: Example) -> Sample:
    """An example, elaborated. Raises ArchError where its text is wrong."""
    architecture = loads(program(example), "<example>")
    layer = _shown(example, architecture)
    leaving = layer.outputs(example.arriving)
    form = layer.form(example.arriving, leaving)
    return Sample(
        example.text,
        example.arriving,
        leaving,
        architecture.params,
        architecture.macs,
        torch_lines(form, input_names(example)),
        support_of(form),
    )


def _shown(example: Example, architecture: Architecture) -> Layer:
    """The layer of the example, which stands last."""
    layers = [layer for _, layer in architecture.graph.nodes(data="layer") if layer is not None]
    if layers:
        layer: Layer = layers[-1]
        return layer
    return REGISTRY[example.text]({})  # one that hands on what arrives is no node
