"""How declarations are written, and whole files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from archdsl.formatting import spelling
from archdsl.formatting.algebra import BLANK, NOTHING, Align, Cat, Doc, Fill, Remark
from archdsl.formatting.pen import Gap, Mismatch
from archdsl.formatting.statements import StatementWriter
from archdsl.syntax import ast


class FileWriter(StatementWriter):
    """Makes the document of a file."""

    def file(self, node: ast.File) -> Doc:
        parts: list[Doc] = []
        if self.documented(node.declarations, node.doc):
            parts += self._between(self.pen.gap(), None, None)
            parts.append(self.pen.spelled(spelling.quoted(node.doc)))
        before: Any = node
        for declaration in node.declarations:
            parts += self._between(self.pen.gap(), before if parts else None, declaration)
            parts.append(self._declaration(declaration))
            before = declaration
        parts += map(Remark, self.pen.gap().comments)
        return Cat(*parts)

    def _between(self, gap: Gap, before: Any, behind: Any) -> list[Doc]:
        if before is not None and not self.pen.next and _apart(before, behind):
            gap = gap._replace(blank=True)
        return self.between(gap, first=before is None)

    def _declaration(self, node: Any) -> Doc:
        writers: dict[type[Any], Callable[[Any], Doc]] = {
            ast.Import: self._import,
            ast.Block: self._block,
            ast.Network: self._network,
            ast.Model: self._model,
            ast.Extern: self._extern,
            ast.Function: self.function,
            ast.Let: self.let,
            ast.Default: self.default,
        }
        writer = writers.get(type(node))
        if writer is None:
            raise Mismatch(f"there is no way to write {type(node).__name__}")
        return writer(node)

    def _import(self, node: ast.Import) -> Doc:
        pen = self.pen
        head: list[Doc] = [pen.word("from"), BLANK]
        head += [pen.word(".") for _ in range(node.dots)]
        for number, name in enumerate(node.module):
            head += [pen.word("."), pen.word(name)] if number else [pen.word(name)]
        word = pen.word("import")
        names = self._names(node.names, self._imported)
        return Cat(*head, BLANK, word, BLANK, names)

    def _imported(self, node: ast.ImportedName) -> Doc:
        return self.words([node.name] if node.alias is None else [node.name, "as", node.alias])

    def _names(self, items: Sequence[Any], write: Callable[[Any], Doc]) -> Doc:
        """Names with commas between them, and no brackets around."""
        parts = [write(items[0])]
        for item in items[1:]:
            self.separated(parts, ",", before="")
            parts.append(write(item))
        return Align(Fill(parts))

    def _header(
        self,
        words: Sequence[str],
        parameters: Sequence[ast.Parameter],
        takes: Sequence[ast.Taken] | None,
    ) -> Doc:
        """Up to the brace. Parentheses that are empty are left out."""
        head = self.words(words)
        self.pen.skip_empty()
        if parameters or self.pen.next == "(":
            head = Cat(head, self.parameters(parameters))
        if takes is not None:
            word = self.pen.word("takes")
            head = Cat(head, BLANK, word, BLANK, self._names(takes, self._taken))
        return Cat(head, BLANK)

    def _taken(self, node: ast.Taken) -> Doc:
        star = self.pen.word("*") if node.star else NOTHING
        return Cat(star, self.pen.word(node.name))

    def _block(self, node: ast.Block) -> Doc:
        head = self._header(["block", node.name], node.parameters, node.takes)
        return Cat(head, self.body(node.statements, self.statement, node.doc))

    def _network(self, node: ast.Network) -> Doc:
        head = self._header(["network", node.name], node.parameters, None)
        return Cat(head, self.body(node.statements, self.statement, node.doc))

    def _model(self, node: ast.Model) -> Doc:
        made = self.value(self.words(["model", node.name]), node.expr)
        if node.expects or self.pen.next == "{":
            return Cat(made, BLANK, self.body(node.expects, self.expect))
        return made

    def _extern(self, node: ast.Extern) -> Doc:
        head = self._header(["extern", "block", node.name], node.parameters, node.takes)
        return Cat(head, self.body(node.entries, self._entry, node.doc))

    def _entry(self, node: ast.Entry) -> Doc:
        return self.value(self.pen.word(node.name), node.value)


def _apart(before: Any, behind: Any) -> bool:
    """Is there a free line between two declarations, where no author says?"""
    return type(before) is not type(behind) or isinstance(behind, ast.Block | ast.Network | ast.Extern)
