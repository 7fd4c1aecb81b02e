"""Writes an expression that has a known value, in as many ways as the language knows. The oracle is Python itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

FUNCTIONS = {
    "same": "def same(value) = value",
    "plus": "def plus(a, b = 1) = a + b",
    "pick": "def pick(values: list, at: int = 0) = values[at]",
}
#: operators that stand flat beside each other, so that their precedence tells
OPERATORS = ["+", "-", "*", "//", "%", "+", "-"]


class Expressions:
    """`names` are those of the scope with their values; `functions` are those of FUNCTIONS that may be called."""

    def __init__(self, random: Random, names: Mapping[str, Any], functions: tuple[str, ...] = ()) -> None:
        self.random = random
        self.names = names
        self.functions = functions

    def of(self, value: Any, depth: int = 2) -> str:
        """An expression with this value, as one operand or in parentheses."""
        known = [name for name, there in self.names.items() if type(there) is type(value) and there == value]
        if known and self.random.random() < 0.6:
            return self.random.choice(known)
        if type(value) is bool:
            return self.bool(value, depth)
        if type(value) is int:
            return self.int(value, depth)
        if type(value) is float:
            return self.float(value, depth)
        if type(value) is str:
            return self.str(value, depth)
        return self.list(list(value), depth)

    def one(self, ways: list[Callable[[], str]]) -> str:
        return self.random.choice(ways)()

    # --- ints --------------------------------------------------------------------------------------------------------

    def literal(self, n: int) -> str:
        if n < 0:
            return f"({self.random.choice('-')}{-n})"
        if n and n % 1000 == 0 and self.random.random() < 0.5:
            return f"{n // 1000}K"
        return f"{n:_}" if n >= 1000 and self.random.random() < 0.5 else str(n)

    def int(self, n: int, depth: int) -> str:
        if depth <= 0 or self.random.random() < 0.35:
            return self.literal(n)
        d, other = depth - 1, self.random.randint(0, 5)
        ways: list[Callable[[], str]] = [
            lambda: self.flat(n),
            lambda: self.flat(n),
            lambda: f"({self.int(n - other, d)} + {self.literal(other)})",
            lambda: f"({self.int(n, d)} if {self.bool(True, d)} else {self.int(other, d)})",
            lambda: f"({self.int(other, d)} if {self.bool(False, d)} else {self.int(n, d)})",
            lambda: f"min({self.int(n, d)}, {self.int(n + other, d)})",
            lambda: f"max({self.int(n - other, d)}, {self.int(n, d)},)",
            lambda: f"{self.list([other, n], d)}[1]",
            lambda: f"{self.list([n, other], d)}[{self.random.choice(['0', '-2', ':1][0', '::2][0', ':-1:][0'])}]",
            lambda: f"{self.list([other, n, other], d)}[{self.random.choice(['1:][0', '1:2][0', '::1][1', '1::2][0', ':2:1][1'])}]",
            lambda: f"abs(-{self.int(n, d)})" if n >= 0 else self.literal(n),
            lambda: f"len([{self.int(other, d)} for _ in range({n})])" if 0 <= n < 9 else self.literal(n),
            lambda: f"sum([x for x in [{n}, 0, 0] if x == {n}][:1])" if n else "0",
            lambda: f"[a * 0 + b for a in [1] for _, (b, c) in [[2, [{self.int(n, d)}, 3]]] if a < 2][0]",
            lambda: f"floor({n}.5)" if n >= 0 else self.literal(n),
            lambda: f"int({self.float(float(n), d)})",
            lambda: f"round({n}.25)" if n >= 0 else self.literal(n),
            lambda: f"ceil(sqrt({n * n}))" if 0 <= n < 100 else self.literal(n),
            lambda: f"int(log2({2**n}))" if 0 <= n < 20 else self.literal(n),
            lambda: f"[*range({n + 1})][-1]" if 0 <= n < 50 else self.literal(n),
            lambda: f"[i + x for i, x in enumerate([{n}])][0]",
            lambda: f"[x for x, _ in zip([{self.int(n, d)}, 1], [2, 3])][0]",
            lambda: f"reversed([1, {self.int(n, d)}])[0]",
            lambda: f"{self.random.choice([1, 2, 3])}x{n}[1]" if n >= 0 else self.literal(n),
            lambda: f"({self.int(n, d)} ** 1)",
            lambda: f"(+{self.int(n, d)})",
            lambda: f"({self.int(2 * n, d)} // 2)",
            lambda: f"({self.int(n, d)} % {n + 1 + other})" if n >= 0 else self.literal(n),
        ]  # fmt: skip
        if "same" in self.functions:
            ways += [
                lambda: f"same({self.int(n, d)})",
                lambda: f"same(value={self.int(n, d)})",
                lambda: f"same(*[{self.int(n, d)}])",
                lambda: f"plus({self.int(n - 1, d)})",
                lambda: f"plus({self.int(n - other, d)}, b={self.int(other, d)},)",
                lambda: f"pick({self.list([n, other], d)})",
                lambda: f"pick({self.list([other, n], d)}, at=1)",
            ]
        return self.one(ways)

    def flat(self, n: int) -> str:
        """Operators without parentheses, as Python reads them."""
        terms = [str(self.random.randint(1, 9)) for _ in range(self.random.randint(2, 4))]
        text = terms[0]
        for term in terms[1:]:
            sign = self.random.choice(["", "", "", "-", "+"])
            power = self.random.choice(["", "", " ** 2", " ** 0 ** 2"])
            text += f" {self.random.choice(OPERATORS)} {sign}{term}{power}"
        rest = n - eval(text)
        return f"({text} {'+' if rest >= 0 else '-'} {abs(rest)})"

    # --- bools, floats, strings, lists ---------------------------------------------------------------------------------

    def bool(self, value: bool, depth: int) -> str:
        if depth <= 0 or self.random.random() < 0.3:
            return "true" if value else "false"
        d, a, b = depth - 1, self.random.randint(0, 3), self.random.randint(0, 3)
        texts = [
            f"{a} == {b}", f"{a} != {b}", f"{a} < {b}", f"{a} <= {b}", f"{a} > {b}", f"{a} >= {b}", f"{a} in [{b}, 2]",
            f"{a} not in [{b}, 1]", f"0 <= {a} < {b} + 1", f"{a} == {b} or {b} > 1 and not {a} < 2", f"not {a} == {b}",
            f'"{a}" < "{b}"', f"[{a}, 1] == [{b}, 1]", f"not not {a} > {b}", f"{a} > 1 or {b} > 1", f"{a} > 1 and {b} > 1",
        ]  # fmt: skip
        text = self.random.choice(texts)
        if bool(eval(text)) is not value:
            text = f"not ({text})"
        return self.one(
            [
                lambda: f"({text})",
                lambda: (
                    f"({text} and {self.bool(True, d)})" if value else f"({text} or {self.bool(False, d)})"
                ),
                lambda: f"({self.bool(value, d)} if {self.bool(True, d)} else {self.bool(not value, d)})",
            ]
        )

    def float(self, value: float, depth: int) -> str:
        text = repr(value) if value >= 0 else f"({value!r})"
        whole = value == int(value) and abs(value) < 1e6
        ways = [lambda: text, lambda: text]
        if depth > 0 and whole:
            ways += [
                lambda: f"float({self.int(int(value), depth - 1)})",
                lambda: f"({self.int(2 * int(value), depth - 1)} / 2)",
                lambda: f"({self.int(int(value), depth - 1)} * 3 / 3)",
            ]
        if depth > 0:
            ways += [
                lambda: f"({text} if {self.bool(True, depth - 1)} else 0.0)",
                lambda: f"max({text}, {text})",
            ]
        return self.one(ways)

    def str(self, value: str, depth: int) -> str:
        text = '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
        if depth <= 0 or self.random.random() < 0.6:
            return text
        at = self.random.randint(0, len(value))
        return f"({self.str(value[:at], 0)} + {self.str(value[at:], 0)})"

    def list(self, values: list[Any], depth: int) -> str:
        d = depth - 1
        if (
            values
            and all(type(v) is int and v >= 0 for v in values)
            and len(values) > 1
            and self.random.random() < 0.3
        ):
            return "x".join(map(str, values))
        inside = [self.of(v, d) for v in values]
        written = "[" + ", ".join(inside) + (",]" if inside and self.random.random() < 0.2 else "]")
        if depth <= 0 or self.random.random() < 0.5:
            return written
        at = self.random.randint(0, len(values))
        return self.one(
            [
                lambda: f"[x for x in {written}]",
                lambda: f"({self.list(values[:at], d)} + {self.list(values[at:], d)})",
                lambda: f"[*{self.list(values[:at], d)}, *{self.list(values[at:], d)}]",
                lambda: f"{self.list([*values, 9], d)}[:{len(values)}]",
                lambda: f"{self.list([9, *values], d)}[1:]",
                lambda: f"reversed({self.list(values[::-1], d)})" if values else "[]",
                lambda: f"{self.list(values[::-1], d)}[::-1]",
                lambda: f"({written} if {self.bool(True, d)} else [])",
            ]
        )
