"""What goes into a program and what comes out, by the names of the text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from archdsl.api import Architecture
from archdsl.export.faults import ExportError
from archdsl.records import record

#: The axis that is never fixed.
BATCH = "batch"
#: Spatial axes as the language calls them, by their number.
_AXES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}


@record
class Ports:
    """`inputs` are shapes by name, channels first and without the batch; `outputs` the names of all tensors that leave
    in evaluation, in order. `free` are the axes that may vary, for each input by their places in the tensor (0 is the
    batch), with the names of their sizes."""

    inputs: Mapping[str, tuple[int, ...]]
    outputs: tuple[str, ...]
    free: Mapping[str, Mapping[int, str]]


def ports_of(arch: Architecture, axes: Iterable[str] = ()) -> Ports:
    """The ports of a network of which these axes, `height` or `length`, may vary. Raises ExportError."""
    inputs = {name: tuple(shape) for name, shape in arch.inputs.items()}
    return Ports(inputs, _outputs(arch), _free(inputs, [axis for axis in axes if axis != BATCH]))


def _outputs(arch: Architecture) -> tuple[str, ...]:
    """A bundle's tensors are numbered, `logits_0`. Outputs for training are absent. A name that an input has is
    another one here, `image_out`: a program has one for both."""
    training = set(arch.graph.graph["training_outputs"])
    left = {name: shape for name, shape in arch.outputs.items() if name not in training}
    taken = {*arch.inputs, *(name for name, shape in left.items() if not _bundled(shape))}
    names: list[str] = []

    def claim(wish: str) -> None:
        while wish in taken:
            wish += "_"
        taken.add(wish)
        names.append(wish)

    for name, shape in left.items():
        if _bundled(shape):
            for number in range(len(shape)):
                claim(f"{name}_{number}")
        elif name in arch.inputs:
            claim(f"{name}_out")
        else:
            names.append(name)
    return tuple(names)


def _bundled(shape: list[Any]) -> bool:
    return bool(shape) and isinstance(shape[0], list)


def _free(inputs: Mapping[str, tuple[int, ...]], axes: Iterable[str]) -> dict[str, dict[int, str]]:
    free: dict[str, dict[int, str]] = {name: {0: BATCH} for name in inputs}
    known = {name: _AXES.get(len(shape) - 1, ()) for name, shape in inputs.items()}
    for axis in dict.fromkeys(axes):
        having = [name for name in inputs if axis in known[name]]
        if not having:
            words = dict.fromkeys([BATCH, *(word for names in known.values() for word in names)])
            raise ExportError(
                f"no input has an axis `{axis}`",
                help=f"axes that may vary are {', '.join(f'`{word}`' for word in words)}",
                wrong=True,
            )
        for name in having:
            size = axis if len(having) == 1 else f"{name}_{axis}"
            free[name][known[name].index(axis) + 2] = size
    return free
