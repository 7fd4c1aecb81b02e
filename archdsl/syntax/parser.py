"""Text to syntax tree. The only module that knows Lark.

`grammar/arch.lark` is compiled once and kept in the user's folder of caches.
"""

from __future__ import annotations

import io
import pickle
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Literal

import lark
from lark import Lark, UnexpectedToken

from archdsl.diagnostics.core import Collector, Diagnostic
from archdsl.limits import DEFAULT_LIMITS, Budget
from archdsl.memory import growing
from archdsl.resources import grammar_text
from archdsl.resources.kept import keep, recall
from archdsl.source import Source, Span
from archdsl.syntax import ast
from archdsl.syntax.brackets import Brackets
from archdsl.syntax.build import Builder
from archdsl.syntax.faults import Fault, Mistaken, Word, place
from archdsl.syntax.newlines import separated

Start = Literal["file", "expression"]


def parse(source: Source, collector: Collector, used: Budget | None = None) -> ast.File | None:
    """The syntax tree of a file. Each mistake is one error in the collector, and an `ast.Broken` in the tree if what
    was meant cannot be read; None if there are too many, or the text is too deep.

    `used` is what the files of a spec take up together, this one from now on.
    """
    found: ast.File | None = _run(source, collector, "file", used)
    return found


def parse_expression(source: Source, collector: Collector, used: Budget | None = None) -> ast.Expr | None:
    """The syntax tree of a text that is one expression, as the value in `--set depth=2 * 3`."""
    found: ast.Expr | None = _run(source, collector, "expression", used)
    return found


def words(source: Source) -> list[Word]:
    """The words of a text as the lexer makes them, separators and all."""
    with _lock:
        if not _engines:
            _engines.append(_Engine())
        return list(_engines[0].lexed(source.text))


def _run(source: Source, collector: Collector, start: Start, used: Budget | None) -> Any:
    with _lock, growing():
        try:
            if not _engines:
                _engines.append(_Engine())
            return _engines[0].parse(source, collector, start, used or Budget(DEFAULT_LIMITS))
        except Fault as fault:
            collector.add(fault.diagnostic)
            return None


class _Engine:
    """The parser with what stands before it, the newlines and brackets, and behind it, the builder."""

    always_accept = ("SEPARATOR", "UNCLOSED_STRING", "FOREIGN", "STRANGE")  # as Lark's postlex

    def __init__(self) -> None:
        self.source = Source("", "")
        self.base = 0  # where in the source the text begins that is parsed
        self.raw = False  # are words wanted as the lexer makes them?
        self.used = Budget(DEFAULT_LIMITS)
        self.builder = Builder(self._parse_inner)
        self.lark = _load(self)
        self.texts = {
            terminal.name: terminal.pattern.value
            for terminal in self.lark.terminals
            if terminal.pattern.type == "str"
        }

    def parse(self, source: Source, collector: Collector, start: Start, used: Budget) -> Any:
        self.source = source
        self.used = used
        self.base = 0
        found: list[Diagnostic] = []
        self.builder.begin(source, found.append)
        try:
            return self._parse(source.text, start)
        except Mistaken:
            found.clear()
            return self._recovered(source, start, found)
        finally:
            collector.extend(found)

    def process(self, stream: Iterator[Word]) -> Iterator[Word]:
        """From the lexer's words to the parser's, as Lark's postlex."""
        if self.raw:
            return stream
        return Brackets(self.source, self.used.limits).watched(separated(self._placed(stream)))

    def _placed(self, stream: Iterator[Word]) -> Iterator[Word]:
        """The words with their places in the source; raises Mistaken at one that the language does not have."""
        base, used = self.base, self.used
        most = used.limits.words
        for word in stream:
            if base:
                word.start_pos = (word.start_pos or 0) + base
                word.end_pos = (word.end_pos or 0) + base
            used.words += 1
            if used.words > most:
                raise Fault(self._too_many(word))
            if word.type in ("STRANGE", "FOREIGN", "UNCLOSED_STRING"):
                raise Mistaken
            yield word

    def _parse(self, text: str, start: Start) -> Any:
        try:
            return self.lark.parse(text, start=start)
        except UnexpectedToken:
            raise Mistaken from None

    def _recovered(self, source: Source, start: Start, found: list[Diagnostic]) -> Any:
        """The tree of a text with mistakes, which are gathered. Raises Fault."""
        from archdsl.syntax.mistakes import read_on

        self.builder.begin(source, found.append)
        words: list[Any] = []
        for word in self.lexed(source.text):
            words.append(word)
            if len(words) > self.used.limits.words:
                raise Fault(self._too_many(word))
        kinds = {text: kind for kind, text in self.texts.items()}
        machine = _Machine(self.lark, self.texts, start)
        return read_on(source, words, kinds, machine, start == "file", found, self.used.limits)

    def lexed(self, text: str) -> Iterator[Word]:
        """The words of a text, separators among them."""
        self.raw = True
        try:
            yield from self.lark.lex(text)
        finally:
            self.raw = False

    def _too_many(self, word: Word) -> Diagnostic:
        """E904 for the first word that is one too many."""
        limits = self.used.limits
        message = f"the text has more than {limits.words:,} words"
        return Diagnostic("E904", message, place(self.source, word), help=limits.mend("words"))

    def _parse_inner(self, span: Span) -> ast.Expr:
        """The expression in the braces of a string. All that is wrong with it is raised."""
        before = self.builder.report, self.base
        self.builder.report, self.base = _raise, span.start
        try:
            found: ast.Expr = self._parse(span.text, "expression")
            return found
        except Mistaken:
            raise Fault(self._inner_mistake(span)) from None
        finally:
            self.builder.report, self.base = before

    def _inner_mistake(self, span: Span) -> Diagnostic:
        """What is wrong with the text in the braces of a string."""
        whole = self.source.text
        blanks = Source(self.source.name, " " * span.start + span.text)  # the same places
        outer = self.source, self.builder.source, self.builder.report, self.base, self.builder.lists
        found: list[Diagnostic] = []
        assert whole.startswith(span.text, span.start)
        self.source, self.base = blanks, 0
        try:
            self._recovered(blanks, "expression", found)
        except Fault as fault:
            found.append(fault.diagnostic)
        finally:
            self.source, self.builder.source, self.builder.report, self.base, self.builder.lists = outer
        first = found[0]
        at = Span(self.source, first.span.start, first.span.end)
        return Diagnostic(first.code, first.message, at, help=first.help)


