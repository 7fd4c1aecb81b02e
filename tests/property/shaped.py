"""A layer that takes what arrives, any of the registry, drawn from its declaration; and its call as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from archdsl.layers import REGISTRY, ArgumentError, Init, Layer, LayerError, Shape, Word
from archdsl.layers.applied import apply
from tests.layers.drawn import value

#: Smaller than what legal programs may have: what is drawn is to be run.
MOST_SIZE, MOST_VALUES = 40, 2000
#: layers to try, and arguments of each
LAYERS, ARGUMENTS = 4, 6

Defaults = Mapping[str, Mapping[str, Any]]
Writes = Callable[[Any], str]


def small(shape: Shape) -> bool:
    return max(shape.dims) <= MOST_SIZE and shape.numel <= MOST_VALUES and len(shape.dims) <= 4


def arguments(random: Random, cls: type[Layer], x: Shape) -> dict[str, Any]:
    chosen = [name for name, param in cls.params.items() if param.required or random.random() < 0.25]
    return {name: tame(value(random, cls.params[name].kind, x)) for name in chosen}


def tame(drawn: Any) -> Any:
    """Numbers that leave something to compare: no weight of 1e38."""
    if isinstance(drawn, float) and abs(drawn) > 100:
        return 2.0
    return drawn


def layer(
    random: Random,
    xs: tuple[Shape, ...],
    defaults: Defaults,
    wanted: Callable[[tuple[Shape, ...]], bool] = lambda ys: True,
    names: Sequence[str] = tuple(REGISTRY),
) -> tuple[Layer, dict[str, Any]] | None:
    """A layer for tensors of these shapes and the arguments to write; None where none is found soon."""
    fitting = [n for n in names if (takes_several if len(xs) > 1 else takes_one)(REGISTRY[n])]
    for cls in [cls for _ in range(LAYERS) for cls in [REGISTRY[random.choice(fitting)]] * ARGUMENTS]:
        given = arguments(random, cls, xs[0])
        try:
            made = cls({**defaults.get(cls.name, {}), **given})
            ys = apply(made, xs).outputs
            fits = made.inside(xs)
        except (ArgumentError, LayerError):
            continue
        if all(map(small, ys)) and all(Shape(dims).numel <= 10 * MOST_VALUES for dims in fits) and wanted(ys):
            return made, given
    return None


def takes_several(cls: type[Layer]) -> bool:
    return cls.is_join or cls.takes_bundle


def takes_one(cls: type[Layer]) -> bool:
    return not cls.is_join


def written(random: Random, made: Layer, given: Mapping[str, Any], write: Writes) -> str:
    """The call: arguments by position as far as they go and chance wants, the others by name."""
    parts: list[str] = []
    names = list(made.params)
    by_position = True
    rest = dict(given)
    for name in names:
        if name not in rest or made.params[name].by_name or random.random() < 0.25:
            by_position = False
        if not by_position:
            break
        parts.append(literal(random, rest.pop(name), write))
    if parts and random.random() < 0.1:
        parts = [f"*[{parts[0]}]" if not parts[0].isidentifier() else parts[0], *parts[1:]]
    keywords = [f"{name}={literal(random, argument, write)}" for name, argument in rest.items()]
    random.shuffle(keywords)
    parts += keywords
    if not parts:
        return made.name + random.choice(["", "", "()"])
    return f"{made.name}({', '.join(parts)}{random.choice(['', '', '', ','])})"


def literal(random: Random, argument: Any, write: Writes) -> str:
    """An argument of a layer as text."""
    if isinstance(argument, Word):
        return argument.name
    if isinstance(argument, Init):
        inside = ", ".join(f"{name}={literal(random, v, write)}" for name, v in argument.arguments)
        return f"{argument.name}({inside})" if inside else argument.name + random.choice(["", "()"])
    if isinstance(argument, tuple):
        argument = list(argument)
    return write(argument)
