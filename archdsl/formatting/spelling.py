"""How words are spelled that a tree does not keep as they were written: for trees that code makes."""

from __future__ import annotations

import re

from archdsl.syntax import ast
from archdsl.syntax.words import RESERVED

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ESCAPED = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}


def quoted(value: str) -> str:
    """A string of the language."""
    return '"' + "".join(_ESCAPED.get(character, character) for character in value) + '"'


def label(text: ast.Text) -> str:
    """A label: a name if it can be one, else a string."""
    value = text.value
    return value if _NAME.fullmatch(value) and value not in RESERVED and value != "_" else quoted(value)


# --- how tight a construct binds, the loosest first ------------------------------------------------------

PIPELINE, ELEMENT, TERNARY, OR, AND, NOT, COMPARE, SUM, PRODUCT, SIGNED, POWER, OPERAND = range(12)

_BINARY = {"+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "//": PRODUCT, "%": PRODUCT, "**": POWER}


def binary_level(op: str) -> int:
    """How tight a binary operator binds."""
    return _BINARY[op]


def level(node: ast.Expr) -> int:
    """How tight an expression binds: where something tighter is wanted, it stands in parentheses."""
    match node:
        case ast.Pipeline():
            return PIPELINE
        case ast.Labelled() | ast.Body() | ast.IfElement() | ast.ForElement():
            return ELEMENT
        case ast.Conditional():
            return TERNARY
        case ast.Logical(op=op):
            return OR if op == "or" else AND
        case ast.Compare():
            return COMPARE
        case ast.Unary(op=op):
            return NOT if op == "not" else SIGNED
        case ast.Binary(op=op, left=ast.Body()):
            return ELEMENT
        case ast.Binary(op=op):
            return binary_level(op)
    return OPERAND
