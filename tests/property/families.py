"""Programs whose blocks are called with different arguments: numbers, truth values, fractions, lists and layers.

What is drawn are the expressions by which widths follow from parameters, and the structures that parameters choose: arms of
`if`, repetitions, recursion. A program may be wrong (widths of zero, sums of maps that differ): it is refused then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

#: Names that a parameter may have, some of which mean something in Python, in PyTorch or in generated code.
INTS = (
    *("c", "n", "k", "width", "stride", "x", "y", "i", "j", "len", "max", "int", "math", "torch", "nn", "self", "l", "F"),
    *("in_channels", "out_channels", "channels", "layer", "module", "weight", "super", "num_features", "kernel_size", "lambda"),
    *("padding", "range", "conv1", "training", "forward", "Tensor", "OrderedDict", "hidden", "type", "x_channels"),
)  # fmt: skip
FLOATS = ("theta", "ratio", "p", "float", "eps", "scale_", "round")
FLAGS = ("skip", "norm", "bias", "flag", "bool", "last")
LAYERS = ("act", "body", "relu1", "identity_")
VALUES = (1, 2, 2, 3, 4, 4, 4, 6, 8)
FRACTIONS = ("0.5", "0.25", "1.5", "1", "2.0", "0.75", "-0.5", "0.1", "1e-3")
ACTS = (
    "relu",
    "silu",
    "prelu",
    "identity",
    "gelu",
    "relu6",
    "leaky_relu(0.2)",
    "dropout(0.3)",
    "bn -> relu",
    "conv(4, 1)",
)
RATES = ("0.1", "0.5", "0.0", "0.25")


@dataclass
class Block:
    name: str
    ints: list[str]
    floats: list[str]
    flags: list[str]
    layers: list[str]
    lists: list[str]
    recursive: bool = False
    needed: int = 0  # so many of the ints have no default


@dataclass
class Place:
    """What may be named in an expression."""

    ints: list[str] = field(default_factory=list)
    floats: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    layers: list[str] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)
    labels: bool = True


class Families:
    """Writes one program by the choices of `random`."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.blocks: list[Block] = []
        self.counter = 0

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def pick(self, items: Sequence[str]) -> str:
        return self.random.choice(items)

    def fresh(self, stem: str) -> str:
        self.counter += 1
        return f"{stem}{self.counter}"

    # --- expressions -------------------------------------------------------------------------------------------------

    def int(self, place: Place, depth: int = 2) -> str:
        """An expression of ints, of any sign."""
        r = self.random
        leaves = [*place.ints, *place.ints, str(r.choice(VALUES)), "it.channels", "in.channels"]
        if depth <= 0 or self.chance(35):
            return self.pick(leaves)
        a, b = self.int(place, depth - 1), self.int(place, depth - 1)
        small = r.choice([2, 3, 4])
        ways = [
            f"{a} * {b}", f"{a} + {b}", f"{a} - {b}", f"{a} // {small}", f"({a} + {b}) // {small}", f"{a} % {small}",
            f"({a} - {b}) * {small}", f"{a} - ({b} - 1)", f"-{self.pick(leaves)} + {a}", f"max({a}, {b})", f"min({a}, {b})",
            f"abs({a} - {b})", f"({a} if {self.condition(place)} else {b})", f"{small} * {a}", f"({a} - {b}) // {small}",
            f"2 ** ({a} % 3)", f"({a} - {b}) % {small}", f"-({a} // -{small})",
        ]  # fmt: skip
        fraction = self.pick([*place.floats, *place.floats, self.pick(FRACTIONS).lstrip("-")])
        ways += [
            f"floor({fraction} * {a})", f"ceil({fraction} * {a})", f"round({fraction} * {a})", f"int({a} * {fraction})",
            f"floor({a} / {small})", f"ceil({a} / {small})", f"round({a} / {small})", f"int(({a} - {b}) / {small})",
            f"floor(({a} - {b}) * {fraction})", f"floor(sqrt(abs({a})))", f"int(log2(1 + abs({a})))",
        ]  # fmt: skip
        ways += [f"{name}[{r.choice(['0', '1', '-1'])}]" for name in place.lists] * 3
        ways += [f"{name}({a})" for name in place.functions] * 2
        return self.pick(ways)

    def width(self, place: Place) -> str:
        """An expression that gives a number of channels, mostly."""
        e = self.int(place)
        return self.pick(
            [e, f"max(1, {e})", f"max(1, min(24, {e}))", f"1 + abs({e}) % 8", f"4 * (1 + ({e}) % 3)"]
        )

    def condition(self, place: Place) -> str:
        if place.flags and self.chance(40):
            name = self.pick(place.flags)
            return self.pick([name, name, f"not {name}"])
        a = self.pick([*place.ints, *place.ints, "in.channels", "it.channels", *place.floats])
        b = self.pick([str(self.random.choice(VALUES)), "1", "in.channels", *place.ints])
        test = f"{a} {self.pick(['!=', '==', '>', '<', '<=', '>='])} {b}"
        if self.chance(25):
            test += f" {self.pick(['or', 'and'])} {a} > 1"
        return test

    # --- flows -------------------------------------------------------------------------------------------------------

    def element(self, place: Place, depth: int) -> str:
        r = self.random
        kind = r.randrange(14 if depth > 0 else 6)
        if kind == 0:
            return self.pick(["bn", "relu", *place.layers, *place.layers, "silu"])
        if kind <= 2:
            more = self.pick(["", "", ", bias=false", *(f", bias={flag}" for flag in place.flags)])
            if place.ints and self.chance(20):
                more += f", dilation={self.pick(['2', f'1 + {self.pick(place.ints)} % 2'])}"
            return f"conv({self.width(place)}, {self.kernel(place)}{more})"
        if kind == 3:
            return self.pick(
                [
                    "dropout(0.1)",
                    "scale(0.5)",
                    *(f"dropout(abs({p}) % 1)" for p in place.floats),
                    "gn(1)",
                    "layerscale",
                ]
            )
        if kind == 4 and self.blocks:
            return self.call(place)
        if kind == 5:
            return f"conv(it.channels, {self.kernel(place)}) -> bn"
        inner = self.chain(place, depth - 1)
        if kind in (6, 7, 8):
            arm = f"if {self.condition(place)} {{ {inner} }}"
            if self.chance(40):
                arm += f" else {{ {self.chain(place, depth - 1)} }}"
            return arm
        if kind == 9:
            c = self.width(place)
            return f"( if in.channels != {c} {{ conv({c}, 1) }} | {inner} -> conv({c}, 1) ) -> add"
        if kind == 10:
            return (
                f"( identity | {inner} -> conv(in.channels, 1) ) -> add"
                if self.chance(50)
                else f"( identity | {inner} ) -> concat"
            )
        if kind == 11:
            times = self.pick([*place.ints, "2", "3", f"({self.int(place, 1)}) % 4"])
            unlabelled = Place(**{**place.__dict__, "labels": False})
            return f"({self.chain(unlabelled, depth - 1)}) * {times}"
        if kind == 12 and place.labels:
            return f"{self.fresh('part')}: {{ {inner} }}"
        return f"{{ {self.loop(place)} }}"

    def kernel(self, place: Place) -> str:
        return self.pick(["1", "3", "3", *(f"2 * ({name} % 3) + 1" for name in place.ints[:1])])

    def chain(self, place: Place, depth: int) -> str:
        return " -> ".join(self.element(place, depth) for _ in range(self.random.choice([1, 1, 2, 3])))

    def loop(self, place: Place) -> str:
        i = self.pick(["i", "j", "index", "k_"])
        if i in place.ints:
            i = "round_"
        over = self.pick(
            [*(f"range({name})" for name in place.ints), "range(3)", "range(2)", "[4, 8, 4]", *place.lists]
        )
        below = Place(**{**place.__dict__, "ints": [*place.ints, i, i], "labels": False})
        what = self.call(below) if self.blocks and self.chance(75) else f"conv({self.width(below)}, 3)"
        label = f'"step{{{i}}}": ' if place.labels and over.startswith("range") and self.chance(40) else ""
        return f"for {i} in {over} {{ {label}{what} }}"

    def call(self, place: Place, block: Block | None = None) -> str:
        block = block or self.random.choice(self.blocks)
        given: list[str] = []
        for at, name in enumerate(block.ints):
            if at < block.needed or self.chance(55):
                value = (
                    str(self.random.choice(VALUES))
                    if not place.ints or self.chance(50)
                    else self.int(place, 1)
                )
                given.append(f"{name}={value}")
        for name in block.floats:
            if self.chance(60):
                given.append(f"{name}={self.pick([*FRACTIONS, *place.floats])}")
        for name in block.flags:
            if self.chance(60):
                given.append(
                    f"{name}={self.pick(['true', 'false', *place.flags, *(f'{n} > 2' for n in place.ints[:2])])}"
                )
        for name in block.layers:
            if self.chance(60):
                given.append(f"{name}={self.pick([*ACTS, *place.layers])}")
        for name in block.lists:
            if self.chance(60):
                given.append(f"{name}={self.pick(['[1, 4]', '[4, 4]', '[2, 8, 3]', '[3, 2]'])}")
        return f"{block.name}({', '.join(given)})" if given else block.name

    # --- declarations ------------------------------------------------------------------------------------------------

    def body(self, place: Place) -> list[str]:
        lines = []
        for _ in range(self.random.choice([0, 0, 1, 2])):
            name = self.pick(["hidden", "mid", "half_", "w", "in_features"])
            if name not in (*place.ints, *place.floats):
                lines.append(f"let {name} = {self.width(place)}")
                place.ints.append(name)
        if self.chance(15) and "wide" not in place.functions:
            lines.append(f"def wide(v, by = {self.random.choice(VALUES)}) = max(by, v + by // 2)")
            place.functions.append("wide")
        lines += [self.element(place, 2) for _ in range(self.random.choice([1, 2, 2, 3]))]
        return lines

    def block(self) -> str:
        r = self.random
        ints = r.sample(INTS, r.choice([0, 1, 2, 3]))
        floats = r.sample(FLOATS, r.choice([0, 0, 1]))
        flags = r.sample(FLAGS, r.choice([0, 0, 1, 2]))
        layers = r.sample(LAYERS, r.choice([0, 0, 1]))
        lists = ["widths"] if self.chance(15) else []
        made = Block(self.fresh("unit"), ints, floats, flags, layers, lists, needed=r.randint(0, len(ints)))
        parameters = []
        for at, name in enumerate(ints):
            default = str(r.choice(VALUES))
            if at > made.needed and self.chance(40):
                default = self.pick(
                    [f"{ints[0]} * 2", f"{ints[0]} // 2 + 1", "in.channels", f"max({ints[0]}, 3)"]
                )
            parameters.append(name if at < made.needed else f"{name} = {default}")
        parameters += [f"{name} = {self.pick(FRACTIONS)}" for name in floats]
        parameters += [f"{name} = {self.pick(['true', 'false'])}" for name in flags]
        parameters += [f"{name}: layer = {self.pick(ACTS[:5])}" for name in layers]
        parameters += [f"{name} = [2, 4]" for name in lists]
        place = Place(list(ints), list(floats), list(flags), list(layers), list(lists))
        lines = self.body(place)
        if ints and made.needed and self.chance(20):
            again = self.call(
                place, Block(made.name, ints[1:], floats, flags, layers, [], needed=max(0, made.needed - 1))
            )
            first = f"{ints[0]}={ints[0]} - 1"
            again = again[:-1] + f", {first})" if again.endswith(")") else f"{again}({first})"
            lines.append(f"if {ints[0]} > 1 {{ {again} }}")
        self.blocks.append(made)
        inside = "\n".join(f"  {line}" for line in lines)
        return f"block {made.name}({', '.join(parameters)}) {{\n{inside}\n}}\n"

    def program(self) -> str:
        """A text that may be a program: of a network `drawn` with one output."""
        blocks = [self.block() for _ in range(self.random.choice([1, 2, 2, 3]))]
        place = Place(["classes"], ["rate"] if self.chance(50) else [])
        if self.chance(60):
            place.ints.clear()
        parameters = [f"classes = {self.random.choice(VALUES)}", f"rate = {self.pick(RATES)}"]
        lines = []
        for _ in range(self.random.choice([2, 3, 4])):
            plain = Place(labels=False) if self.chance(70) else place
            kind = self.random.randrange(6)
            if kind == 0:
                lines.append("for n in [1, 2, 4] { " + self.call(Place(["n"], labels=False)) + " }")
            elif kind == 1:
                lines.append(f"{self.fresh('stage')}: {{ {self.call(plain)} -> {self.call(plain)} }}")
            else:
                lines.append(self.call(plain))
        if self.chance(50):
            lines.append("dropout(rate)")
        tail = self.pick(
            [
                "conv(classes, 1)",
                "gap -> linear(classes)",
                "conv(classes, 1) -> gap",
                "gap -> dropout(rate) -> linear(classes)",
            ]
        )
        lines.append(tail)
        if self.chance(10):
            lines.append("softmax")
        body = "\n".join(f"  {line}" for line in lines)
        size = self.pick(["8, 8", "H=8, W=6", "8, 6"])
        head = f"network drawn({', '.join(parameters)}) {{\n  input image: [{self.random.choice(VALUES)}, {size}]\n"
        return "".join(blocks) + head + body + "\n  output out\n}\n"
