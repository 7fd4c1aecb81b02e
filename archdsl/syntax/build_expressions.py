"""From the grammar's rules to the nodes of expressions: one method a rule, called as the parser reduces it.

No tree of the parser's is ever made. The children of a rule are words (tokens) and the nodes built before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from math import nan
from typing import Any

from archdsl.diagnostics.core import Diagnostic, Label
from archdsl.source import Source, Span
from archdsl.syntax import ast
from archdsl.syntax.faults import Fault, Word
from archdsl.syntax.numbers import number
from archdsl.syntax.strings import Braced, BraceFault, cut, unescape

Children = list[Any]

_RUN_TOGETHER = re.compile(r"([A-Za-z_]+)([0-9]+)")  # `pad0` for `pad=0`


class ExpressionBuilder:
    """Builds expressions, of the text in `source`."""

    def __init__(self, parse_inner: Callable[[Span], ast.Expr]) -> None:
        self.source = Source("", "")
        self.report: Callable[[Diagnostic], None] = lambda diagnostic: None
        self._parse_inner = parse_inner

    # --- places ----------------------------------------------------------------------------------------

    def place(self, word: Word) -> Span:
        assert word.start_pos is not None and word.end_pos is not None
        return Span(self.source, word.start_pos, word.end_pos)

    def across(self, children: Children) -> Span:
        """From the first child to the last."""
        first, last = children[0], children[-1]
        start = first.span.start if isinstance(first, ast.AstNode) else first.start_pos
        end = last.span.end if isinstance(last, ast.AstNode) else last.end_pos
        return Span(self.source, start, end)

    # --- atoms -----------------------------------------------------------------------------------------

    def number(self, children: Children) -> ast.Number:
        word = children[0]
        value = number(word.value)
        if isinstance(value, str):
            self.report(Diagnostic("E105", value, self.place(word)))
            value = nan  # evaluation stays silent about it
        return ast.Number(self.place(word), value, str(word.value))

    def extents(self, children: Children) -> ast.Expr:
        word = children[0]
        sizes = word.value.split("x")
        if any(len(size) > 9 or (size != "0" and size.startswith("0")) for size in sizes):
            self.report(Diagnostic("E105", "this is not an extent", self.place(word)))
            sizes = []  # evaluation stays silent about it
        return ast.Extents(self.place(word), tuple(int(size) for size in sizes))

    def text(self, children: Children) -> ast.Text:
        word = children[0]
        span = self.place(word)
        raw = str(word.value)[1:-1]
        value, bad = unescape(raw)
        if bad is not None:
            at = span.start + 1 + bad
            escape = Span(self.source, at, at + 2)
            mend = r"the escapes are `\"`, `\\` (a backslash), `\n` and `\t`"
            self.report(Diagnostic("E104", f"`{escape.text}` is no escape", escape, help=mend))
        if "{" not in raw and "}" not in raw:
            return ast.Text(span, value, (value,) if value else (), None)
        return self._text_in_pieces(span, value, raw)

    def _text_in_pieces(self, span: Span, value: str, raw: str) -> ast.Text:
        pieces = cut(raw)
        first = span.start + 1
        if isinstance(pieces, BraceFault):
            at = Span(self.source, first + pieces.start, first + pieces.end)
            return ast.Text(span, value, (), (pieces.message, at))
        parts: list[str | ast.Expr] = []
        for piece in pieces:
            if isinstance(piece, Braced):
                try:
                    parts.append(self._parse_inner(Span(self.source, first + piece.start, first + piece.end)))
                except Fault as fault:
                    return ast.Text(span, value, (), (fault.diagnostic.message, fault.diagnostic.span))
            else:
                parts.append(piece)
        return ast.Text(span, value, tuple(parts), None)

    def name_read(self, children: Children) -> ast.Name:
        return ast.Name(self.place(children[0]), str(children[0].value))

    def it(self, children: Children) -> ast.It:
        return ast.It(self.place(children[0]))

    def input_read(self, children: Children) -> ast.In:
        return ast.In(self.place(children[0]))

    def blank(self, children: Children) -> ast.Blank:
        return ast.Blank(self.place(children[0]))

    def boolean(self, children: Children) -> ast.Boolean:
        return ast.Boolean(self.place(children[0]), children[0].value == "true")

    # --- lists, brackets, comprehensions ---------------------------------------------------------------

    def list(self, children: Children) -> ast.ListExpr:
        return ast.ListExpr(self.across(children), tuple(c for c in children if isinstance(c, ast.AstNode)))  # type: ignore[misc]

    def star(self, children: Children) -> ast.Star:
        return ast.Star(self.across(children), children[1])

    def list_comprehension(self, children: Children) -> ast.ListComprehension:
        return ast.ListComprehension(self.across(children), children[1], tuple(children[2:-1]))

    def group(self, children: Children) -> ast.Group:
        return ast.Group(self.across(children), children[1])

    def fork(self, children: Children) -> ast.Fork:
        return ast.Fork(self.across(children), tuple(children[1::2]))

    def fork_comprehension(self, children: Children) -> ast.ForkComprehension:
        return ast.ForkComprehension(self.across(children), children[1], tuple(children[2:-1]))

    def for_clause(self, children: Children) -> ast.ForClause:
        return ast.ForClause(self.across(children), children[1], children[3])

    def if_clause(self, children: Children) -> ast.IfClause:
        return ast.IfClause(self.across(children), children[1])

    def targets(self, children: Children) -> ast.Target:
        if len(children) == 1:
            return children[0]  # type: ignore[no-any-return]
        return ast.Target(self.across(children), None, tuple(children[0::2]))

    def target(self, children: Children) -> ast.Target:
        if len(children) == 1:
            return ast.Target(self.place(children[0]), str(children[0].value), ())
        inner: ast.Target = children[1]
        return ast.Target(self.across(children), inner.name, inner.parts)

    # --- operators -------------------------------------------------------------------------------------

    def unary(self, children: Children) -> ast.Unary:
        return ast.Unary(self.across(children), str(children[0].value), children[1])

    def binary(self, children: Children) -> ast.Binary:
        return ast.Binary(self.across(children), str(children[1].value), children[0], children[2])

    def chain(self, children: Children) -> ast.Expr:
        """Operators of one precedence, from the left."""
        left: ast.Expr = children[0]
        for at in range(1, len(children), 2):
            right = children[at + 1]
            span = Span(self.source, left.span.start, right.span.end)
            left = ast.Binary(span, str(children[at].value), left, right)
        return left

    def comparator(self, children: Children) -> str:
        return " ".join(word.value for word in children)

    def comparison(self, children: Children) -> ast.Compare:
        return ast.Compare(self.across(children), tuple(children[1::2]), tuple(children[0::2]))

    def conjunction(self, children: Children) -> ast.Logical:
        return ast.Logical(self.across(children), "and", tuple(children[0::2]))

    def disjunction(self, children: Children) -> ast.Logical:
        return ast.Logical(self.across(children), "or", tuple(children[0::2]))

    def conditional(self, children: Children) -> ast.Conditional:
        return ast.Conditional(self.across(children), children[0], children[2], children[4])

    # --- behind an operand -----------------------------------------------------------------------------

    def index(self, children: Children) -> ast.Index:
        return ast.Index(self.across(children), children[0], children[2])

    def slice(self, children: Children) -> ast.Slice:
        bounds = [child for child in children[2:-1] if not isinstance(child, _Bound)]
        rest = [child.value for child in children[2:-1] if isinstance(child, _Bound)]
        step = rest[1] if len(rest) > 1 else None
        return ast.Slice(self.across(children), children[0], bounds[0] if bounds else None, rest[0], step)

    def slice_part(self, children: Children) -> _Bound:
        return _Bound(children[1] if len(children) > 1 else None)

    def attribute(self, children: Children) -> ast.Attribute:
        name = children[2]
        return ast.Attribute(self.across(children), children[0], str(name.value), self.place(name))

    def call(self, children: Children) -> ast.Call | ast.Broken:
        arguments: _Arguments = children[1]
        span = Span(self.source, children[0].span.start, arguments.end)
        if arguments.faulty:
            return ast.Broken(span, "", reads=names_in([children[0], *arguments.items]))
        return ast.Call(span, children[0], arguments.items)

    def call_arguments(self, children: Children) -> _Arguments:
        items = tuple(child for child in children if isinstance(child, ast.Argument))
        named: ast.Argument | None = None
        faulty = False
        for item in items:
            if item.name is not None:
                named = item
            elif named is not None and not item.star:
                message = "an argument by position stands behind one by name"
                before = Label(named.span, "by name")
                mend = "the arguments by position come first"
                if isinstance(item.value, ast.Labelled):
                    mend = f"an argument is named by `=`; `{item.value.label.value}:` is a label"
                split = isinstance(item.value, ast.Name) and _RUN_TOGETHER.fullmatch(item.value.id)
                if split:
                    mend = f"an argument is named by `=`: `{split[1]}={split[2]}`"
                self.report(Diagnostic("E101", message, item.span, labels=(before,), help=mend))
                faulty = True
                break
        return _Arguments(items, children[-1].end_pos, faulty)

    def argument(self, children: Children) -> ast.Argument:
        span = self.across(children)
        if len(children) == 1:
            return ast.Argument(span, children[0], None, None, False)
        if len(children) == 2:
            return ast.Argument(span, children[1], None, None, True)
        name = children[0]
        return ast.Argument(span, children[2], str(name.value), self.place(name), False)


class _Bound:
    """What stands behind a `:` in brackets, if anything."""

    __slots__ = ("value",)

    def __init__(self, value: ast.Expr | None) -> None:
        self.value = value


class _Arguments:
    """The arguments of a call, and where its `)` ends."""

    __slots__ = ("end", "faulty", "items")

    def __init__(self, items: tuple[ast.Argument, ...], end: int, faulty: bool) -> None:
        self.items = items
        self.end = end
        self.faulty = faulty  # a mistake in them is reported


def names_in(nodes: Iterable[Any]) -> tuple[str, ...]:
    """The names that are read in what was built, each once."""
    found: dict[str, None] = {}
    stack = [node for node in nodes if isinstance(node, ast.AstNode)]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Name):
            found[node.id] = None
        elif isinstance(node, ast.Broken):
            found.update(dict.fromkeys(node.reads))
        for field in node.__match_args__:
            value = getattr(node, field)
            values = value if type(value) is tuple else (value,)
            stack.extend(item for item in values if isinstance(item, ast.AstNode))
    return tuple(sorted(found))
