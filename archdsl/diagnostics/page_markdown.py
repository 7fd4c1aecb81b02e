"""Pages of codes as Markdown: one, and all of them, which are `docs/errors.md`."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import wrap

from archdsl.diagnostics.codes import CODES
from archdsl.diagnostics.page import Example, Page, by_group

_PREFACE = """\
# Diagnostics

Every mistake that archdsl reports has a code, which keeps its meaning. `E…` are errors: nothing is made of a text that
has one. `W…` are warnings. Each code has a page here with an example and its mend; `archdsl explain E502` prints one.
This file is made from [archdsl/diagnostics/pages](../archdsl/diagnostics/pages), whose examples are tests.
"""


def markdown_page(page: Page, level: int = 1) -> str:
    """One page, under a heading of a level."""
    blocks = (
        [f"{'#' * level} {page.code}", _sentence(page.title)]
        if level > 1
        else [f"# {page.code}: {page.title}"]
    )
    blocks += [_example(part) if isinstance(part, Example) else _paragraph(part) for part in page.parts]
    return "\n\n".join(blocks) + "\n"


def markdown_catalogue(pages: Iterable[Page]) -> str:
    """All pages, group by group, with an index that links to them."""
    known = {page.code: page for page in pages}
    out = [_PREFACE]
    for title, codes in by_group().items():
        links = [f"- [{code}](#{code.lower()}): {CODES[code]}" for code in codes]
        out.append("\n".join([f"**{title}**", "", *links]) + "\n")
    for title, codes in by_group().items():
        out.append(f"## {title}\n")
        out += [markdown_page(known[code], 3) for code in codes]
    return "\n".join(out).rstrip("\n") + "\n"


def _paragraph(text: str) -> str:
    return "\n".join(wrap(text, 118, break_long_words=False, break_on_hyphens=False))


def _sentence(title: str) -> str:
    return f"**{title[0].upper()}{title[1:]}.**"


def _example(example: Example) -> str:
    fence = f"```{example.language}\n{example.text}```"
    return f"`{example.name}`:\n\n{fence}" if example.name else fence
