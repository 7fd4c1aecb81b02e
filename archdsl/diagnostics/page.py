"""The page of a code: its title, what it means, and examples with their mends.

A page is Markdown of few forms: a heading `# E502: the title`, paragraphs, and fences. A fence of a text has the
language `arch`, one of commands `console`; `bad` after it says that the example is wrong, and a word after that is the
name of the file. What a mend does not show again stays as it was in the wrong example before it.
"""

from __future__ import annotations

import re

from archdsl.diagnostics.codes import CODES, GROUPS
from archdsl.records import record

_FENCE = re.compile(r"^```(\S+)( bad)?(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@record
class Example:
    """A text or commands, wrong or right. `name` is that of the file, where it matters."""

    language: str
    bad: bool
    name: str
    text: str


@record
class Page:
    """The page of a code: paragraphs, each in one line, and examples, in order."""

    code: str
    title: str
    parts: tuple[str | Example, ...]

    @property
    def meaning(self) -> tuple[str, ...]:
        """The paragraphs before the first example."""
        found: list[str] = []
        for part in self.parts:
            if isinstance(part, Example):
                break
            found.append(part)
        return tuple(found)

    @property
    def examples(self) -> tuple[Example, ...]:
        return tuple(part for part in self.parts if isinstance(part, Example))


def read_page(text: str) -> Page:
    """The page that a text of `archdsl/diagnostics/pages/` is."""
    head, _, body = text.partition("\n")
    code, _, title = head.removeprefix("# ").partition(": ")
    parts: list[str | Example] = []
    at = 0
    for fence in _FENCE.finditer(body):
        parts += _paragraphs(body[at : fence.start()])
        parts.append(Example(fence[1], fence[2] is not None, fence[3] or "", fence[4]))
        at = fence.end()
    parts += _paragraphs(body[at:])
    return Page(code, title, tuple(parts))


def _paragraphs(text: str) -> list[str]:
    return [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]


def group(code: str) -> str:
    """The title of the group that a code is in."""
    return GROUPS[max((prefix for prefix in GROUPS if code.startswith(prefix)), key=len)]


def by_group() -> dict[str, list[str]]:
    """The codes of each group, in the order of the catalogue."""
    found: dict[str, list[str]] = {title: [] for title in GROUPS.values()}
    for code in CODES:
        found[group(code)].append(code)
    return found
