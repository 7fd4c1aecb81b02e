"""Brackets that do not match: which one is to blame, by the layout, and what is read instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archdsl.diagnostics.core import Diagnostic, Label
from archdsl.limits import Limits
from archdsl.source import Source, Span
from archdsl.syntax import ast
from archdsl.syntax.brackets import too_deep
from archdsl.syntax.faults import Fault, Finding, Word, place
from archdsl.syntax.lines import Line, balanced, begins_operand, ends_operand, lines_of, made
from archdsl.syntax.words import CLOSER, OPENER, STATEMENTS

_GOES_ON = frozenset(["->", "|", ")", "]", "}", "else", "elif", ","])


@dataclass(slots=True)
class _Open:
    """An open bracket: how far its line is indented, and what is known of what stands in it."""

    word: Word
    line: int
    indent: int
    first: bool  # on its line
    called: bool  # the bracket of a call or an index
    header: bool = False  # `if`, `for` … stand in it, so that a `{` may follow
    inside: int | None = None  # how far the first line in a body is indented


def matched(
    source: Source, words: Sequence[Word], kinds: Mapping[str, str], limits: Limits
) -> tuple[list[Word], list[Finding]]:
    """The words with brackets that match, and what is to be said of those that did not.

    Only declarations whose own brackets do not match are touched. Raises Fault (E904) where too many are open.
    """
    parts: list[list[Line]] = [[]]
    for line in lines_of(source, words):
        if line.words and line.indent == 0 and line.begins_declaration:
            parts.append([])
        parts[-1].append(line)
    out: list[Word] = []
    findings: list[Finding] = []
    for number, part in enumerate(parts):
        inside = [word for line in part for word in line.words]
        if balanced(inside) and not _runs_on(part):
            for line in part:
                out.extend(line.words)
                if line.end is not None:
                    out.append(line.end)
            continue
        following = parts[number + 1][0].first if number + 1 < len(parts) else None
        repair = _Repair(source, kinds, part, following, limits)
        repair.run()
        out.extend(repair.out)
        findings.extend(repair.findings)
    return out, findings


def _runs_on(lines: Sequence[Line]) -> bool:
    """Does a line, no further indented, begin as a statement within brackets that match only by another mistake?"""
    opened: list[tuple[object, int]] = []
    before: Word | None = None
    for line in lines:
        for at, word in enumerate(line.words):
            inside = at == 0 and opened and opened[-1][0] != "{" and line.indent <= opened[-1][1]
            if inside and word.type == "NAME" and ends_operand(before):
                return True
            if word.value in CLOSER:
                opened.append((word.value, line.indent))
            elif word.value in OPENER and opened:
                opened.pop()
            before = word
    return False


class _Repair:
    """Of one declaration. `following` is the word that begins the next one."""

    def __init__(
        self,
        source: Source,
        kinds: Mapping[str, str],
        lines: Sequence[Line],
        following: Word | None,
        limits: Limits,
    ) -> None:
        self.source = source
        self.kinds = kinds
        self.lines = lines
        self.following = following
        self.limits = limits
        self.out: list[Word] = []
        self.findings: list[Finding] = []
        self.opened: list[_Open] = []
        self.before: Word | None = None
        values = [word.value for line in lines for word in line.words]
        self.surplus = values.count("{") - values.count("}")

    def run(self) -> None:
        texts = [line for line in self.lines if line.words]
        number = 0
        for line in self.lines:
            if line.words:
                self._begin(line)
                following = texts[number + 1] if number + 1 < len(texts) else None
                for at, word in enumerate(line.words):
                    self._word(word, at, line, number, following)
                number += 1
            if line.end is not None:
                self.out.append(line.end)
        end = self.out.pop() if self.out and self.out[-1].type == "SEPARATOR" else None
        last = (self.before.end_pos or 0) if self.before is not None else 0
        why = Label(Span(self.source, last, last), "the text ends here")
        if self.following is not None:
            why = Label(place(self.source, self.following), "a declaration begins here")
        told = len(self.findings) + 1
        while self.opened:  # where the text is cut off, the innermost is told
            self._close(why)
        del self.findings[told:]
        if end is not None:
            self.out.append(end)

    # --- at the beginning of a line ----------------------------------------------------------------------

    def _begin(self, line: Line) -> None:
        first = line.first
        separator = self.out.pop() if self.out and self.out[-1].type == "SEPARATOR" else None
        while self.opened and self.opened[-1].word.value != "{" and self._ends_before(line):
            self._close(self._wanted(first))
        while self._outdented(line):
            self._close(self._wanted(first))
        if separator is not None:
            self.out.append(separator)
        for opened in reversed(self.opened):
            if opened.word.value == "{" and opened.inside is None:
                opened.inside = line.indent
            elif opened.word.value == "{":
                break

    def _ends_before(self, line: Line) -> bool:
        """Does the line show that the innermost bracket, of an expression, should have been closed?"""
        first, top = line.first, self.opened[-1]
        following = line.words[1].value if len(line.words) > 1 else ""
        if first.value in STATEMENTS and following not in ("=", ":", ".", ",", ")"):
            return True
        if first.value == "->" or first.value == "|":
            return top.called or top.word.value == "["
        if ends_operand(self.before) and begins_operand(first):
            inside = first.value in ("if", "for", "not", "(") and line.indent > top.indent
            return not (inside or (first.value == "(" and top.line and line.indent > top.indent))
        return first.type == "NAME" and following == "=" and line.indent <= top.indent

    def _outdented(self, line: Line) -> bool:
        """Does the line stand left of the body that is still open?"""
        if self.surplus <= 0 or not self.opened or line.first.value in _GOES_ON:
            return False
        top = self.opened[-1]
        if top.word.value != "{" or line.indent > top.indent:
            return False
        if top.inside is None:  # its statements, if any, stand on its own line
            return self.before is not top.word
        return top.inside > top.indent

    # --- word by word ------------------------------------------------------------------------------------

    def _word(self, word: Word, at: int, line: Line, number: int, following: Line | None) -> None:
        value = word.value
        if word.type == "STRING" or isinstance(value, ast.Broken):
            pass
        elif value in CLOSER:
            if value == "{" and self.surplus > 0 and at and line.words[at - 1].value == "{":
                self._not_closed(word, Label(place(self.source, line.words[at - 1]), "this one is enough"))
                self.surplus -= 1
                return
            self._open(word, at, line, number)
        elif value == "}":
            if not self._brace(word, at, line, number, following):
                return
        elif value in OPENER:
            if not self._bracket(word, at, line, number):
                return
        elif value in ("if", "for", "elif", "else") and self.opened:
            top = self.opened[-1]
            if value in ("else", "elif") and top.word.value == "{" and not top.header and self.surplus > 0:
                if not (self.before is not None and self.before.value == "}"):
                    self._close(self._wanted(word))
            if self.opened:
                self.opened[-1].header = True
        elif value == "|":
            while self.surplus > 0 and self._in_body_of_branch(number):
                self._close(self._wanted(word))
            while self.opened and self._is_call(self.opened[-1]) and self._in_fork():
                self._close(self._wanted(word))
        self.out.append(word)
        self.before = word

    def _in_body_of_branch(self, line: int) -> bool:
        """Is a `{` open that began on the line, in a `(` of branches?"""
        if len(self.opened) < 2 or self.opened[-1].word.value != "{" or self.opened[-1].line != line:
            return False
        outer = [
            opened.word.value for opened in self.opened if opened.line == line or opened.word.value == "("
        ]
        return "(" in outer

    def _is_call(self, opened: _Open) -> bool:
        return opened.called or opened.word.value == "["

    def _in_fork(self) -> bool:
        """Is there a `(` of branches around the calls and lists that are open?"""
        for opened in reversed(self.opened):
            if opened.word.value == "{":
                return False
            if not self._is_call(opened):
                return True
        return False

    def _open(self, word: Word, at: int, line: Line, number: int) -> None:
        if word.value == "{":
            while self.opened and self.opened[-1].word.value != "{" and not self.opened[-1].header:
                if not ends_operand(self.before):
                    break
                self._close(self._wanted(word))
        before = line.words[at - 1] if at else None
        called = before is not None and (before.type == "NAME" or before.value in (")", "]", "it", "in"))
        self.opened.append(_Open(word, number, line.indent, at == 0, called))
        if len(self.opened) > self.limits.brackets:
            raise Fault(too_deep(self.source, word, self.limits))

    def _bracket(self, word: Word, at: int, line: Line, number: int) -> bool:
        """A `)` or `]`. Gives whether it stays."""
        kind = OPENER[word.value]
        inner: list[_Open] = []
        for opened in reversed(self.opened):
            if opened.word.value == "{":
                break
            inner.append(opened)
        same = [opened for opened in inner if opened.word.value == kind]
        if not same:
            outer = [o for o in self.opened if o.line == number or (at == 0 and o.indent >= line.indent)]
            if (
                self.surplus > 0
                and outer
                and outer[-1].word.value == "{"
                and any(o.word.value == kind for o in outer)
            ):
                while self.opened[-1].word.value != kind:
                    self._close(self._wanted(word))
                self.opened.pop()
                return True
            if not inner:
                self._closes_nothing(word, alone=len(line.words) == 1)
                if self._for_a_brace(at, line, number):
                    self.opened.pop()
                    self.out.append(made(self.kinds["}"], "}", word.start_pos or 0))
                    self.before = self.out[-1]
                return False
            top = inner[0]
            self._closes_nothing(word, top)
            if self._comes(CLOSER[top.word.value], at, line):
                return False
            wanted = CLOSER[top.word.value]
            self.opened.pop()
            self.out.append(made(self.kinds[wanted], wanted, word.start_pos or 0))
            self.before = self.out[-1]
            return False
        target = same[0]
        if at == 0 and not target.first:
            target = next((o for o in same if o.first and o.indent == line.indent), target)
        while self.opened[-1] is not target:
            self._close(self._wanted(word))
        self.opened.pop()
        return True

    def _for_a_brace(self, at: int, line: Line, number: int) -> bool:
        """Does a `)` or `]` stand where the layout has a `}`?"""
        if self.surplus <= 0 or not self.opened:
            return False
        top = self.opened[-1]
        if top.line == number:
            return at == len(line.words) - 1 or line.words[at + 1].value in ("else", "elif")
        return at == 0 and line.indent == top.indent

    def _comes(self, closer: str, at: int, line: Line) -> bool:
        """Does a closing bracket of this kind follow on the line, beyond those that open there?"""
        depth = 0
        for word in line.words[at + 1 :]:
            if word.value in CLOSER:
                depth += 1
            elif word.value in OPENER:
                if depth == 0:
                    return bool(word.value == closer)
                depth -= 1
        return False

    def _brace(self, word: Word, at: int, line: Line, number: int, following: Line | None) -> bool:
        """A `}`. Gives whether it stays."""
        if not any(opened.word.value == "{" for opened in self.opened):
            while self.opened:
                self._close(self._wanted(word))
            self._closes_nothing(word)
            self.surplus += 1
            return False
        if self.surplus < 0 and self.opened[-1].word.value != "{" and at:
            self._closes_nothing(word)
            self.surplus += 1
            return False
        while self.opened[-1].word.value != "{":
            self._close(self._wanted(word))
        top = self.opened[-1]
        if self.surplus < 0 and self._too_early(top, at, line, number, following):
            self._closes_nothing(word)
            self.surplus += 1
            self._hole(word.start_pos or 0)
            return False
        if at == 0 and self.surplus > 0 and line.indent < top.indent:
            bodies = [opened for opened in self.opened if opened.word.value == "{"]
            if any(body.indent == line.indent for body in bodies):
                while self.opened and self.opened[-1].indent > line.indent:
                    self._close(self._wanted(word))
        self.opened.pop()
        return True

    def _too_early(self, top: _Open, at: int, line: Line, number: int, following: Line | None) -> bool:
        """Does a `}` close a body that evidently goes on?"""
        if top.line == number:
            return len(self.opened) == 1 and following is not None and following.indent > top.indent
        if at == 0 and line.indent > top.indent:
            return True
        if following is None:
            return False
        at_its_place = at == 0 and line.indent == top.indent
        goes_on = following.first.value == "}" and following.indent == top.indent and not at_its_place
        return goes_on or following.indent > top.indent

    # --- what is said and done ---------------------------------------------------------------------------

    def _wanted(self, word: Word) -> Label:
        closer = CLOSER[self.opened[-1].word.value]
        return Label(place(self.source, word), f"a `{closer}` is wanted before this")

    def _close(self, why: Label) -> None:
        """Closes the innermost bracket, which lacks its own."""
        word = self.opened.pop().word
        at = word.start_pos or 0
        end = (self.out[-1].end_pos or 0) if self.out else at
        if word.value == "{":
            self.surplus -= 1
            self._hole(end)
        self._not_closed(word, why)
        closer = CLOSER[word.value]
        self.out.append(made(self.kinds[closer], closer, end))
        self.before = self.out[-1]

    def _not_closed(self, word: Word, why: Label) -> None:
        message = f"this `{word.value}` is not closed"
        found = Diagnostic("E102", message, place(self.source, word), labels=(why,))
        brace = word.value == "{"
        self.findings.append(Finding(word.start_pos or 0, found, lost=not brace, brace=brace))

    def _closes_nothing(self, word: Word, top: _Open | None = None, alone: bool = False) -> None:
        labels: tuple[Label, ...] = ()
        if top is None and self.opened and word.value == "}":
            top = self.opened[-1]
        if top is not None:
            labels = (
                Label(place(self.source, top.word), f"a `{CLOSER[top.word.value]}` is wanted for this"),
            )
        message = f"this `{word.value}` closes nothing"
        found = Diagnostic("E102", message, place(self.source, word), labels=labels)
        doubtful = word.value != "}" or (bool(self.opened) and self.opened[-1].word.value != "{")
        self.findings.append(Finding(word.start_pos or 0, found, doubtful=doubtful and not alone))

    def _hole(self, at: int) -> None:
        """A statement that stands for what is not known of a body."""
        hole = ast.Broken(Span(self.source, max(0, at - 1), at), "")
        self.out.append(made("SEPARATOR", ";", at))
        self.out.append(made("BROKEN", hole, at))
        self.out.append(made("SEPARATOR", ";", at))
