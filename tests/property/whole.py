"""Whole files: imports, functions, values, blocks, extern blocks, networks and models; with what each network means."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

from archdsl.api import Options, Spec
from archdsl.layers import REGISTRY, Shape, make_init
from archdsl.source import Source
from tests.property.expressions import FUNCTIONS
from tests.property.flow import Block, Flow, Place, Shapes
from tests.property.meaning import Bundle, Does, Made, Run, Stated, TooMuch
from tests.property.statements import Statements

HOMES = [(4, 6, 6), (4, 6, 6), (3, 8, 5), (2, 12), (6,), (2, 3, 4, 4), (8, 4, 4)]


@dataclass
class Program:
    """The text of a file and of those that it imports, and what each of its models is."""

    head: str
    declarations: list[str]
    files: dict[str, str]
    models: dict[str, Stated]
    settings: dict[str, dict[str, str]]  # of a model, values of its network's parameters that change nothing
    movable: bool  # whether the order of the declarations tells nothing

    @property
    def text(self) -> str:
        return self.head + "\n\n".join(self.declarations) + "\n"


@dataclass
class Network:
    name: str
    inputs: dict[str, Shape]
    does: Does  # leaves its outputs in the frame
    settings: dict[str, str]


@dataclass
class Whole:
    """Writes one program."""

    random: Random
    wrap: bool = False
    place: Place = field(default_factory=lambda: Place(2))
    declarations: list[str] = field(default_factory=list)
    files: dict[str, list[str]] = field(default_factory=dict)
    imports: dict[str, list[str]] = field(default_factory=dict)
    settings: dict[str, dict[str, str]] = field(default_factory=dict)
    recursive: dict[str, Block] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.flow = Flow(self.random, self.wrap)
        self.home = Shape(self.random.choice(HOMES))

    # --- declarations ------------------------------------------------------------------------------------------------

    def somewhere(self) -> str:
        """The file of a declaration: this one (an empty name), or one that is imported."""
        if self.place.defaults or not self.flow.chance(30):
            return ""
        return self.random.choice(["parts", ".parts", "sub.more", ".sub.deep.more"])

    def declare(self, text: str, name: str, where: str, alias: bool = True) -> str:
        """The name that the declaration has here."""
        if not where:
            self.declarations.append(text)
            return name
        self.files.setdefault(where.lstrip("."), []).append(text)
        here = self.flow.fresh("b") if alias and self.flow.chance(40) else name
        self.imports.setdefault(where, []).append(name if here == name else f"{name} as {here}")
        return here

    def body_text(self, lines: list[str]) -> str:
        if not lines:
            return "{ }"
        return "{\n  " + self.random.choice(["\n  ", "\n  ", "; ", "\n\n  # next\n  "]).join(lines) + "\n}"

    def block(self) -> None:
        """A block of tensors of the home shape."""
        name, takes, where = self.flow.fresh("b"), self.random.choice([1, 1, 2, 3]), self.somewhere()
        shapes = (self.home,) * takes
        outside = replace(self.place, names={}, functions=(), blocks=()) if where else self.place
        parameters, arguments, names = [], [], {}
        for _ in range(self.random.choice([0, 0, 1, 2])):
            parameter, value = self.flow.fresh("p"), self.random.choice([1, 2, 3, 0.5, True, [1, 2], "same"])
            kind = {int: "int", float: "float", bool: "bool", list: "list", str: "str"}[type(value)]
            parameters.append(parameter + self.random.choice(["", f": {kind}"]))
            arguments.append((parameter, value))
            names[parameter] = value
        place = replace(
            outside, names={**outside.names, **names}, arriving=shapes, depth=self.random.randint(0, 2)
        )
        counts = self.flow.fresh("n") if self.flow.chance(40) else ""
        body = self.flow.fresh("body") if takes == 1 and self.flow.chance(40) else ""
        defaults: dict[str, Any] = {}
        plain = False
        if counts:
            parameters.append(f"{counts}: int = {self.flow.write(outside, 1)}")
            defaults[counts] = 1
        if body:
            relu, plain = REGISTRY["relu"]({}), self.flow.chance(40)
            parameters.append(f"{body}: {'block' if plain else 'layer'} = relu")
            defaults[body] = lambda run, takes: run.apply(relu, takes)
            place = replace(place, layers={body: (shapes, defaults[body])})
        lines, does = self.flow.body(shapes, place)
        tail, more = self.repeated(outside, name, counts, body, arguments, shapes) if counts else ([], None)
        taken = self.random.choice([["a", "b", "c"], ["a", "b", "*c"] if takes > 2 else ["a", "*b"]])[:takes]
        head = name + (
            f"({', '.join(parameters)}{self.random.choice(['', ','])})"
            if parameters
            else self.random.choice(["", "()"])
        )
        head += f" takes {', '.join(taken)}" if takes > 1 else ""
        doc = [f'"Block \\"{name}\\"."'] if self.flow.chance(40) else []
        if (
            tail
            and self.flow.leaving(lambda run, ts: run.call(does, ts, {**defaults, "in": ts}), shapes, place)
            != shapes
        ):
            lines, does = [], lambda run, ts: ts
            place = replace(place, layers={})
        result = does if more is None else (lambda run, ts: more(run, does(run, ts)))

        def called(run: Run, ts: Bundle) -> Bundle:
            run.frame = {**defaults, **run.frame}
            return result(run, ts)

        block = Block(name, shapes, called, tuple(arguments), counts, body, plain)
        if more is not None:
            self.recursive[name] = block
        text = f"block {head} {self.body_text([*doc, *lines, *tail])}"
        here = self.declare(text, name, where)
        self.place = replace(self.place, blocks=(*self.place.blocks, replace(block, name=here)))

    def repeated(
        self,
        outside: Place,
        name: str,
        counts: str,
        body: str,
        arguments: list[tuple[str, Any]],
        shapes: Shapes,
    ) -> tuple[list[str], Does]:
        """The end of a block that does something as often as its parameter says, or calls itself."""
        place = replace(outside, depth=0, labels=False, blocks=(), layers={})
        text, does = self.flow.chain(shapes, place, True)
        way = self.random.choice(["*", "for", "self"])
        if way == "self":
            given = ", ".join(
                [
                    *(f"{p}" for p, _ in arguments),
                    f"{counts}={counts} - 1",
                    *([f"{body}={body}"] if body else []),
                ]
            )
            line = f"if {counts} > 0 {{ {text} -> {name}({given}) }}"

            def again(run: Run, ts: Bundle) -> Bundle:
                n = run.frame[counts]
                if n <= 0:
                    return ts
                ts = does(run, ts)
                frame = {**run.frame, counts: n - 1, "in": ts}
                return run.call(
                    self.recursive[name].does,
                    ts,
                    {k: frame[k] for k in (counts, "in", *([body] if body else []))},
                )

            return [line], again

        def often(run: Run, ts: Bundle) -> Bundle:
            for _ in range(run.frame[counts]):
                ts = does(run, ts)
            return ts

        return [f"({text}) * {counts}" if way == "*" else f"for _ in range({counts}) {{ {text} }}"], often

    def extern(self) -> None:
        """A module of PyTorch, brought in by name."""
        name, takes = self.flow.fresh("e"), self.random.choice([0, 1, 1, 2])
        doc = ['"A module from elsewhere."'] if self.flow.chance(50) else []
        bare, leaving = self.flow.chance(30), self.home
        v = "0.5" if bare else "v"
        if takes < 2:
            source = "a" if takes else "in"
            python, shape = f"torch.nn.Threshold({{{v}}}, value={{-1.0 * {v}}})", f"{source}.shape"
        elif len(self.home.dims) > 1:
            python, shape = f"torch.nn.CosineSimilarity(dim=1, eps={{{v} / 1000}})", "a.shape[1:]"
            leaving = Shape(self.home.dims[1:])
        else:
            return
        entries = [f'python = "{python}"', f"shape = {shape}", "params = 0", "macs = 2 - 2"]
        lines = [*doc, *self.random.sample(entries, len(entries))]
        head = name + ("" if bare else f"(v: float = {self.random.choice(['0.1', '1'])})")
        head += ["", " takes a", " takes a, b"][takes]
        here = self.declare(f"extern block {head} {self.body_text(lines)}", name, self.somewhere())
        does: Does = lambda run, ts: run.use(name, ts, (leaving,))  # noqa: E731
        block = Block(here, (self.home,) * max(takes, 1), does)
        self.place = replace(self.place, blocks=(*self.place.blocks, block))

    def value(self) -> None:
        name, value = self.flow.fresh("v"), self.random.choice([1, 2, 3, 4, 0.5, [1, 2], "same", True])
        apart = replace(self.place, names={}, functions=())
        here = self.declare(f"let {name} = {self.flow.write(apart, value, 3)}", name, self.somewhere())
        self.place = replace(self.place, names={**self.place.names, here: value})

    def default(self) -> None:
        self.declarations.append("default conv(bias=false, init=kaiming_normal)")
        there = {"bias": False, "init": make_init("kaiming_normal", {})}
        self.place = replace(self.place, defaults={**self.place.defaults, "conv": there})

    # --- networks ----------------------------------------------------------------------------------------------------

    def network(self) -> Network:
        name = self.flow.fresh("net")
        inputs = {self.flow.fresh("x"): self.home for _ in range(self.random.choice([1, 1, 1, 2]))}
        place, lines = replace(self.place, depth=2), []
        parameters, names, settings = [], {}, {}
        for _ in range(self.random.choice([0, 0, 1])):
            parameter, value = self.flow.fresh("p"), self.random.randint(1, 4)
            parameters.append(f"{parameter}: int = {value}")
            names[parameter] = value
            settings[parameter] = self.flow.write(Place(0), value, 2)
        sizes = [self.flow.write(place, n) for n in self.home.dims]
        symbol = self.flow.fresh("H")
        if self.flow.chance(50):
            sizes[-1] = f"{symbol}={self.home.dims[-1]}"
            names[symbol] = self.home.dims[-1]
        comma = self.random.choice(["", ","])
        lines += [f"input {x}: [{', '.join(sizes)}{comma}]" for x in inputs]
        place = replace(place, names={**place.names, **names})
        opening: list[Does] = []
        if len(inputs) == 1:
            place = replace(place, arriving=(self.home,))
        else:
            lines.append(f"( {' | '.join(inputs)} ) -> add")
            add = REGISTRY["add"]({})
            opening.append(lambda run, ts: run.apply(add, ts))
        body = Statements(self.flow, (self.home,), place, False)
        body.parts += opening
        for _ in range(self.random.randint(1, 3)):
            for _ in range(self.random.randint(0, 3)):
                body.statement()
            if self.flow.chance(30):
                body.say(*self.output(body.xs, body.place))
        lines += body.lines
        parts = body.parts
        last = self.flow.fresh("y")
        lines.append(f"output {last}")
        parts.append(_gives(last, False))
        doc = [f'"Network {{{name}}}."'] if self.flow.chance(40) else []
        head = name + (f"({', '.join(parameters)})" if parameters else "")
        self.declarations.append(f"network {head} {self.body_text([*doc, *lines])}")

        def does_all(run: Run, ts: Bundle) -> Bundle:
            for part in parts:
                ts = part(run, ts)
            return ts

        return Network(name, inputs, does_all, settings)

    def output(self, xs: Shapes, place: Place) -> tuple[str, Does]:
        """An output on the side, or of what flows."""
        name, training = self.flow.fresh("y"), self.flow.chance(50)
        if self.flow.chance(30):
            return f"output {name}{' when training' if training else ''}", _gives(name, training)
        text, does = self.flow.chain(xs, replace(place, labels=False))
        told = " when training" if training else ""

        def part(run: Run, ts: Bundle) -> Bundle:
            _gives(name, training)(run, does(run, ts))
            return ts

        return f"output {name} = {text}{told}", part

    def stated(self, network: Network) -> Stated:
        run = Run()
        inputs = {name: Made(shape, None, i) for i, (name, shape) in enumerate(network.inputs.items())}
        run.frame["in"] = tuple(inputs.values())
        run.frame["outputs"] = []
        network.does(run, tuple(inputs.values()))
        return Stated(inputs, run.frame["outputs"], run.uses)

    def models(self, networks: list[Network]) -> dict[str, Stated]:
        found: dict[str, Stated] = {}
        for network in networks:
            stated = self.stated(network)
            if self.flow.chance(40):
                found[network.name] = stated
                self.settings[network.name] = network.settings
                continue
            for _ in range(self.random.choice([1, 1, 2])):
                name, params = self.flow.fresh("model"), stated.params()
                expected = self.random.choice(
                    [f"expect params == {params}", f"expect params ~ {params}", "expect macs >= 0"]
                )
                body = self.random.choice(
                    ["", " { }", f" {{ {expected} }}", f" {{ {expected}; expect params >= 0\n expect true }}"]
                )
                call = network.name + self.random.choice(["", "()"])
                self.declarations.append(f"model {name} = {call}{body}")
                found[name] = stated
                self.settings[name] = network.settings
        return found

    # --- the file ------------------------------------------------------------------------------------------------------

    def program(self) -> Program:
        """Raises TooMuch."""
        functions = list(FUNCTIONS) if self.flow.chance(60) else []
        for name in functions:
            self.declare(FUNCTIONS[name], name, self.somewhere(), alias=False)
        self.place = replace(self.place, functions=tuple(functions))
        ways = [self.block, self.block, self.block, self.extern, self.value]
        for _ in range(self.random.randint(0, 4)):
            self.random.choice(ways)()
        movable = True
        if self.flow.chance(20):
            movable = False
            self.default()
        networks = [self.network() for _ in range(self.random.choice([1, 1, 2]))]
        models = self.models(networks)
        head = '"A program that was drawn."\n\n' if self.flow.chance(50) else ""
        imports = [f"from {where} import {', '.join(names)}" for where, names in self.imports.items()]
        files = {
            where.replace(".", "/") + ".arch": "\n\n".join(texts) + "\n"
            for where, texts in self.files.items()
        }
        return Program(head, [*imports, *self.declarations], files, models, self.settings, movable)


def _gives(name: str, training: bool) -> Does:
    def part(run: Run, ts: Bundle) -> Bundle:
        run.frame["outputs"].append((name, ts, training))
        return ts

    return part


def program(random: Random, wrap: bool = False) -> Program | None:
    """A valid program; None where it grew too large."""
    try:
        return Whole(random, wrap).program()
    except TooMuch:
        return None


def opened(program: Program, text: str | None = None, change: Callable[[str], str] = str) -> Spec:
    """The program, with the files that it imports beside it."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in program.files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(change(content), encoding="utf-8")
        source = Source("drawn.arch", change(program.text if text is None else text))
        return Spec(source, Path(folder, "drawn.arch"), Options())
