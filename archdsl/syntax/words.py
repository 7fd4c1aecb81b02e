"""The words of the language, in the sets that newlines, brackets and messages need."""

from __future__ import annotations

RESERVED = frozenset([
    "block", "network", "model", "def", "let", "share", "default", "input", "output", "expect", "from",
    "import", "as", "takes", "extern", "if", "elif", "else", "for", "in", "it", "and", "or", "not", "true",
    "false", "when", "training",
])  # fmt: skip

#: What begins a declaration, and only that.
DECLARATIONS = frozenset(["from", "block", "network", "model", "extern"])

#: What begins a statement of a body (the flow aside).
STATEMENTS = frozenset(["let", "share", "default", "expect", "input", "output", "def"])

#: Operators that want an operand on their right. `in` is one behind an operand.
OPERATORS = frozenset([
    "+", "-", "*", "/", "//", "%", "**", "==", "!=", "<", "<=", ">", ">=", "and", "or", "not",
])  # fmt: skip

CLOSER = {"(": ")", "[": "]", "{": "}"}
OPENER = {")": "(", "]": "[", "}": "{"}

#: Kinds of words that are operands. The other words that end one are in CLOSES_OPERAND.
OPERANDS = frozenset(["NAME", "NUMBER", "EXTENTS", "STRING"])
CLOSES_OPERAND = frozenset([")", "]", "}", "it", "in", "true", "false", "_"])
