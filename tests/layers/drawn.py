"""Arguments and arriving shapes for any layer, from its declaration alone: no layer is named here.

Each kind of parameter has a way to draw values that it takes, near those that the arriving shape suggests; now and
then comes any other value. Half of the cases are examples of the declaration with some of it drawn anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from random import Random
from typing import Any

from archdsl.api import loads
from archdsl.layers import INITIALISERS, WORDS, Init, Layer, Shape, Word, make_init
from archdsl.layers.init import Initialiser, NumberOrInit, VectorInit
from archdsl.layers.kinds import (
    FLOAT_LIMIT,
    LIMIT,
    Bool,
    Choice,
    Extent,
    Factor,
    Float,
    Int,
    IntOrInts,
    Ints,
    Kind,
    Padding,
)
from archdsl.manual.sample import program

Case = tuple[dict[str, Any], tuple[Shape, ...]]

#: what no kind takes, or few do
JUNK: list[Any] = [
    -1,
    0,
    LIMIT,
    LIMIT + 1,
    10**30,
    -(10**400),
    0.5,
    -1.5,
    1e39,
    1e300,
    float("inf"),
    float("nan"),
]
JUNK += [True, None, "", "half", "x" * 99, Init("zeros"), object(), [], [[1]], [0, -1], [LIMIT, 1], [1, None]]
JUNK += [[1, 2, 3, 4, 5], [10**40], [0.5], ["a"], *map(Word, sorted(WORDS))]


def cases(cls: type[Layer], count: int) -> Iterator[Case]:
    """So many cases of a layer, the same each time."""
    random = Random(cls.name)
    for _ in range(count):
        base = random.choice(declared(cls)) if declared(cls) and random.random() < 0.6 else None
        if base is not None:
            yield varied(random, cls, *base)
        else:
            xs = bundle(random) if cls.is_join or cls.takes_bundle else (shape(random),)
            chosen = [name for name, param in cls.params.items() if param.required or random.random() < 0.6]
            yield {name: argument(random, cls, name, xs[0]) for name in chosen}, xs


@cache
def declared(cls: type[Layer]) -> tuple[Case, ...]:
    """The examples of a declaration: arguments and arriving shapes."""
    found = []
    for example in cls.examples:
        layers = [layer for _, layer in loads(program(example)).graph.nodes(data="layer")]
        layer = next((layer for layer in reversed(layers) if type(layer) is cls), None)
        if layer is not None:  # one that hands on what arrives is no node
            given = {name: value for name, value in layer.values().items() if name in layer.given}
            found.append((given, example.arriving))
    return tuple(found)


def varied(random: Random, cls: type[Layer], given: dict[str, Any], xs: tuple[Shape, ...]) -> Case:
    """An example with some sizes changed, equal ones alike, and some arguments drawn."""
    sizes = sorted({n for x in xs for n in x.dims})
    to = {n: size(random) if random.random() < 0.15 else n for n in sizes}
    xs = tuple(Shape(tuple(to[n] for n in x.dims), x.tokens) for x in xs)
    drawn = {name: argument(random, cls, name, xs[0]) for name in cls.params if random.random() < 0.15}
    return {**given, **drawn}, xs


def argument(random: Random, cls: type[Layer], name: str, x: Shape) -> Any:
    if random.random() < 0.05:
        return random.choice(JUNK)
    return value(random, cls.params[name].kind, x)


# arriving shapes -----------------------------------------------------------------------------------------------------


def size(random: Random) -> int:
    kind = random.random()
    if kind < 0.97:
        return random.randint(1, 9) if kind < 0.87 else random.choice([12, 16, 32])
    return random.choice([1000, LIMIT])


def shape(random: Random) -> Shape:
    """A map of up to four spatial axes, or tokens."""
    rank = random.choice([0, 1, 1, 2, 2, 2, 2, 3, 3, 4])
    sizes = [size(random) for _ in range(rank)]
    channels = random.choice([2, 4, 6, 8, 12, size(random)])
    if rank in (1, 2) and random.random() < 0.35:
        return Shape((*sizes, channels), True)
    return Shape((channels, *sizes))


def bundle(random: Random) -> tuple[Shape, ...]:
    """Shapes that are equal, differ along an axis, broadcast, or are matrices of a product."""
    x = shape(random)
    others = []
    for _ in range(random.choice([0, 1, 1, 1, 1, 2, 2])):
        dims = list(x.dims)
        axis = random.randrange(len(dims))
        change = random.randrange(8)
        if change < 2:
            dims[axis] = size(random) if change else 1
        elif change == 2:
            dims = [x.channels]
        elif change == 3:
            dims[-2:] = dims[:-3:-1]
        elif change == 4:
            others.append(shape(random))
            continue
        others.append(Shape(tuple(dims), x.tokens and len(dims) > 1))
    return (x, *others)


# arguments -----------------------------------------------------------------------------------------------------------


def integer(random: Random, kind: Any, x: Shape) -> int:
    """A small one, an axis, a size, or what divides one."""
    rank = len(x.dims)
    divisors = [d for n in (*x.dims, x.numel) for d in range(1, 13) if n % d == 0]
    telling = [n for n in (*range(-rank, rank), *x.dims, x.numel) if kind.least <= n <= LIMIT]
    near = random.randint(kind.least, kind.least + 3) if kind.least > -LIMIT else random.randint(-2, 4)
    return random.choice([random.choice(divisors), random.choice(telling or [near]), near, near])


def repeated(random: Random, one: Callable[[], Any], *lengths: int) -> list[Any]:
    return [one() for _ in range(random.choice(lengths))]


def integers(random: Random, kind: Any, x: Shape) -> list[int]:
    """As many as axes or spatial axes, or twice; or a list that the shape and its axes suggest."""
    rank = len(x.dims)
    axes = list(range(rank))
    telling = [axes[::-1], random.sample(axes, rank), list(x.dims[::-1]), [x.numel], [-1, x.channels]]
    telling += [[n // 2, n - n // 2] for n in x.dims]
    allowed = [values for values in telling if all(kind.least <= n <= LIMIT for n in values)]
    if allowed and random.random() < 0.6:
        return random.choice(allowed)
    spatial = max(rank - 1, 1)
    return repeated(random, lambda: integer(random, kind, x), spatial, spatial, rank, 2 * spatial)


def extent(random: Random, kind: Any, x: Shape) -> Any:
    """As large as the input at most, in most cases."""
    largest = max(kind.least, min([4, *x.spatial]))

    def one() -> int:
        return random.randint(kind.least, largest) if random.random() < 0.85 else integer(random, kind, x)

    return one() if random.random() < 0.6 else repeated(random, one, max(len(x.dims) - 1, 1))


def number(random: Random, kind: Float, x: Shape) -> float:
    telling = [0, 1, 0.1, 0.5, 1e-6, 1e-3, 2, 2.5, -1.5, kind.least, kind.most, FLOAT_LIMIT, -FLOAT_LIMIT]
    return random.choice([n for n in telling if n is not None and taken(kind, n)])


def taken(kind: Float, n: float) -> bool:
    above = kind.least is None or n > kind.least or (n == kind.least and not kind.above)
    return above and (kind.most is None or n <= kind.most)


def word(random: Random, kind: Kind[Any], x: Shape) -> Any:
    name = random.choice(kind.words)
    return Word(name) if random.random() < 0.8 else name


def initialiser(random: Random, kind: Kind[Any], x: Shape) -> Init:
    name = random.choice(kind.words)
    required = [key for key, param in INITIALISERS[name].params.items() if param.required]
    return make_init(name, {key: 0.25 + i for i, key in enumerate(required)})  # a range ascends


def padding(random: Random, kind: Padding, x: Shape) -> Any:
    rank = max(len(x.dims) - 1, 1)
    if random.random() < 0.4:
        return word(random, kind, x)
    numbers = repeated(random, lambda: random.randint(0, 2), rank, 2 * rank)
    return random.choice([numbers[0], numbers])


def factor(random: Random, kind: Factor, x: Shape) -> Any:
    numbers = repeated(random, lambda: random.choice([1, 2, 0.5, 1.5, 3]), max(len(x.dims) - 1, 1))
    return random.choice([numbers[0], numbers])


def mixed(*ways: Callable[[Random, Any, Shape], Any]) -> Callable[[Random, Any, Shape], Any]:
    return lambda random, kind, x: random.choice(ways)(random, kind, x)


#: how to draw values of a kind for an arriving shape
WAYS: dict[type[Kind[Any]], Callable[[Random, Any, Shape], Any]] = {
    Int: integer,
    Ints: integers,
    IntOrInts: mixed(integer, integer, integers),
    Extent: extent,
    Float: number,
    Bool: lambda random, kind, x: random.random() < 0.5,
    Choice: word,
    Padding: padding,
    Factor: factor,
    Initialiser: initialiser,
    VectorInit: initialiser,
    NumberOrInit: mixed(lambda random, kind, x: number(random, Float(), x), initialiser),
}


def value(random: Random, kind: Kind[Any], x: Shape) -> Any:
    """A value of any kind: one that is not listed takes its words, small ints and lists of them."""
    way = WAYS.get(type(kind))
    if way is not None:
        return way(random, kind, x)
    return word(random, kind, x) if kind.words and random.random() < 0.5 else extent(random, Extent(0), x)
