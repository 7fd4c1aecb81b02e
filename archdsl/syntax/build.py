"""From the grammar's rules to the nodes of declarations and files. With it the builder is whole."""

from __future__ import annotations

from typing import Any

from archdsl.diagnostics.core import Diagnostic
from archdsl.source import Span
from archdsl.syntax import ast
from archdsl.syntax.build_expressions import Children, names_in
from archdsl.syntax.build_statements import StatementBuilder
from archdsl.syntax.faults import Word

ANNOTATIONS = ("int", "float", "bool", "str", "list", "layer", "block", "tensor")


class Builder(StatementBuilder):
    """Builds whole files. What it has to say of them goes to `report`; it never stops the parse."""

    def imports(self, children: Children) -> ast.Import:
        dots, names, module_span = children[1]
        return ast.Import(self.across(children), names, dots, module_span, tuple(children[3::2]))

    def module(self, children: Children) -> tuple[int, tuple[str, ...], Span]:
        names = tuple(str(word.value) for word in children if word.type == "NAME")
        return len(children) - (2 * len(names) - 1), names, self.across(children)

    def imported(self, children: Children) -> ast.ImportedName:
        alias = str(children[2].value) if len(children) > 1 else None
        return ast.ImportedName(self.across(children), str(children[0].value), alias)

    def block(self, children: Children) -> ast.Block | ast.Broken:
        name, parameters, takes = self._header(children[1:-1])
        doc, statements = self._documented(children[-1])
        start = children[0].start_pos
        self._misplaced(
            self._since(self._outputs, start), "output", "a block gives what its last statement leaves"
        )
        self._misplaced(self._since(self._inputs, start), "input", "a block names what arrives with `takes`")
        if _star_before(takes):
            return self._hole(children, self.across(children), str(name.value), statements)
        return ast.Block(
            self.across(children), str(name.value), self.place(name), parameters, takes, doc, statements
        )

    def network(self, children: Children) -> ast.Network:
        name, parameters, _ = self._header(children[1:-1])
        doc, statements = self._documented(children[-1])
        start = children[0].start_pos
        self._since(self._outputs, start)
        outer = {id(statement) for statement in statements}
        for statement in self._since(self._inputs, start):
            if id(statement) not in outer:
                message = "`input` stands at the top level of its network"
                mend = "an input is there whatever the path"
                self.report(Diagnostic("E107", message, statement.span, help=mend))
        return ast.Network(
            self.across(children), str(name.value), self.place(name), parameters, doc, statements
        )

    def _since(self, found: list[Any], start: int) -> list[Any]:
        """Takes from a list the statements behind an offset: they are the last."""
        at = len(found)
        while at and found[at - 1].span.start >= start:
            at -= 1
        taken = found[at:]
        del found[at:]
        return taken

    def _misplaced(self, found: list[Any], word: str, mend: str) -> None:
        for statement in found:
            message = f"`{word}` stands in a network only"
            self.report(Diagnostic("E107", message, statement.span, help=mend))

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

    def _hole(
        self, children: Children, span: Span, name: str, statements: tuple[ast.Statement, ...]
    ) -> ast.Broken:
        """What stands for a declaration whose form is right and whose meaning is not clear."""
        return ast.Broken(span, str(children[0].value), (name,), names_in(children), statements)

    def model(self, children: Children) -> ast.Model | ast.Broken:
        name, expr = children[1], children[3]
        called = expr.callee if isinstance(expr, ast.Call) else expr
        if isinstance(called, ast.Broken):
            return self._hole(children, self.across(children[:4]), str(name.value), ())
        if not isinstance(called, ast.Name):
            self.report(
                Diagnostic(
                    "E101",
                    "a model is a network or a call of one",
                    expr.span,
                    help="as in `model small = resnet(basic, [2, 2, 2, 2])`",
                )
            )
            return self._hole(children, self.across(children[:4]), str(name.value), ())
        expects: tuple[ast.Expect, ...] = ()
        span = self.across(children[:4])
        if len(children) > 4:
            expects, end = children[4]
            span = Span(self.source, span.start, end)
        return ast.Model(span, str(name.value), self.place(name), expr, expects)

    def model_body(self, children: Children) -> tuple[tuple[ast.Expect, ...], int]:
        return tuple(child for child in children if isinstance(child, ast.Expect)), children[-1].end_pos

    def extern(self, children: Children) -> ast.Extern | ast.Broken:
        name, parameters, takes = self._header(children[2:-1])
        doc, entries, end = children[-1]
        span = Span(self.source, children[0].start_pos, end)
        if any(isinstance(entry, ast.Broken) for entry in entries) or _star_before(takes):
            return self._hole(children, span, str(name.value), ())
        return ast.Extern(span, str(name.value), self.place(name), parameters, takes, doc, entries)

    def extern_body(self, children: Children) -> tuple[str, tuple[ast.Entry, ...], int]:
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

    def entry(self, children: Children) -> ast.Entry:
        name = children[0]
        return ast.Entry(self.across(children), str(name.value), self.place(name), children[2])

    def bare_text(self, children: Children) -> ast.Text:
        return self.text(children)

    def file(self, children: Children) -> ast.File:
        items = children[0::2]
        doc = ""
        for item in items:
            if isinstance(item, ast.Broken):  # it may have been a network
                start, end = item.span.start, item.span.end
                self._outputs = [o for o in self._outputs if not start <= o.span.start < end]
                self._inputs = [i for i in self._inputs if not start <= i.span.start < end]
        if items and isinstance(items[0], ast.Text):
            doc = items[0].value
            items = items[1:]
        self._misplaced(self._outputs, "output", "it stands in the body of a network")
        self._misplaced(self._inputs, "input", "it stands in the body of a network")
        declarations = []
        for item in items:
            if isinstance(item, ast.Text):
                self._bare_text(item.span)
            else:
                declarations.append(item)
        return ast.File(Span(self.source, 0, len(self.source.text)), doc, tuple(declarations))

    # --- parameters ------------------------------------------------------------------------------------

    def parameters(self, children: Children) -> tuple[ast.Parameter, ...]:
        return tuple(child for child in children if isinstance(child, ast.Parameter))

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
        names: tuple[ast.Taken, ...] = tuple(children[1::2])
        for name in names[:-1]:
            if name.star:
                message = f"`{name.span.text}` takes what arrives beyond the other names, and stands last"
                self.report(Diagnostic("E101", message, name.span))
        return names

    def taken(self, children: Children) -> ast.Taken:
        return ast.Taken(self.across(children), str(children[-1].value), len(children) > 1)


def _star_before(takes: tuple[ast.Taken, ...] | None) -> bool:
    """Does a `*` stand before other names?"""
    return takes is not None and any(name.star for name in takes[:-1])
