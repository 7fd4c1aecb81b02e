"""Programs in which every map has one shape, so that all parts fit: what is drawn is how they are wired and named.

Blocks take bundles and give bundles, and are repeated, looped over, shared and labelled, with arguments that differ
from copy to copy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

#: Gives an int between two, both included.
Chooser = Callable[[int, int], int]

C, SIDE = 4, 4

SIMPLE = (
    "relu",
    "conv(4, 3)",
    "conv(4, 1, bias=false) -> bn",
    "sigmoid",
    "prelu",
    "gn(2)",
    "dropout(0.1)",
    "drop_path(0.1)",
    "layerscale",
    "mark: layerscale",
    "position_embedding",
    "identity",
    "scale(0.5)",
    "split(2) -> concat",
    "split([1, 3]) -> concat",
    "conv(4, 1, init=normal(0.02))",
    "conv(4, 1, init=zeros, bias_init=constant(0.5))",
    "conv(it.channels, 1)",
    "split(4) -> stack(axis=1) -> select(0, axis=0)",
    "tokens -> attention(2) -> untokens(4, 4)",
    "tokens -> class_token -> position_embedding -> attention(2) -> slice(1, 17) -> untokens(4, 4)",
    "tokens -> class_token -> select([0, 0, 5, 3, 1, 2, 4, 7, 6, 9, 8, 10, 11, 13, 12, 15]) -> untokens(4, 4)",
    "tokens -> ln -> linear(6) -> gelu -> linear(4, init=xavier_uniform) -> untokens(4, 4)",
)

OUTLINE = ("gap -> linear(3)", "conv(2, 1)", "gap", "relu")
DEFAULTS = (
    "default conv(init=normal(0.02))",
    "default conv(bias=false)",
    "default conv(init=kaiming_normal(mode=fan_out, nonlinearity=relu))",
    "default bn(init=zeros)",
    "default linear(init=normal(0.01), bias_init=zeros)",
)


@dataclass(frozen=True)
class Block:
    name: str
    takes: int
    gives: int
    ints: int  # parameters that are ints
    layer: bool  # whether the last parameter is a layer


@dataclass(frozen=True)
class Place:
    """Where something is written: what may be named there."""

    depth: int
    ints: tuple[str, ...] = ()  # names of ints
    loops: tuple[str, ...] = ()  # loop variables, which labels tell apart
    layers: tuple[str, ...] = ()  # names of layers of one tensor
    tensors: tuple[str, ...] = ()  # names of tensors
    labels: bool = True
    group: bool = False  # all that stands here is the one loop of a labelled group


@dataclass
class Wired:
    """Writes programs by the choices that it is given."""

    integer: Chooser
    blocks: list[Block] = field(default_factory=list)
    counter: int = 0

    def chance(self, percent: int) -> bool:
        return self.integer(1, 100) <= percent

    def pick(self, items: Sequence[str]) -> str:
        return items[self.integer(0, len(items) - 1)]

    def fresh(self, stem: str) -> str:
        self.counter += 1
        return f"{stem}{self.counter}"

    def number(self, place: Place, low: int = 1, high: int = 4) -> str:
        """An expression that is an int of these bounds."""
        kind = self.integer(0, 3)
        if place.ints and kind:
            name = self.pick(place.ints)
            if kind == 1:
                return f"min(max({name}, {low}), {high})"
            if kind == 2:
                values = [self.integer(low, high) for _ in range(3)]
                return f"{values}[{name} % 3]"
            return f"({low} + {name} % {high - low + 1})"
        return str(self.integer(low, high))

    def label(self, place: Place) -> str:
        """A label with its colon, or nothing."""
        if not place.labels or self.chance(50):
            return ""
        return self.named(place)

    def named(self, place: Place) -> str:
        if place.loops:
            stem = "" if place.group and len(place.loops) == 1 and self.chance(50) else self.fresh("m") + "_"
            return '"' + stem + "_".join(f"{{{name}}}" for name in place.loops) + '": '
        return self.fresh("m") + ": "

    # --- elements ----------------------------------------------------------------------------------------------------

    def element(self, place: Place, takes: int = 1, gives: int = 1) -> str:
        """Something to apply to so many tensors, which gives so many."""
        inner = replace(place, depth=place.depth - 1)
        fitting = [b for b in self.blocks if b.takes == takes and b.gives == gives]
        if fitting and self.chance(35):
            return self.call(inner, fitting[self.integer(0, len(fitting) - 1)])
        if place.depth <= 0:
            return self.plain(place, takes, gives)
        if takes == gives and self.chance(45):
            return self.level(place, inner, takes)
        if takes == gives == 1:
            kind = self.integer(0, 5)
            if kind == 0 and place.layers:
                return self.pick(place.layers)
            if kind == 1:
                return f"{self.element(inner, 1, 2)} -> {self.element(inner, 2, 1)}"
            if kind == 2:
                return f"{self.element(inner, 1, 3)} -> {self.element(inner, 3, 3)} -> {self.element(inner, 3, 1)}"
            if kind == 3:
                unlabelled = replace(inner, labels=False)
                return f"( {self.chain(unlabelled)} for _ in range({self.number(place, 1, 3)}) ) -> mean"
            if kind == 4:
                return f"( identity | {self.chain(inner)} ) -> add"
        return self.plain(place, takes, gives)

    def plain(self, place: Place, takes: int, gives: int) -> str:
        inner = replace(place, depth=place.depth - 1)
        if gives == 1 and takes == 1:
            return self.simple(place)
        if gives == 1:
            kind = self.integer(0, 5)
            if kind == 0:
                return "concat -> conv(4, 1)"
            if kind == 1:
                return f"stack -> select({self.number(place, 0, takes - 1)})"
            if kind == 2:
                return self.pick(("mean", "maximum", "add"))
            if kind == 3:
                return "( t -> tokens for t in it ) -> attention(2) -> untokens(4, 4)"
            if kind == 4:
                return f"{{ it[{self.number(place, 0, takes - 1)}] -> {self.simple(place)} }}"
            return "sub" if takes == 2 else "add"
        if takes == 1:
            if self.chance(50) or place.depth < 0:
                return (
                    "( " + " | ".join(self.label(place) + self.simple(place, 1) for _ in range(gives)) + " )"
                )
            return "( " + " | ".join(self.chain(inner) for _ in range(gives)) + " )"
        kind = self.integer(0, 3)
        i = self.fresh("j")
        if kind == 0:
            return (
                f"( it[{takes - 1}] | "
                + " | ".join(f"it[{k % takes}] -> relu" for k in range(gives - 1))
                + " )"
            )
        if kind == 1 and takes == gives:
            below = replace(inner, ints=(*place.ints, i), loops=(*place.loops, i))
            label = self.named(below) if place.labels else ""
            what = self.simple(below, 1) if place.depth <= 0 else f"({self.chain(below)})"
            return f"( t -> {label}{what} for {i}, t in enumerate(it) )"
        if kind == 2 and takes == gives:
            return "( it[1:] | it[0] )"
        if place.depth < 0:
            return "( " + " | ".join(f"it[{k % takes}] -> {self.simple(place)}" for k in range(gives)) + " )"
        return "( " + " | ".join(self.element(inner, takes, 1) for _ in range(gives)) + " )"

    def simple(self, place: Place, of: int = 0) -> str:
        """A layer of one tensor that keeps its shape; one element alone if so asked."""
        if self.chance(30):
            text = f"conv({self.number(place)}, {self.pick(['1', '3'])}) -> conv(4, 1)"
        elif place.layers and self.chance(20):
            return self.pick(place.layers)
        else:
            text = SIMPLE[self.integer(0, len(SIMPLE) - 1)]
            if text.startswith("mark"):
                text = (self.named(place) if place.labels else "") + "layerscale"
                return f"({text})"
        return f"({text})" if of and " " in text else text

    def level(self, place: Place, inner: Place, n: int) -> str:
        """A repetition, a group, a loop or a choice, of which what arrives and what leaves are alike."""
        kind = self.integer(0, 5)
        if kind <= 1:
            text = f"({self.chain(replace(inner, labels=False), n)}) * {self.number(place, 0, 3)}"
            return self.label(place) + text
        if kind == 2 and place.labels:
            below = replace(inner, loops=(), group=True)
            return f"{self.named(place)}{{ {self.loop(below, n)} }}"
        if kind == 3 and place.labels:
            below = replace(inner, loops=(), group=False)
            return f"{self.named(place)}{{ {self.chain(below, n)} }}"
        if kind == 4:
            chosen = f"{self.number(place, 0, 3)} > {self.integer(0, 2)}"
            return f"if {chosen} {{ {self.chain(inner, n)} }}" + (
                f" else {{ {self.chain(inner, n)} }}" if self.chance(40) else ""
            )
        return f"{{ {self.loop(inner, n)} }}"

    def loop(self, place: Place, n: int) -> str:
        """A `for` whose rounds have arguments of their own."""
        i = self.fresh("i")
        values = self.pick(
            [
                f"range({self.number(place, 1, 4)})",
                f"range({self.number(place, 0, 2)}, {self.number(place, 2, 4)})",
                "[1, 2, 4]",
                "[2, 3, 4, 6, 8, 9]",
            ]
        )
        below = replace(place, ints=(*place.ints, i), loops=(*place.loops, i))
        label = self.named(below) if place.labels and self.chance(75) else ""
        below = replace(below, group=False)  # only its own rounds may be numbered: a position would clash
        fitting = [b for b in self.blocks if b.takes == b.gives == n]
        if fitting and self.chance(60):
            what = self.call(below, fitting[self.integer(0, len(fitting) - 1)])
        elif label:
            what = f"({self.chain(replace(below, loops=()), n)})"
        else:
            what = self.chain(below, n)
        return f"for {i} in {values} {{ {label}{what} }}"

    def call(self, place: Place, block: Block) -> str:
        given = [self.number(place) for _ in range(block.ints)]
        if block.layer and place.depth >= 0 and self.chance(60):
            given.append(self.chain(replace(place, depth=min(place.depth, 1) - 1, labels=False)))
        return f"{block.name}({', '.join(given)})" if given else block.name

    def chain(self, place: Place, n: int = 1) -> str:
        return " -> ".join(self.element(place, n, n) for _ in range(self.integer(1, 3)))

    # --- statements ----------------------------------------------------------------------------------------------------

    def statements(self, place: Place, takes: int, gives: int, network: bool = False) -> list[str]:
        lines: list[str] = []
        n = takes
        for _ in range(self.integer(1, 4)):
            kind = self.integer(0, 11)
            if kind == 0:
                name = self.fresh("t")
                lines.append(f"{name} = {self.element(place, n, 1)}")
                n = 1
                place = replace(place, tensors=(*place.tensors, name))
            elif kind == 1 and place.tensors:
                lines.append(
                    f"( it | {self.pick(place.tensors)} ) -> {self.pick(['mean', 'maximum', 'add'])}"
                )
                n = 1
            elif kind == 2:
                name = self.fresh("kept")
                once = (
                    n == 1 and place.labels and self.chance(30)
                )  # a label travels along, and serves one use
                lines.append(f"let {name} = {self.chain(replace(place, labels=once))}")
                if once:
                    lines.append(name)
                else:
                    place = replace(place, layers=(*place.layers, name))
            elif kind <= 4:
                name = self.fresh("shared")
                body = self.chain(replace(place, loops=(), labels=self.chance(50)))
                if self.chance(30):
                    body = f"{{ {self.loop(replace(place, loops=()), 1)} }}"
                lines.append(f"share {name} = {body}")
                if n > 1:
                    lines.append(self.element(place, n, 1))
                lines.append(
                    self.pick(
                        [
                            f"{name} -> relu -> {name}",
                            f"( {name} | relu -> {name} ) -> add",
                            f"{name} * 2",
                            f"({name} -> conv(4, 1)) * 3",
                            f"for i in range(3) {{ {name} -> {self.named(replace(place, loops=('i',)))}conv(4, 1) }}",
                            f"( {name} | conv(4, 1) -> {name} | {name} -> {name} ) -> mean",
                        ]
                    )
                )
                n = 1
                place = replace(place, layers=(*place.layers, name))
            elif kind <= 6 and n == 1:
                name, below = self.fresh("seen"), replace(place, loops=(), ints=(*place.ints, "i"))
                label = f'"{self.fresh("s")}_{{i}}": ' if place.labels else ""
                step = self.pick(
                    [
                        f"{label}({self.chain(below)})",
                        f"( it | {name}[0] ) -> mean -> {label}conv(4, 1)",
                        f"( {name} | it ) -> concat -> {label}conv(4, 1)",
                        f"( {name} ) -> add -> {label}conv({self.number(below)}, 1) -> conv(4, 1)",
                    ]
                )
                lines += [
                    f"let {name} = [it]",
                    f"for i in range({self.number(place, 1, 4)}) {{ {step}; let {name} = {name} + [it] }}",
                    self.pick(
                        [f"{name} -> mean", f"{name}[1:] -> add", f"( {name} | it ) -> concat -> conv(4, 1)"]
                    ),
                ]
            elif kind == 7 and network:
                many = self.chance(40)
                name = self.fresh("aux")
                if many:
                    text = self.element(place, n, self.integer(2, 3))
                else:
                    text = f"{self.element(place, n, 1)} -> {self.pick(OUTLINE)}"
                lines.append(f"output {name} = {text}" + (" when training" if self.chance(75) else ""))
            elif kind == 8:
                lines.append(self.pick(DEFAULTS))
            elif kind == 9:
                lines.append(self.loop(place, n))
            elif kind == 10 and n == 1:
                m = self.integer(2, 3)
                lines += [self.element(place, 1, m), self.loop(place, m)]
                n = m
            else:
                lines.append(self.element(place, n, n))
        if n != gives:
            lines.append(self.element(place, n, gives))
        return lines

    def block(self) -> str:
        takes, gives = self.integer(1, 3), self.integer(1, 3)
        if self.chance(60):
            gives = takes
        made = Block(self.fresh("block_"), takes, gives, self.integer(0, 2), self.chance(25))
        ints = tuple("nk"[: made.ints])
        names = tuple("abc"[:takes]) if takes > 1 else ()
        place = Place(self.integer(0, 2), ints, layers=("body",) if made.layer else (), tensors=names)
        lines = self.statements(place, takes, gives)
        parameters = [f"{name}: int = {self.integer(1, 3)}" for name in ints]
        if made.layer:
            parameters.append("body: layer = relu")
        self.blocks.append(made)
        head = f"block {made.name}" + (f"({', '.join(parameters)})" if parameters else "")
        head += f" takes {', '.join(names)}" if names else ""
        return f"{head} {{\n" + "\n".join("  " + line for line in lines) + "\n}\n"

    def program(self) -> str:
        blocks = [self.block() for _ in range(self.integer(0, 3))]
        lines = self.statements(Place(2), 1, self.integer(1, 2), network=True)
        if self.chance(40):
            lines.insert(0, self.pick(DEFAULTS))
        body = "\n".join("  " + line for line in lines)
        return (
            "".join(blocks) + f"network drawn {{\n  input x: [{C}, {SIDE}, {SIDE}]\n{body}\n  output y\n}}\n"
        )
