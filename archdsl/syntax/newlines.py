"""From the lexer's words to the parser's: which newlines end a statement.

A newline or `;` ends a statement. A newline is a blank inside `( )` and `[ ]`; after `->`, `|`, `,`, `=`
or an operator; and before `->`, `else` or `elif`. A `{` makes newlines end statements again until its `}`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from archdsl.syntax.faults import Word
from archdsl.syntax.words import CLOSER, CLOSES_OPERAND, OPENER, OPERANDS, OPERATORS

_CONTINUES = OPERATORS | {"->", "|", ",", "=", "~"}
_CONTINUED_BY = frozenset(["->", "else", "elif"])


def separated(stream: Iterable[Word]) -> Iterator[Word]:
    """Leaves out the newlines that are blanks, and of a run of separators all but one."""
    opened: list[str] = []
    pending: Word | None = None  # a separator, until it is clear whether it counts
    before: Word | None = None
    operator_in = operator_not = False  # is the last `in` one of `x in xs`, the last `not` one of `not in`?
    for word in stream:
        value = word.value
        if word.type == "SEPARATOR":
            if opened and opened[-1] != "{":
                if value == ";":
                    yield word  # for the parser to refuse
            elif value == ";":
                pending = word
            elif pending is None and before is not None:
                last = before.value
                if last not in _CONTINUES and not (last == "in" and operator_in):
                    pending = word
            continue
        if pending is not None:
            if value == "}" or before is None or before.value == "{":
                pass  # there is no statement behind it, or none before
            elif pending.value == ";" or value not in _CONTINUED_BY:
                yield pending
            pending = None
        if value in CLOSER:
            opened.append(value)
        elif value in OPENER:
            if opened:
                opened.pop()
        elif value == "in" or value == "not":
            behind_operand = _ends_operand(before) and not (operator_in and _is(before, "in"))
            if value == "not":
                operator_not = behind_operand
            else:
                operator_in = behind_operand or (operator_not and _is(before, "not"))
        before = word
        yield word


def _ends_operand(word: Word | None) -> bool:
    return word is not None and (word.type in OPERANDS or word.value in CLOSES_OPERAND)


def _is(word: Word | None, value: str) -> bool:
    return word is not None and word.value == value
