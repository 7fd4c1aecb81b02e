"""Text to syntax tree. The only module that knows Lark.

`grammar/arch.lark` is compiled once and kept in the user's folder of caches. What is read from there is
trusted only if nobody else can have written it; anything odd about it, and the grammar is compiled again.
"""

from __future__ import annotations

import gc
import hashlib
import io
import os
import pickle
import stat
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

import lark
from lark import Lark, UnexpectedToken

from archdsl.diagnostics.core import Collector, Diagnostic
from archdsl.resources import cache_dir, grammar_text
from archdsl.source import Source, Span
from archdsl.syntax import ast
from archdsl.syntax.brackets import Brackets
from archdsl.syntax.build import Builder
from archdsl.syntax.faults import Fault, Word
from archdsl.syntax.newlines import separated
from archdsl.syntax.strange import strange

Start = Literal["file", "expression"]


def parse(source: Source, collector: Collector) -> ast.File | None:
    """The syntax tree of a file; None, and one error in the collector, if the text is not in the grammar.

    Mistakes that do not hide what was meant (an unknown escape, `output` in a block) do not cost the tree.
    """
    found: ast.File | None = _run(source, collector, "file")
    return found


def parse_expression(source: Source, collector: Collector) -> ast.Expr | None:
    """The syntax tree of a text that is one expression, as the value in `--set depth=2 * 3`."""
    found: ast.Expr | None = _run(source, collector, "expression")
    return found


def _run(source: Source, collector: Collector, start: Start) -> Any:
    with _lock:
        collecting = gc.isenabled()
        gc.disable()  # it would walk the growing tree again and again
        try:
            if not _engines:
                _engines.append(_Engine())
            return _engines[0].parse(source, collector, start)
        except Fault as fault:
            collector.add(fault.diagnostic)
            return None
        finally:
            if collecting:
                gc.enable()


class _Engine:
    """The parser with what stands before it, the newlines and brackets, and behind it, the builder."""

    always_accept = ("SEPARATOR", "UNCLOSED_STRING", "FOREIGN", "STRANGE")  # as Lark's postlex

    def __init__(self) -> None:
        self.source = Source("", "")
        self.base = 0  # where in the source the text begins that is parsed
        self.builder = Builder(self._parse_inner)
        self.lark = _load(self)
        self.texts = {
            terminal.name: terminal.pattern.value
            for terminal in self.lark.terminals
            if terminal.pattern.type == "str"
        }

    def parse(self, source: Source, collector: Collector, start: Start) -> Any:
        self.source = source
        self.base = 0
        self.builder.begin(source, collector.add)
        return self._parse(source.text, start)

    def process(self, stream: Iterator[Word]) -> Iterator[Word]:
        """From the lexer's words to the parser's, as Lark's postlex."""
        return Brackets(self.source).watched(separated(self._placed(stream)))

    def _placed(self, stream: Iterator[Word]) -> Iterator[Word]:
        """The words with their places in the source; raises Fault at one that the language does not have."""
        source, base = self.source, self.base
        for word in stream:
            if base:
                word.start_pos = (word.start_pos or 0) + base
                word.end_pos = (word.end_pos or 0) + base
            if word.type in ("STRANGE", "FOREIGN", "UNCLOSED_STRING"):
                raise Fault(strange(source, word))
            yield word

    def _parse(self, text: str, start: Start) -> Any:
        try:
            return self.lark.parse(text, start=start)
        except UnexpectedToken as error:
            raise Fault(self._explain(text, error)) from None

    def _parse_inner(self, span: Span) -> ast.Expr:
        """The expression in the braces of a string. All that is wrong with it is raised."""
        before = self.builder.report, self.base
        self.builder.report, self.base = _raise, span.start
        try:
            found: ast.Expr = self._parse(span.text, "expression")
            return found
        finally:
            self.builder.report, self.base = before

    def _explain(self, text: str, error: UnexpectedToken) -> Diagnostic:
        from archdsl.syntax.situation import Situation
        from archdsl.syntax.unexpected import unexpected

        words: list[Word] = []
        at = error.token
        for word in self.lark.lex(text):
            if at.type != "$END" and (word.start_pos or 0) >= (at.start_pos or 0):
                break
            words.append(word)
        wanted = frozenset(self.texts.get(name, name) for name in _wanted(error))
        return unexpected(Situation(self.source, (*words, at), wanted))


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
    grammar = grammar_text()
    helpers: dict[str, Any] = {"postlex": engine, "transformer": engine.builder}
    path = _cache(grammar)
    if path is not None and (kept := _read(path)) is not None:
        with suppress(Exception):  # what is kept may come from anything
            return Lark._load_from_dict(kept["data"], kept["memo"], **helpers)  # type: ignore[no-any-return,no-untyped-call]
    made = Lark(grammar, **_OPTIONS, **helpers)
    if path is not None:
        _write(path, made)
    return made


def _cache(grammar: str) -> Path | None:
    """Where the compiled grammar is kept."""
    folder = cache_dir()
    made_of = (grammar, repr(_OPTIONS), lark.__version__, sys.version)
    key = hashlib.sha256("\0".join(made_of).encode()).hexdigest()
    return folder and folder / f"grammar-{key[:32]}.pickle"


def _read(path: Path) -> Any:
    """What the cache holds; None if it is not there, not whole, or not the user's alone to write."""
    try:
        with path.open("rb") as file:
            about = os.fstat(file.fileno())
            if sys.platform != "win32" and (about.st_uid != os.geteuid() or about.st_mode & 0o022):
                return None
            return pickle.load(file) if stat.S_ISREG(about.st_mode) else None
    except Exception:
        return None


def _write(path: Path, made: Lark) -> None:
    """Keeps the compiled grammar, whole at once. Where nothing can be written nothing is kept."""
    kept = io.BytesIO()
    temporary = path.with_suffix(f".{os.getpid()}.{threading.get_ident()}")
    with suppress(Exception):
        made.save(kept, exclude_options=("postlex", "transformer"))
        temporary.touch(mode=0o600)
        temporary.write_bytes(kept.getvalue())
        temporary.replace(path)
    with suppress(OSError):
        temporary.unlink(missing_ok=True)
