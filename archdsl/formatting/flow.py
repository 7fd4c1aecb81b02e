"""How the algebra of layers is written: chains, forks, labels, bodies, `if` and `for`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
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
    Mark,
    Nest,
    Remark,
    Room,
    group,
)
from archdsl.formatting.expressions import ENDED, SOFT, ExpressionWriter
from archdsl.formatting.pen import Gap
from archdsl.syntax import ast

_FREE = Line("", blank=True)


@dataclass(slots=True)
class _Arm:
    """`if c`, `elif c` or `else`, and its body; `line` is whether the author has that on one line (an empty body is on
    none), and `ended` whether the author ends a line before it. `remarks` stand before it."""

    remarks: Doc
    head: Doc
    body: Doc
    line: bool
    ended: bool

    @property
    def row(self) -> Doc:
        return Cat(self.head, BLANK, self.body)


class FlowWriter(ExpressionWriter):
    """Makes documents of elements."""

    def flow_writers(self) -> dict[type[Any], Callable[[Any], Doc]]:
        return {
            ast.Pipeline: self._pipeline,
            ast.Fork: self._fork,
            ast.ForkComprehension: self._fork_comprehension,
            ast.Labelled: self._labelled,
            ast.Body: lambda node: self.body(node.statements, self.statement),
            ast.IfElement: self._if,
            ast.ForElement: self._for,
        }

    def statement(self, node: Any) -> Doc:
        raise NotImplementedError

    # --- chains and forks ------------------------------------------------------------------------------

    def _pipeline(self, node: ast.Pipeline) -> Doc:
        """`a -> b -> c`: lines end before an arrow, where the author ends them and where there is no room."""
        pen = self.pen
        parts = [self.expression(node.elements[0], spelling.ELEMENT)]
        for element in node.elements[1:]:
            ended = pen.broken()
            separator = Cat(pen.remarks(), ENDED) if ended else SOFT
            arrow = pen.word("->")
            parts += [separator, Cat(arrow, BLANK, self.expression(element, spelling.ELEMENT))]
        return Fill(parts)

    def _fork(self, node: ast.Fork) -> Doc:
        """`( a | b )`: on one line, or each branch on its own, with the signs under each other."""
        pen = self.pen
        written: list[Doc] = []
        ended = False
        for sign, branch in zip(["(", *"|" * (len(node.branches) - 1)], node.branches, strict=True):
            if written:
                ended = pen.broken() or ended
                written += [pen.remarks(), SOFT]
            word = pen.word(sign)
            ended = pen.broken() or ended
            written.append(Cat(word, BLANK, Nest(Mark(self.expression(branch)))))
        ended = pen.broken() or ended
        return self._parenthesized([*written, pen.remarks(), SOFT, pen.word(")")], ended)

    def _fork_comprehension(self, node: ast.ForkComprehension) -> Doc:
        pen = self.pen
        first = pen.word("(")
        ended = pen.broken()
        element = self.expression(node.element)
        inside = Cat(element, *self.clauses(node.clauses))
        ended = pen.broken() or ended
        written = [Cat(first, BLANK, Nest(Mark(inside))), pen.remarks(), SOFT, pen.word(")")]
        return self._parenthesized(written, ended)

    def _parenthesized(self, parts: Sequence[Doc], ended: bool) -> Doc:
        if ended:
            return Align(Cat(*(ENDED if part is SOFT else part for part in parts)))
        return group(Align(Cat(*parts)))

    def _labelled(self, node: ast.Labelled) -> Doc:
        label, colon = self.pen.spelled(spelling.label(node.label)), self.pen.word(":")
        return Cat(label, colon, BLANK, self.expression(node.element, spelling.ELEMENT))

    # --- bodies ----------------------------------------------------------------------------------------

    def body(self, items: Sequence[Any], write: Callable[[Any], Doc], doc: str = "") -> Doc:
        """`{ … }`: on one line if the author has it so and it fits, else each statement on its own."""
        pen = self.pen
        opening = pen.word("{")
        gaps: list[Gap] = []
        written: list[Doc] = []
        if self.documented(items, doc):
            gaps.append(pen.gap())
            written.append(pen.spelled(spelling.quoted(doc)))
        for item in items:
            gaps.append(pen.gap())
            written.append(write(item))
        last = pen.gap()
        closing = pen.word("}")
        if not written and not last.comments:
            return Cat(opening, BLANK, closing)
        ended = any(gap.broken for gap in (*gaps, last)) or pen.wants_lines(len(written))
        inside: list[Doc] = []
        for gap, statement in zip(gaps, written, strict=True):
            if ended:
                inside += [*self.between(gap, first=not inside), statement]
            else:
                inside += [Line("; ") if inside else SOFT, statement]
        inside += [Remark(comment) for comment in _without_lead(last, first=not inside).comments]
        made = Hang(opening, Cat(*inside), Cat(ENDED if ended else SOFT, closing), braces=True)
        return made if ended else group(made)

    def documented(self, items: Sequence[Any], doc: str) -> bool:
        """Is there a docstring before the items?"""
        if not self.pen.next:
            return bool(doc)
        if items:
            return not self.pen.stands_at(items[0].span.start)
        return self.pen.next.startswith('"')

    def between(self, gap: Gap, first: bool) -> list[Doc]:
        """What stands before a statement: comments, and the end of the line before."""
        gap = _without_lead(gap, first)
        return [*map(Remark, gap.comments), _FREE if gap.blank else ENDED]

    def _for(self, node: ast.ForElement) -> Doc:
        pen = self.pen
        words = [pen.word("for"), BLANK, self.target(node.target), BLANK, pen.word("in"), BLANK]
        iterable = self.expression(node.iterable, spelling.TERNARY)
        return Cat(*words, iterable, BLANK, self.body(node.statements, self.statement))

    # --- if --------------------------------------------------------------------------------------------

    def _if(self, node: ast.IfElement) -> Doc:
        """One line if the author has it so; else a body on one line is followed by the end of a line, and `else`
        stands under `if`; a body on lines of its own is followed by `else` on the line of its brace."""
        arms: list[_Arm] = []
        for number, arm in enumerate(node.arms):
            arms.append(self._arm("elif" if number else "if", arm.condition, arm.statements))
        if node.otherwise is not None:
            arms.append(self._arm("else", None, node.otherwise))
        rows = [arm.row for arm in arms]
        if len(arms) == 1:
            return rows[0]
        whole = Cat(rows[0], *(part for row in rows[1:] for part in (BLANK, row)))
        _settle(arms)
        lines = _lines(arms[:-1])
        if not lines:
            return self._spread(arms)
        opened = [replace(arm, line=False, body=_opened(arm.body)) for arm in arms[:-1]]
        loose = self._spread([*opened, arms[-1]])
        spread = Room(max(lines), Mark(self._spread(arms)), loose)
        if whole.fits_a_line and not any(arm.ended for arm in arms[1:]):
            return Either(whole, spread)
        return spread

    def _arm(self, word: str, condition: ast.Expr | None, statements: Sequence[ast.Statement]) -> _Arm:
        pen = self.pen
        ended = pen.broken()
        remarks = pen.remarks() if word != "if" else NOTHING
        head = pen.word(word)
        if condition is not None:
            head = Cat(head, BLANK, self.expression(condition, spelling.TERNARY))
        body = self.body(statements, self.statement)
        return _Arm(remarks, head, body, bool(statements) and Cat(head, body).fits_a_line, ended)

    def _spread(self, arms: Sequence[_Arm]) -> Doc:
        """Arms on lines of their own, as their bodies are."""
        parts = [arms[0].row]
        for before, arm in pairwise(arms):
            parts += [arm.remarks, ENDED if before.line else BLANK, arm.row]
        commented = any(arm.remarks is not NOTHING for arm in arms)
        return Mark(Cat(*parts)) if commented else Cat(*parts)


def _settle(arms: Sequence[_Arm]) -> None:
    """Behind an empty body the next arm goes on on the same line, whose length is not known: up to an arm with several
    lines, none counts as one on one line."""
    behind_empty = False
    for arm in arms:
        if not arm.body.fits_a_line:
            behind_empty = False
        elif behind_empty or not arm.line:
            behind_empty, arm.line = True, False


def _lines(arms: Sequence[_Arm]) -> list[int]:
    """The widths of the lines that have a body on them, and the end of a line behind it."""
    brace = [0, *(0 if arm.line else len("} ") for arm in arms)]
    return [before + arm.row.flat for before, arm in zip(brace, arms, strict=False) if arm.line]


def _opened(body: Doc) -> Doc:
    """A body on lines of its own, whatever fits."""
    if not isinstance(body, Either) or not isinstance(body.broken, Hang):
        return body
    hang = body.broken
    inside = [_ended(part) for part in hang.inner.parts]  # type: ignore[attr-defined]
    return Hang(hang.opening, Cat(*inside), Cat(ENDED, *hang.closing.parts[1:]), braces=True)  # type: ignore[attr-defined]


def _ended(part: Doc) -> Doc:
    return ENDED if isinstance(part, Line) else part


def _without_lead(gap: Gap, first: bool) -> Gap:
    """Without a free line behind a brace and the comment on its line, or at the start of a text."""
    if not first:
        return gap
    own = [number for number, comment in enumerate(gap.comments) if comment.own]
    if not own:
        return gap._replace(blank=False)
    comments = list(gap.comments)
    comments[own[0]] = replace(comments[own[0]], blank=False)
    return gap._replace(comments=tuple(comments))
