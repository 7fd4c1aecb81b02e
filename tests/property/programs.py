"""Hypothesis strategies for programs of the language: valid ones, whose shapes are known while they are written."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import strategies as st

Shape = tuple[int, int, int]  # channels, height, width

LIBRARY = """\
block unit(c, k = 3, act: layer = relu) { "Convolution, norm, activation."; conv(c, k, bias=false) -> bn -> act }
block residual_of(body: layer) { ( identity | body ) -> add }
block grow(k) { ( identity | bn -> relu -> conv(k, 3) ) -> concat }
block gate(r = 2) { ( identity | gap -> linear(max(1, in.channels // r)) -> relu -> linear(in.channels) -> sigmoid ) -> mul }
block fuse(c) takes a, b { ( a -> conv(c, 1) | b -> conv(c, 1) ) -> add }
block gather takes first, *rest { ( rest | first ) -> concat }
block halve { let n = in.channels // 2; a, b = split([n, in.channels - n]); ( b | a ) }
block project(c, stride = 1) {
  ( if stride > 1 or in.channels != c { conv(c, 1, stride=stride) -> bn } | conv(c, 3, stride=stride) ) -> add
}
block tower(depth, c) { if depth > 0 { unit(c) -> tower(depth - 1, c) } else { conv(c, 1) } }
"""


@dataclass
class Writer:
    """Writes one body; remembers named tensors and layers with their shapes."""

    draw: st.DrawFn
    tensors: dict[str, Shape] = field(default_factory=dict)
    counter: int = 0

    def fresh(self, stem: str) -> str:
        self.counter += 1
        return f"{stem}{self.counter}"

    def integer(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def chance(self, percent: int) -> bool:
        return self.integer(1, 100) <= percent

    def keeping(self, shape: Shape, depth: int, labels: bool = True) -> str:
        """An element that keeps the shape; without labels where it is repeated."""
        c = shape[0]
        kind = self.integer(0, 8 + labels if depth > 0 else 4)
        if kind == 0:
            return self.draw(
                st.sampled_from(["relu", "bn", "identity", "sigmoid", "hardswish", "leaky_relu(0.2)"])
            )
        if kind == 1:
            return f"conv({self.draw(st.sampled_from([str(c), 'it.channels', 'in.channels * 0 + it.channels']))}, 3)"
        if kind == 2:
            return f"unit({c}, {self.draw(st.sampled_from([1, 3]))})"
        if kind == 3:
            return f"gate({self.integer(1, 3)})"
        if kind == 4:
            return self.draw(st.sampled_from(["dropout(0.1)", "scale(0.5)", "maxpool(3, stride=1, pad=1)"]))
        if kind == 5:
            return f"( {self.chain(shape, depth - 1, labels)} | identity ) -> add"
        if kind == 6:
            return f"residual_of({self.chain(shape, depth - 1, labels)})"
        if kind == 7:
            return f"({self.chain(shape, depth - 1, False)}) * {self.integer(0, 3)}"
        if kind == 8:
            return f"( {self.chain(shape, depth - 1, False)} for _ in range({self.integer(1, 3)}) ) -> mean"
        return f"{self.fresh('part')}: {{ {self.chain(shape, depth - 1)} }}"

    def chain(self, shape: Shape, depth: int, labels: bool = True) -> str:
        """A pipeline that keeps the shape."""
        return " -> ".join(self.keeping(shape, depth, labels) for _ in range(self.integer(1, 3)))

    def changing(self, shape: Shape, depth: int) -> tuple[str, Shape]:
        """An element that may change the shape, and the shape behind it."""
        c, h, w = shape
        kind = self.integer(0, 9)
        if kind == 0:
            new = self.integer(1, 6)
            return f"conv({new}, 3)", (new, h, w)
        if kind == 1 and h >= 4 and w >= 4:
            return "maxpool(2)", (c, h // 2, w // 2)
        if kind == 2:
            n, k = self.integer(0, 3), self.integer(1, 3)
            return f"grow({k}) * {n}", (c + n * k, h, w)
        if kind == 3:
            new = self.integer(1, 6)
            return f"( {self.chain(shape, depth - 1)} | conv({new}, 1) ) -> concat", (c + new, h, w)
        if kind == 4:
            new = self.integer(1, 5)
            return f"( {self.chain(shape, depth - 1)} | identity ) -> fuse({new})", (new, h, w)
        if kind == 5:
            return f"( identity | {self.chain(shape, depth - 1)} | relu ) -> gather", (3 * c, h, w)
        if kind == 6 and c >= 2:
            return "halve -> concat", (c, h, w)
        if kind == 7:
            new, stride = self.integer(1, 6), self.draw(st.sampled_from([1, 2]))
            return f"project({new}, {stride})", (new, (h + stride - 1) // stride, (w + stride - 1) // stride)
        if kind == 8:
            new = self.integer(1, 4)
            return f"tower({self.integer(0, 3)}, {new})", (new, h, w)
        return self.chain(shape, depth), shape

    def statement(self, shape: Shape, depth: int) -> tuple[str, Shape]:
        kind = self.integer(0, 9)
        if kind <= 3:
            return self.changing(shape, depth)
        if kind == 4:
            name = self.fresh("t")
            text, new = self.changing(shape, depth)
            self.tensors[name] = new
            return f"{name} = {text}", new
        if kind == 5 and self.tensors:
            name = self.draw(st.sampled_from(sorted(self.tensors)))
            other = self.tensors[name]
            if other[1:] == shape[1:]:
                return f"( it | {name} ) -> concat", (shape[0] + other[0], *shape[1:])
            return f"{name} -> relu", other
        if kind == 6:
            name = self.fresh("shared")
            body = self.chain(shape, 0)
            return f"share {name} = {{ {body} }}\n{name} -> relu -> {name}", shape
        if kind == 7:
            name = self.fresh("kept")
            return f"let {name} = {self.chain(shape, 0)}\n{name} -> {name}", shape
        if kind == 8:
            name = self.fresh("step")
            return f'for i in range({self.integer(1, 4)}) {{ "{name}_{{i}}": unit({shape[0]}) }}', shape
        label = self.fresh("label")
        text, new = self.changing(shape, depth)
        return f"{label}: ({text})", new

    def body(self, shape: Shape, depth: int) -> tuple[str, Shape]:
        lines = []
        for _ in range(self.integer(1, 5)):
            text, shape = self.statement(shape, depth)
            lines.append(text)
            if shape[0] > 40:
                lines.append("conv(4, 1)")
                shape = (4, *shape[1:])
        return "\n".join("  " + line for text in lines for line in text.split("\n")), shape


@dataclass(frozen=True)
class Program:
    text: str
    output: Shape


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """A valid program of one network, and the shape of its output."""
    writer = Writer(draw)
    shape = (draw(st.integers(1, 4)), draw(st.sampled_from([8, 9, 12])), draw(st.sampled_from([8, 11])))
    default = draw(st.sampled_from(["", "  default conv(bias=false)\n", "  default bn(eps=1e-3)\n"]))
    body, result = writer.body(shape, 2)
    size = ", ".join(map(str, shape))
    text = f"{LIBRARY}\nnetwork drawn {{\n  input x: [{size}]\n{default}{body}\n  output y\n}}\n"
    return Program(text, result)
