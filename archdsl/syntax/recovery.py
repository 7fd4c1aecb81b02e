"""Reading on after a mistake: a statement that cannot be read is put aside, and the next one is read as if it could.

The parser knows nothing of this: what it gets in the place of such a statement is one word, BROKEN, and behind it
the bodies of the statement.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

from archdsl.diagnostics.core import Diagnostic, Label
from archdsl.source import Source, Span
from archdsl.syntax import ast
from archdsl.syntax.broken import broken
from archdsl.syntax.faults import Fault, Finding, Made, Word
from archdsl.syntax.outline import Outline
from archdsl.syntax.situation import Situation
from archdsl.syntax.unexpected import unexpected
from archdsl.syntax.words import CLOSER, OPENER

#: Mistakes of syntax that are told of one text. One with more is not worth reading on.
MAX_MISTAKES = 100


class Machine(Protocol):
    """The parser, word by word."""

    @property
    def depth(self) -> int:
        """How much is read and not yet part of something larger."""

    def feed(self, word: Word) -> frozenset[str] | None:
        """Reads a word; gives what could stand in its place if it cannot follow."""

    def cut(self, depth: int) -> list[Any]:
        """Forgets what was read beyond a depth, and gives it."""

    @property
    def result(self) -> Any:
        """The tree, behind the word that ends the text."""


class TooMany(Exception):
    """There are more mistakes than are told."""


class Recovery:
    """Reads the words of one text, in which something is wrong. Mistakes are gathered in `found`."""

    def __init__(
        self,
        source: Source,
        words: Sequence[Word],
        findings: Sequence[Finding],
        machine: Machine,
        whole: bool,
    ) -> None:
        self.source = source
        self.words = words
        self.machine = machine
        self.whole = whole  # a file, not an expression
        self.found: list[Diagnostic] = []
        self.outline = Outline(words)
        self.findings = self._placed(findings)
        #: by statement: the depth and the open brackets at its start
        self.marks: dict[int, tuple[int, int]] = {}
        self.opened: list[Word] = []
        #: by a closing brace: the broken statement that goes on behind it
        self.lost_behind: dict[int, int] = {}
        self.lost: set[int] = set()
        self.loops: set[int] = set()  # the parts of a `for` as C has it
        self.unfinished = -1  # the statement behind one that ends too early
        self.misplaced = -1  # the end of a run of misplaced statements, the first of which is reported

    def _placed(self, findings: Sequence[Finding]) -> dict[int, list[Finding]]:
        """The findings of each statement, in the order of the text."""
        starts = [word.start_pos or 0 for word in self.words]
        placed: dict[int, list[Finding]] = {}
        for finding in sorted(findings, key=lambda finding: finding.at):
            at = max(0, bisect_right(starts, finding.at) - 1)
            while at and starts[at] == finding.at == self.words[at].end_pos:  # it is put in
                at -= 1
            if self.words and self.words[at].type == "SEPARATOR" and at + 1 < len(self.words):
                at += starts[at] < finding.at
            statement = self.outline.statement[at] if self.words else 0
            placed.setdefault(statement, []).append(finding)
        return placed

    def run(self) -> Any:
        """The tree. Raises TooMany, and Fault where nothing can be read on."""
        words, count = self.words, len(self.words)
        at = 0
        ends = self._doubtful()
        while at <= count:
            if at in ends and ends[at] in self.marks and ends[at] not in self.lost:
                at = self._lose(ends[at], at, False)
            if at < count and at in self.outline.ends:
                self._begin(at)
                if any(finding.lost for finding in self.findings.get(at, ())):
                    at = self._lose(at, at, False)
                    continue
            word = words[at] if at < count else Made("$END", "", len(self.source.text), len(self.source.text))
            wanted = self.machine.feed(word)
            if wanted is not None:
                at = self._mistake(at, wanted)
                continue
            if word.value in CLOSER:
                self.opened.append(word)
            elif word.value in OPENER:
                self.opened.pop()
            at += 1
            if at - 1 in self.lost_behind:
                at = self._skip(self.lost_behind.pop(at - 1), at)
        for statement, findings in self.findings.items():
            self._tell(findings, statement)
        return self.machine.result

    def _begin(self, statement: int) -> None:
        self.marks[statement] = self.machine.depth, len(self.opened)

    def _mistake(self, at: int, wanted: frozenset[str]) -> int:
        """Goes on behind a word that cannot follow."""
        statement = self.outline.statement[min(at, len(self.words))]
        outer = self.outline.statement[statement - 1] if statement else 0
        if statement and self._is_call(statement - 1) and self.words[outer].value == "model":
            at, statement, wanted = statement - 1, outer, frozenset(["("])
        findings = self.findings.get(statement, ())
        here = self._offset(at)
        rest = statement == self.unfinished and at <= statement + 1  # of the line before
        rest = rest or statement in self.loops
        rest = rest or (at < len(self.words) and isinstance(self.words[at], Made) and self._is_put_in(at))
        line = here if at >= len(self.words) else (self.words[at].end_pos or 0)
        line = self.source.text.find("\n", line) % (len(self.source.text) + 1)
        below = [f for f in findings if f.certain and f.at > line and f.diagnostic.span.start > line]
        if not rest and not any(f not in below and (f.certain or f.lost or f.at <= here) for f in findings):
            self.findings[statement] = below
            self._report(self._explained(at, statement, wanted), statement)
        if at < len(self.words) and self.words[at].value != ";" and self.words[at].type == "SEPARATOR":
            self.unfinished = at + 1
        end = self.outline.ends.get(statement, len(self.words))
        if end < len(self.words) and self.words[end].value == ";" and self.words[statement].value == "for":
            self.loops = {end + 1, self.outline.ends.get(end + 1, end) + 1}  # `for i = 0; i < 3; …`
        if not self.whole or statement not in self.marks:
            for findings in self.findings.values():
                self._tell(findings, statement)
            raise Fault(self.found[0])
        if self._is_call(at):
            return self._lose(statement, self.outline.closers[at] + 1, False)
        return self._lose(statement, at, "SEPARATOR" in wanted)

    def _doubtful(self) -> dict[int, int]:
        """By their ends, the statements of which it is not clear what they mean, even if they can be read."""
        found: dict[int, int] = {}
        for statement, findings in self.findings.items():
            inside = self.outline.inside.get(statement, 0)
            if statement not in self.outline.ends:
                continue
            if any(finding.doubtful or (finding.brace and inside) for finding in findings):
                found[self.outline.ends[statement]] = statement
        return found

    def _is_call(self, at: int) -> bool:
        """Is a word the `{` of `conv{64, 3}`?"""
        if at >= len(self.words) or at == 0 or self.words[at].value != "{":
            return False
        before = self.words[at - 1]
        return before.type == "NAME" and before.end_pos == self.words[at].start_pos

    def _is_put_in(self, at: int) -> bool:
        """Is a word there only because a bracket is missing, which is told?"""
        word = self.words[at]
        return word.start_pos == word.end_pos and (word.type == "SEPARATOR" or word.value in OPENER)

    def _offset(self, at: int) -> int:
        return (self.words[at].start_pos or 0) if at < len(self.words) else len(self.source.text)

    def _explained(self, at: int, statement: int, wanted: frozenset[str]) -> Diagnostic:
        end = len(self.source.text)
        last = self.words[at] if at < len(self.words) else Made("$END", "", end, end)
        tail = [*self.words[max(0, statement - 3) : at], last]
        return unexpected(Situation(self.source, tail, wanted, self.opened))

    def _report(self, diagnostic: Diagnostic, statement: int) -> None:
        """Of statements in a row that all stand in the wrong place, the first is told."""
        run = diagnostic.code == "E107" and "only" in diagnostic.message
        end = self.outline.ends.get(statement, len(self.words))
        if run and self.misplaced == statement:
            self.misplaced = end + 1
            return
        if run:
            self.misplaced = end + 1
        self._add(diagnostic)

    def _add(self, diagnostic: Diagnostic) -> None:
        if len(self.found) == MAX_MISTAKES:
            raise TooMany
        self.found.append(diagnostic)

    def _tell(self, findings: Sequence[Finding], statement: int) -> None:
        certain = [finding.diagnostic for finding in findings if finding.certain]
        told: dict[str, Diagnostic] = {}
        for found in certain or [finding.diagnostic for finding in findings[:1]]:
            first = told.get(found.message)
            if first is None:
                told[found.message] = found
            elif len(first.labels) < 8:
                told[found.message] = replace(first, labels=(*first.labels, Label(found.span, "here too")))
        for found in told.values():
            self._add(found)

    # --- what is put aside -------------------------------------------------------------------------------

    def _lose(self, statement: int, at: int, complete: bool) -> int:
        """Puts a statement aside; gives where to read on. What was read may be `complete`, and another begin there."""
        self.lost.add(statement)
        depth, opened = self.marks[statement]
        del self.opened[opened:]
        read = self.machine.cut(depth)
        node = self._node(statement, read, complete)
        start = self._offset(statement)
        if self.machine.feed(Made("BROKEN", node, start, node.span.end)) is not None:
            raise Fault(self.found[0] if self.found else self._findings_first())
        return self._skip(statement, at)

    def _findings_first(self) -> Diagnostic:
        return min((f for all in self.findings.values() for f in all), key=lambda f: f.at).diagnostic

    def _node(self, statement: int, read: Sequence[Any], complete: bool) -> ast.Broken:
        end = self.outline.ends.get(statement, len(self.words))
        words, depth = [], 0
        for word in self.words[statement:end]:
            depth -= word.value == "}"
            if depth == 0 and word.type != "BROKEN":
                words.append(word)
            depth += word.value == "{"
        start = self._offset(statement)
        node = broken(self.source, words, Span(self.source, start, start), not self.outline.inside[statement])
        flows = node.flows or complete
        statements = tuple(_statements(read))
        return ast.Broken(node.span, node.word, node.binds, node.reads, statements, node.nameless, flows)

    def _skip(self, statement: int, at: int) -> int:
        """Goes on to the next body of a broken statement, or to its end."""
        end = self.outline.ends[statement]
        while at < end:
            if self.words[at].value == "{":
                self.lost_behind[self.outline.closers[at]] = statement
                return at
            at += 1
        return at


def _statements(read: Sequence[Any]) -> list[ast.Statement]:
    """The statements of the bodies in what was read, of which the last may not be put together yet."""
    found: list[ast.Statement] = []
    stack: list[ast.AstNode] = []
    opened = False
    for item in read:
        inside = [item, *getattr(item, "children", ())]
        if isinstance(item, ast.AstNode) and not opened:
            stack.append(item)
        elif opened:
            found.extend(node for node in inside if isinstance(node, ast.Statement))
        elif not isinstance(item, ast.AstNode):
            stack.extend(node for node in inside if isinstance(node, ast.AstNode))
        value = None if isinstance(item, ast.AstNode) else getattr(item, "value", None)
        opened = value == "{" or (opened and value != "}")
    stack.reverse()
    while stack:
        node = stack.pop()
        if isinstance(node, (ast.Body, ast.IfArm, ast.ForElement, ast.Broken)):
            found.extend(node.statements)
            continue
        below: list[ast.AstNode] = []
        for name in map(str, node.__match_args__):
            value = getattr(node, name)
            if isinstance(value, ast.AstNode):
                below.append(value)
            elif type(value) is tuple:
                if name == "otherwise":
                    found.extend(value)
                else:
                    below.extend(item for item in value if isinstance(item, ast.AstNode))
        stack.extend(reversed(below))
    return found
