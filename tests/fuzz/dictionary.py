"""The words that the fuzzer puts together: those of the grammar and of the registry of layers."""

from __future__ import annotations

import re
from functools import cache

from archdsl.elaborate.builtins import FUNCTIONS
from archdsl.layers import INITIALISERS, REGISTRY, WORDS
from archdsl.resources import grammar_text


@cache
def words() -> tuple[str, ...]:
    """All literals of the grammar, and the names that the language knows by itself."""
    grammar = re.findall(r'"((?:[^"\\\n]|\\.)+)"', "\n".join(_rules()))
    parameters = {name for cls in REGISTRY.values() for name in cls.params}
    return tuple(sorted({*grammar, *REGISTRY, *parameters, *INITIALISERS, *WORDS, *FUNCTIONS}))


def _rules() -> list[str]:
    """The lines of the grammar that are rules: comments and terminals have quotes of their own."""
    lines = [line.partition("//")[0] if '"//"' not in line else line for line in grammar_text().splitlines()]
    return [line for line in lines if not re.match(r"[A-Z_]+(\.-?\d)?:", line)]


def libfuzzer() -> str:
    """The dictionary as libFuzzer reads it."""
    return "".join(f'"{word}"\n' for word in words())
