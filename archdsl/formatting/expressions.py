"""How expressions are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from archdsl.formatting import spelling
from archdsl.formatting.algebra import (
    BLANK,
    NOTHING,
    Align,
    Cat,
    Doc,
    Either,
    Fill,
    Hang,
    Line,
    Nest,
    Room,
    Text,
    group,
)
from archdsl.formatting.pen import Mismatch, Pen
from archdsl.formatting.style import MOST_ALIGNED, WIDTH
from archdsl.syntax import ast

SOFT = Line(" ")
ENDED = Line("", hard=True)


class ExpressionWriter:
    """Makes documents of expressions. The words are written in the order of the text, each once."""

    def __init__(self, pen: Pen) -> None:
        self.pen = pen
        self.leading: ast.Expr | None = None  # what begins a statement of the flow
        self._writers: dict[type[Any], Callable[[Any], Doc]] = {
            ast.Number: lambda node: pen.spelled(node.text),
            ast.Boolean: lambda node: pen.word("true" if node.value else "false"),
            ast.Text: lambda node: pen.spelled(spelling.quoted(node.value)),
            ast.Extents: lambda node: pen.spelled("x".join(map(str, node.sizes))),
            ast.Name: lambda node: pen.word(node.id),
            ast.It: lambda node: pen.word("it"),
            ast.In: lambda node: pen.word("in"),
            ast.Blank: lambda node: pen.word("_"),
            ast.Star: lambda node: Cat(pen.word("*"), self.expression(node.value, spelling.TERNARY)),
            ast.ListExpr: lambda node: self.brackets("[", node.items, "]", self.expression),
            ast.ListComprehension: self._list_comprehension,
            ast.Unary: self._unary,
            ast.Binary: self._binary,
            ast.Logical: self._logical,
            ast.Compare: self._compare,
            ast.Conditional: self._conditional,
            ast.Index: self._index,
            ast.Slice: self._slice,
            ast.Attribute: self._attribute,
            ast.Call: lambda node: Cat(self._operand(node.callee), self.arguments(node.arguments)),
            ast.Group: self._group,
            **self.flow_writers(),
        }

    def flow_writers(self) -> dict[type[Any], Callable[[Any], Doc]]:
        """How elements of the flow are written, which may stand where an expression may."""
        return {}

    def expression(self, node: Any, least: int = spelling.PIPELINE) -> Doc:
        """An expression, in parentheses if it binds less tight than is wanted here."""
        writer = self._writers.get(type(node))
        if writer is None:
            raise Mismatch(f"there is no way to write {type(node).__name__}")
        if least and spelling.level(node) < least:
            return Cat(Text("("), Align(writer(node)), Text(")"))
        return writer(node)

    def _operand(self, node: ast.Expr) -> Doc:
        return self.expression(node, spelling.OPERAND)

    # --- brackets --------------------------------------------------------------------------------------

    def brackets(self, opening: str, items: Sequence[Any], closing: str, write: Callable[[Any], Doc]) -> Doc:
        """What is separated by commas: on one line, under each other behind the bracket, or on lines of its own.

        Where the author ends a line, behind the bracket or a comma, it stays ended.
        """
        pen = self.pen
        first = pen.word(opening)
        own_lines = pen.broken()
        behind = pen.remarks()
        if not items:
            last = pen.word(closing)
            return Cat(first, last) if behind is NOTHING else Hang(first, behind, Cat(ENDED, last))
        parts: list[Doc] = []
        for number, item in enumerate(items):
            if number:
                self.separated(parts, ",", "")
            parts.append(Align(write(item)))
        pen.skip(",")
        rest = pen.remarks()
        last = pen.word(closing)
        inside = Fill(parts)
        hanging = Hang(Cat(first, behind), Cat(ENDED, inside, Text(","), rest), Cat(ENDED, last))
        if own_lines:
            return hanging
        if inside.braces:
            return Cat(first, Nest(inside), rest, last)
        aligned = Cat(first, Align(inside), rest, last)
        room = Room(WIDTH - MOST_ALIGNED, aligned, hanging)
        return Either(aligned, room) if aligned.fits_a_line else room

    def separated(self, parts: list[Doc], sign: str, before: str = " ") -> None:
        """Write a sign behind the last part, and the end of a line that may be behind it."""
        pen = self.pen
        ended = pen.broken()
        remarks = pen.remarks()
        word = pen.word(sign)
        ended = pen.broken() or ended
        parts[-1] = Cat(parts[-1], *([BLANK] if before else []), word)
        parts.append(Cat(remarks, pen.remarks(), ENDED) if ended else SOFT)

    def arguments(self, arguments: Sequence[ast.Argument]) -> Doc:
        """What a layer or block is called with, in its parentheses."""
        return self.brackets("(", arguments, ")", self._argument)

    def _argument(self, node: ast.Argument) -> Doc:
        if node.star:
            return Cat(self.pen.word("*"), self.expression(node.value, spelling.TERNARY))
        if node.name is None:
            return self.expression(node.value)
        name, equals = self.pen.word(node.name), self.pen.word("=")
        return Cat(name, equals, Align(self.expression(node.value)))

    def _group(self, node: ast.Group) -> Doc:
        first = self.pen.word("(")
        inner = self.expression(node.inner)
        rest = self.pen.remarks()
        return Cat(first, inner if inner.braces else Align(inner), rest, self.pen.word(")"))

    # --- comprehensions --------------------------------------------------------------------------------

    def _list_comprehension(self, node: ast.ListComprehension) -> Doc:
        pen = self.pen
        first = pen.word("[")
        own_lines = pen.broken()
        behind = pen.remarks()
        inside = Cat(Align(self.expression(node.element)), *self.clauses(node.clauses))
        rest = pen.remarks()
        last = pen.word("]")
        if own_lines:
            return Hang(Cat(first, behind), Cat(ENDED, inside, rest), Cat(ENDED, last))
        return group(Cat(first, Align(inside), rest, last))

    def clauses(self, clauses: Iterable[ast.ForClause | ast.IfClause]) -> list[Doc]:
        """The clauses of a comprehension, each behind the end of a line that may be."""
        pen = self.pen
        written: list[Doc] = []
        ended = False
        for clause in clauses:
            ended = pen.broken() or ended
            remarks = pen.remarks()
            if isinstance(clause, ast.ForClause):
                words = [pen.word("for"), BLANK, self.target(clause.target), BLANK, pen.word("in"), BLANK]
                words.append(self.expression(clause.iterable, spelling.OR))
            else:
                words = [pen.word("if"), BLANK, self.expression(clause.condition, spelling.OR)]
            written += [remarks, Cat(*words)]
        separator = ENDED if ended else SOFT
        return [
            part for at in range(0, len(written), 2) for part in (written[at], separator, written[at + 1])
        ]

    def target(self, node: ast.Target, inner: bool = False) -> Doc:
        """What `for` and `let` bind, with the parentheses of the text, or those that it needs."""
        pen = self.pen
        if not node.parts:
            opening = pen.before(node.span.end, "(")
            return Cat(*opening, pen.word(node.name or "_"), *pen.before(node.span.end, ")"))
        opening = pen.before(node.parts[0].span.start, "(")
        parts = [self.target(node.parts[0], True)]
        for part in node.parts[1:]:
            parts += [pen.word(","), BLANK, self.target(part, True)]
        closing = pen.before(node.span.end, ")")
        if inner and not opening:
            opening, closing = [Text("(")], [Text(")")]
        return Cat(*opening, *parts, *closing)

    # --- operators -------------------------------------------------------------------------------------

    def _unary(self, node: ast.Unary) -> Doc:
        word = self.pen.word(node.op)
        if node.op == "not":
            return Cat(word, BLANK, self.expression(node.operand, spelling.NOT))
        return Cat(word, self.expression(node.operand, spelling.SIGNED))

    def _binary(self, node: ast.Binary) -> Doc:
        """Operators of one precedence, which are read from the left, are one row."""
        level = spelling.binary_level(node.op)
        if node.op == "**":
            parts = [self.expression(node.left, spelling.OPERAND)]
            self.separated(parts, "**")
            parts.append(self.expression(node.right, spelling.SIGNED))
            return self._aligned(node, Fill(parts))
        row: list[ast.Binary] = []
        left: ast.Expr = node
        while isinstance(left, ast.Binary) and left.op != "**" and spelling.binary_level(left.op) == level:
            row.append(left)
            left = left.left
        body = isinstance(left, ast.Body)
        parts = [self.expression(left, spelling.ELEMENT if body else level)]
        for each in reversed(row):
            self.separated(parts, each.op)
            parts.append(self.expression(each.right, level + 1))
        return Fill(parts) if body else self._aligned(node, Fill(parts))

    def _aligned(self, node: ast.Expr, inner: Doc) -> Doc:
        """Lines that begin in it stand under its start; but nothing stands under the start of a statement."""
        return inner if node is self.leading else Align(inner)

    def _logical(self, node: ast.Logical) -> Doc:
        least = spelling.level(node) + 1
        return self._aligned(node, self._row([node.op] * (len(node.operands) - 1), node.operands, least))

    def _compare(self, node: ast.Compare) -> Doc:
        return self._aligned(node, self._row(node.ops, node.operands, spelling.SUM))

    def _row(self, ops: Sequence[str], operands: Sequence[ast.Expr], least: int) -> Doc:
        parts = [self.expression(operands[0], least)]
        for op, operand in zip(ops, operands[1:], strict=True):
            for sign in op.split():
                if sign == "not":  # of `not in`
                    parts[-1] = Cat(parts[-1], BLANK, self.pen.word(sign))
                else:
                    self.separated(parts, sign)
            parts.append(self.expression(operand, least))
        return Fill(parts)

    def _conditional(self, node: ast.Conditional) -> Doc:
        pen = self.pen
        then = self.expression(node.then, spelling.OR)
        word = pen.word("if")
        condition = self.expression(node.condition, spelling.OR)
        remarks = pen.remarks()
        otherwise = pen.word("else")
        last = self.expression(node.otherwise, spelling.TERNARY)
        parts = (then, BLANK, word, BLANK, condition, remarks, SOFT, otherwise, BLANK, last)
        return group(self._aligned(node, Cat(*parts)))

    # --- behind an operand -----------------------------------------------------------------------------

    def _index(self, node: ast.Index) -> Doc:
        target, first = self._operand(node.target), self.pen.word("[")
        index = self.expression(node.index, spelling.TERNARY)
        return Cat(target, first, Align(index), self.pen.word("]"))

    def _slice(self, node: ast.Slice) -> Doc:
        parts = [self._operand(node.target), self.pen.word("[")]
        if node.start is not None:
            parts.append(Align(self.expression(node.start, spelling.TERNARY)))
        parts.append(self.pen.word(":"))
        if node.stop is not None:
            parts.append(Align(self.expression(node.stop, spelling.TERNARY)))
        if node.step is not None or self.pen.next == ":":
            parts.append(self.pen.word(":"))
        if node.step is not None:
            parts.append(Align(self.expression(node.step, spelling.TERNARY)))
        return Cat(*parts, self.pen.word("]"))

    def _attribute(self, node: ast.Attribute) -> Doc:
        target, dot = self._operand(node.target), self.pen.word(".")
        return Cat(target, dot, self.pen.word(node.name))
