"""Which alternatives of the grammar's rules a text uses, counted by Lark itself while it reads the text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

from lark import Lark

from archdsl.resources import grammar_text
from archdsl.syntax.newlines import separated


class _Newlines:
    """As archdsl's own parser settles them."""

    always_accept = ("SEPARATOR",)

    def process(self, stream: Iterator[Any]) -> Iterator[Any]:
        return separated(stream)


class Counted:
    """A parser of the grammar that counts what it reduces."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        self.lark = Lark(
            grammar_text(),
            parser="lalr",
            lexer="basic",
            start=["file", "expression"],
            keep_all_tokens=True,
            maybe_placeholders=False,
            postlex=_Newlines(),
        )
        callbacks = self.lark.parser.parser.parser.callbacks
        for rule, callback in list(callbacks.items()):
            callbacks[rule] = self.counting(shown(rule), callback)
        self.all = sorted({shown(rule) for rule in callbacks if not rule.origin.name.startswith("$")})

    def counting(self, name: str, callback: Any) -> Any:
        def count(children: Any) -> Any:
            self.seen[name] += 1
            return callback(children)

        return count

    def read(self, text: str, start: str = "file") -> None:
        self.lark.parse(text, start=start)


def shown(rule: Any) -> str:
    """An alternative as one line."""
    alias = f" as {rule.alias}" if rule.alias else ""
    return f"{rule.origin.name}: {' '.join(symbol.name for symbol in rule.expansion)}{alias}"


@cache
def counted() -> Counted:
    return Counted()
