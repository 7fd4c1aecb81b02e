"""Characters and words of no language, each reported once and read as what was meant, so that nothing follows of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from archdsl.diagnostics.core import Diagnostic
from archdsl.source import Source, Span
from archdsl.syntax.faults import Finding, Made, Word, place
from archdsl.syntax.strange import PLAIN, strange
from archdsl.syntax.words import CLOSER, OPENER, OPERANDS

# What is meant by them; whatever else is strange is left out, and its statement not read.
_MEANT = {"=>": "->", "|>": "->", "&&": "and", ":=": "=", "!": "not", "^": "**"}
_SURE = frozenset(["=>", "|>"])
_LEFT_OUT = frozenset(["`", "$", "\\"])
_QUOTES = {"“": "”", "„": "“", "«": "»", "＂": "＂", "`": "`"}
_BODY = re.compile(r":\s*\{\s*$")
_CLOSERS = re.compile(r"[)\]}][)\]}\s,;]*$")


def mended(
    source: Source, words: Sequence[Word], kinds: Mapping[str, str]
) -> tuple[list[Word], list[Finding]]:
    """Words that the language has, and what is wrong with the others. `kinds` are the kinds of words by their text."""
    return _Mender(source, words, kinds).run()


class _Mender:
    def __init__(self, source: Source, words: Sequence[Word], kinds: Mapping[str, str]) -> None:
        self.source = source
        self.words = words
        self.kinds = kinds
        self.out: list[Word] = []
        self.findings: list[Finding] = []
        self.names: set[str] = set()  # those that are no names, and are already reported
        self.opened: list[Word] = []  # on the line

    def run(self) -> tuple[list[Word], list[Finding]]:
        at, words = 0, self.words
        stop = 0  # the end of what is read as one word
        while at < len(words):
            word = words[at]
            if (word.start_pos or 0) < stop:
                at += 1
                continue
            if word.value == "return" and self._returns(at):
                at += 1
                continue
            skipped = self._comment(at) if word.value in ("/", "//") else 0
            if skipped:
                at += skipped
                continue
            if word.value == '""' and self.source.text.startswith('"', word.end_pos or 0):
                stop = self._tripled(word)
                if not stop:
                    self._keep(word)
            elif word.type == "STRANGE":
                stop = self._quotes(word) or self._strange(word)
            elif word.type == "FOREIGN":
                self._foreign(word)
            elif word.type == "UNCLOSED_STRING":
                self._string(word)
            else:
                self._keep(word)
            at += 1
        return self.out, self.findings

    def _keep(self, word: Word) -> None:
        if word.type == "SEPARATOR" and word.value != ";":
            self.opened.clear()
        elif word.value in CLOSER:
            self.opened.append(word)
        elif word.value in OPENER and self.opened:
            self.opened.pop()
        self.out.append(word)

    def _found(self, word: Word, lost: bool) -> None:
        self.findings.append(Finding(word.start_pos or 0, strange(self.source, word), True, lost))

    def _made(self, value: str, word: Word, kind: str = "") -> None:
        self._keep(Made(kind or self.kinds[value], value, word.start_pos or 0, word.end_pos or 0))

    def _quotes(self, word: Word) -> int:
        """Reads a string in other quotes, or a name in some; gives where it ends."""
        closer = _QUOTES.get(str(word.value)[0])
        start = word.start_pos or 0
        end = self.source.text.find("\n", start)
        stop = self.source.text.find(closer, start + 1, end if end >= 0 else None) if closer else -1
        if stop < 0:
            return 0
        self._found(word, True)
        self._made(f'"{self.source.text[start + 1 : stop]}"', Made("", "", start, stop + 1), "STRING")
        return stop + 1

    def _tripled(self, word: Word) -> int:
        """Reads a string in three quotes on each side, as in Python; gives where it ends, 0 if it does not."""
        start = word.start_pos or 0
        end = self.source.text.find('"""', start + 3)
        if end < 0:
            return 0
        inner = self.source.text[start + 3 : end]
        mend = "a comment, behind `#`, may take several lines" if "\n" in inner.strip() else ""
        if not mend and 0 < len(inner.strip()) < 40 and not {'"', "\\"} & set(inner):
            mend = f'write `"{inner.strip()}"`'
        message = 'a string has one `"` on each side' + (", and one line" if "\n" in inner else "")
        opening = Span(self.source, start, start + 3)
        self.findings.append(Finding(start, Diagnostic("E104", message, opening, help=mend), True))
        plain = re.sub(r'[\s"\\{}]+', " ", inner).strip()
        self._made(f'"{plain}"', Made("", "", start, end + 3), "STRING")
        return end + 3

    def _strange(self, word: Word) -> int:
        """Gives where it ends, if other strange words belong to it."""
        value, before = str(word.value), self.out[-1] if self.out else None
        plain = PLAIN.get(value[0])
        if plain is None and value[0].isalnum():
            joined = before is not None and before.end_pos == word.start_pos and before.type == "NAME"
            name = str(before.value) + value if joined and before is not None else value
            if name not in self.names:
                self._found(word, False)
            self.names.add(name)
            if joined and before is not None:
                self.out.pop()
                self.out.append(Made("NAME", name, before.start_pos or 0, word.end_pos or 0))
            else:
                self._made(name, word, "NAME")
            return 0
        if not value.isprintable():  # it came with a copied text, and is told once
            if value not in self.names:
                self._found(word, False)
            self.names.add(value)
            if value in "\u2028\u2029":
                self._made("\n", word, "SEPARATOR")
            return 0
        meant = plain or _MEANT.get(value)
        known = meant in self.kinds and len(value) == 1
        sure = known and (plain is not None or value in _SURE)
        self._found(word, not (sure or value in _LEFT_OUT or not value.isascii()))
        if known and meant is not None:
            self._made(meant, word)
        end = word.end_pos or 0
        while self.source.text.startswith(value, end):  # `??`
            end += len(value)
        return end

    def _foreign(self, word: Word) -> None:
        value = str(word.value)
        if value.startswith("'"):
            if len(value) > 1 and value.endswith("'"):
                self._found(word, True)
                self._made(f'"{value[1:-1]}"', word, "STRING")
            else:
                self._string(word)
            return
        function = value == "=>" and len(self.out) > 1 and self.out[-2].value in ("(", ",", "=", ")")
        self._found(word, value not in _SURE or function)
        if value in _MEANT:
            self._made(_MEANT[value], word)

    def _string(self, word: Word) -> None:
        """A string without its end. Brackets that close others of its line, at the end of it, are no part of it, and
        neither is the `{` of a label's body."""
        start, end = word.start_pos or 0, word.end_pos or 0
        body = _BODY.search(self.source.text, start, end)
        if not self.source.text[start + 1 : body.start() if body else end].strip(" )]},;\t\r"):
            # the quote that is missing is that before it: what stands between are no words
            line = self.source.text.rfind("\n", 0, start)
            self.findings = [finding for finding in self.findings if finding.at <= line]
            self.out = [w for w in self.out if w.value != ";" or (w.start_pos or 0) <= line]
        self._found(word, True)
        if body is not None:
            brace = body.start() + len(body[0].rstrip()) - 1
            self._made(
                f'"{self.source.text[start + 1 : body.start()]}"', Made("", "", start, brace), "STRING"
            )
            self._made("{", Made("", "", brace, brace + 1))
            return
        match = _CLOSERS.search(self.source.text, start, end)
        closers = [at for at in range(match.start(), end) if self.source.text[at] in OPENER] if match else []
        closers = closers[max(0, len(closers) - len(self.opened)) :]
        if closers:
            end = closers[0]
        self._made(f'"{self.source.text[start + 1 : end]}"', Made("STRING", "", start, end), "STRING")
        for at in closers:
            if not self.opened or CLOSER[self.opened[-1].value] != self.source.text[at]:
                break
            self._made(self.source.text[at], Made("", "", at, at + 1))

    def _returns(self, at: int) -> bool:
        """Is it the `return` of other languages, before what is returned?"""
        before, word = self.out[-1] if self.out else None, self.words[at]
        following = self.words[at + 1] if at + 1 < len(self.words) else None
        begins = before is not None and (before.type == "SEPARATOR" or before.value == "{")
        if not begins or following is None or following.start_pos == word.end_pos:
            return False
        if following.type not in OPERANDS and following.value not in ("(", "[", "it", "in", "if", "for"):
            return False
        mend = "a block gives what its last statement leaves: leave out the `return`"
        found = Diagnostic("E101", "nothing is returned", place(self.source, word), help=mend)
        self.findings.append(Finding(word.start_pos or 0, found, doubtful=True))
        return True

    def _comment(self, at: int) -> int:
        """How many words are a comment of another language: `/* … */`, or a line that begins with `//`."""
        words, word, text = self.words, self.words[at], self.source.text
        start, end = word.start_pos or 0, word.end_pos or 0
        before = self.out[-1] if self.out else None
        if word.value == "/" and text[end : end + 1] == "*":
            stop = text.find("*/", end + 1)
            stop = len(text) if stop < 0 else stop + 2
        elif word.value == "//" and (before is None or before.type == "SEPARATOR" or before.value == "{"):
            if any(opened.value != "{" for opened in self.opened):
                return 0
            stop = text.find("\n", start)
            stop = len(text) if stop < 0 else stop
        else:
            return 0
        line = text.rfind("\n", 0, start)
        above = text.rfind("\n", 0, max(line, 0))
        again = word.value == "//" and text[above + 1 : max(line, 0)].lstrip().startswith("//")
        if not again:
            shown = "/*" if word.value == "/" else "//"
            begins = Span(self.source, start, start + 2)
            message = f"`{shown}` begins no comment of the language"
            mend = "a comment begins with `#`"
            self.findings.append(Finding(start, Diagnostic("E103", message, begins, help=mend), True))
        count = 0
        while at + count < len(words) and (words[at + count].start_pos or 0) < stop:
            count += 1
        last = words[at + count - 1]
        if "\n" in text[start:stop] or last.type == "SEPARATOR":
            self._keep(Made("SEPARATOR", "\n", stop, stop))
        return count
