"""Writes flows: elements, and bodies of statements, for tensors of any shapes; with what each does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from archdsl.layers import REGISTRY, ArgumentError, LayerError, Shape
from tests.property.expressions import Expressions
from tests.property.meaning import Bundle, Does, Element, Made, Run, Shared, TooMuch
from tests.property.shaped import layer, written

Shapes = tuple[Shape, ...]


@dataclass(frozen=True)
class Place:
    """Where something is written: what may be named there, and what arrives."""

    depth: int
    names: Mapping[str, Any] = field(default_factory=dict)  # values by name
    functions: tuple[str, ...] = ()
    tensors: Mapping[str, Shapes] = field(default_factory=dict)
    layers: Mapping[str, tuple[Shapes, Does]] = field(default_factory=dict)  # for what arrives so
    blocks: tuple[Block, ...] = ()
    defaults: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    labels: bool = True  # whether this text stands for one place among the modules
    arriving: Shapes | None = None  # `in`, where there is one


@dataclass(frozen=True)
class Block:
    """A block to call for tensors of these shapes."""

    name: str
    takes: Shapes
    does: Does
    arguments: tuple[tuple[str, Any], ...] = ()  # what its meaning was written for
    counts: str = ""  # a parameter that says how often something is done
    body: str = ""  # a parameter that is a layer
    plain: bool = False  # whether that one is a block to call
    labelled: bool = True


def identity(run: Run, takes: Bundle) -> Bundle:
    return takes


def then(*parts: Does) -> Does:
    def does(run: Run, takes: Bundle) -> Bundle:
        for part in parts:
            takes = part(run, takes)
        return takes

    return does


def reads(name: str) -> Does:
    return lambda run, takes: run.frame[name]


class Flow:
    """Draws from `random`; with `wrap` each chain stands in braces, and means the same."""

    def __init__(self, random: Random, wrap: bool = False) -> None:
        self.random = random
        self.wrap = wrap
        self.counter = 0

    def fresh(self, stem: str) -> str:
        self.counter += 1
        return f"{stem}_{self.counter}"

    def chance(self, percent: int) -> bool:
        return self.random.random() * 100 < percent

    def write(self, place: Place, value: Any, depth: int = 1) -> str:
        return Expressions(self.random, place.names, place.functions).of(value, depth)

    # --- what an element does to shapes ------------------------------------------------------------------------------

    def leaving(self, does: Does, xs: Shapes, place: Place) -> Shapes:
        """Shapes that leave. Raises LayerError and TooMuch."""
        run = Run()
        run.frame = {name: made(shapes) for name, shapes in place.tensors.items()}
        run.frame["in"] = made(place.arriving or ())
        run.frame.update({name: Shared(does) for name, (_, does) in place.layers.items()})
        return tuple(tensor.shape for tensor in does(run, made(xs)))

    # --- elements ----------------------------------------------------------------------------------------------------

    def element(self, xs: Shapes, place: Place, keeps: bool = False) -> tuple[Element, Shapes]:
        """Something to apply to tensors of these shapes, and the shapes that leave."""
        for _ in range(6):
            way = self.random.choice(self.ways(xs, place))
            try:
                found = way(xs, place, keeps)
                if found is None:
                    continue
                ys = self.leaving(found[1], xs, place)
            except (ArgumentError, LayerError, TooMuch):
                continue
            if ys and (not keeps or ys == xs):
                return found, ys
        return ("identity" if len(xs) == 1 else "{ }", identity), xs

    def ways(self, xs: Shapes, place: Place) -> list[Callable[..., Element | None]]:
        ways: list[Callable[..., Element | None]] = [self.plain, self.plain, self.plain]
        if [b for b in place.blocks if b.takes == xs and (place.labels or not b.labelled)]:
            ways += [self.call, self.call]
        if [1 for shapes, _ in place.layers.values() if shapes == xs]:
            ways += [self.kept]
        if place.depth > 0:
            ways += [self.fork, self.group, self.copies, self.choice, self.loop, self.ternary, self.braces]
            ways += [self.labelled] if place.labels else []
            ways += [self.each] if len(xs) > 1 else [self.many, self.waypoint, self.tokens]
        return ways

    def plain(self, xs: Shapes, place: Place, keeps: bool) -> Element | None:
        wanted = (lambda ys: ys == xs) if keeps else (lambda ys: True)
        found = layer(self.random, xs, place.defaults, wanted)
        if found is None:
            return None
        drawn, given = found
        text = written(self.random, drawn, given, lambda value: self.number(place, value, xs))
        return text, lambda run, takes: run.apply(drawn, takes)

    def number(self, place: Place, value: Any, xs: Shapes) -> str:
        """An argument; one that is the number of channels may say so."""
        if len(xs) == 1 and type(value) is int and self.chance(30):
            x = xs[0]
            told = {
                "it.channels": x.channels,
                "it.rank": len(x.dims),
                "it.shape[0]": x.dims[0],
                "it.numel": x.numel,
            }
            if not x.tokens and len(x.dims) == 3:
                told |= {"it.height": x.dims[1], "it.width": x.dims[2]}
            if place.arriving is not None and len(place.arriving) == 1:
                told["in.channels"] = place.arriving[0].channels
            fitting = [text for text, there in told.items() if there == value]
            if fitting:
                return self.random.choice(fitting)
        return self.write(place, value)

    def chain(self, xs: Shapes, place: Place, keeps: bool = False) -> Element:
        """A pipeline."""
        texts, parts = [], []
        for _ in range(self.random.choice([1, 1, 2, 3])):
            (text, does), xs = self.element(xs, place, keeps)
            texts.append(text)
            parts.append(does)
        arrow = self.random.choice([" -> ", " ->\n", "\n-> ", " -> "])
        text = arrow.join(texts)
        return (f"{{ {text} }}" if self.wrap else text), then(*parts)

    def inner(self, place: Place, **changes: Any) -> Place:
        return replace(place, depth=place.depth - 1, **changes)

    def group(self, xs: Shapes, place: Place, keeps: bool) -> Element:
        text, does = self.chain(xs, self.inner(place), keeps)
        return f"({text})", does

    def braces(self, xs: Shapes, place: Place, keeps: bool) -> Element:
        lines, does = self.body(xs, self.inner(place), keeps)
        return self.block_text(lines), does

    def block_text(self, lines: list[str]) -> str:
        if not lines:
            return self.random.choice(["{ }", "{}"])
        joined = self.random.choice(["; ", "\n", " # a comment\n"]).join(lines)
        return f"{{ {joined} }}" if "#" not in joined and self.chance(50) else f"{{\n{joined}\n}}"

    def copies(self, xs: Shapes, place: Place, keeps: bool) -> Element:
        inside = self.inner(place, labels=False)
        n = self.random.randint(0, 3)
        if self.chance(50):
            lines, does = self.body(xs, inside, True)
            text = self.block_text(lines)
        else:
            text, does = self.chain(xs, inside, True)
            text = f"({text})"
        return f"{text} * {self.write(place, n)}", then(*[does] * n)

    def fork(self, xs: Shapes, place: Place, keeps: bool) -> Element | None:
        branches = [self.chain(xs, self.inner(place)) for _ in range(self.random.choice([2, 2, 3]))]
        does = _side_by_side([does for _, does in branches])
        text = "( " + " | ".join(text for text, _ in branches) + " )"
        if self.chance(25) and not keeps:
            return text, does
        ys = self.leaving(does, xs, place)
        join = self.plain(ys, place, False)
        return None if join is None else (f"{text} -> {join[0]}", then(does, join[1]))

    def many(self, xs: Shapes, place: Place, keeps: bool) -> Element | None:
        """A branch for each value."""
        x = xs[0]
        if len(x.dims) > 1 and not x.tokens:
            stem, first, rest = "conv", "channels", {"kernel": 1}
        elif len(x.dims) == 1 or x.tokens:
            stem, first, rest = "linear", "features", {}
        else:
            return None
        values = [self.random.randint(1, 4) for _ in range(self.random.randint(1, 4))]
        name, other = self.fresh("v"), self.fresh("w")
        listed = self.write(place, values)
        head, chosen = self.random.choice(
            [
                (f"for {name} in {listed}", values),
                (f"for {name} in {listed} if {name} > 1", [v for v in values if v > 1]),
                (f"for {other} in range(2) for {name} in {listed}", values * 2),
                (f"for {other}, {name} in enumerate({listed})", values),
                (f"for {other}, ({name}, _) in enumerate(zip({listed}, {listed}))", values),
            ]
        )
        if not chosen:
            return None
        defaults = place.defaults.get(stem, {})
        made = [REGISTRY[stem]({**defaults, **rest, first: v}) for v in chosen]
        arguments = ", ".join([name, *map(str, rest.values())])
        does = _side_by_side([lambda run, takes, one=one: run.apply(one, takes) for one in made])
        return f"( {stem}({arguments}) {head} ) -> concat", then(
            does,
            lambda run, takes: run.apply(REGISTRY["concat"](dict(place.defaults.get("concat", {}))), takes),
        )

    def each(self, xs: Shapes, place: Place, keeps: bool) -> Element | None:
        """The same to each of a bundle."""
        if len(set(xs)) > 1:
            return None
        name = self.fresh("t")
        text, does = self.chain(xs[:1], self.inner(place, labels=False), keeps)
        branches = [lambda run, takes, i=i: does(run, takes[i : i + 1]) for i in range(len(xs))]
        return f"( {name} -> {text} for {name} in it )", _side_by_side(branches)

    def tokens(self, xs: Shapes, place: Place, keeps: bool) -> Element | None:
        """A map that is tokens for a while."""
        x = xs[0]
        if x.tokens or len(x.dims) != 3:
            return None
        _, h, w = x.dims
        sides = [d for d in range(1, 5) if h % d == 0 and w % d == 0]
        there, back = self.random.choice(
            [
                ({}, {"height": h, "width": w}),
                ({"flat": False}, {"flat": False}),
                ({"window": max(sides)}, {"height": h, "width": w, "window": max(sides)}),
            ]
        )
        names = ("tokens", "untokens")
        first, last = (
            REGISTRY[n]({**place.defaults.get(n, {}), **v}) for n, v in zip(names, (there, back), strict=True)
        )
        write = lambda value: self.write(place, value)  # noqa: E731
        texts = [written(self.random, made, given, write) for made, given in ((first, there), (last, back))]
        ys = first.outputs(xs)
        opening, closing = (lambda run, takes, made=made: run.apply(made, takes) for made in (first, last))
        if not keeps and self.chance(50):
            text, does = self.chain(ys, self.inner(place))
            return f"{texts[0]} -> {text}", then(opening, does)
        text, does = self.chain(ys, self.inner(place), True)
        return f"{texts[0]} -> {text} -> {texts[1]}", then(opening, does, closing)

    def waypoint(self, xs: Shapes, place: Place, keeps: bool) -> Element:
        sizes = [self.random.choice([str(n), str(n), "_", self.write(place, n)]) for n in xs[0].dims]
        text = self.random.choice(
            [f"[{', '.join(sizes)}]", "[*it.shape]", "[it.shape[0], *it.shape[1:]]", "it.shape"]
        )
        return f"identity -> {text}", identity

    def choice(self, xs: Shapes, place: Place, keeps: bool) -> Element:
        """An `if`: one arm is meant."""
        inside = self.inner(place)
        arms = [self.body(xs, inside, keeps) for _ in range(self.random.choice([1, 2, 2, 3]))]
        meant = self.random.randrange(len(arms) + 1)
        texts = []
        for i, (lines, _) in enumerate(arms):
            body = self.block_text(lines)
            if i == len(arms) - 1 and i and self.chance(60):
                texts.append(f"else {body}")
                meant = min(meant, i)
            else:
                truth = self.write(place, i == meant if i <= meant else self.chance(50))
                texts.append(f"{'elif' if i else 'if'} {truth} {body}")
        return self.random.choice([" ", "\n"]).join(texts), arms[meant][1] if meant < len(arms) else identity

    def ternary(self, xs: Shapes, place: Place, keeps: bool) -> Element | None:
        first, second = self.plain(xs, place, keeps), self.plain(xs, place, keeps)
        if first is None or second is None:
            return None
        truth = self.chance(50)
        text = f"({first[0]} if {self.write(place, truth)} else {second[0]})"
        return text, (first if truth else second)[1]

    def loop(self, xs: Shapes, place: Place, keeps: bool) -> Element:
        name, n = self.fresh("i"), self.random.randint(0, 3)
        inside = self.inner(place, labels=False)
        lines, does = self.body(xs, inside, True)
        head = self.random.choice([f"for {name} in range({self.write(place, n)})", f"for _ in {[1] * n}"])
        if "range" in head and self.chance(60):
            drawn = self.plain(xs, place, True)
            if drawn is not None:
                lines, does = [f'"{self.fresh("m")}_{{{name}}}": {drawn[0]}'], drawn[1]
                if not place.labels:
                    lines = [drawn[0]]
        return f"{head} {self.block_text(lines)}", then(*[does] * n)

    def labelled(self, xs: Shapes, place: Place, keeps: bool) -> Element:
        inside = self.inner(place)
        way = self.random.choice(
            [self.plain, self.group, self.braces, self.copies, self.copies, self.choice, self.loop]
        )
        text, does = way(xs, inside, keeps) or ("{ }", identity)
        name = self.fresh("m")
        label = self.random.choice([name, name, f'"{name}"', f'"{name}_{{1 + 1}}"'])
        return f"{label}: {text}", does

    def kept(self, xs: Shapes, place: Place, keeps: bool) -> Element:
        name = self.random.choice([name for name, (shapes, _) in place.layers.items() if shapes == xs])
        return name, lambda run, takes: run.frame[name](run, takes)

    def call(self, xs: Shapes, place: Place, keeps: bool) -> Element:
        blocks = [b for b in place.blocks if b.takes == xs and (place.labels or not b.labelled)]
        block = self.random.choice(blocks)
        parts = [self.write(place, value) for _, value in block.arguments]
        values: dict[str, Any] = {}
        if block.counts:
            values[block.counts] = n = self.random.randint(0, 3)
            parts.append(f"{block.counts}={self.write(place, n)}")
        given: Does | None = None
        if block.body and self.chance(70):
            apart = self.inner(place, labels=False, tensors={}, arriving=None, layers={})
            text, given = self.bare(place) if block.plain else self.chain(xs, apart, True)
            parts.append(f"{block.body}={text}")
        text = f"{block.name}({', '.join(parts)})" if parts else block.name + self.random.choice(["", "()"])

        def called(run: Run, takes: Bundle) -> Bundle:
            there = {**values, "in": takes}
            if given is not None:
                there[block.body] = within(run.frame, given)
            return run.call(block.does, takes, there)

        return text, called

    def bare(self, place: Place) -> Element:
        """A layer that is not called yet."""
        drawn = REGISTRY[self.random.choice(["relu", "sigmoid", "tanh", "hardswish"])]
        made = drawn(dict(place.defaults.get(drawn.name, {})))
        return drawn.name, lambda run, takes: run.apply(made, takes)

    def body(self, xs: Shapes, place: Place, keeps: bool = False) -> tuple[list[str], Does]:
        """Statements."""
        from tests.property.statements import Statements

        return Statements(self, xs, place, keeps).written()


def within(frame: dict[str, Any], does: Does) -> Does:
    """What does its work among the names of the place where it was written."""

    def bound(run: Run, takes: Bundle) -> Bundle:
        outer, run.frame = run.frame, frame
        try:
            return does(run, takes)
        finally:
            run.frame = outer

    return bound


def made(shapes: Shapes) -> Bundle:
    return tuple(Made(shape, None, i) for i, shape in enumerate(shapes))


def _side_by_side(branches: list[Does]) -> Does:
    def does(run: Run, takes: Bundle) -> Bundle:
        return tuple(tensor for branch in branches for tensor in branch(run, takes))

    return does
