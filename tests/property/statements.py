"""Writes the statements of a body, one after another, and what each leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from archdsl.layers import REGISTRY, ArgumentError, LayerError
from tests.property.meaning import Bundle, Does, Run, Shared, TooMuch
from tests.property.shaped import arguments, layer, literal, written

if TYPE_CHECKING:
    from tests.property.flow import Flow, Place, Shapes


class Statements:
    """`xs` and `place` go along: what a statement binds is there for the next."""

    def __init__(self, flow: Flow, xs: Shapes, place: Place, keeps: bool) -> None:
        self.flow, self.xs, self.place, self.keeps = flow, xs, place, keeps
        self.lines: list[str] = []
        self.parts: list[Does] = []

    def written(self) -> tuple[list[str], Does]:
        for _ in range(self.flow.random.choice([0, 1, 1, 2, 3])):
            self.statement()
        return self.lines, self.does()

    def does(self) -> Does:
        parts = tuple(self.parts)

        def does(run: Run, takes: Bundle) -> Bundle:
            for part in parts:
                takes = part(run, takes)
            return takes

        return does

    def statement(self) -> None:
        ways = [self.flows, self.flows, self.assigns, self.parted, self.joined, self.value, self.several]
        ways += [self.function, self.default, self.expects, self.layer]
        ways += [self.share] if self.place.labels and len(self.xs) == 1 else []
        self.flow.random.choice(ways)()

    def say(self, line: str, does: Does | None = None) -> None:
        self.lines.append(line)
        if does is not None:
            self.parts.append(does)

    def element(self, flow: Callable[[], tuple[str, Does]]) -> tuple[str, Does] | None:
        """An element that can be applied here; the shapes go on behind it."""
        try:
            text, does = flow()
            ys = self.flow.leaving(does, self.xs, self.place)
        except (LayerError, TooMuch):
            return None
        if not ys or (self.keeps and ys != self.xs):
            return None
        self.xs = ys
        return text, does

    # --- the flow ------------------------------------------------------------------------------------------------------

    def flows(self) -> None:
        found = self.element(lambda: self.flow.chain(self.xs, self.place, self.keeps))
        if found is not None:
            self.say(*found)

    def assigns(self) -> None:
        found = self.element(lambda: self.flow.chain(self.xs, self.place, self.keeps))
        if found is not None:
            name = self.flow.fresh("t")
            self.say(f"{name} = {found[0]}", found[1])
            self.bind(name)

    def bind(self, *names: str) -> None:
        """The members of the current bundle, or all of it, have a name from here on."""

        def does(run: Run, takes: Bundle) -> Bundle:
            run.frame.update(
                {names[0]: takes} if len(names) == 1 else zip(names, ((t,) for t in takes), strict=True)
            )
            return takes

        self.parts.append(does)
        shapes = [self.xs] if len(names) == 1 else [(x,) for x in self.xs]
        named = {n: x for n, x in zip(names, shapes, strict=True) if n != "_"}
        self.place = replace(self.place, tensors={**self.place.tensors, **named})

    def parted(self) -> None:
        """`a, _ = split(2)`"""
        if self.keeps or len(self.xs) > 1:
            return
        found = layer(self.flow.random, self.xs, self.place.defaults, lambda ys: 1 < len(ys) < 5, ["split"])
        if found is not None:
            made, given = found
            text = written(self.flow.random, made, given, lambda v: self.flow.write(self.place, v))
            self.xs = made.outputs(self.xs)
            names = [
                self.flow.fresh("t") if i == 0 or self.flow.chance(70) else "_" for i in range(len(self.xs))
            ]
            self.say(f"{', '.join(names)} = {text}", lambda run, takes: run.apply(made, takes))
            self.bind(*names)

    def joined(self) -> None:
        """What flows, with something that was named before."""
        named = list(self.place.tensors.items())
        if self.place.arriving is not None:
            named.append(("in", self.place.arriving))
        if not named:
            return
        name, shapes = self.flow.random.choice(named)
        both = (*self.xs, *shapes)
        head = lambda run, takes: (*takes, *run.frame[name])  # noqa: E731
        text = f"( it | {name} )"
        if len(self.xs) == 1 and self.flow.chance(30):
            text = f"( identity | {name} )"
        elif len(self.xs) == 1 and len(shapes) == 1 and self.flow.chance(30):
            text = f"[it, {name}]"
        elif len(self.xs) > 1 and len(shapes) > 1 and self.flow.chance(60):
            text = f"it + {name}"
        elif len(self.xs) > 1 and len(shapes) == 1 and self.flow.chance(60):
            text = f"it + [{name}]"
        try:
            join = self.flow.plain(both, self.place, self.keeps)
        except LayerError:
            return
        if join is None:
            return
        found = self.element(
            lambda: (f"{text} -> {join[0]}", lambda run, takes: join[1](run, head(run, takes)))
        )
        if found is not None:
            self.say(*found)

    # --- values --------------------------------------------------------------------------------------------------------

    def named(self, **values: Any) -> None:
        self.place = replace(self.place, names={**self.place.names, **values})

    def value(self) -> None:
        name = self.flow.fresh("v")
        drawn = self.flow.random.choice([1, 2, 3, 4, True, False, 0.5, [1, 2], [3], "same"])
        self.say(f"let {name} = {self.flow.write(self.place, drawn, 2)}")
        self.named(**{name: drawn})

    def several(self) -> None:
        a, b = self.flow.fresh("v"), self.flow.fresh("v")
        x, y = (self.flow.random.randint(1, 4) for _ in range(2))
        write = lambda v: self.flow.write(self.place, v)  # noqa: E731
        self.say(
            self.flow.random.choice(
                [
                    f"let {a}, {b} = {write([x, y])}",
                    f"let {a}, (_, {b}) = [{write(x)}, {write([1, y])}]",
                    f"let {a}, _, {b} = {write([x, 5, y])}",
                    f"let ({a}, {b}), _ = [{write([x, y])}, {write(7)}]",
                ]
            )
        )
        self.named(**{a: x, b: y})

    def function(self) -> None:
        name, result = self.flow.fresh("f"), self.flow.fresh("v")
        x = self.flow.random.randint(1, 3)
        self.say(f"def {name}(x, by: int = {self.flow.write(self.place, 2)},) = x * by")
        self.say(f"let {result} = {name}({self.flow.write(self.place, x)})")
        self.named(**{result: 2 * x})

    def default(self) -> None:
        """Another default of some layer, from here on."""
        cls = REGISTRY[self.flow.random.choice(sorted(REGISTRY))]
        found = {
            k: v
            for k, v in arguments(self.flow.random, cls, self.xs[0]).items()
            if not cls.params[k].required
        }
        try:
            cls({**dict.fromkeys(cls.required, self.xs[0].channels), **found})
        except ArgumentError:
            return
        if found:
            write = lambda v: self.flow.write(self.place, v)  # noqa: E731
            inside = ", ".join(f"{k}={literal(self.flow.random, v, write)}" for k, v in found.items())
            self.say(f"default {cls.name}({inside})")
            there = {**self.place.defaults.get(cls.name, {}), **found}
            self.place = replace(self.place, defaults={**self.place.defaults, cls.name: there})

    def expects(self) -> None:
        true = self.flow.write(self.place, True)
        lines = [
            f"expect {true}",
            f'expect {true}, "it is so"',
            f"expect {self.flow.write(self.place, 3)} ~ 3",
        ]
        lines.append(f'expect {self.flow.write(self.place, 1234)} ~ 1.2K, "about"')
        if len(self.xs) == 1:
            lines.append(f"expect it.shape == {list(self.xs[0].dims)}")
        self.say(self.flow.random.choice(lines))

    def layer(self) -> None:
        """A layer that is kept: new weights at each use."""
        name, place, xs = self.flow.fresh("f"), self.apart(), self.xs
        text, does = self.flow.chain(xs, place, self.keeps)
        self.say(f"let {name} = {text}")
        self.keep(name, xs, does, lambda: does)

    def share(self) -> None:
        """One layer, which is used at once: what nothing uses would be no module."""
        name, xs = self.flow.fresh("s"), self.xs
        text, does = self.flow.chain(xs, self.apart(), self.keeps)
        if not self.flow.leaving(does, xs, self.place):
            return
        self.say(f"share {name} = {text}")
        self.keep(name, xs, does, lambda: Shared(does))
        used = self.element(lambda: (name, lambda run, takes: run.frame[name](run, takes)))
        assert used is not None
        self.say(*used)

    def apart(self) -> Place:
        """What is kept names no tensor."""
        return replace(
            self.place, depth=min(self.place.depth, 1), tensors={}, arriving=None, labels=False, layers={}
        )

    def keep(self, name: str, xs: Shapes, does: Does, value: Callable[[], Does]) -> None:
        def binds(run: Run, takes: Bundle) -> Bundle:
            run.frame[name] = value()
            return takes

        self.parts.append(binds)
        self.place = replace(self.place, layers={**self.place.layers, name: (xs, does)})
