"""From the grammar's rules to the nodes of pipelines, statements and declarations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archdsl.diagnostics.core import Diagnostic
from archdsl.source import Source, Span
from archdsl.syntax import ast
from archdsl.syntax.build_expressions import Children, ExpressionBuilder
from archdsl.syntax.faults import Word

ANNOTATIONS = ("int", "float", "bool", "str", "list", "layer", "block", "tensor")


def of(kind: type[Any], children: Children) -> tuple[Any, ...]:
    """The children of one class of nodes."""
    return tuple(child for child in children if isinstance(child, kind))


class Builder(ExpressionBuilder):
    """Builds whole files. What it has to say of them goes to `report`; it never stops the parse."""

    def begin(self, source: Source, report: Callable[[Diagnostic], None]) -> None:
        """Turns to another text."""
        self.source = source
        self.report = report
        self._inputs: list[ast.InputStatement] = []
        self._outputs: list[ast.OutputStatement] = []

    # --- the algebra of layers -------------------------------------------------------------------------

    def pipeline(self, children: Children) -> ast.Pipeline:
        return ast.Pipeline(self.across(children), tuple(children[0::2]))

    def labelled(self, children: Children) -> ast.Labelled:
        word = children[0]
        if word.type == "STRING":
            label = self.text(children)
        else:
            label = ast.Text(self.place(word), str(word.value), (str(word.value),))
        return ast.Labelled(self.across(children), label, children[2])

    def body(self, children: Children) -> ast.Body:
        statements = tuple(child for child in children if isinstance(child, ast.AstNode))
        return ast.Body(self.across(children), statements)  # type: ignore[arg-type]

    def body_element(self, children: Children) -> ast.Body:
        self._no_text(children[0].statements)
        return children[0]  # type: ignore[no-any-return]

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

    def default(self, children: Children) -> ast.Default:
        arguments = children[2]
        for argument in arguments.items:
            if argument.name is None:
                self.report(
                    Diagnostic(
                        "E101",
                        "`default` takes arguments by name",
                        argument.span,
                        help="write `name=value`, as in `default conv(bias=false)`",
                    )
                )
        span = Span(self.source, children[0].start_pos, arguments.end)
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
        dimensions = of(ast.Dimension, children)
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

    def parameters(self, children: Children) -> tuple[ast.Parameter, ...]:
        return of(ast.Parameter, children)

    def parameter(self, children: Children) -> ast.Parameter:
        annotation = default = None
        rest = children[1:]
        if rest and isinstance(rest[0], list):
            annotation = self._annotation(rest[0][1])
            rest = rest[1:]
        if rest:
            default = rest[1]
        last = children[-1][1] if isinstance(children[-1], list) else children[-1]
        return ast.Parameter(self.across([children[0], last]), str(children[0].value), annotation, default)

    def annotation(self, children: Children) -> Children:
        return children

    def _annotation(self, word: Word) -> str | None:
        if word.value in ANNOTATIONS:
            return str(word.value)
        known = ", ".join(f"`{name}`" for name in ANNOTATIONS)
        self.report(
            Diagnostic(
                "E101",
                f"`{word.value}` is no type of a parameter",
                self.place(word),
                help=f"the types are {known}",
            )
        )
        return None

    def takes(self, children: Children) -> tuple[ast.Taken, ...]:
        return tuple(children[1::2])

    def taken(self, children: Children) -> ast.Taken:
        return ast.Taken(self.across(children), str(children[-1].value), len(children) > 1)

    # --- declarations ----------------------------------------------------------------------------------

    def imports(self, children: Children) -> ast.Import:
        dots, names, module_span = children[1]
        return ast.Import(self.across(children), names, dots, module_span, tuple(children[3::2]))

    def module(self, children: Children) -> tuple[int, tuple[str, ...], Span]:
        names = tuple(str(word.value) for word in children if word.type == "NAME")
        return len(children) - (2 * len(names) - 1), names, self.across(children)

    def imported(self, children: Children) -> ast.ImportedName:
        alias = str(children[2].value) if len(children) > 1 else None
        return ast.ImportedName(self.across(children), str(children[0].value), alias)

    def block(self, children: Children) -> ast.Block:
        name, parameters, takes = self._header(children[1:-1])
        doc, statements = self._documented(children[-1])
        self._misplaced(
            self._outputs, "`output` stands in a network only", "a block gives what its last statement leaves"
        )
        self._misplaced(
            self._inputs, "`input` stands in a network only", "a block names what arrives with `takes`"
        )
        return ast.Block(
            self.across(children), str(name.value), self.place(name), parameters, takes, doc, statements
        )

    def network(self, children: Children) -> ast.Network:
        name, parameters, _ = self._header(children[1:-1])
        doc, statements = self._documented(children[-1])
        inner = [made for made in self._inputs if not any(made is statement for statement in statements)]
        self._misplaced(
            inner, "`input` stands at the top level of its network", "it is there whatever the path"
        )
        self._inputs.clear()
        self._outputs.clear()
        return ast.Network(
            self.across(children), str(name.value), self.place(name), parameters, doc, statements
        )

    def _misplaced(self, found: list[Any], message: str, reason: str) -> None:
        for statement in found:
            self.report(Diagnostic("E107", message, statement.span, help=reason))
        found.clear()

    def _header(
        self, children: Children
    ) -> tuple[Word, tuple[ast.Parameter, ...], tuple[ast.Taken, ...] | None]:
        """Name, parameters and `takes` of a declaration."""
        parameters: tuple[ast.Parameter, ...] = ()
        takes: tuple[ast.Taken, ...] | None = None
        for child in children[1:]:
            if child and isinstance(child[0], ast.Taken):
                takes = child
            else:
                parameters = child
        return children[0], parameters, takes

    def model(self, children: Children) -> ast.Model:
        name, expr = children[1], children[3]
        called = expr.callee if isinstance(expr, ast.Call) else expr
        if not isinstance(called, ast.Name):
            self.report(
                Diagnostic(
                    "E101",
                    "a model is a network or a call of one",
                    expr.span,
                    help="as in `model small = resnet(basic, [2, 2, 2, 2])`",
                )
            )
        expects: tuple[ast.Expect, ...] = ()
        span = self.across(children[:4])
        if len(children) > 4:
            expects, end = children[4]
            span = Span(self.source, span.start, end)
        return ast.Model(span, str(name.value), self.place(name), expr, expects)

    def model_body(self, children: Children) -> tuple[tuple[ast.Expect, ...], int]:
        return of(ast.Expect, children), children[-1].end_pos

    def extern(self, children: Children) -> ast.Extern:
        name, parameters, takes = self._header(children[2:-1])
        doc, entries, end = children[-1]
        span = Span(self.source, children[0].start_pos, end)
        return ast.Extern(span, str(name.value), self.place(name), parameters, takes, doc, entries)

    def extern_body(self, children: Children) -> tuple[str, tuple[tuple[str, ast.Expr], ...], int]:
        items = children[1:-1:2]
        doc = ""
        if items and isinstance(items[0], ast.Text):
            doc = items[0].value
            items = items[1:]
        entries = []
        for item in items:
            if isinstance(item, ast.Text):
                self._bare_text(item.span)
            else:
                entries.append(item)
        return doc, tuple(entries), children[-1].end_pos

    def entry(self, children: Children) -> tuple[str, ast.Expr]:
        return str(children[0].value), children[2]

    def bare_text(self, children: Children) -> ast.Text:
        return self.text(children)

    def file(self, children: Children) -> ast.File:
        items = children[0::2]
        doc = ""
        if items and isinstance(items[0], ast.Text):
            doc = items[0].value
            items = items[1:]
        declarations = []
        for item in items:
            if isinstance(item, ast.Text):
                self._bare_text(item.span)
            else:
                declarations.append(item)
        return ast.File(Span(self.source, 0, len(self.source.text)), doc, tuple(declarations))

    def expression(self, children: Children) -> ast.Expr:
        return children[0]  # type: ignore[no-any-return]


def _value(child: Any) -> str | None:
    """The text of a word; None for a node."""
    return None if isinstance(child, ast.AstNode) else str(child.value)
