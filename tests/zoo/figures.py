"""What we compute for the printed figures of `paper.csv`."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from math import prod
from typing import Any

from archdsl.api import Architecture
from tests.zoo.support import architecture
from tests.zoo.tables import Row

Layers = list[dict[str, Any]]
Count = Callable[[list[Architecture], list[str]], list[int]]
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9}
_FIGURE = re.compile(r"(over )?(\d[\d,]*(?:\.\d+)?)([KMG]?)")


def values(row: Row) -> list[Decimal]:
    """The computed figures of a row: of the models that it compares, or of the parts that it names."""
    models = [figured(row["spec"], model) for model in row["model"].split()]
    count = QUANTITIES[row["quantity"]]
    return [Decimal(value) for value in count(models, row["part"].split())]


@cache
def figured(spec: str, model: str) -> Architecture:
    return architecture(spec, model)


def as_printed(figures: list[Decimal], printed: str, rounding: str = ROUND_HALF_UP) -> str:
    """The figures with the units and the digits of printed ones, in the words around those."""
    left = iter(figures)

    def replaced(match: re.Match[str]) -> str:
        value, (over, digits, unit) = next(left), match.groups()
        if over and value > Decimal(digits.replace(",", "")) * _UNITS[unit]:
            return match[0]
        exponent = Decimal(digits.replace(",", "")).as_tuple().exponent
        assert isinstance(exponent, int)
        rounded = (value / _UNITS[unit]).quantize(Decimal(1).scaleb(exponent), rounding)
        return f"{rounded:,}{unit}" if "," in digits else f"{rounded}{unit}"

    text = _FIGURE.sub(replaced, printed)
    assert next(left, None) is None, f"{len(figures)} figures are computed, fewer are printed: {printed}"
    return text


def agrees(row: Row) -> bool:
    """Each computed figure rounds to the printed one."""
    return as_printed(values(row), row["printed"]) == row["printed"]


def within(path: str, parts: list[str]) -> bool:
    return not parts or any(path == part or path.startswith(f"{part}.") for part in parts)


def rows_of(arch: Architecture, parts: list[str]) -> Layers:
    """The layers of the summary in any of the parts."""
    found = [layer for layer in arch.summary()["layers"] if within(layer["path"], parts)]
    assert found, f"{arch.model} has none of {parts}"
    return found


def last(arch: Architecture, part: str) -> dict[str, Any]:
    return rows_of(arch, [part])[-1]


def total(arch: Architecture, parts: list[str], quantity: str, *, training: bool = False) -> int:
    """The sum over layers, without or with those that run in training only."""
    layers = rows_of(arch, parts)
    return sum(layer[quantity] for layer in layers if training or not layer.get("training"))


def kernels(arch: Architecture) -> dict[str, int]:
    """By the path of its module, what a layer multiplies with: weights, without biases and normalisations."""
    found, stack = {}, [arch._graph.root]
    while stack:
        module = stack.pop()
        sizes = [prod(shape) for shape in module.weights.values() if len(shape) > 1]
        if sizes:
            found[module.path] = sum(sizes)
        stack.extend(module.children)
    return found


def depth(arch: Architecture) -> int:
    """Layers with weights on the longest way from an input to an output, as networks are named for them."""
    graph, weighted = arch.graph, kernels(arch)
    steps: dict[int, int] = {}
    for node in sorted(graph):
        before = max((steps[arriving] for arriving in graph.predecessors(node)), default=0)
        steps[node] = before + (graph.nodes[node]["module"] in weighted)
    return max(steps.values())


def children(arch: Architecture, part: str) -> int:
    """Modules directly within a part."""
    inside = (layer["path"][len(part) + 1 :] for layer in rows_of(arch, [part]))
    return len({path.split(".")[0] for path in inside if path})


def _of_models(count: Callable[[Architecture, list[str]], int]) -> Count:
    return lambda models, parts: [count(model, parts) for model in models]


def _of_parts(count: Callable[[Architecture, str], int]) -> Count:
    return lambda models, parts: [count(model, part) for model in models for part in parts]


def _of_layers(models: list[Architecture], parts: list[str]) -> list[int]:
    """Of each layer that has weights."""
    found = []
    for model in models:
        sizes = kernels(model)
        found += [sizes[layer["path"]] for layer in rows_of(model, parts) if layer["path"] in sizes]
    return found


#: How what is printed is computed from models and parts.
QUANTITIES: dict[str, Count] = {
    # of each model, or of the parts of it together; training-only branches have parameters and no operations
    "params": _of_models(lambda arch, parts: total(arch, parts, "params", training=True)),
    "inference params": _of_models(lambda arch, parts: total(arch, parts, "params")),
    "macs": _of_models(lambda arch, parts: total(arch, parts, "macs")),
    # without biases and normalisations
    "weights": _of_models(lambda arch, parts: sum(v for p, v in kernels(arch).items() if within(p, parts))),
    "weights of each layer": _of_layers,
    "depth": _of_models(lambda arch, _: depth(arch)),
    # of each part; the modules that it consists of, and the height of its maps
    "modules": _of_parts(children),
    "channels": _of_parts(lambda arch, part: last(arch, part)["output"][0]),
    "arriving channels": _of_parts(lambda arch, part: rows_of(arch, [part])[0]["inputs"][0][0]),
    "size": _of_parts(lambda arch, part: [*last(arch, part)["output"], 1][1]),
}
