"""The `python` entry of an `extern` block: one call of a class, held by Python's own parser and never run.

The text in quotes is cut at its braces already. Each value leaves a mark in it that is a name of Python; where the
marks come back in Python's syntax tree shows what a value stands for: a whole argument, or text within quotes. What
is kept is the tree: values are put into it, never into text.
"""

from __future__ import annotations

import ast as python
import keyword
import re
import warnings
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from math import isfinite

from archdsl.elaborate.faults import Fault
from archdsl.records import record
from archdsl.source import Span
from archdsl.syntax import ast

#: The longest call, in characters; values in it; and how deep its arguments may lie in each other.
LONGEST, MOST_VALUES, DEEPEST = 2000, 200, 50
LONGEST_MARK = 50
#: The smallest and the largest int: PyTorch's have 64 bits.
LEAST, MOST = -(2**63), 2**63 - 1
BOUNDS = f"an int in `python` is at least {LEAST} and at most {MOST}"
_CALLEE = re.compile(r"[ \t]*([^\s(){}'\"]*)[ \t]*(\(?)")
_TWO_FOR_ONE = frozenset(("{{", "}}", '\\"', "\\\\", "\\n", "\\t"))
_PART = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_EXAMPLE = 'as in `python = "package.Class(channels={in.channels})"`'


@record
class Plain:
    """A number, string, truth value or None."""

    value: int | float | str | bool | None


@record
class Inserted:
    """`{value}` where Python has an expression; `sign` is 1 or -1 with a plus or a minus before it, else 0."""

    value: ast.Expr
    sign: int = 0


@record
class Quoted:
    """A string of Python with values in it."""

    pieces: tuple[str | ast.Expr, ...]


@record
class Members:
    """A list or a tuple."""

    items: tuple[Argument, ...]
    is_tuple: bool


@record
class Pairs:
    """A dict."""

    items: tuple[tuple[Argument, Argument], ...]


Argument = Plain | Inserted | Quoted | Members | Pairs


@record
class PythonCall:
    """`function(args, key=value)`; `function` is a dotted name, of which all but the last part is a module."""

    function: str
    args: tuple[Argument, ...]
    kwargs: tuple[tuple[str, Argument], ...]


def read_call(text: ast.Text, names: Collection[str]) -> PythonCall:
    """The call that a string says; `names` are those that values may have. Raises Fault E109 and E612."""
    if text.fault is not None:
        raise Fault("E109", text.fault[0], text.fault[1])
    return _Reader(text, names).call()


@dataclass(slots=True)
class _Marked:
    """The text with a mark for each value, and the offset in the source of each of its characters."""

    text: str = ""
    places: list[int] = field(default_factory=list)

    def add(self, text: str, at: int) -> None:
        self.text += text
        self.places += [at] * len(text)