class _Machine:
    """The parser, fed word by word."""

    def __init__(self, lark: Lark, texts: dict[str, str], start: Start) -> None:
        self.state = lark.parse_interactive("", start=start).parser_state
        self.texts = texts
        self.result: Any = None

    @property
    def depth(self) -> int:
        return len(self.state.value_stack)

    def feed(self, word: Any) -> frozenset[str] | None:
        """Reads a word; gives what could stand in its place if it cannot follow."""
        try:
            self.result = self.state.feed_token(word, word.type == "$END")
        except UnexpectedToken as error:
            return frozenset(self.texts.get(name, name) for name in _wanted(error) if name != "BROKEN")
        return None

    def cut(self, depth: int) -> list[Any]:
        """Forgets what was read beyond a depth, and gives it."""
        read: list[Any] = self.state.value_stack[depth:]
        del self.state.value_stack[depth:]
        del self.state.state_stack[depth + 1 :]
        return read


def _raise(diagnostic: Diagnostic) -> None:
    raise Fault(diagnostic)


def _wanted(error: UnexpectedToken) -> Iterator[str]:
    """The kinds of words that the parser would take where it stopped."""
    state = error.state
    states, end = state.parse_conf.states, state.parse_conf.end_state
    for kind in states[state.state_stack[-1]]:
        if not kind.isupper():
            continue
        stack = list(state.state_stack)
        while (step := states[stack[-1]].get(kind)) is not None:
            target = step[1]
            if not hasattr(target, "expansion"):
                yield kind
                break
            if target.expansion:
                del stack[-len(target.expansion) :]
            stack.append(states[stack[-1]][target.origin.name][1])
            if kind == "$END" and stack[-1] == end:
                yield kind
                break


_lock = threading.RLock()
_engines: list[_Engine] = []


# --- the compiled grammar ------------------------------------------------------------------------------


_OPTIONS: dict[str, Any] = {
    "parser": "lalr",
    "lexer": "basic",
    "start": ["file", "expression"],
    "keep_all_tokens": True,
    "maybe_placeholders": False,
    "propagate_positions": False,
}


def _load(engine: _Engine) -> Lark:
    """The parser, of what is kept of the compiled grammar, else of the grammar."""
    grammar = grammar_text()
    helpers: dict[str, Any] = {"postlex": engine, "transformer": engine.builder}
    made_of = (grammar, repr(_OPTIONS), lark.__version__)
    if (kept := recall("grammar", made_of)) is not None:
        with suppress(Exception):  # of a Lark that was changed and says nothing of it
            return Lark._load_from_dict(*kept, **helpers)  # type: ignore[no-any-return,no-untyped-call]
    made = Lark(grammar, **_OPTIONS, **helpers)
    keep("grammar", made_of, _as_data(made))
    return made


def _as_data(made: Lark) -> tuple[Any, Any]:
    """A parser as dictionaries, lists and texts: what Lark's `save` writes."""
    file = io.BytesIO()
    made.save(file, exclude_options=("postlex", "transformer"))
    saved = pickle.loads(file.getvalue())
    return saved["data"], saved["memo"]
