"""The reference for people at a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from textwrap import wrap

from archdsl.manual.entry import Entry, Parameter, Sample
from archdsl.manual.wording import NO_COST, costs, counts, flow, formula_lines, support, used_by

_BOLD, _DIM, _CODE, _RESET = "\x1b[1m", "\x1b[2m", "\x1b[36m", "\x1b[0m"
_CITATION = re.compile(r" \([^()]*\b\d{4}[^()]*\)\.$")
_QUOTED = re.compile(r"`[^`]+`")


class TextPage:
    """Lays entries out in `width` columns."""

    def __init__(self, width: int, color: bool) -> None:
        self.width = width
        self.color = color

    def listing(self, entries: Sequence[Entry]) -> str:
        """Names with a line each, group by group."""
        size = max(len(entry.name) for entry in entries)
        groups: dict[str, list[str]] = {}
        for entry in entries:
            lines = wrap(_CITATION.sub(".", entry.brief), self.width - size - 4) or [""]
            first, *rest = (self._quoted(line) for line in lines)
            blanks = " " * (size - len(entry.name))
            text = f"  {self._paint(entry.name, _CODE)}{blanks}  {first}".rstrip()
            more = [f"{' ' * (size + 4)}{line}" for line in rest]
            groups.setdefault(entry.group, []).append("\n".join([text, *more]))
        return "\n\n".join("\n".join([self._paint(group, _BOLD), *lines]) for group, lines in groups.items())

    def page(self, entry: Entry) -> str:
        """One entry, whole."""
        parts = [self._signature(entry.signature), self._prose(entry.doc)]
        if entry.parameters:
            parts.append(self._section("Parameters", self._parameters(entry.parameters)))
        if entry.rule:
            parts.append(self._section("Shape", self._shape(entry)))
            parts.append(self._section("Cost", self._costs(entry)))
        if entry.rule and entry.glossary:
            parts.append(self._section("Names", self._glossary(entry)))
        if entry.samples:
            parts.append(self._section("Examples", self._samples(entry.samples)))
        if entry.uses:
            parts.append(
                self._section("As a word, taken by" if entry.rule else "Taken by", self._uses(entry))
            )
        return "\n\n".join(parts)

    def _section(self, title: str, lines: Iterator[str]) -> str:
        return "\n".join([self._paint(title, _BOLD), *lines])

    def _signature(self, text: str) -> str:
        name, bracket, rest = text.partition("(")
        lines = self._wrapped(name + bracket + rest, 0, 4)
        return "\n".join([self._paint(name, _BOLD) + lines[0].removeprefix(name), *lines[1:]])

    def _prose(self, text: str) -> str:
        paragraphs = [" ".join(part.split()) for part in text.split("\n\n")]
        return "\n\n".join("\n".join(map(self._quoted, wrap(part, self.width))) for part in paragraphs)

    def _parameters(self, parameters: Sequence[Parameter]) -> Iterator[str]:
        size = max(len(parameter.name) for parameter in parameters) + 4
        for parameter in parameters:
            default = "required" if parameter.default is None else f"default `{parameter.default}`"
            lines = wrap(parameter.doc, self.width - size)
            lines += wrap(f"{parameter.takes}; {default}", self.width - size)
            first, *rest = map(self._quoted, lines)
            head = self._paint(parameter.name, _CODE) + " " * (size - 2 - len(parameter.name))
            yield f"  {head}{first}"
            yield from (" " * size + line for line in rest)

    def _shape(self, entry: Entry) -> Iterator[str]:
        yield from (f"  {self._quoted(line)}" for line in wrap(entry.rule, self.width - 2))
        if entry.changes is None:
            return
        yield ""
        for line in formula_lines(entry.changes):
            indent = 4 + 2 * line.depth
            if indent + len(line.text) + 2 + len(line.condition) <= self.width or not line.condition:
                yield from self._wrapped(str(line).strip(), indent, indent + 4)
            else:
                yield from self._wrapped(line.text, indent, indent + 4)
                yield from self._wrapped(line.condition, indent + 4, indent + 8)

    def _costs(self, entry: Entry) -> Iterator[str]:
        found = costs(entry)
        if not found:
            yield f"  {NO_COST}"
        for what, formula in found:
            yield from self._wrapped(f"{what:<10}  {formula}", 2, 14)

    def _glossary(self, entry: Entry) -> Iterator[str]:
        size = max(map(len, entry.glossary))
        for name, text in entry.glossary.items():
            yield from self._wrapped(f"{name:<{size}}  {text}", 2, size + 4)

    def _samples(self, samples: Sequence[Sample]) -> Iterator[str]:
        for number, sample in enumerate(samples):
            if number:
                yield ""
            yield from (self._paint(line, _CODE) for line in self._wrapped(flow(sample), 2, 6))
            if counts(sample):
                yield f"    {counts(sample)}"
            for line in sample.torch:
                yield from self._wrapped(line, 4, 8)
            if sample.support:
                yield self._paint(f"    {support(sample)}", _DIM)

    def _uses(self, entry: Entry) -> Iterator[str]:
        for use in entry.uses:
            yield from (f"  {self._quoted(line)}" for line in wrap(used_by(use), self.width - 2))
            yield from (f"    {self._quoted(line)}" for line in wrap(use.doc, self.width - 4))

    def _wrapped(self, text: str, indent: int, further: int) -> list[str]:
        """Lines of code, cut at blanks."""
        return wrap(
            text,
            self.width,
            initial_indent=" " * indent,
            subsequent_indent=" " * further,
            break_long_words=False,
            break_on_hyphens=False,
            replace_whitespace=False,
        )

    def _quoted(self, text: str) -> str:
        """What stands between backticks, painted."""
        return _QUOTED.sub(lambda found: self._paint(found[0], _CODE), text) if self.color else text

    def _paint(self, text: str, style: str) -> str:
        return f"{style}{text}{_RESET}" if self.color and text else text
