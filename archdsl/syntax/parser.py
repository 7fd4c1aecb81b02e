"""Text to syntax tree. The only module that knows Lark.

`grammar/arch.lark` is compiled once and kept in the cache folder; what is read from there is trusted only if nobody
else can have written it, and anything odd about it means that the grammar is compiled again.
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
from pathlib import Path
from typing import Any

import lark
from lark import Lark, UnexpectedToken

from archdsl.diagnostics.core import Collector, Diagnostic
from archdsl.resources import cache_dir, grammar_text
from archdsl.source import Source, Span
from archdsl.syntax import ast
from archdsl.syntax.build import Builder
from archdsl.syntax.faults import Fault
from archdsl.syntax.newlines import Newlines
from archdsl.syntax.unexpected import unexpected


def parse(source: Source, collector: Collector) -> ast.File | None:
    """The syntax tree of a file; None, and an error in the collector, where the text is not in the grammar."""
    found = _run(source, collector, "file")
    assert found is None or isinstance(found, ast.File)
    return found


def parse_expression(source: Source, collector: Collector) -> ast.Expr | None:
    """The syntax tree of a text that is one expression, as in `--set depth=2 * 3`."""
    found: ast.Expr | None = _run(source, collector, "expression")
    return found


def _run(source: Source, collector: Collector, start: str) -> Any:
    with _lock:
        engine = _engine()
        collecting = gc.isenabled()
        gc.disable()  # it would walk the growing tree again and again
        try:
            return engine.parse(source, collector, start)
        except Fault as fault:
            collector.add(fault.diagnostic)
            return None
        finally:
            if collecting:
                gc.enable()


class _Engine:
    """A parser with its two helpers: the newlines before it, and the builder behind it."""

    def __init__(self) -> None:
        self.newlines = Newlines()
        self.builder = Builder(self._parse_inner)
        self.lark = _load(self.newlines, self.builder)
        self.patterns = {terminal.name: terminal.pattern for terminal in self.lark.terminals}

    def parse(self, source: Source, collector: Collector, start: str) -> Any:
        self.builder.start()
        self.builder.source = self.newlines.source = source
        self.builder.report = collector.add
        self.newlines.base = 0
        return self._parse(source.text, start)

    def _parse(self, text: str, start: str) -> Any:
        try:
            return self.lark.parse(text, start=start)
        except UnexpectedToken as error:
            raise Fault(self._explain(error)) from None

    def _explain(self, error: UnexpectedToken) -> Diagnostic:
        table = error.state.parse_conf.parse_table
        newlines = self.newlines
        return unexpected(newlines.source, newlines.base, newlines.open, error.token, [])

    def _parse_inner(self, span: Span) -> ast.Expr:
        """The expression in the braces of a string; its faults are raised, whatever their weight."""
        builder, newlines = self.builder, self.newlines
        before = builder.report, newlines.base, newlines.open
        builder.report, newlines.base = _raise, span.start
        try:
            found: ast.Expr = self._parse(span.text, "expression")
            return found
        finally:
            builder.report, newlines.base, newlines.open = before


def _raise(diagnostic: Diagnostic) -> None:
    raise Fault(diagnostic)


_lock = threading.RLock()
_engines: list[_Engine] = []


def _engine() -> _Engine:
    if not _engines:
        _engines.append(_Engine())
    return _engines[0]


# --- the compiled grammar --------------------------------------------------------------------------------------------


def _load(newlines: Newlines, builder: Builder) -> Lark:
    grammar = grammar_text()
    key = "\0".join((grammar, lark.__version__, sys.version, "1"))
    folder = cache_dir()
    path = folder and folder / f"grammar-{hashlib.sha256(key.encode()).hexdigest()[:24]}.pickle"
    data = path and _read(path)
    if data is not None:
        try:
            return Lark._load_from_dict(data["data"], data["memo"], postlex=newlines, transformer=builder)  # type: ignore[no-any-return,no-untyped-call]
        except Exception:
            pass  # written by something else: compile the grammar again
    made = Lark(
        grammar,
        parser="lalr",
        lexer="basic",
        start=["file", "expression"],
        keep_all_tokens=True,
        maybe_placeholders=False,
        propagate_positions=False,
        postlex=newlines,  # type: ignore[arg-type]
        transformer=builder,  # type: ignore[arg-type]
    )
    if path:
        _write(path, made)
    return made


def _read(path: Path) -> Any:
    """What the cache holds; None if it is not there, not ours alone, or not whole."""
    try:
        with path.open("rb") as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode) or about.st_mode & 0o022:
                return None
            if hasattr(os, "getuid") and about.st_uid != os.getuid():
                return None
            return pickle.load(file)
    except Exception:
        return None


def _write(path: Path, made: Lark) -> None:
    """Keeps the compiled grammar, at once and whole; a folder that cannot be written to is no fault."""
    try:
        kept = io.BytesIO()
        made.save(kept, exclude_options=("postlex", "transformer"))
        temporary = path.with_suffix(f".{os.getpid()}")
        temporary.write_bytes(kept.getvalue())
        temporary.chmod(0o600)
        temporary.replace(path)
    except Exception:
        pass
