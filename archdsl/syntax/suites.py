"""Bodies without their `{`: indented as in Python, behind a `:` or not, or begun on the next line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archdsl.diagnostics.core import Diagnostic
from archdsl.source import Source, Span
from archdsl.syntax.faults import Finding, Word, place
from archdsl.syntax.habits import BODIES, EVERY_NAME
from archdsl.syntax.lines import CONTINUES, Line, lines_of, made
from archdsl.syntax.words import CLOSER, OPENER, STATEMENTS

_GO_ON = frozenset(
    [":", "=", ".", ",", "|", "*", "/", "//", "%", "**", "==", "!=", "<", "<=", ">", ">=", "and", "or"]
)
_HEADERS = frozenset(["if", "elif", "else", "for", "block", "network", "extern", "model"])


def embraced(
    source: Source, words: Sequence[Word], kinds: Mapping[str, str]
) -> tuple[list[Word], list[Finding]]:
    """The words with `{` and `}` around such bodies, and what is to be said of them."""
    return _Suites(source, kinds).run(lines_of(source, words))


class _Suites:
    def __init__(self, source: Source, kinds: Mapping[str, str]) -> None:
        self.source = source
        self.kinds = kinds
        self.out: list[Word] = []
        self.findings: list[Finding] = []
        self.opened: list[str] = []
        self.bodies: list[int] = []  # how far the headers are indented whose `{` was put in

    def run(self, lines: Sequence[Line]) -> tuple[list[Word], list[Finding]]:
        texts = [line for line in lines if line.words]
        at = 0
        swallowing = -1
        indent = 0
        joined = False
        logical: list[Word] = []  # the words since the line that a bracket keeps open began
        for line in lines:
            if not line.words:
                if line.end is not None:
                    self.out.append(line.end)
                continue
            at += 1
            following = texts[at] if at < len(texts) else None
            if swallowing >= 0 and line.indent <= swallowing:
                swallowing = -1
            self._close(line)
            if line.begins_declaration and line.indent == 0:
                self.opened.clear()
            begins_in_body = not self.opened or self.opened[-1] == "{"
            if begins_in_body:
                logical, indent = [], line.indent
                self._first(line)
            logical.extend(line.words)
            for word in line.words:
                if word.value in CLOSER:
                    self.opened.append(str(word.value))
                elif word.value in OPENER:
                    while self.opened and self.opened.pop() != OPENER[word.value]:
                        pass
            self.out.extend(line.words)
            joined = False
            ends_in_body = not self.opened or self.opened[-1] == "{"
            if swallowing < 0 and ends_in_body and following is not None and line.end is not None:
                if self._header(Line(logical, indent, line.end), following):
                    joined = self.out[-1].value != "{"
                elif line.words[-1].value == ":" and following.indent > indent:
                    swallowing = indent
            if swallowing >= 0 and following is not None and following.indent > swallowing:
                joined = True
            if line.end is not None and not joined:
                self.out.append(line.end)
        while self.bodies:
            self._end(len(self.source.text))
        return self.out, self.findings

    def _first(self, line: Line) -> None:
        """A line that begins with what only goes on belongs to the one before."""
        word = line.first
        if self._dangling(line):
            return
        if word.value not in _GO_ON or len(self.out) < 2 or self.out[-1].type != "SEPARATOR":
            return
        if self.out[-1].value == ";" or self.out[-2].value in ("{", ";", "}"):
            return
        self.out.pop()
        wanted = "a statement" if self.opened else "a declaration"
        mend = "a line goes on behind an operator, before `->` and in brackets"
        if word.value == "|":
            mend = "branches stand in parentheses: `( a | b )`"
        message = f"`{word.value}` stands where {wanted} is wanted"
        found = Diagnostic("E101", message, place(self.source, word), help=mend)
        self.findings.append(Finding(word.start_pos or 0, found, lost=True))

    def _dangling(self, line: Line) -> bool:
        """Does a statement begin where the line before, by its last word, would go on?"""
        word, following = line.first, line.words[1].value if len(line.words) > 1 else ""
        every = len(self.out) > 2 and self.out[-3].value == "import"  # `import *`
        if word.value not in STATEMENTS and not line.begins_declaration and not every:
            return False
        if len(self.out) < 2 or self.out[-1].type != "SEPARATOR" or self.out[-2].value not in CONTINUES:
            return False
        if following in ("=", ":", ".", ",", ")"):
            return False
        before = self.out[-2]
        self.out[-1] = made("SEPARATOR", ";", before.end_pos or 0)
        mend = "leave it out, or write what follows"
        if before.value in ("->", "|"):
            mend += "; the tensor itself is `identity`"
        message = f"nothing stands behind this `{before.value}`"
        if every:
            message, mend = f"`{before.value}` stands where a name is wanted", EVERY_NAME
        found = Diagnostic("E101", message, place(self.source, before), help=mend)
        self.findings.append(Finding(before.start_pos or 0, found, lost=True))
        return True

    def _header(self, line: Line, following: Line) -> bool:
        """Is the line one whose body lacks its `{`? Then it gets one."""
        words = line.words
        values = [word.value for word in words]
        at = 1 if values[0] == "}" and len(values) > 1 else 0
        if len(values) > 2 and values[1] in (":", "=") and words[0].type in ("NAME", "STRING"):
            at = 2
        word = values[at]
        label = len(words) == 2 and values[1] == ":" and words[0].type in ("NAME", "STRING")
        if label and following.indent > line.indent:
            mend = "what a label names is one element: a body stands in `{ }`, as in `name: { … }`"
            behind = words[-1].end_pos or 0
            message, at_end = "the line ends where an element is wanted", Span(self.source, behind, behind)
            self.findings.append(Finding(behind, Diagnostic("E101", message, at_end, help=mend)))
            self._begin(behind, line.indent)
            return True
        if word not in _HEADERS or "{" in values[at:] or values[-1] in CONTINUES:
            return False
        if sum((v in CLOSER) - (v in OPENER) for v in values[at:]):
            return False
        end = words[-1].end_pos or 0
        if following.first.value == "{" and following.indent <= line.indent:
            mend = "the `{` stands on the same line"
            if values[-1] == ":":
                self._found(place(self.source, self.out.pop()), "`:` stands", word, BODIES[str(word)])
            else:
                self._found(Span(self.source, end, end), "the line ends", word, mend)
            return True
        if following.indent <= line.indent or following.first.value in CLOSER.values():
            return False
        if word == "model" and following.first.value != "expect":
            return False
        if values[-1] == ":":
            colon = self.out.pop()
            self._found(place(self.source, colon), "`:` stands", word, BODIES[str(word)])
        elif following.first.value in ("->", "|", "{"):
            return False
        else:
            self._found(Span(self.source, end, end), "the line ends", word, BODIES[str(word)])
        self._begin(end, line.indent)
        return True

    def _begin(self, at: int, indent: int) -> None:
        """Begins a body, which ends where the text is no further indented."""
        self.out.append(made(self.kinds["{"], "{", at))
        self.opened.append("{")
        self.bodies.append(indent)

    def _found(self, span: Span, what: str, header: object, mend: str) -> None:
        wanted = "`=`" if header == "model" and what.startswith("`") else "`{`"
        message = f"{what} where {wanted} is wanted"
        self.findings.append(Finding(span.start, Diagnostic("E101", message, span, help=mend)))

    def _close(self, line: Line) -> None:
        """Ends the bodies that are not as far indented as the line."""
        while self.bodies and line.indent <= self.bodies[-1]:
            if line.first.value in ("->", "|"):
                return
            if line.first.value == "}" and line.indent == self.bodies[-1]:
                self.bodies.pop()
                return
            separator = self.out.pop() if self.out and self.out[-1].type == "SEPARATOR" else None
            self._end((self.out[-1].end_pos or 0) if self.out else 0)
            if separator is not None:
                self.out.append(separator)

    def _end(self, at: int) -> None:
        self.bodies.pop()
        self.out.append(made(self.kinds["}"], "}", at))
        while self.opened and self.opened.pop() != "{":
            pass