class _Reader:
    """Reads one entry."""

    def __init__(self, text: ast.Text, names: Collection[str]) -> None:
        self.span = text.span
        self.names = names
        self.values = [part for part in text.parts if not isinstance(part, str)]
        self.parts = text.parts
        self.found: set[int] = set()  # numbers of the values that stand where one may
        self.mark = ""
        self.marked = _Marked()

    def call(self) -> PythonCall:
        function = self._function()
        tree = self._parse()
        if not isinstance(tree, python.Call) or _dotted(tree.func) != function:
            raise self._fault("`python` is one call, and nothing else", self.span)
        args = tuple(map(self._argument, tree.args))
        kwargs: dict[str, Argument] = {}
        for given in tree.keywords:
            place = self._place(given)
            if given.arg is None:
                raise self._fault("`**` does not stand in `python`: its arguments are written out", place)
            if self.mark in given.arg:
                continue  # reported below
            written = python.get_source_segment(self.marked.text.strip(" \t"), given) or ""
            if not _is_name(given.arg) or not written.startswith(
                given.arg
            ):  # Python reads look-alikes as one
                raise self._fault(f"`{_short(given.arg)}` names no argument", place)
            if given.arg in kwargs:
                raise self._fault(f"the argument `{given.arg}` is given twice", place)
            kwargs[given.arg] = self._argument(given.value)
        for number, value in enumerate(self.values):
            if number not in self.found:
                raise self._stray(value)
        return PythonCall(function, args, tuple(kwargs.items()))

    # --- the name ----------------------------------------------------------------------------------------------------

    def _function(self) -> str:
        """The dotted name, which stands at the beginning without values in it."""
        first = self.parts[0] if self.parts else ""
        if not isinstance(first, str):
            raise self._fault(
                "the class that `python` calls is written out, without values", _braces(first), _EXAMPLE
            )
        match = _CALLEE.match(first)
        assert match is not None
        name, bracket = match[1], match[2]
        if not bracket and len(self.parts) > 1 and match.end() == len(first):
            value = self.parts[1]
            assert not isinstance(value, str)
            raise self._fault(
                "the class that `python` calls is written out, without values", _braces(value), _EXAMPLE
            )
        parts = name.split(".")
        wrong = next((part for part in parts if not _is_name(part)), None)
        if not name or wrong is not None:
            about = f"`{_short(wrong)}` cannot be part of one" if wrong else "it names no class"
            raise self._fault(f"`python` calls a class by its dotted name, and {about}", self.span, _EXAMPLE)
        if len(parts) == 1:
            raise self._fault(
                f"`{_short(name)}` stands alone, where a module and its class are wanted", self.span, _EXAMPLE
            )
        if not bracket:
            raise self._fault(
                "`python` calls the class, with its arguments in parentheses", self.span, _EXAMPLE
            )
        return name

    # --- the tree ----------------------------------------------------------------------------------------------------

    def _parse(self) -> python.expr:
        """Python's tree of the marked text. No mark can be taken for anything that the text itself says."""
        if sum(len(part) for part in self.parts if isinstance(part, str)) > LONGEST:
            raise self._fault(f"`python` has up to {LONGEST:,} characters", self.span)
        if len(self.values) > MOST_VALUES:
            raise self._fault(f"`python` has up to {MOST_VALUES} values in braces", self.span)
        texts = [part for part in self.parts if isinstance(part, str)]
        for _ in range(2):  # again where escapes of Python spell a mark
            runs = (len(run) for text in texts for run in re.findall("V+", text))
            self.mark = "V" * (1 + max(runs, default=0))
            if len(self.mark) > LONGEST_MARK:
                break
            self.marked = self._mark()
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # of escapes that Python does not know
                    tree = python.parse(self.marked.text.strip(" \t"), mode="eval").body
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                break
            texts = [*_texts(tree)]
            count = sum(text.count(self.mark) for text in texts)
            if count == len(self.values):
                return tree
            if count < len(self.values):
                break  # a value in a comment
        raise self._fault("`python` is not a call of Python", self.span, _EXAMPLE)

    def _mark(self) -> _Marked:
        raw = self.span.text[1:-1]
        found = _Marked()
        at = number = 0
        for part in self.parts:
            if isinstance(part, str):
                for letter in part:
                    found.add(letter, self.span.start + 1 + at)
                    at += 2 if raw[at : at + 2] in _TWO_FOR_ONE else 1
            else:
                found.add(f"{self.mark}{number}_", self.span.start + 1 + at)
                number += 1
                at = part.span.end - self.span.start - 1
                at = raw.index("}", at) + 1
        return found

    def _argument(self, node: python.expr, depth: int = 0) -> Argument:
        """An argument: literals of Python, and values in braces."""
        if depth > DEEPEST:
            raise self._fault("`python` is nested too deep", self.span)
        if isinstance(node, python.Name):
            return self._name(node)
        if isinstance(node, python.Constant):
            return self._constant(node)
        if isinstance(node, python.UnaryOp) and isinstance(node.op, python.USub | python.UAdd):
            sign = -1 if isinstance(node.op, python.USub) else 1
            if isinstance(node.operand, python.Constant) and type(node.operand.value) is int:
                return self._int(sign * node.operand.value, node)
            inner = self._argument(node.operand, depth + 1)
            if isinstance(inner, Plain) and type(inner.value) is int:
                return self._int(sign * inner.value, node)
            if isinstance(inner, Plain) and type(inner.value) is float:
                return Plain(sign * inner.value)
            if isinstance(inner, Inserted):
                return Inserted(inner.value, sign * (inner.sign or 1))
        if isinstance(node, python.List | python.Tuple):
            items = tuple(self._argument(item, depth + 1) for item in node.elts)
            return Members(items, isinstance(node, python.Tuple))
        if isinstance(node, python.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            return Pairs(tuple((self._key(k, node), self._argument(v, depth + 1)) for k, v in pairs))
        raise self._fault(
            "the arguments in `python` are numbers, strings, `True`, `False`, `None`, and lists, tuples and "
            "dicts of them",
            self._place(node),
            "what is to be computed is computed in braces: `{2 * width}`",
        )

    def _name(self, node: python.Name) -> Inserted:
        number = self._number(node.id)
        if number is not None:
            return Inserted(self._take(number))
        if (inside := re.search(f"{self.mark}([0-9]+)_", node.id)) is not None:
            raise self._stray(self.values[int(inside[1])])
        raise self._fault(
            f"`{_short(node.id)}` is a name of Python, where a literal or a value in braces is wanted",
            self._place(node),
            f"the value of the block stands in braces: `{{{node.id}}}`" if node.id in self.names else "",
        )

    def _key(self, node: python.expr | None, around: python.expr) -> Argument:
        if node is None:
            raise self._fault(
                "`**` does not stand in `python`: its arguments are written out", self._place(around)
            )
        key = self._argument(node)
        if isinstance(key, Members | Pairs):
            raise self._fault("the keys of a dict in `python` are numbers and strings", self._place(node))
        return key

    def _constant(self, node: python.Constant) -> Argument:
        value = node.value
        if isinstance(value, str):
            cut = re.split(f"{self.mark}([0-9]+)_", value)
            if len(cut) == 1:
                return Plain(value)
            pieces: list[str | ast.Expr] = [
                self._take(int(piece)) if i % 2 else piece for i, piece in enumerate(cut)
            ]
            return Quoted(tuple(piece for piece in pieces if piece != ""))
        if type(value) is int:
            return self._int(value, node)
        if value is None or isinstance(value, bool) or (isinstance(value, float) and isfinite(value)):
            return Plain(value)
        raise self._fault(
            "this is no number, string or truth value that `python` may hold", self._place(node)
        )

    def _int(self, value: int, node: python.expr) -> Plain:
        if not LEAST <= value <= MOST:
            raise self._fault(BOUNDS, self._place(node))
        return Plain(value)

    def _number(self, name: str) -> int | None:
        """The number of the value whose mark a name is."""
        match = re.fullmatch(f"{self.mark}([0-9]+)_", name)
        return int(match[1]) if match is not None else None

    def _take(self, number: int) -> ast.Expr:
        self.found.add(number)
        return self.values[number]

    # --- places ------------------------------------------------------------------------------------------------------

    def _place(self, node: python.expr | python.keyword) -> Span:
        """Where a part of the call stands in the source: all of the string where that is not simple."""
        text = self.marked.text
        shift = len(text) - len(text.lstrip(" \t"))
        if not text.isascii() or not text.isprintable() or node.end_col_offset is None:
            return self.span
        start, end = node.col_offset + shift, node.end_col_offset + shift
        stop = self.marked.places[end] if end < len(text) else self.span.end - 1
        return Span(self.span.source, self.marked.places[start], stop)

    def _stray(self, value: ast.Expr) -> Fault:
        return self._fault(
            "a value stands for a whole argument, or within quotes",
            _braces(value),
            "as in `python = \"package.Class({in.channels}, mode='{mode}')\"`",
        )

    def _fault(self, message: str, span: Span, help: str = "") -> Fault:
        return Fault("E612", message, span, help=help)


def _dotted(node: python.expr) -> str:
    """`a.b.C`; "" for what is no dotted name."""
    parts: list[str] = []
    while isinstance(node, python.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, python.Name) else ""


def _texts(tree: python.expr) -> Iterator[str]:
    """All names and strings of a tree."""
    for node in python.walk(tree):
        for _, value in python.iter_fields(node):
            if isinstance(value, str):
                yield value


def _is_name(part: str) -> bool:
    """An ASCII identifier, neither a keyword nor one that Python keeps or mangles."""
    return _PART.fullmatch(part) is not None and not keyword.iskeyword(part) and not part.startswith("__")


def _braces(value: ast.Expr) -> Span:
    """A value with its braces."""
    text, start, end = value.span.source.text, value.span.start, value.span.end
    return Span(value.span.source, text.rindex("{", 0, start), text.index("}", end) + 1)


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
