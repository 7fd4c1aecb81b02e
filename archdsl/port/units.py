"""Keys of a checkpoint by the layers that hold them: what a layer's tensors are there for, and their shapes."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Shape = tuple[int, ...]

WEIGHT, BIAS, COUNTER = "weight", "bias", "num_batches_tracked"
_ROLES = (WEIGHT, BIAS, "running_mean", "running_var", COUNTER)
#: What others call the tensors of a norm; "gamma" and "beta" stand for weight and bias where both are there.
_OTHERWISE = {"moving_mean": "running_mean", "moving_variance": "running_var", "moving_var": "running_var"}
_IN_PAIRS = {"gamma": ("beta", WEIGHT), "beta": ("gamma", BIAS)}
#: A parameter that bears its role behind its name, `in_proj_weight`.
_SUFFIXED = re.compile(r"(.+)_(weight|bias)")
#: Keys are cut into so many parts; what is behind them is one part.
_MOST_PARTS = 64


@dataclass(eq=False, slots=True)
class Unit:
    """One layer, or one bare parameter: its path, and by role the key and the shape of each tensor.

    `order` is the place of its first key.
    """

    path: tuple[str, ...]
    order: int
    keys: dict[str, str] = field(default_factory=dict)
    shapes: dict[str, Shape] = field(default_factory=dict)

    @property
    def kind(self) -> tuple[tuple[str, Shape], ...]:
        """What it holds, without how many batches it has seen."""
        return tuple(sorted((role, shape) for role, shape in self.shapes.items() if role != COUNTER))


def units_of(shapes: Mapping[str, Sequence[int]]) -> list[Unit]:
    """The layers that the keys of a table of tensors tell of, in its order."""
    found: dict[tuple[str, ...], Unit] = {}
    parts = {key: tuple(re.split(r"[./]", key, maxsplit=_MOST_PARTS)) for key in shapes}
    beside: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    for path in parts.values():
        beside[path[:-1]].add(path[-1])
    for order, (key, shape) in enumerate(shapes.items()):
        path, role, bare = _role(parts[key], beside[parts[key][:-1]])
        unit = found.setdefault(path, Unit(path, order))
        if role in unit.keys:  # two names for one thing: each stays by itself
            unit = found.setdefault(parts[key], Unit(parts[key], order))
            role = parts[key][-1]
        unit.keys[role] = key
        unit.shapes[role] = canonical(shape, bare)
    return list(found.values())


def _role(path: tuple[str, ...], beside: set[str]) -> tuple[tuple[str, ...], str, bool]:
    """The path of the layer, what the tensor is there for, and whether that is not known from its name."""
    last = path[-1]
    if last in _ROLES:
        return path[:-1], last, False
    if last in _OTHERWISE:
        return path[:-1], _OTHERWISE[last], True
    if last in _IN_PAIRS and _IN_PAIRS[last][0] in beside:
        return path[:-1], _IN_PAIRS[last][1], True
    if suffixed := _SUFFIXED.fullmatch(last):
        return (*path[:-1], suffixed[1]), suffixed[2], False
    return path, WEIGHT, True


def canonical(shape: Sequence[int], bare: bool = False) -> Shape:
    """The shape that stands for all in which the tensor does the same.

    A 1×1 convolution of n channels does to each position what a linear layer does: axes of 1 behind the first two do
    not count. Those of a bare parameter, which only say along which axis it is spread out, do not count on either
    side.
    """
    sizes = list(shape)
    while sizes and sizes[-1] == 1 and (bare or len(sizes) > 2) and len(sizes) > 1:
        sizes.pop()
    while bare and len(sizes) > 1 and sizes[0] == 1:
        sizes.pop(0)
    return tuple(sizes)
