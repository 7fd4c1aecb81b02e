"""How statements are written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from archdsl.formatting import spelling
from archdsl.formatting.algebra import BLANK, NOTHING, Align, Cat, Doc, Either, Fill, Nest
from archdsl.formatting.expressions import ENDED
from archdsl.formatting.flow import FlowWriter
from archdsl.formatting.pen import Mismatch
from archdsl.syntax import ast


class StatementWriter(FlowWriter):
    """Makes documents of statements."""

    def statement(self, node: Any) -> Doc:
        writers: dict[type[Any], Callable[[Any], Doc]] = {
            ast.Flow: self._flow,
            ast.Assign: self._assign,
            ast.Let: self.let,
            ast.Share: lambda node: self._bound(["share", node.name], node.expr),
            ast.Default: self.default,
            ast.Expect: self.expect,
            ast.InputStatement: self._input,
            ast.OutputStatement: self._output,
            ast.Function: self.function,
        }
        writer = writers.get(type(node))
        if writer is None:
            raise Mismatch(f"there is no way to write {type(node).__name__}")
        return writer(node)

    def _flow(self, node: ast.Flow) -> Doc:
        expr = node.expr
        self.leading = expr.elements[0] if isinstance(expr, ast.Pipeline) else expr
        return Nest(self.expression(expr))

    def words(self, words: Sequence[str]) -> Doc:
        """Words with blanks between them."""
        parts: list[Doc] = []
        for word in words:
            parts += [BLANK, self.pen.word(word)] if parts else [self.pen.word(word)]
        return Cat(*parts)

    # --- what gives a name -----------------------------------------------------------------------------

    def value(self, before: Doc, node: ast.Expr) -> Doc:
        """What stands behind `before` and a `=`: on its line, or on the next where the author has it so and there is no
        room on one."""
        pen = self.pen
        equals = pen.word("=")
        ended = pen.broken()
        remarks = pen.remarks()
        value = self.expression(node)
        head = Cat(before, BLANK, equals, remarks)
        same_line = Cat(head, BLANK, Align(value))
        if not ended or (value.braces and remarks is NOTHING):
            return same_line
        return Either(same_line, Cat(head, Nest(Cat(ENDED, Align(value)))))

    def _bound(self, words: Sequence[str], node: ast.Expr) -> Doc:
        return self.value(self.words(words), node)

    def _assign(self, node: ast.Assign) -> Doc:
        parts = [self.target(node.targets[0])]
        for target in node.targets[1:]:
            parts += [self.pen.word(","), BLANK, self.target(target)]
        return self.value(Cat(*parts), node.expr)

    def let(self, node: ast.Let) -> Doc:
        return self.value(Cat(self.pen.word("let"), BLANK, self.target(node.target)), node.expr)

    def function(self, node: ast.Function) -> Doc:
        head = self.words(["def", node.name])
        return self.value(Cat(head, self.parameters(node.parameters)), node.expr)

    def parameters(self, parameters: Sequence[ast.Parameter]) -> Doc:
        return self.brackets("(", parameters, ")", self._parameter)

    def _parameter(self, node: ast.Parameter) -> Doc:
        pen = self.pen
        name: Doc = pen.word(node.name)
        if node.annotation is not None:
            name = Cat(name, pen.word(":"), BLANK, pen.word(node.annotation))
        if node.default is None:
            return name
        equals = pen.word("=")
        return Cat(name, BLANK, equals, BLANK, Align(self.expression(node.default)))

    # --- the other statements --------------------------------------------------------------------------

    def default(self, node: ast.Default) -> Doc:
        return Cat(self.words(["default", node.callee.id]), self.arguments(node.arguments))

    def expect(self, node: ast.Expect) -> Doc:
        word = self.pen.word("expect")
        condition = self.expression(node.condition, spelling.TERNARY)
        parts = [condition]
        if node.about is not None:
            sign = self.pen.word("~")
            parts = [Cat(condition, BLANK, sign, BLANK, self.pen.spelled(node.about.text))]
        if node.message is not None:
            self.separated(parts, ",", before="")
            parts.append(self.pen.spelled(spelling.quoted(node.message.value)))
        return Cat(word, BLANK, Align(Fill(parts)))

    def _input(self, node: ast.InputStatement) -> Doc:
        head, colon = self.words(["input", node.name]), self.pen.word(":")
        return Cat(head, colon, BLANK, self.brackets("[", node.dimensions, "]", self._dimension))

    def _dimension(self, node: ast.Dimension) -> Doc:
        if node.symbol is None:
            return self.expression(node.value, spelling.TERNARY)
        symbol, equals = self.pen.word(node.symbol), self.pen.word("=")
        return Cat(symbol, equals, Align(self.expression(node.value, spelling.TERNARY)))

    def _output(self, node: ast.OutputStatement) -> Doc:
        head = self.words(["output", node.name])
        if node.expr is not None:
            head = self.value(head, node.expr)
        return Cat(head, BLANK, self.words(["when", "training"])) if node.training else head
