"""From the grammar's rules to the nodes of the algebra of layers and of statements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archdsl.diagnostics.core import Diagnostic
from archdsl.source import Source, Span
from archdsl.syntax import ast
from archdsl.syntax.build_expressions import Children, ExpressionBuilder, names_in


class StatementBuilder(ExpressionBuilder):
    """Builds statements. Whether they stand where they may is seen when their declaration ends."""

    def begin(self, source: Source, report: Callable[[Diagnostic], None]) -> None:
        """Turns to another text."""
        self.source = source
        self.report = report
        self._inputs: list[ast.InputStatement] = []
        self._outputs: list[ast.OutputStatement] = []

    @property
    def lists(self) -> tuple[list[ast.InputStatement], list[ast.OutputStatement]]:
        """The statements whose place is not yet judged, which another text must not disturb."""
        return self._inputs, self._outputs

    @lists.setter
    def lists(self, lists: tuple[list[ast.InputStatement], list[ast.OutputStatement]]) -> None:
        self._inputs, self._outputs = lists

    # --- the algebra of layers -------------------------------------------------------------------------

    def pipeline(self, children: Children) -> ast.Pipeline:
        return ast.Pipeline(self.across(children), tuple(children[0::2]))

    def labelled(self, children: Children) -> ast.Labelled:
        word = children[0]
        if word.type == "STRING":
            label = self.text(children)
        else:
            label = ast.Text(self.place(word), str(word.value), (str(word.value),))
        element = children[2]
        if isinstance(element, ast.Body):
            self._no_text(element.statements)
        return ast.Labelled(self.across(children), label, element)

    def body(self, children: Children) -> ast.Body:
        statements = tuple(child for child in children if isinstance(child, ast.AstNode))
        return ast.Body(self.across(children), statements)  # type: ignore[arg-type]

    def body_element(self, children: Children) -> ast.Body:
        self._no_text(children[0].statements)
        return children[0]  # type: ignore[no-any-return]

    def body_copies(self, children: Children) -> ast.Expr:
        self._no_text(children[0].statements)
        return self.chain(children)

    def if_element(self, children: Children) -> ast.IfElement:
        arms = []
        otherwise: tuple[ast.Statement, ...] | None = None
        at = 0
        while at < len(children):
            word = children[at]
            if word.value == "else":
                otherwise = self._no_text(children[at + 1].statements)
                at += 2
            else:
                condition, body = children[at + 1 : at + 3]
                arms.append(ast.IfArm(self.across([word, body]), condition, self._no_text(body.statements)))
                at += 3
        return ast.IfElement(self.across(children), tuple(arms), otherwise)

    def for_element(self, children: Children) -> ast.ForElement:
        statements = self._no_text(children[4].statements)
        return ast.ForElement(self.across(children), children[1], children[3], statements)

    def _no_text(self, statements: tuple[ast.Statement, ...]) -> tuple[ast.Statement, ...]:
        """Reports the strings that stand alone."""
        for statement in statements:
            if isinstance(statement, ast.Flow) and isinstance(statement.expr, ast.Text):
                self._bare_text(statement.span)
        return statements

    def _bare_text(self, span: Span) -> None:
        self.report(
            Diagnostic(
                "E106",
                "a string stands where a statement is wanted",
                span,
                help="a docstring is the first statement of a file, block or network; a comment has a `#`",
            )
        )

    def _documented(self, body: ast.Body) -> tuple[str, tuple[ast.Statement, ...]]:
        """The docstring of a block or network, and the statements behind it."""
        doc, statements = "", body.statements
        first = statements[0] if statements else None
        if isinstance(first, ast.Flow) and isinstance(first.expr, ast.Text):
            doc, statements = first.expr.value, statements[1:]
        return doc, self._no_text(statements)

    # --- statements ------------------------------------------------------------------------------------

    def broken(self, children: Children) -> ast.Broken:
        """What could not be read, with the statements of its bodies."""
        found: ast.Broken = children[0].value
        bodies = [child for child in children[1:] if isinstance(child, ast.Body)]
        if not bodies:
            return found
        statements = [*found.statements]
        for body in bodies:
            statements += self._no_text(self._without_doc(body.statements))
        span = Span(self.source, found.span.start, max(found.span.end, bodies[-1].span.end))
        return ast.Broken(
            span, found.word, found.binds, found.reads, tuple(statements), found.nameless, found.flows
        )

    def _without_doc(self, statements: tuple[ast.Statement, ...]) -> tuple[ast.Statement, ...]:
        """Without a string that may be a docstring."""
        first = statements[0] if statements else None
        return (
            statements[1:] if isinstance(first, ast.Flow) and isinstance(first.expr, ast.Text) else statements
        )

    def flow(self, children: Children) -> ast.Flow:
        return ast.Flow(children[0].span, children[0])

    def names(self, children: Children) -> list[ast.Target]:
        return [ast.Target(self.place(word), str(word.value)) for word in children[0::2]]

    def assign(self, children: Children) -> ast.Assign:
        targets: list[ast.Target] = children[0]
        return ast.Assign(targets[0].span.to(children[2].span), tuple(targets), children[2])

    def let(self, children: Children) -> ast.Let:
        return ast.Let(self.across(children), children[1], children[3])

    def share(self, children: Children) -> ast.Share:
        name = children[1]
        return ast.Share(self.across(children), str(name.value), self.place(name), children[3])

    def default(self, children: Children) -> ast.Default | ast.Broken:
        arguments = children[2]
        faulty = arguments.faulty
        for argument in arguments.items:
            if argument.name is None and not faulty:
                faulty = True
                self.report(
                    Diagnostic(
                        "E101",
                        "`default` takes arguments by name",
                        argument.span,
                        help="write `name=value`, as in `default conv(bias=false)`",
                    )
                )
        span = Span(self.source, children[0].start_pos, arguments.end)
        if faulty:
            return ast.Broken(span, "default", reads=names_in(arguments.items))
        return ast.Default(span, self.name_read(children[1:2]), arguments.items)

    def expect(self, children: Children) -> ast.Expect:
        about = message = None
        for mark, word in zip(children[2::2], children[3::2], strict=True):
            if mark.value == "~":
                about = self.number([word])
            else:
                message = self.text([word])
        return ast.Expect(self.across(children), children[1], about, message)

    def input(self, children: Children) -> ast.InputStatement:
        name = children[1]
        dimensions = tuple(child for child in children if isinstance(child, ast.Dimension))
        made = ast.InputStatement(self.across(children), str(name.value), self.place(name), dimensions)
        self._inputs.append(made)
        return made

    def dimension(self, children: Children) -> ast.Dimension:
        symbol = str(children[0].value) if len(children) == 3 else None
        return ast.Dimension(self.across(children), children[-1], symbol)

    def output(self, children: Children) -> ast.OutputStatement:
        name = children[1]
        training = _value(children[-1]) == "training"
        expr = children[3] if len(children) > 3 and _value(children[2]) == "=" else None
        made = ast.OutputStatement(self.across(children), str(name.value), self.place(name), expr, training)
        self._outputs.append(made)
        return made

    def function(self, children: Children) -> ast.Function:
        name = children[1]
        return ast.Function(
            self.across(children), str(name.value), self.place(name), children[2], children[4]
        )


def _value(child: Any) -> str | None:
    """The text of a word; None for a node."""
    return None if isinstance(child, ast.AstNode) else str(child.value)
