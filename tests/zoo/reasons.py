"""Ways of counting that papers have and we do not: those that a reason in `paper.csv` names are tried out."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from math import prod
from typing import NamedTuple

from archdsl.api import Architecture
from tests.zoo.figures import as_printed, depth, figured, values
from tests.zoo.tables import Row


class Way(NamedTuple):
    """What is counted besides, how large the unit is in ours, and how figures lose their digits."""

    besides: Callable[[Architecture], int] = lambda arch: 0
    unit: Decimal = Decimal(1)
    rounding: str = ROUND_HALF_UP


def statistics(arch: Architecture) -> int:
    """Means and variances that normalisations keep."""
    found, stack = 0, [arch._graph.root]
    while stack:
        module = stack.pop()
        found += sum(prod(shape) for shape in module.buffers.values() if shape)
        stack.extend(module.children)
    return found


def without_normalisations(arch: Architecture) -> int:
    nodes = arch.graph.nodes.values()
    return -sum(
        node["params"]
        for node in nodes
        if node["layer"] is not None and node["layer"].group == "normalisation"
    )


def all_convolutions(arch: Architecture) -> int:
    """Those beside the longest way too, and not the classifier: how many more than the depth."""
    convolutions = {node["module"] for node in arch.graph.nodes.values() if node["op"] == "conv"}
    return len(convolutions) - depth(arch)


def globally_pooled(arch: Architecture) -> int:
    """Values that are added up to the means of whole maps."""
    pools = ("gap", "adaptive_avgpool")  # the latter to one position
    return sum(prod(layer["inputs"][0]) for layer in arch.summary()["layers"] if layer["layer"] in pools)


def values_of(*operations: str) -> Callable[[Architecture], int]:
    """One for each value that leaves one of the operations."""

    def count(arch: Architecture) -> int:
        return sum(prod(node["outputs"][0]) for node in arch.graph.nodes.values() if node["op"] in operations)

    return count


def pooled_and_scaled(arch: Architecture) -> int:
    """Values that are added up to the means of whole maps, and those that are multiplied with weights of channels."""
    scaled = sum(prod(layer["output"]) for layer in arch.summary()["layers"] if layer["layer"] == "mul")
    return globally_pooled(arch) + scaled


#: by the reason
WAYS = {
    "cut off, not rounded": Way(rounding=ROUND_DOWN),
    "running statistics are counted there": Way(statistics),
    "those of the normalisations are left out there": Way(without_normalisations),
    "those of the normalisations are left out there, and the rest is cut off": Way(
        without_normalisations, rounding=ROUND_DOWN
    ),
    "the three 1×1 convolutions of the shortcuts are counted there, and the classifier is not": Way(
        all_convolutions
    ),
    "global poolings are counted there, an addition for each value": Way(globally_pooled),
    "global poolings and scalings are counted there, an operation for each value": Way(pooled_and_scaled),
    "values that leave a ReLU are counted there": Way(values_of("relu")),
    "values that leave a ReLU and those that are scaled are counted there": Way(values_of("relu", "mul")),
    "a K is 1024 there": Way(unit=Decimal(1024) / 1000),
    "a K is 1024 there, and cut off": Way(unit=Decimal(1024) / 1000, rounding=ROUND_DOWN),
    "a G is 2^30 there": Way(unit=Decimal(2**30) / 10**9),
}


def explained(row: Row) -> str:
    """The figure of a row, counted as its reason says that the paper does it."""
    way = WAYS[row["reason"]]
    (arch,) = (figured(row["spec"], model) for model in row["model"].split())
    counted = [(value + way.besides(arch)) / way.unit for value in values(row)]
    return as_printed(counted, row["printed"], way.rounding)
